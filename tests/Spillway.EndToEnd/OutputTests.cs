using Spillway.EndToEnd.Running;
using Spillway.EndToEnd.Traffic;

namespace Spillway.EndToEnd;

/// <summary>Places that are full, closed or not to be written to.</summary>
public sealed class OutputTests : IDisposable
{
    private readonly Workspace _workspace = new();

    public OutputTests() => Recording.Of(Http.Get("/whole"), Http.Ok(Http.Noise(300_000))).Save(_workspace.PathOf("good.pcap"));

    [Fact]
    public async Task RamDirectory_TooSmallForAFile_RefusesItAndTheRunGoesOnAndFails()
    {
        Outcome run = (
            await Probe.Run(_workspace, "-r", "good.pcap", "-s", Probe.Script("sizes.lua"), "--ramfs-size", "100K", "--json")
        ).MustExit(1);

        Assert.Equal(2, run.Told.Length);
        Assert.Contains("the ram directory is full (102 kB)", run.Told[0], StringComparison.Ordinal);
        Assert.StartsWith("error: 1 file could not be stored", run.Told[1], StringComparison.Ordinal);
        Assert.Equal("1", run.Value("files_refused"));
        Assert.Equal(Http.Sha1(Http.Noise(300_000)), (string?)Assert.Single(run.Files)["sha1"]);
    }

    [Fact]
    public async Task RamDirectory_OnAFullFileSystem_IsToldAndTheRunGoesOn()
    {
        Outcome run = await Probe.Shell(
            _workspace,
            $"""
            mkdir small && mount -t tmpfs -o size=100k tmpfs small 2>/dev/null || exit 77
            trap 'umount small' EXIT
            head -c 60000 /dev/zero > small/other
            $spillway run -r good.pcap -s '{Probe.Script("sizes.lua")}' -q -o out --ramfs small
            """
        );
        Assert.SkipWhen(run.ExitCode == 77, "mounting a small file system needs root");

        run.MustExit(1);
        Assert.StartsWith("warning: ", run.Told[0], StringComparison.Ordinal);
        Assert.Contains("--ramfs", run.Told[0], StringComparison.Ordinal);
        Assert.StartsWith("error: 1 file could not be stored", Assert.Single(run.Told[1..]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task StandardError_ThatCannotBeWritten_CostsTheWordsOnly()
    {
        await File.WriteAllTextAsync(
            _workspace.PathOf("wrong.lua"),
            """
            TrisulPlugin = { id = { name = "wrong" }, filex_monitor = { onfile_http = function() error("on purpose") end } }
            """,
            TestContext.Current.CancellationToken
        );
        Outcome run = (
            await Probe.Shell(_workspace, "$spillway run -r good.pcap -s wrong.lua --json -o out --ramfs . 2> /dev/full")
        ).MustExit(3);

        Assert.Equal(1, (int)run.Json["details"]!["console.lines_lost"]!);
        Assert.Single(run.Files);
    }

    [Fact]
    public async Task RamRoot_ThatIsNotThere_IsReplacedAndTold()
    {
        Outcome run = (
            await Probe.Command(_workspace, "run", "-r", "good.pcap", "-s", Probe.Script("sizes.lua"), "-q", "--ramfs", "nowhere")
        ).MustExit(0);

        Assert.Equal("/whole 300000\n", run.Output);
        Assert.Contains("nowhere cannot be used: it does not exist", Assert.Single(run.Told), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("good.pcap")]
    [InlineData("/proc/nowhere")]
    public async Task OutputDirectory_ThatCannotBeWritten_StopsTheRunAtOnce(string directory)
    {
        Outcome run = (
            await Probe.Command(_workspace, "run", "-r", "good.pcap", "-o", directory, "--ramfs", _workspace.Ram, "--json")
        ).MustExit(1);

        Assert.StartsWith($"error: cannot write to the output directory '{directory}'", Assert.Single(run.Told), StringComparison.Ordinal);
        Assert.EndsWith("Choose another with -o DIR.", run.Told[0], StringComparison.Ordinal);
        Assert.Equal("", run.Output);
    }

    [Theory]
    [InlineData("")]
    [InlineData("--json")]
    public async Task StandardOutput_ClosedByItsReader_IsNoError(string option)
    {
        Outcome run = (
            await Probe.Shell(
                _workspace,
                $"$spillway run -r good.pcap -s '{Probe.Script("sizes.lua")}' {option} -o out --ramfs '{_workspace.Ram}' | head -1"
            )
        ).MustExit(0);

        Assert.Single(run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.DoesNotContain("xception", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("-q", "error: what scripts print cannot be written: No space left on device")]
    [InlineData("--json", "error: the summary cannot be written to standard output: No space left on device")]
    public async Task StandardOutput_OnAFullDisk_FailsTheRunWithOneLine(string option, string expected)
    {
        Outcome run = (
            await Probe.Shell(
                _workspace,
                $"$spillway run -r good.pcap -s '{Probe.Script("sizes.lua")}' {option} -o out --ramfs '{_workspace.Ram}' > /dev/full"
            )
        ).MustExit(1);

        Assert.Contains(expected, run.Told[^1], StringComparison.Ordinal);
    }

    public void Dispose() => _workspace.Dispose();
}
