using System.Globalization;
using Spillway.EndToEnd.Running;
using Spillway.EndToEnd.Traffic;

namespace Spillway.EndToEnd;

/// <summary>The store of the real program: killed, squeezed and shared.</summary>
public sealed class StoreTests
{
    private const int Connections = 2_000;

    // What no transaction leaves behind when it is all or nothing. Rows: number of wrongs.
    private static readonly string[] Wrongs =
    [
        "SELECT count(*) FROM counter_values WHERE slice_id NOT IN (SELECT slice_id FROM counter_slices)",
        "SELECT count(*) FROM counter_values WHERE key_id NOT IN (SELECT key_id FROM keys)",
        "SELECT count(*) FROM counter_slices WHERE parent_id NOT IN (SELECT slice_id FROM counter_slices)",
        "SELECT count(*) FROM counter_slices WHERE slice_id NOT IN (SELECT slice_id FROM counter_values)",
        "SELECT count(*) FROM alerts WHERE run_id NOT IN (SELECT run_id FROM runs)",
        """
            SELECT count(*) FROM (
                SELECT sum(CASE key_id WHEN 0 THEN value ELSE 0 END) AS whole, sum(CASE key_id WHEN 0 THEN 0 ELSE value END) AS parts
                FROM counter_values JOIN counter_slices USING (slice_id) JOIN groups USING (group_id)
                WHERE name = 'Hosts' AND meter = 0 GROUP BY slice_id)
            WHERE whole <> parts
            """,
    ];

    [Fact]
    public async Task Kill_AtRandomPoints_LeavesWholeTransactionsAndTheNextRunGoesOn()
    {
        using var workspace = new Workspace();
        string capture = Capture(workspace);
        var random = new Random(7);
        int kills = Environment.GetEnvironmentVariable("SPILLWAY_TEST_ALL") == "1" ? 8 : 3;
        for (int i = 0; i < kills; i++)
        {
            using RunningProbe probe = Probe.Start(
                workspace,
                ["run", "-o", workspace.Output, "--ramfs", workspace.Ram, "-r", capture, "-s", Probe.Script("marks.lua"), "--json"]
            );
            await probe.Says(string.Create(CultureInfo.InvariantCulture, $"mark {random.Next(1, 30) * 500}."));
            await probe.Signal("KILL");
            Assert.NotEqual(0, (await probe.End()).ExitCode);

            MustBeWhole(workspace);
        }

        Outcome last = (await Probe.Run(workspace, "-r", capture, "-s", Probe.Script("marks.lua"), "--json")).MustExit(0);

        Assert.Equal(kills + 1, (long)last.Json["run"]!["run_id"]!);
        Assert.Equal(
            [$"{kills}|1"],
            Store.Ask(workspace, "SELECT count(*) FILTER (WHERE finished_at IS NULL), count(finished_at) FROM runs")
        );
        Assert.Equal([$"{Connections}"], Store.Ask(workspace, $"SELECT count(*) FROM flows WHERE run_id = {kills + 1}"));
        MustBeWhole(workspace);
    }

    [Fact]
    public async Task Captures_InTheWrongOrder_SpanTheTimeFromTheEarliestPacketToTheLatest()
    {
        using var workspace = new Workspace();
        string early = Recording.Of(Http.Get("/early"), Http.Ok([1])).Save(workspace.PathOf("early.pcap"));
        var recording = new Recording();
        recording.Pause(7200);
        TcpConversation connection = recording.Connect();
        connection.ClientSends(Http.Get("/late"));
        connection.Close();
        string late = recording.Save(workspace.PathOf("late.pcap"));

        (await Probe.Run(workspace, "-r", late, "-r", early, "--json")).MustExit(0);

        Assert.Equal(
            [$"{Recording.Start}|7200"],
            Store.Ask(workspace, "SELECT first_packet_ns / 1000000000, (last_packet_ns - first_packet_ns) / 1000000000 FROM runs")
        );
    }

    [Fact]
    public async Task TwoRuns_AtOnceIntoOneStore_BothAreComplete()
    {
        using var workspace = new Workspace();
        string capture = Capture(workspace);
        Outcome[] runs = await Task.WhenAll(Probe.Run(workspace, "-r", capture, "--json"), Probe.Run(workspace, "-r", capture, "--json"));

        Assert.All(runs, run => run.MustExit(0));
        Assert.Equal([1L, 2L], runs.Select(run => (long)run.Json["run"]!["run_id"]!).Order());
        Assert.Equal([$"1|{Connections}", $"2|{Connections}"], Store.Ask(workspace, "SELECT run_id, count(*) FROM flows GROUP BY run_id"));
        Assert.Equal(
            ["1"],
            Store.Ask(
                workspace,
                "SELECT count(DISTINCT total) FROM (SELECT sum(value) AS total FROM counters JOIN groups USING "
                    + "(group_id) WHERE name = 'Hosts' AND meter = 0 GROUP BY run_id)"
            )
        );
        MustBeWhole(workspace);
    }

    [Fact]
    public async Task FullDisk_IsToldAndLeavesAWholeStore()
    {
        using var workspace = new Workspace();
        string capture = Capture(workspace);
        Directory.CreateDirectory(workspace.Output);
        string kept = Directory.CreateDirectory(workspace.PathOf("kept")).FullName;
        Assert.SkipUnless(
            (await Probe.Shell(workspace, $"unshare -Urm mount -t tmpfs -o size=1m tmpfs {workspace.Output}")).ExitCode == 0,
            "needs unprivileged user namespaces"
        );

        Outcome run = await Probe.Shell(
            workspace,
            $"unshare -Urm sh -c 'mount -t tmpfs -o size=1m tmpfs {workspace.Output} && $spillway run -r {capture} -o "
                + $"{workspace.Output} --ramfs {workspace.Ram} --json; "
                + $"code=$?; cp {workspace.Output}/* {kept}; exit $code'"
        );

        run.MustExit(1);
        Assert.Contains("the disk is full", run.Error, StringComparison.Ordinal);
        Assert.True((long)run.Json["details"]!["store.lost_rows"]! > 0);
        Assert.Equal(Connections, (long)run.Json["traffic"]!["flows"]!);
        MustBeWhole(workspace, kept);
    }

    private static void MustBeWhole(Workspace workspace, string? directory = null)
    {
        Assert.Equal(["ok"], Store.Ask(workspace, "PRAGMA integrity_check", directory));
        Assert.All(Wrongs, wrong => Assert.Equal(["0"], Store.Ask(workspace, wrong, directory)));
    }

    // Connections one after the other over more than two hours, so that there are windows to write while packets come in.
    private static string Capture(Workspace workspace)
    {
        var recording = new Recording();
        byte[] request = Http.Noise(40),
            response = Http.Noise(60);
        for (int i = 0; i < Connections; i++)
        {
            TcpConversation connection = recording.Connect((ushort)(10_000 + i), (ushort)(1_000 + (i % 50)));
            connection.ClientSends(request);
            connection.ServerSends(response);
            connection.Close();
        }

        return recording.Save(workspace.PathOf("hours.pcap"), stepNs: 500_000_000);
    }
}
