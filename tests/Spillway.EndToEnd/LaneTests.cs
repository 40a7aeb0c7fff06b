using System.Globalization;
using System.Reflection;
using Spillway.EndToEnd.Conformance;
using Spillway.EndToEnd.Running;
using Spillway.EndToEnd.Traffic;

namespace Spillway.EndToEnd;

/// <summary>What one lane does, several do: the stores of runs with 1, 2 and 4 lanes have the same rows.</summary>
public sealed class LaneTests
{
    private static readonly string Examples = Path.Combine(Root, "examples");

    private static string Root =>
        typeof(LaneTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(item => item.Key == "RepositoryRoot").Value!;

    private const string Labels = "labels",
        FileTimes = "file times";

    // Rows of each table, without what is a number of the store itself. What else may differ, and why:
    // - System performance, and the times and memory in the group about groups: they are the machine's;
    // - the key of a document has the number of its lane;
    // - a SHA-256 is what a task's result adds: its time is when the task was done;
    // - an MD5 stands beside the file's place in the ram directory, as "files" has its name: both have the numbers of run and lane.
    private static readonly Dictionary<string, string> Tables = new(StringComparer.Ordinal)
    {
        ["runs"] = "SELECT window_seconds, packets, bytes, first_packet_ns, last_packet_ns, exit_code FROM runs",
        ["counters"] = """
            SELECT g.name, s.start, s.seconds, v.meter, k.key, printf('%.9g', sum(v.value)), sum(v.samples)
            FROM counter_values v JOIN counter_slices s USING (slice_id) JOIN groups g USING (group_id) JOIN keys k USING (key_id)
            WHERE s.level = 0 AND g.guid <> '{0D39F2A7-2627-49D5-9DCF-707E6F1C0571}'
              AND NOT (g.guid = '{4D88CC23-2883-4DEA-A313-A23B60FE8BDA}' AND v.meter IN (3, 8))
            GROUP BY g.guid, s.start, s.seconds, v.meter, k.key
            """,
        ["keys"] = "SELECT g.guid, k.key, k.description FROM keys k LEFT JOIN groups g USING (group_id)",
        [Labels] = "SELECT g.guid, k.key, k.label FROM keys k LEFT JOIN groups g USING (group_id)",
        ["key_attributes"] = "SELECT g.guid, a.key, a.name, a.value FROM key_attributes a JOIN groups g USING (group_id)",
        ["alerts"] = """
            SELECT time_ns, guid, flow_id, key, classification, priority, message, status, details FROM alerts JOIN groups USING (group_id)
            """,
        ["resources"] = """
            SELECT CASE WHEN uri LIKE 'SHA256:%' THEN 0 ELSE time_ns END, guid, flow_id, uri,
                   CASE WHEN uri LIKE 'MD5:%' THEN '' ELSE label END
            FROM resources JOIN groups USING (group_id)
            """,
        ["documents"] = "SELECT time_ns, guid, flow_id, text FROM documents JOIN groups USING (group_id)",
        ["flows"] = """
            SELECT flow_id, protocol, client_is_a, first_ns, last_ns, bytes_az, bytes_za, packets_az, packets_za, payload_az, payload_za,
                   setup_rtt_us, state, tags, retransmissions_az, retransmissions_za, service FROM flows
            """,
        ["flow_attributes"] = "SELECT flow_id, first_ns, name, value FROM flow_attributes JOIN flows USING (flow_row)",
        ["tags"] = "SELECT tag, flow_id, first_ns FROM tags JOIN flows USING (flow_row)",
        ["edges"] = "SELECT from_group, from_key, to_group, to_key, first_ns, last_ns FROM edges",
        ["files"] = "SELECT flow_id, direction, host, uri, method, status, content_type, size, sha1, md5, sha256, end FROM files",
        [FileTimes] = "SELECT time_ns, flow_id, uri FROM files",
        ["tracked_flows"] = "SELECT tracker, bucket_start, rank, flow_id, value FROM tracked_flows",
    };

    [Fact]
    public async Task Store_OfTrafficOfManyHosts_IsTheSame()
    {
        using var workspace = new Workspace();
        string capture = LaneTraffic.Record().Save(workspace.PathOf("hosts.pcap"));

        Stores one = await Compare(workspace, ["-r", capture, "--resources", "all", "--documents", "all"]);

        // What the comparison is worth: everything was seen.
        Assert.All(["flows", "files", "resources", "documents", "counters", "flow_attributes"], table => Assert.NotEmpty(one[table]));
        Assert.Equal(3 * 12, one["flows"].Count(flow => flow.Contains(":p-1388|", StringComparison.Ordinal))); // fragments, to port 5000
        Assert.Equal(3 * 12, one["flows"].Count(flow => flow.Contains(":p-0FA0|", StringComparison.Ordinal))); // in tunnels, to port 4000
    }

    // All at once; each keeps what it counts for itself, so that they do not disturb each other. csv-flows has an input of its own.
    [Fact]
    public async Task Store_OfAllExamples_IsTheSame()
    {
        using var workspace = new Workspace();
        IEnumerable<string> scripts = Directory
            .GetFiles(Examples, "*.lua")
            .Order(StringComparer.Ordinal)
            .Where(file => !file.EndsWith("csv-flows.lua", StringComparison.Ordinal));

        Stores one = await Compare(
            workspace,
            ["-r", Path.Combine(Examples, "traffic.pcap"), .. scripts.SelectMany(script => new[] { "-s", script })]
        );

        Assert.All(["alerts", "resources", "files", "counters"], table => Assert.NotEmpty(one[table]));
        Assert.Contains(one["alerts"], alert => alert.Contains("DNS-NAME", StringComparison.Ordinal));
    }

    // All in one run, in which they overlap and go back in time. An address with two names is labelled with the one that came last, and a
    // lane without packets gives a hole in a stream up when it next hears of the time: what ends there has another time within a second.
    [Fact]
    public async Task Store_OfConformanceCaptures_IsTheSame()
    {
        bool isGiven = Environment.GetEnvironmentVariable("SPILLWAY_PCAPS") is { Length: > 0 };
        Assert.SkipUnless(isGiven, "takes a minute: set SPILLWAY_PCAPS to the directory of the captures");
        IEnumerable<string> captures = Captures.Table("packets.tsv").Select(row => Path.Combine(Captures.Root!, row["file"]));
        using var workspace = new Workspace();

        await Compare(workspace, ["--checksums", "ignore", .. captures.SelectMany(capture => new[] { "-r", capture })], Labels, FileTimes);
    }

    private static async Task<Stores> Compare(Workspace workspace, string[] arguments, params string[] mayDiffer)
    {
        var one = new Stores();
        foreach (int lanes in new[] { 1, 2, 4 })
        {
            string directory = workspace.PathOf($"lanes{lanes}");
            string count = lanes.ToString(CultureInfo.InvariantCulture);
            Outcome run = await Probe.Command(
                workspace,
                ["run", "-o", directory, "--ramfs", workspace.Ram, "-q", "--lanes", count, .. arguments]
            );
            Assert.InRange(run.ExitCode, 0, 1); // a capture may be damaged
            foreach ((string table, string query) in Tables.Where(table => !mayDiffer.Contains(table.Key)))
            {
                string[] rows = [.. Store.Ask(workspace, query, directory).Order(StringComparer.Ordinal)];
                if (lanes == 1)
                    one.Add(table, rows);
                else
                    AssertSame(one[table], rows, $"{table} with {lanes} lanes");
            }
        }

        return one;
    }

    private static void AssertSame(string[] expected, string[] actual, string what)
    {
        const int shown = 10;
        if (expected.SequenceEqual(actual))
            return;
        Assert.Fail($"{what}\nonly with one:\n{Missing(expected, actual)}\nonly with several:\n{Missing(actual, expected)}");

        static string Missing(string[] these, string[] those) =>
            string.Join('\n', these.CountBy(row => row).Except(those.CountBy(row => row)).Take(shown).Select(row => row.Key));
    }

    private sealed class Stores : Dictionary<string, string[]>;
}
