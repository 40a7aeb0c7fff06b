using Spillway.EndToEnd.Running;
using Spillway.EndToEnd.Traffic;

namespace Spillway.EndToEnd;

/// <summary>The command line: wrong usage ends with code 2 and one line that leads on.</summary>
public sealed class UsageTests : IDisposable
{
    private readonly Workspace _workspace = new();

    public UsageTests() => Recording.Of(Http.Get("/whole"), Http.Ok(Http.Noise(500))).Save(_workspace.PathOf("good.pcap"));

    [Theory]
    [InlineData("run", "nothing to read: give a capture with -r FILE, or an interface with -i NAME")]
    [InlineData("run -i eth0 -r a.pcap", "-r and -i exclude each other")]
    [InlineData("run -i eth0 -i eth0", "interface 'eth0' is given twice")]
    [InlineData("run -i eth0 -i udp:0.0.0.0:4789", "a UDP socket stands alone")]
    [InlineData("run -i eth0 --deterministic", "--deterministic is for captures")]
    [InlineData("run -r a.pcap --snaplen 100", "--snaplen is for interfaces")]
    [InlineData("run -r a.pcap --duration 1", "--duration is for interfaces: it needs -i NAME")]
    [InlineData("run -r a.pcap --user nobody", "--user is for interfaces: it needs -i NAME")]
    [InlineData("run -i eth0 --fanout", "--fanout deals packets out to lanes: it needs --lanes 2 or more")]
    [InlineData("run -i eth0 --fanout --lanes 2 -c 5", "--fanout and --count exclude each other")]
    [InlineData("run -i udp:0.0.0.0:4789 --fanout --lanes 2", "--fanout is for interfaces")]
    [InlineData("run -r a.pcap --count 0", "--count must be at least 1, not '0'")]
    [InlineData("run -i eth0 --buffer 1", "--buffer must be from 256K to 1G")]
    [InlineData("run -r", "missing for option: '-r'")]
    [InlineData("run good.pcap mine.lua", "'mine.lua' is a script, and captures stand here: give scripts with -s")]
    [InlineData("rnu -r good.pcap", "unknown command 'rnu'; did you mean run?; see spillway --help")]
    [InlineData("bogus", "unknown command 'bogus'; see spillway --help")]
    [InlineData("run -r good.pcap --bogus", "unknown option '--bogus'; see spillway run --help")]
    [InlineData("run good.pcap --extrakt files", "unknown option '--extrakt'; did you mean --extract?; see spillway run --help")]
    [InlineData("flows --sorted bytes", "unknown option '--sorted'; did you mean --sort?; see spillway flows --help")]
    [InlineData("test -s mine.lua", "nothing to read: give a capture with -r FILE")]
    [InlineData("run -r good.pcap -s missing.lua", "error: script missing.lua: no such file")]
    [InlineData("run -r good.pcap -f tcp+prot+80", "error: the filter 'tcp prot 80' is wrong: ")]
    [InlineData("run -r good.pcap --hash crc", "'crc'")]
    [InlineData("run -r good.pcap --chunk-size 2G", "--chunk-size must be from 4K to 1G, not 2G")]
    [InlineData("run -r good.pcap --ramfs-size many", "--ramfs-size 'many' is no size")]
    [InlineData("run -r good.pcap --ramfs-size 1K", "--ramfs-size must be at least 64K, not 1K")]
    [InlineData("run -r good.pcap --drain-timeout soon", "--drain-timeout must be from 0 to 1000000000 seconds, not 'soon'")]
    [InlineData("run -r good.pcap --set nothing", "--set takes PATH=VALUE")]
    [InlineData("run -r good.pcap --log-level loud", "'loud'")]
    public async Task WrongUsage_IsToldInOneLine(string line, string expected)
    {
        string[] arguments = [.. line.Split(' ').Select(word => word.Replace('+', ' '))];
        Outcome run = (await Probe.Command(_workspace, arguments)).MustExit(2);

        Assert.Contains(expected, Assert.Single(run.Told), StringComparison.Ordinal);
        Assert.Empty(run.Output);
        Assert.False(Directory.Exists(_workspace.PathOf("spillway-out")));
    }

    [Fact]
    public async Task Captures_StandingAfterTheCommand_AreReadBeforeThoseOfTheOption()
    {
        File.Copy(_workspace.PathOf("good.pcap"), _workspace.PathOf("other.pcap"));
        Outcome run = (await Probe.Run(_workspace, "other.pcap", "-r", "good.pcap", "--json", "-s", Probe.Script("sizes.lua"))).MustExit(0);

        Assert.Equal(["/whole 500"], run.Prints); // twice the same connection
        Assert.Equal(["other.pcap", "good.pcap"], run.Json["sources"]!.AsArray().Select(source => (string?)source));
    }

