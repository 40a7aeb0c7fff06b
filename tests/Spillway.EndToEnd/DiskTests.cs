using System.Diagnostics;
using System.Net.Sockets;
using Spillway.EndToEnd.Running;
using Spillway.EndToEnd.Traffic;

namespace Spillway.EndToEnd;

/// <summary>Results on a disk that is small: a stated most, and a disk that is full.</summary>
public sealed class DiskTests : IDisposable
{
    private const int BodyBytes = 1 << 20;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60); // only against a hang

    private readonly Workspace _workspace = new();
    private readonly string _disk;
    private bool _isMounted;

    public DiskTests() => _disk = Directory.CreateDirectory(_workspace.PathOf("disk")).FullName;

    public void Dispose()
    {
        if (_isMounted)
            Run("umount", "-l", _disk);
        _workspace.Dispose();
    }

    [Fact]
    public async Task OutputSize_IsHeldWhileItRuns_ByTheOldestFiles()
    {
        const long most = 32 << 20;
        var recording = new Recording();
        for (int i = 0; i < 45; i++)
            Transfer(recording, i);
        recording.Save(_workspace.PathOf("a.pcap"));
        Directory.CreateDirectory(_workspace.PathOf("files"));
        File.SetLastWriteTimeUtc(_workspace.Write("files/older", [1, 2, 3]), DateTime.UnixEpoch);
        File.SetLastWriteTimeUtc(_workspace.Write("files/.hidden", [1, 2, 3]), DateTime.UnixEpoch);

        Outcome run = await Probe.Run(_workspace, "-r", "a.pcap", "--json", "-x", "files", "--output-size", "32M");

        string[] names = [.. _workspace.FilesIn("files").Keys];
        Assert.InRange(names.Length, 10, 32);
        Assert.Contains(names, name => name.Contains("body44", StringComparison.Ordinal));
        Assert.DoesNotContain(names, name => name.Contains("body0", StringComparison.Ordinal));
        Assert.DoesNotContain("older", names);
        Assert.Contains(".hidden", names);
        Assert.Single(run.Told, line => line.Contains("results have reached --output-size", StringComparison.Ordinal));
        long bytes = new[] { _workspace.Output, _workspace.PathOf("files") }.Sum(place =>
            new DirectoryInfo(place).EnumerateFiles().Sum(file => file.Length)
        );
        Assert.InRange(bytes, most / 2, most);
        Assert.True(run.Json["details"]!["files.removed_for_room"]!.GetValue<int>() > 10);
    }

    [Fact]
    public async Task DiskThatIsFull_LiveRunDropsTheOldestAndSaysSo()
    {
        if (Run("mount", "-t", "tmpfs", "-o", "size=80m,mode=700", "none", _disk) != 0)
            Assert.Skip("mounting a file system is not permitted here");
        _isMounted = true;
        int http = Mirror.FreePort(SocketType.Stream);
        using var mirror = new Mirror();
        using var client = new HttpClient();
        using RunningProbe probe = Probe.Start(
            _workspace,
            Probe.Executable,
            ["serve", "-i", mirror.Interface, "--http", $"{http}", "-o", Path.Combine(_disk, "out"), "-x", Path.Combine(_disk, "files")]
        );
        await probe.Says("listening on");
        // Somebody else fills the disk.
        File.WriteAllBytes(Path.Combine(_disk, "other"), new byte[50 << 20]);
        using var hang = new CancellationTokenSource(Limit);
        for (int i = 0; i < 30; i++)
        {
            var recording = new Recording();
            Transfer(recording, i);
            mirror.Send(recording.Frames);
            await Until(async () => await Figure(client, http, "spillway_flows_total", hang.Token) > i, hang.Token);
        }

        await probe.Says("the oldest files there are removed for new ones");
        string ready = await client.GetStringAsync($"http://127.0.0.1:{http}/readyz", hang.Token);
        Assert.Contains("degraded\n", ready, StringComparison.Ordinal);
        Assert.Contains("the disk for results was full within a minute", ready, StringComparison.Ordinal);
        Assert.True(await Figure(client, http, "spillway_files_removed_for_room_total", hang.Token) > 0);

        // There is room again.
        var last = new Recording();
        Transfer(last, 99);
        mirror.Send(last.Frames);
        await Until(
            () =>
                Task.FromResult(
                    Directory.GetFiles(Path.Combine(_disk, "files"), "*body99*") is [{ } file] && new FileInfo(file).Length == BodyBytes
                ),
            hang.Token
        );
        await probe.Signal("TERM");
        Outcome run = await probe.End();
        Assert.Single(run.Told, line => line.Contains("the oldest files there are removed", StringComparison.Ordinal));
        Assert.Equal(["ok"], Store.Ask(_workspace, "PRAGMA integrity_check", Path.Combine(_disk, "out")));
    }

    private static void Transfer(Recording recording, int number)
    {
        TcpConversation connection = recording.Connect((ushort)(40_000 + number));
        connection.ClientSends(Http.Get($"/body{number}"));
        connection.ServerSends(Http.Ok(Http.Noise(BodyBytes)));
        connection.Close();
    }

    private static async Task<double> Figure(HttpClient client, int port, string name, CancellationToken hang)
    {
        string metrics = await client.GetStringAsync($"http://127.0.0.1:{port}/metrics", hang);
        string line = metrics.Split('\n').Single(line => line.StartsWith(name + " ", StringComparison.Ordinal));
        return double.Parse(line[(name.Length + 1)..], System.Globalization.CultureInfo.InvariantCulture);
    }

    private static async Task Until(Func<Task<bool>> condition, CancellationToken hang)
    {
        using var next = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while (!await condition())
            await next.WaitForNextTickAsync(hang);
    }

    private static int Run(string command, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(command, arguments) { RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode;
    }
}
