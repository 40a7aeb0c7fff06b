using System.Globalization;
using Spillway.EndToEnd.Running;
using Spillway.EndToEnd.Traffic;

namespace Spillway.EndToEnd;

/// <summary>A service that is killed again and again while packets come, and started again each time.</summary>
public sealed class KillTests : IDisposable
{
    private const int BodyBytes = 70_000;

    private static readonly int Lives = Environment.GetEnvironmentVariable("SPILLWAY_TEST_ALL") == "1" ? 50 : 3;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60); // only against a hang

    private readonly Workspace _workspace = new();
    private readonly Mirror _mirror = new();
    private readonly int _seed = Random.Shared.Next();

    public void Dispose()
    {
        _mirror.Dispose();
        _workspace.Dispose();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Serve_KilledWhileLive_ComesUpEachTimeWithASoundStoreAndNothingLeftOver(bool hasJournal)
    {
        var random = new Random(_seed);
        Directory.CreateDirectory(_workspace.PathOf("saved"));
        Recording traffic = Traffic();
        for (int life = 1; life <= Lives; life++)
        {
            using RunningProbe probe = Start(life, hasJournal);
            if (life > 1)
                await probe.Says("recovered: store '");
            await probe.Says("listening on");
            int point = Lines("acknowledged").Length + random.Next(1, traffic.Count);
            _mirror.Send(traffic.Frames);
            await Until(() => Lines("acknowledged").Length >= point);
            await probe.Signal("KILL");
            await probe.End();
            Assert.Equal(["ok"], Store.Ask(_workspace, "PRAGMA integrity_check"));
        }

        Assert.NotEmpty(Directory.GetFileSystemEntries(hasJournal ? _workspace.PathOf("journal/files") : _workspace.Ram));
        using RunningProbe last = Start(Lives + 1, hasJournal);
        if (!hasJournal)
            await last.Says("of extracted files that killed runs had left: removed");
        await last.Says("listening on");
        // Files of lives before go while the service goes on: it may do so for years.
        string files = hasJournal ? _workspace.PathOf("journal/files") : _workspace.Ram;
        await Until(() => Directory.GetDirectories(files).Length <= 1);
        await last.Signal("TERM");
        (await last.End()).MustExit(0);

        Assert.Empty(Directory.GetFileSystemEntries(files));
        Assert.Equal([$"{Lives}|1"], Store.Ask(_workspace, "SELECT sum(finished_at IS NULL), sum(finished_at IS NOT NULL) FROM runs"));
        string[] acknowledged = Lines("acknowledged");
        Assert.True(acknowledged.Length >= Lives, $"seed {_seed}: too little was done to prove anything");
        string[] once = Lines("once.log");
        Assert.True(once.Length == once.Distinct().Count(), $"seed {_seed}: something was written twice");
        string[] saved = Directory.GetFiles(_workspace.PathOf("saved"));
        // A copy has its name when it is complete. Half of one stays under another, if no journal knows of it.
        string[] halves = [.. saved.Where(file => Path.GetFileName(file).StartsWith('.'))];
        Assert.All(saved.Except(halves), file => Assert.Equal(BodyBytes, new FileInfo(file).Length));
        if (!hasJournal)
            return;
        Assert.Empty(halves);
        Assert.True(acknowledged.All(once.ToHashSet().Contains), $"seed {_seed}: something was never written");
        Assert.True(acknowledged.All(Lines("ran.log").ToHashSet().Contains), $"seed {_seed}: some task never ran");
        Assert.Empty(Directory.GetFiles(_workspace.PathOf("journal"), "*.journal"));
    }

    private static Recording Traffic()
    {
        var traffic = new Recording();
        for (ushort port = 40_000; port < 40_004; port++)
        {
            TcpConversation connection = traffic.Connect(port);
            connection.ClientSends(Http.Get(string.Create(CultureInfo.InvariantCulture, $"/{port}")));
            connection.ServerSends(Http.Ok(Http.Noise(BodyBytes)));
        }

        return traffic;
    }

    private RunningProbe Start(int life, bool hasJournal) =>
        Probe.Start(
            _workspace,
            Probe.Executable,
            [
                "serve",
                "-i",
                _mirror.Interface,
                "-s",
                Probe.Script("killed.lua"),
                "--args",
                $"{_workspace.Root} {life}",
                "-o",
                _workspace.Output,
                .. hasJournal
                    ? (string[])["--journal", _workspace.PathOf("journal"), "--journal-recoveries", "1000"]
                    : ["--ramfs", _workspace.Ram],
            ]
        );

    private static async Task Until(Func<bool> condition)
    {
        using var hang = new CancellationTokenSource(Limit);
        using var next = new PeriodicTimer(TimeSpan.FromMilliseconds(2));
        while (!condition())
            await next.WaitForNextTickAsync(hang.Token);
    }

    private string[] Lines(string name)
    {
        string path = _workspace.PathOf(name);
        return File.Exists(path) ? File.ReadAllText(path).Split('\n', StringSplitOptions.RemoveEmptyEntries) : [];
    }
}