    [Fact]
    public async Task Directory_IsItsCapturesInTheOrderOfTheirTime()
    {
        string ring = Directory.CreateDirectory(_workspace.PathOf("ring")).FullName;
        Save("/second", 60, "a.pcap");
        Save("/first", 0, "b.pcap1");
        Save("/third", 120, "no-suffix");
        await File.WriteAllTextAsync(Path.Combine(ring, "notes.txt"), "no capture", TestContext.Current.CancellationToken);
        Directory.CreateDirectory(Path.Combine(ring, "deeper"));

        Outcome run = (await Probe.Run(_workspace, ring, "--json", "-s", Probe.Script("sizes.lua"))).MustExit(0);

        Assert.Equal(["/first 10", "/second 10", "/third 10"], run.Prints);

        void Save(string target, int second, string name)
        {
            var recording = new Recording();
            recording.Pause(second);
            TcpConversation connection = recording.Connect();
            connection.ClientSends(Http.Get(target));
            connection.ServerSends(Http.Ok(Http.Noise(10)));
            connection.Close();
            recording.Save(Path.Combine(ring, name));
        }
    }

    [Fact]
    public async Task Directory_WithoutCaptures_IsAnError()
    {
        Directory.CreateDirectory(_workspace.PathOf("ring"));

        Outcome run = (await Probe.Run(_workspace, "ring")).MustExit(2);

        Assert.Contains("error: 'ring' has no captures", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Help_AsACommand_IsTheHelpOfTheCommandBehindIt()
    {
        Outcome asked = (await Probe.Command(_workspace, "help", "scripts", "check")).MustExit(0);
        Outcome usual = (await Probe.Command(_workspace, "scripts", "check", "--help")).MustExit(0);

        Assert.Equal(usual.Output, asked.Output);
        Assert.Contains("spillway scripts check", asked.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Version_HasTheNameInFront()
    {
        Outcome run = (await Probe.Command(_workspace, "--version")).MustExit(0);

        Assert.Matches(@"^spillway \d+\.\d+\.\d+", run.Output);
    }

    [Theory]
    [InlineData(-1, 1)] // within the first capture
    [InlineData(0, 2)]
    [InlineData(1, 1)] // one of the second
    [InlineData(1, 2)]
    public async Task Count_TakesSoManyPacketsOfAllCapturesTogether(int beyondTheFirst, int lanes)
    {
        Recording first = Recording.Of(Http.Get("/first"), Http.Ok(Http.Noise(500)));
        first.Save(_workspace.PathOf("first.pcap"));
        int count = first.Count + beyondTheFirst;
        Outcome run = (
            await Probe.Run(_workspace, "-r", "first.pcap", "good.pcap", "-c", $"{count}", "--lanes", $"{lanes}", "--json")
        ).MustExit(0);

        Assert.Equal(count, run.Json["traffic"]!["packets"]!.GetValue<int>());
        Assert.Empty(run.Json["warnings"]!.AsArray());
    }

    [Theory]
    [InlineData("", 2)]
    [InlineData("--help", 0)]
    [InlineData("run --help", 0)]
    public async Task Help_IsOnStandardOutput(string line, int exitCode)
    {
        Outcome run = (await Probe.Command(_workspace, line.Split(' ', StringSplitOptions.RemoveEmptyEntries))).MustExit(exitCode);

        Assert.Empty(run.Error);
        Assert.Matches(@"Usage:\s+spillway ", run.Output);
    }

    public void Dispose() => _workspace.Dispose();

    [Fact]
    public async Task Doctor_WhatIsLacking_IsNamedWithItsRemedy()
    {
        using var workspace = new Workspace();

        Outcome sound = await Probe.Command(workspace, "doctor", "--ramfs", workspace.Ram);
        Outcome lacking = await Probe.Command(workspace, "doctor", "--ramfs", "/no/such/directory");
        Outcome few = await Probe.Shell(workspace, "ulimit -n 512; SPILLWAY_LIBMAGIC=/nothing $spillway doctor");

        Assert.Contains("for extracted files: ", sound.Output, StringComparison.Ordinal);
        Assert.Equal(1, lacking.ExitCode);
        Assert.Contains("lacking  /no/such/directory, for extracted files, cannot be looked at", lacking.Output, StringComparison.Ordinal);
        Assert.Contains("give --ramfs a directory that exists", lacking.Output, StringComparison.Ordinal);
        Assert.Contains("note     only 512 open files at a time", few.Output, StringComparison.Ordinal);
        Assert.Contains("ulimit -n 4096", few.Output, StringComparison.Ordinal);
        Assert.Contains("apt-get install libmagic1", few.Output, StringComparison.Ordinal);
    }
}
