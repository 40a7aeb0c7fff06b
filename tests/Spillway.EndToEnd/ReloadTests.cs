using System.Diagnostics;
using System.Text;
using Spillway.EndToEnd.Running;

namespace Spillway.EndToEnd;

/// <summary>
/// Backend scripts that come, change and go while the program runs. Its input waits for the test, and the test for what it says.
/// </summary>
public sealed class ReloadTests
{
    private const int Start = 1_700_000_040; // the top of a minute

    [Fact]
    public async Task Script_IsTaken_Changed_AndLetGo_WhileTheRunGoesOn()
    {
        using var workspace = new Workspace();
        string scripts = Directory.CreateDirectory(workspace.PathOf("scripts")).FullName,
            script = Path.Combine(scripts, "deep", "live.lua");
        await using FileStream packets = await Pipe(workspace);
        using RunningProbe probe = Probe.Start(
            workspace,
            [
                "input",
                Probe.Script("paced.lua"),
                packets.Name,
                "-s",
                scripts,
                "-o",
                workspace.Output,
                "--ramfs",
                workspace.Ram,
                "--json",
                "--log-level",
                "info",
            ]
        );
        await probe.Says("paced"); // files have been looked at for the first time
        await Send(packets, Start);

        Directory.CreateDirectory(Path.GetDirectoryName(script)!);
        Write(script, "one");
        await probe.Says("info: [live.lua] loaded");
        await Send(packets, Start + 61);
        await probe.Says("one sees a window");

        await File.WriteAllTextAsync(script, "TrisulPlugin = {\n  id = 'half a fi", TestContext.Current.CancellationToken);
        await probe.Says("live.lua:2:");
        await probe.Says("runs on as it was");
        await Send(packets, Start + 121);
        await probe.Says("one sees a window");

        Write(script, "two");
        await probe.Says("info: [live.lua] loaded anew");
        await Send(packets, Start + 181);
        await probe.Says("two sees a window");

        File.Delete(script);
        await probe.Says("info: [live.lua] unloaded");
        await Send(packets, Start + 241);
        packets.Close();
        Outcome run = (await probe.End()).MustExit(0);

        Assert.Equal(3, (int)run.Json["details"]!["backend.reloads"]!);
        Assert.True((int)run.Json["details"]!["backend.reload_failures"]! >= 1);
        Assert.Equal(
            ["one sees a window", "one sees a window", "two sees a window"],
            run.Prints.Where(line => line.Contains("sees", StringComparison.Ordinal))
        );
        Assert.Equal(2, run.Prints.Count(line => line == "two says good-bye")); // with that of the look before it was loaded
        Assert.Equal(["5"], Store.Ask(workspace, "SELECT packets_az FROM flows"));
    }

    [Fact]
    public async Task BuiltInResources_AreMade_OnceAScriptThatCameWatchesThem()
    {
        using var workspace = new Workspace();
        string scripts = Directory.CreateDirectory(workspace.PathOf("scripts")).FullName;
        await using FileStream seconds = await Pipe(workspace);
        using RunningProbe probe = Probe.Start(
            workspace,
            [
                "input",
                Probe.Script("lookups.lua"),
                seconds.Name,
                "-s",
                scripts,
                "-o",
                workspace.Output,
                "--ramfs",
                workspace.Ram,
                "--json",
                "--log-level",
                "info",
            ]
        );
        await probe.Says("paced");
        await Send(seconds, Start);
        File.WriteAllText(
            Path.Combine(scripts, "dns.lua"),
            """
            TrisulPlugin = { id = { name = 'DNS' }, resource_monitor = { resource_guid = '{D1E27FF0-6D66-4E57-BB91-99F76BB2143E}' } }
            """
        );
        await probe.Says("info: [dns.lua] loaded");
        await Send(seconds, Start + 10);
        await Send(seconds, Start + 11);
        seconds.Close();
        (await probe.End()).MustExit(0);

        string[] times = [.. Store.Ask(workspace, "SELECT DISTINCT time_ns / 1000000000 FROM resources")];
        Assert.DoesNotContain($"{Start}", times);
        Assert.Contains($"{Start + 11}", times);
    }

    [Theory]
    [InlineData("--no-reload")]
    [InlineData("--deterministic")]
    public async Task Changes_AreNotLookedFor_WhereTheyAreNotWanted(string option)
    {
        using var workspace = new Workspace();
        string scripts = Directory.CreateDirectory(workspace.PathOf("scripts")).FullName;
        Outcome run = (
            await Probe.Command(
                workspace,
                [
                    "input",
                    Probe.Script("frames.lua"),
                    "1",
                    "-s",
                    scripts,
                    "-o",
                    workspace.Output,
                    "--ramfs",
                    workspace.Ram,
                    "--json",
                    option,
                ]
            )
        ).MustExit(0);

        Assert.Null(run.Json["details"]!["backend.reloads"]); // nothing stands behind the lane
    }

    // Opened both ways: neither end waits for the other.
    private static async Task<FileStream> Pipe(Workspace workspace)
    {
        string path = workspace.PathOf("packets");
        using Process make = Process.Start("mkfifo", [path]);
        await make.WaitForExitAsync(TestContext.Current.CancellationToken);
        return new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);
    }

    private static async Task Send(FileStream packets, int second) =>
        await packets.WriteAsync(Encoding.ASCII.GetBytes($"{second}\n"), TestContext.Current.CancellationToken);

    private static void Write(string path, string name) =>
        File.WriteAllText(
            path,
            $$"""
            TrisulPlugin = {
              id = { name = 'Live' },
              onunload = function() print('{{name}} says good-bye') end,
              engine_monitor = { onbeginflush = function() print('{{name}} sees a window') end },
            }
            """
        );
}
