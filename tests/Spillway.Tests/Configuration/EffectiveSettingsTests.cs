using System.CommandLine;
using Spillway.CommandLine;
using Spillway.Configuration;

namespace Spillway.Tests.Configuration;

public sealed class EffectiveSettingsTests : IDisposable
{
    private readonly string _file = Path.GetTempFileName();
    private readonly Dictionary<string, string> _environment = [];
    private readonly Command _run = RunCommand.Create();

    public void Dispose() => File.Delete(_file);

    [Fact]
    public void Gather_FileEnvironmentAndLine_TheLaterGoesBefore()
    {
        File.WriteAllText(_file, "run:\n  output: of-file\n  eve: of-file\n  lanes: 2\n");
        _environment["SPILLWAY_EVE"] = "of-environment";
        _environment["SPILLWAY_LANES"] = "3";

        EffectiveSettings effective = Gather("--lanes", "4");

        Assert.Empty(effective.Errors);
        Assert.Equal(["--output=of-file", "--eve=of-environment"], effective.Arguments);
        Assert.Equal("SPILLWAY_EVE", effective.Settings.Single(setting => setting.Entry.Key == "eve").Origin);
    }

    [Fact]
    public void Gather_CaptureOnTheLine_LeavesTheInterfacesOfTheFile()
    {
        File.WriteAllText(_file, "run:\n  interface: eth0\n  output: x\ninterfaces:\n  snaplen: 128\n");

        Assert.Equal(["--output=x"], Gather("-r", "a.pcap").Arguments);
        Assert.Equal(["--output=x", "--snaplen=128"], Gather("-i", "eth1").Arguments);
        Assert.Equal(["--interface=eth0", "--output=x", "--snaplen=128"], Gather().Arguments);
    }

    [Fact]
    public void Gather_ValueOutOfRange_NamesPlaceKeyAndRange()
    {
        File.WriteAllText(_file, "\ninterfaces:\n  snaplen: 1\n");
        _environment["SPILLWAY_QUIET"] = "perhaps";

        Assert.Equal(
            ["SPILLWAY_QUIET: 'perhaps' is neither true nor false", $"{_file}:3: interfaces.snaplen must be from 64 to 262144, not '1'"],
            Gather().Errors
        );
    }

    [Fact]
    public void Gather_ListInTheEnvironment_IsSplitAtCommas()
    {
        File.WriteAllText(_file, "");
        _environment["SPILLWAY_SCRIPT"] = "a.lua,b.lua";

        Assert.Equal(["--script=a.lua", "--script=b.lua"], Gather().Arguments);
    }

    [Fact]
    public void Look_FileThatIsWrongNow_RefusesItAsAWhole()
    {
        ConfigurationReload reload = Started("run:\n  output: x\n");
        Assert.Contains("as it was", Assert.Single(reload.Look().Lines), StringComparison.Ordinal);

        File.WriteAllText(_file, "run:\n  output: y\n  ouput: z\n");
        ReloadOutcome refused = reload.Look();
        File.WriteAllText(_file, "run:\n  output: y\n");
        ReloadOutcome changed = reload.Look();

        Assert.True(refused.IsRefused);
        Assert.Contains("unknown key 'ouput'", refused.Lines[0], StringComparison.Ordinal);
        Assert.Contains("refused as a whole", refused.Lines[^1], StringComparison.Ordinal);
        Assert.False(changed.IsRefused);
        Assert.EndsWith("run.output is 'y' now, was 'x': a restart takes that", Assert.Single(changed.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public void Look_KeysOfAllKinds_AreTakenOrSaidToNeedARestart()
    {
        var taken = new List<string?>();
        ConfigurationReload reload = Started("log:\n  log-level: info\n", "-r", "a.pcap", "-o", "typed");
        reload.Live["log-level"] = taken.Add;

        File.WriteAllText(_file, "log:\n  log-level: debug\nrun:\n  output: y\n");
        string[] lines = [.. reload.Look().Lines];
        File.WriteAllText(_file, "");
        string[] without = [.. reload.Look().Lines];
        string[] again = [.. reload.Look().Lines];

        Assert.Equal(
            ["log.log-level is 'debug' now, was 'info': taken", "run.output is 'y' now, was left out: the command line says otherwise"],
            lines.Select(line => line[(_file.Length + 2)..])
        );
        Assert.Equal(["log.log-level is left out now, was 'debug': taken"], without.Select(line => line[(_file.Length + 2)..]));
        Assert.Equal([$"{_file} is as it was"], again);
        Assert.Equal(["debug", null], taken);
    }

    [Fact]
    public void Look_KeysThatDoNotGoTogether_AreRefused()
    {
        ConfigurationReload reload = Started("", "-r", "a.pcap");
        File.WriteAllText(_file, "packets:\n  packets-disk: 1G\n");

        ReloadOutcome refused = reload.Look();

        Assert.True(refused.IsRefused);
        Assert.Contains("--packets-disk has no meaning without --packets DIR", refused.Lines[0], StringComparison.Ordinal);
    }

    private ConfigurationReload Started(string file, params string[] line)
    {
        File.WriteAllText(_file, file);
        line = line.Length > 0 ? line : ["-r", "a.pcap"];
        return new ConfigurationReload(_run, _file, _environment, (_run.Parse(line).CommandResult, line));
    }

    private EffectiveSettings Gather(params string[] line) =>
        EffectiveSettings.Gather(_run, _file, _environment, _run.Parse(line).CommandResult);
}
