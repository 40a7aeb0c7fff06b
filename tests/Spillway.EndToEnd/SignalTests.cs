using Spillway.EndToEnd.Running;
using Spillway.EndToEnd.Traffic;

namespace Spillway.EndToEnd;

/// <summary>Ending early.</summary>
public sealed class SignalTests
{
    [Theory]
    [InlineData("INT", 130)]
    [InlineData("TERM", 143)]
    public async Task FirstSignal_WhileATaskIsAtWork_FinishesItAndSaysSoInItsExitCode(string signal, int exitCode)
    {
        using var workspace = new Workspace();
        using RunningProbe probe = StartWithTask(workspace, seconds: "1");
        await probe.Says("at work");
        await probe.Signal(signal);
        Outcome run = (await probe.End()).MustExit(exitCode);

        Assert.Equal("done 5000\nunloaded\n", run.Output);
        Assert.StartsWith("stopping:", run.Told[^1], StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(workspace.Ram));
    }

    [Fact]
    public async Task SecondSignal_EndsAtOnceAndLeavesNoFiles()
    {
        using var workspace = new Workspace();
        using RunningProbe probe = StartWithTask(workspace, seconds: "3");
        await probe.Says("at work");
        await probe.Signal("INT");
        await probe.Says("stopping:");
        await probe.Signal("INT");
        Outcome run = await probe.End();

        Assert.NotEqual(0, run.ExitCode);
        Assert.Empty(run.Output);
        Assert.Empty(Directory.GetFileSystemEntries(workspace.Ram));
    }

    [Fact]
    public async Task Signal_WithMoreLeftThanTheDrainTimeoutAllows_SaysWhatIsLostAndFails()
    {
        using var workspace = new Workspace();
        using RunningProbe probe = StartWithTask(workspace, seconds: "30", "--drain-timeout", "2");   // time for the signal to arrive while the task is waited for
        await probe.Says("at work");
        await probe.Signal("TERM");
        Outcome run = (await probe.End()).MustExit(1);

        Assert.Contains(run.Told, line => line.StartsWith("stopping:", StringComparison.Ordinal));
        Assert.Matches("^error: 1 task of T.async not done after [0-9.]+ s and lost", Assert.Single(run.Told, line => line.StartsWith("error:", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task DrainTimeout_ShorterThanTheTask_SaysWhatIsLost()
    {
        using var workspace = new Workspace();
        using RunningProbe probe = StartWithTask(workspace, seconds: "3", "--drain-timeout", "0.2");
        Outcome run = (await probe.End()).MustExit(1);

        Assert.Equal("unloaded\n", run.Output);
        // The task may say that it is at work when the run has given it up already.
        Assert.Matches("^error: 1 task of T.async not done after [0-9.]+ s and lost: give more time with --drain-timeout$",
            Assert.Single(run.Told, line => line.StartsWith("error:", StringComparison.Ordinal)));
        Assert.Empty(Directory.GetFileSystemEntries(workspace.Ram));
    }

    private static RunningProbe StartWithTask(Workspace workspace, string seconds, params string[] more)
    {
        string capture = Recording.Of(Http.Get("/one"), Http.Ok(Http.Noise(5000))).Save(workspace.PathOf("a.pcap"));
        return Probe.Start(workspace, ["run", "-r", capture, "-s", Probe.Script("waits.lua"), "--args", seconds, "-q", "-o", workspace.Output, "--ramfs", workspace.Ram, .. more]);
    }
}
