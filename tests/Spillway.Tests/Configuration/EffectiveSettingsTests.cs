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
        File.WriteAllText(_file, "run:\n  output: x\n");
        var reload = new ConfigurationReload(_run, _file, _environment);
        Assert.Contains("as it was", Assert.Single(reload.Look()), StringComparison.Ordinal);

        File.WriteAllText(_file, "run:\n  output: y\n  ouput: z\n");
        string[] refused = [.. reload.Look()];
        File.WriteAllText(_file, "run:\n  output: y\n");
        string changed = Assert.Single(reload.Look());

        Assert.Contains("unknown key 'ouput'", refused[0], StringComparison.Ordinal);
        Assert.Contains("refused as a whole", refused[^1], StringComparison.Ordinal);
        Assert.Contains("has changed (run.output): a restart takes that", changed, StringComparison.Ordinal);
    }

    private EffectiveSettings Gather(params string[] line) =>
        EffectiveSettings.Gather(_run, _file, _environment, _run.Parse(line).CommandResult);
}
