using System.CommandLine;
using Spillway.CommandLine;
using Spillway.EndToEnd.Running;
using Spillway.EndToEnd.Traffic;

namespace Spillway.EndToEnd;

/// <summary>Every command, with its standard streams closed, full, or read no further: one line at most, and the right exit code.</summary>
public sealed class StandardStreamTests(StandardStreamTests.Results results) : IClassFixture<StandardStreamTests.Results>
{
    private const string Ways = """
        export TMPDIR=$PWD
        $spillway LINE >good 2>good.err; echo "good $? 0"
        failed=$([ -s good ] && echo 1 || echo 0)
        $spillway LINE >&- 2>closed.err; echo "closed $? $failed"
        $spillway LINE >/dev/full 2>full.err; echo "full $? $failed"
        $spillway LINE 2>head.err | head -1 >head; echo "head $? 0"
        $spillway LINE >mute 2>&-; echo "mute $? 0"
        $spillway LINE >deaf 2>/dev/full; echo "deaf $? 0"
        $spillway LINE <&- >&- 2>&-; echo "none $? $failed"
        """;

    /// <summary>A line for each command that writes something to standard output; a new command needs one here.</summary>
    private static readonly Dictionary<string, string> Lines = new()
    {
        ["run"] = "run -r good.pcap -o again",
        ["input"] = "input input.lua -o again",
        ["packets"] = "packets stored",
        ["top"] = "top hosts -o out",
        ["series"] = "series hosts total -o out",
        ["keys"] = "keys hosts -o out",
        ["flows"] = "flows -o out",
        ["http"] = "http -o out",
        ["dns"] = "dns -o out",
        ["tls"] = "tls -o out",
        ["certs"] = "certs -o out",
        ["host"] = "host 10.1.2.3 -o out",
        ["tracked"] = "tracked -o out",
        ["alerts"] = "alerts -o out",
        ["resources"] = "resources -o out",
        ["files"] = "files -o out",
        ["runs"] = "runs -o out",
        ["search"] = "search whole -o out",
        ["demo"] = "demo",
        ["test"] = "test -r good.pcap -s input.lua",
        ["scripts list"] = "scripts list .",
        ["scripts check"] = "scripts check input.lua",
        ["scripts guids"] = "scripts guids hosts",
        ["scripts new"] = "scripts new simplecounter",
        ["guid"] = "guid",
        ["completion"] = "completion",
        ["interfaces"] = "interfaces",
        ["serve"] = "serve -r good.pcap -o served",
        ["doctor"] = "doctor",
        // It goes on until it is ended.
        ["open"] = "open --help",
        ["web-user"] = "web-user --help",
        ["config init"] = "config init -",
        ["config check"] = "config check sound.yaml",
        ["config show"] = "config show",
    };

    // One of each kind: those that take packets, ask the store, and only print.
    private static readonly string[] Usual = ["run", "top", "scripts check"];

    private readonly Workspace _workspace = results.Workspace;

    public static TheoryData<string> Commands => [.. Leaves(SpillwayCommand.Create(), "")];

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task Command_WithStreamsThatFail_SaysSoInOneLine(string command)
    {
        string line = Lines[command];
        Assert.SkipUnless(
            Usual.Contains(command) || Environment.GetEnvironmentVariable("SPILLWAY_TEST_ALL") == "1",
            "one of many alike: ./test --all runs it"
        );
        Outcome run = await Probe.Shell(_workspace, Ways.Replace("LINE", line, StringComparison.Ordinal));

        Assert.All(run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries), way => Assert.Matches("^[a-z]+ ([0-9]+) \\1$", way));
        bool isSilent = new FileInfo(_workspace.PathOf("good")).Length == 0;
        Assert.All((string[])["closed", "full"], way => Assert.Equal(isSilent ? 0 : 1, Errors(way).Length));
        Assert.All((string[])["good", "head"], way => Assert.Empty(Errors(way)));
        Assert.Empty(Directory.GetFiles(_workspace.Root, "spillway-fault-*"));
    }

    // A line of another kind is a stack trace.
    private string[] Errors(string way)
    {
        string[] told = File.ReadAllLines(_workspace.PathOf(way + ".err"));
        Assert.DoesNotContain(
            told,
            line => line.StartsWith("   at ", StringComparison.Ordinal) || line.Contains("xception", StringComparison.Ordinal)
        );
        return [.. told.Where(line => line.StartsWith("error: ", StringComparison.Ordinal))];
    }

    private static IEnumerable<string> Leaves(Command command, string path) =>
        command.Subcommands.Count == 0
            ? [path]
            : command
                .Subcommands.Where(sub => !sub.Hidden)
                .SelectMany(sub => Leaves(sub, path.Length == 0 ? sub.Name : $"{path} {sub.Name}"));

    /// <summary>A run that all commands ask about.</summary>
    public sealed class Results : IAsyncLifetime
    {
        internal Workspace Workspace { get; } = new();

        public async ValueTask InitializeAsync()
        {
            Recording.Of(Http.Get("/whole"), Http.Ok(Http.Noise(500))).Save(Workspace.PathOf("good.pcap"));
            Workspace.Write("sound.yaml", "run:\n  output: out\n");
            Workspace.Write(
                "input.lua",
                """TrisulPlugin = { id = { name = "none" }, inputfilter = { step = function() return false end } }"""
            );
            (
                await Probe.Command(Workspace, "run", "-r", "good.pcap", "-q", "-o", "out", "--packets", "stored", "--resources", "all")
            ).MustExit(0);
        }

        public ValueTask DisposeAsync()
        {
            Workspace.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
