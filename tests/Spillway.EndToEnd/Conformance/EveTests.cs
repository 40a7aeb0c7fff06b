using System.Text.Json.Nodes;
using Spillway.EndToEnd.Running;

namespace Spillway.EndToEnd.Conformance;

/// <summary>
/// EVE events against what Suricata's own tests expect of the same captures, and against tshark's fingerprints and names.
/// </summary>
public sealed class EveTests
{
    // By design: a simulated gateway drops what comes after a gap; parts of a multipart upload are no files of their own; there is no
    // HTTP/2; a header line that ends in a bare CR is no header.
    private static readonly HashSet<string> Different =
    [
        "http-gap-simple-frames-ips",
        "http-gap-simple-frames",
        "http-gap-simple",
        "http-multiple100",
        "http2-range",
        "http-evader/http-evader-399",
    ];

    [Fact]
    public async Task Events_AreThoseThatSuricatasTestsExpect()
    {
        Assert.SkipWhen(Captures.Root is null, "no captures: name their directory with SPILLWAY_PCAPS");
        var differences = new List<string>();
        int compared = 0;
        foreach (
            var rows in Captures
                .Table("suricata_verify.tsv")
                .Where(row => row["event_type"] is "http" or "fileinfo" or "flow")
                .GroupBy(row => row["file"])
        )
        {
            IReadOnlyList<JsonNode> events = await Events(rows.Key, "--hash", "md5");
            foreach (IReadOnlyDictionary<string, string> row in rows.Where(row => !Different.Contains(row["test"])))
            {
                string[][] wanted =
                [
                    .. row["match"]
                        .Split(" ;; ")
                        .Where(condition => condition.Contains('=', StringComparison.Ordinal))
                        .Select(condition => condition.Split('=', 2)),
                ];
                int count = events.Count(e =>
                    (string?)e["event_type"] == row["event_type"]
                    && wanted.All(pair => string.Equals(At(e, pair[0]), pair[1].Trim('"'), StringComparison.OrdinalIgnoreCase))
                );
                compared++;
                if (count.ToString(System.Globalization.CultureInfo.InvariantCulture) != row["count"])
                    differences.Add($"{row["file"]}: {row["event_type"]} {row["match"]}: {count}, not {row["count"]}");
            }
        }

        Assert.Empty(differences);
        Assert.True(compared > 20);
    }

    [Fact]
    public async Task Handshakes_HaveTsharksFingerprints()
    {
        Assert.SkipWhen(Captures.Root is null, "no captures: name their directory with SPILLWAY_PCAPS");
        var differences = new List<string>();
        // A HelloRetryRequest is another server hello to tshark, and a handshake here.
        foreach (
            var rows in Captures
                .Table("tls.tsv")
                .Where(row => row["layer"] == "tls" && row["file"] != "tls/hrr.pcap")
                .GroupBy(row => row["file"])
        )
        {
            IReadOnlyList<JsonNode> events = await Events(rows.Key, "--eve-types", "tls");
            Compare(rows, "sni", events.Select(e => (string?)e["tls"]!["sni"]));
            Compare(rows, "ja3", events.Select(e => (string?)e["tls"]!["ja3"]?["hash"]));
            Compare(rows, "ja3s", events.Select(e => (string?)e["tls"]!["ja3s"]?["hash"]));
        }

        Assert.Empty(differences);

        void Compare(IGrouping<string, IReadOnlyDictionary<string, string>> rows, string column, IEnumerable<string?> ours)
        {
            string[] expected = [.. rows.Select(row => row[column]).Where(text => text.Length > 0).Order(StringComparer.Ordinal)];
            string[] found = [.. ours.OfType<string>().Order(StringComparer.Ordinal)];
            if (!expected.SequenceEqual(found))
                differences.Add($"{rows.Key}: {column} {string.Join(' ', found)}, not {string.Join(' ', expected)}");
        }
    }

    private static async Task<IReadOnlyList<JsonNode>> Events(string capture, params string[] more)
    {
        using var workspace = new Workspace();
        await Probe.Run(workspace, ["-r", Path.Combine(Captures.Root!, capture), "-q", "--eve", "eve.json", .. more]);
        return [.. File.ReadLines(workspace.PathOf("eve.json")).Select(line => JsonNode.Parse(line)!)];
    }

    private static string? At(JsonNode e, string path)
    {
        JsonNode? node = e;
        foreach (string name in path.Split('.'))
            node = (node as JsonObject)?[name];
        return node?.ToString();
    }
}
