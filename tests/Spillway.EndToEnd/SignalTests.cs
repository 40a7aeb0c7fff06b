using System.Net;
using System.Net.Sockets;
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
        // time for the signal to arrive while the task is waited for
        using RunningProbe probe = StartWithTask(workspace, seconds: "30", "--drain-timeout", "2");
        await probe.Says("at work");
        await probe.Signal("TERM");
        Outcome run = (await probe.End()).MustExit(1);

        Assert.Contains(run.Told, line => line.StartsWith("stopping:", StringComparison.Ordinal));
        Assert.Matches(
            "^error: 1 task of T.async not done after [0-9.]+ s and lost",
            Assert.Single(run.Told, line => line.StartsWith("error:", StringComparison.Ordinal))
        );
    }

    [Fact]
    public async Task DrainTimeout_ShorterThanTheTask_SaysWhatIsLost()
    {
        using var workspace = new Workspace();
        using RunningProbe probe = StartWithTask(workspace, seconds: "3", "--drain-timeout", "0.2");
        Outcome run = (await probe.End()).MustExit(1);

        Assert.Equal("unloaded\n", run.Output);
        // The task may say that it is at work when the run has given it up already.
        Assert.Matches(
            "^error: 1 task of T.async not done after [0-9.]+ s and lost: give more time with --drain-timeout$",
            Assert.Single(run.Told, line => line.StartsWith("error:", StringComparison.Ordinal))
        );
        Assert.Empty(Directory.GetFileSystemEntries(workspace.Ram));
    }

    /// <summary>Scripts reach native code by ffi, and may write where they must not.</summary>
    [Theory]
    [InlineData("filex_monitor = { onfile_http = function() CRASH end }", "onfile_http of")]
    [InlineData(
        "filex_monitor = { onfile_http = function() T.async:schedule { data = '', onexecute = function() CRASH end } end }",
        "a task of T.async of"
    )]
    [InlineData("onload = function() CRASH end", "onload of")]
    public async Task CrashInNativeCode_NamesTheScriptAndEndsByTheSignal(string block, string named)
    {
        Assert.SkipWhen(
            System.Runtime.InteropServices.RuntimeInformation.ProcessArchitecture != System.Runtime.InteropServices.Architecture.X64,
            "the handler has code for x86-64 only"
        );
        using var workspace = new Workspace();
        string capture = Recording.Of(Http.Get("/one"), Http.Ok(Http.Noise(5000))).Save(workspace.PathOf("a.pcap"));
        foreach (
            (string crash, string signal, int exitCode) in new[]
            {
                ("local ffi = require 'ffi' ffi.cast('int *', 8)[0] = 1", "SIGSEGV", 139),
                ("local ffi = require 'ffi' ffi.cdef 'void abort(void);' ffi.C.abort()", "SIGABRT", 134),
            }
        )
        {
            string script = workspace.Write(
                "wild.lua",
                $$"""TrisulPlugin = { id = { name = "wild" }, {{block.Replace("CRASH", crash, StringComparison.Ordinal)}} }"""
            );
            Outcome run = (await Probe.Run(workspace, "-r", capture, "-s", script, "-q")).MustExit(exitCode);

            Assert.Equal(
                $"error: {signal} ends the program: {named} '{script}' was at work in native code",
                Assert.Single(run.Told, line => !line.StartsWith("recovered: ", StringComparison.Ordinal))
            );
        }
    }

    [Fact]
    public async Task HangUp_WithoutAnEventLog_DoesNotEndTheRun()
    {
        using var workspace = new Workspace();
        using RunningProbe probe = StartWithTask(workspace, seconds: "1");
        await probe.Says("at work");
        await probe.Signal("HUP");
        Outcome run = (await probe.End()).MustExit(0);

        Assert.Equal("done 5000\nunloaded\n", run.Output);
    }

    /// <summary>nohup, and whatever else starts programs that are to outlive a terminal, has them ignore SIGHUP.</summary>
    [Fact]
    public async Task HangUp_IgnoredByWhoeverStartsTheRun_OpensTheEventLogAgain()
    {
        using var workspace = new Workspace();
        string log = workspace.PathOf("eve.json");
        using RunningProbe probe = Probe.Start(
            workspace,
            "env",
            ["--ignore-signal=HUP", Probe.Executable, "run", "-i", $"udp:127.0.0.1:{FreePort()}", "--eve", log, "-o", workspace.Output]
        );
        await probe.Says("listening on");
        File.Move(log, log + ".1");
        await probe.Signal("HUP");
        await probe.Signal("TERM");
        (await probe.End()).MustExit(0);

        Assert.Contains("\"event_type\":\"stats\"", File.ReadAllText(log), StringComparison.Ordinal);
    }

    /// <summary>Code that nothing can interrupt: a loop without a limit, a C function, a finalizer.</summary>
    [Theory]
    [InlineData("while true do end", "onfile_http of 'stuck.lua'")]
    [InlineData("local s = ('a'):rep(40) s:find(('a?'):rep(40) .. s)", "onfile_http of 'stuck.lua'")]
    [InlineData(
        "local p = newproxy(true) getmetatable(p).__gc = function() while true do end end p = nil collectgarbage()",
        "onfile_http of 'stuck.lua'"
    )]
    public async Task Signal_WhileACallbackDoesNotReturn_NamesItAndEndsAfterTheDrainLimit(string code, string named)
    {
        using var workspace = new Workspace();
        string capture = Recording.Of(Http.Get("/one"), Http.Ok(Http.Noise(5000))).Save(workspace.PathOf("a.pcap"));
        string script = workspace.Write(
            "stuck.lua",
            $$"""
            TrisulPlugin = { id = { name = "stuck" }, filex_monitor = { onfile_http = function() io.stderr:write("at work\n") {{code}} end } }
            """
        );
        using RunningProbe probe = Probe.Start(
            workspace,
            ["run", "-r", capture, "-s", script, "-q", "-o", workspace.Output, "--ramfs", workspace.Ram, "--drain-timeout", "1"]
        );
        await probe.Says("at work");
        await probe.Signal("TERM");
        Outcome run = (await probe.End()).MustExit(1);

        Assert.Equal(
            $"error: 2 s after SIGTERM, {named} (the reading of '{capture}') has not ended: the process ends without it",
            run.Told[^1]
        );
        Assert.Empty(Directory.GetFileSystemEntries(workspace.Ram));
    }

    [Theory]
    [InlineData("run", "local s = ('a'):rep(40) s:find(('a?'):rep(40) .. s)")]
    [InlineData("run", "local p = newproxy(true) getmetatable(p).__gc = function() while true do end end p = nil collectgarbage()")]
    [InlineData("test", "local s = ('a'):rep(40) s:find(('a?'):rep(40) .. s)")]
    public async Task CallbackTimeout_OfACallThatNothingStops_NamesIt(string command, string code)
    {
        using var workspace = new Workspace();
        string capture = Recording.Of(Http.Get("/one"), Http.Ok(Http.Noise(5000))).Save(workspace.PathOf("a.pcap"));
        string script = workspace.Write(
            "stuck.lua",
            $$"""TrisulPlugin = { id = { name = "stuck" }, filex_monitor = { onfile_http = function() {{code}} end } }"""
        );
        string[] limit = command == "run" ? ["--callback-timeout", "0.2"] : [];
        using RunningProbe probe = Probe.Start(
            workspace,
            [command, "-r", capture, "-s", script, "-q", "-o", workspace.Output, "--ramfs", workspace.Ram, "--drain-timeout", "0", .. limit]
        );
        await probe.Says("cannot be stopped: it is in a C function or in a finalizer (__gc)");
        await probe.Signal("TERM");
        Outcome run = (await probe.End()).MustExit(1);

        Assert.Contains(
            run.Told,
            line => line.StartsWith("warning: [stuck.lua] onfile_http has been running for ", StringComparison.Ordinal)
        );
    }

    [Fact]
    public async Task FinalizerThatDoesNotReturn_WhenTheRunIsOver_IsNamedAndTheRunKeepsItsExitCode()
    {
        using var workspace = new Workspace();
        string capture = Recording.Of(Http.Get("/one"), Http.Ok(Http.Noise(5000))).Save(workspace.PathOf("a.pcap"));
        string script = workspace.Write(
            "stuck.lua",
            """
            TrisulPlugin = { id = { name = "stuck" }, filex_monitor = { onfile_http = function() end } }
            kept = newproxy(true) getmetatable(kept).__gc = function() while true do end end
            """
        );
        using RunningProbe probe = Probe.Start(
            workspace,
            ["run", "-r", capture, "-s", script, "-q", "-o", workspace.Output, "--ramfs", workspace.Ram]
        );
        Outcome run = (await probe.End()).MustExit(0);

        Assert.Equal(
            "error: 10 s after the end of the run, the closing of 'stuck.lua' (the closing of scripts) has not ended: "
                + "the process ends without it",
            run.Told[^1]
        );
        Assert.Empty(Directory.GetFileSystemEntries(workspace.Ram));
    }

    [Theory]
    [InlineData("INT", 130)]
    [InlineData("TERM", 143)]
    public async Task Signal_WhileAFifoHasNoWriter_EndsTheRun(string signal, int exitCode)
    {
        using var workspace = new Workspace();
        string script = workspace.Write(
            "hello.lua",
            "TrisulPlugin = { id = { name = 'Hello' }, onload = function() io.stderr:write('loaded\\n') end }"
        );
        (await Probe.Shell(workspace, $"mkfifo {workspace.PathOf("fifo")}")).MustExit(0);
        using RunningProbe probe = Probe.Start(
            workspace,
            ["run", "-r", workspace.PathOf("fifo"), "-s", script, "-q", "-o", workspace.Output]
        );
        await probe.Says("loaded");
        await probe.Signal(signal);
        Outcome run = (await probe.End()).MustExit(exitCode);

        Assert.Contains($"warning: '{workspace.PathOf("fifo")}' was not read to its end: the run was stopped by a signal", run.Told);
    }

    // The writer keeps the pipe open and sends nothing more: results come back all the same, and a signal is not kept waiting.
    [Fact]
    public async Task QuietPipe_BehindItsPackets_DeliversResultsAndEndsBySignal()
    {
        using var workspace = new Workspace();
        string script = workspace.Write(
            "task.lua",
            """
            TrisulPlugin = { id = { name = "Task" },
              reassembly_handler = { onnewflow = function() T.async:schedule { onexecute = function() return 1 end, onresult = function() io.stderr:write("result came\n") end } end } }
            """
        );
        string fifo = workspace.PathOf("fifo");
        (await Probe.Shell(workspace, $"mkfifo {fifo}")).MustExit(0);
        using RunningProbe probe = Probe.Start(workspace, ["run", "-r", fifo, "-s", script, "-q", "-o", workspace.Output]);
        await using var writer = new FileStream(fifo, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        await writer.WriteAsync(
            await File.ReadAllBytesAsync(Recording.Of(Http.Get("/one"), Http.Ok(Http.Noise(50))).Save(workspace.PathOf("a.pcap")))
        );
        await probe.Says("result came");
        await probe.Signal("TERM");
        (await probe.End()).MustExit(143);

        Assert.Equal(["1"], Store.Ask(workspace, "SELECT count(*) FROM flows"));
    }

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    private static RunningProbe StartWithTask(Workspace workspace, string seconds, params string[] more)
    {
        string capture = Recording.Of(Http.Get("/one"), Http.Ok(Http.Noise(5000))).Save(workspace.PathOf("a.pcap"));
        return Probe.Start(
            workspace,
            [
                "run",
                "-r",
                capture,
                "-s",
                Probe.Script("waits.lua"),
                "--args",
                seconds,
                "-q",
                "-o",
                workspace.Output,
                "--ramfs",
                workspace.Ram,
                .. more,
            ]
        );
    }
}
