using System.Net;
using System.Text.Json.Nodes;
using Spillway.EndToEnd.Running;

namespace Spillway.EndToEnd.Conformance;

/// <summary>The events of every further capture, each by a process of its own; made once for all tests.</summary>
public sealed class MoreCaptures : IAsyncLifetime
{
    private readonly Dictionary<string, IReadOnlyList<JsonNode>> _events = [];

    /// <summary>Their directory, with tables of expected values; null if it is not at hand.</summary>
    public static string? Root { get; } =
        Captures.Root is { } root && Directory.Exists(Path.Combine(root, "more", "TRUTH")) ? Path.Combine(root, "more") : null;

    /// <summary>The rows of a table, each by the names of its columns.</summary>
    public static IEnumerable<IReadOnlyDictionary<string, string>> Table(string name)
    {
        string[] lines = File.ReadAllLines(Path.Combine(Root!, "TRUTH", name));
        string[] columns = lines[0].Split('\t');
        return lines[1..].Select(line => columns.Zip(line.Split('\t')).ToDictionary(cell => cell.First, cell => cell.Second));
    }

    /// <summary>Events of a type in a capture.</summary>
    public IEnumerable<JsonNode> Of(string capture, string type) => _events[capture].Where(e => (string?)e["event_type"] == type);

    /// <summary>An end as tables have it.</summary>
    public static string End(string address, string port) => $"{IPAddress.Parse(address)} {port}";

    public async ValueTask InitializeAsync()
    {
        if (Root is null)
            return;
        string[] tables = ["innermost_flows.tsv", "hellos.tsv", "ssh.tsv", "dhcp.tsv"];
        await Parallel.ForEachAsync(
            tables.SelectMany(Table).Select(row => row["file"]).Distinct(),
            new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount },
            async (capture, _) =>
            {
                using var workspace = new Workspace();
                string path = Path.Combine(Root, capture);
                (await Probe.Run(workspace, "-r", path, "-q", "--checksums", "ignore", "--eve", "eve.json")).MustExit(0);
                IReadOnlyList<JsonNode> events = [.. File.ReadLines(workspace.PathOf("eve.json")).Select(line => JsonNode.Parse(line)!)];
                lock (_events)
                    _events.Add(capture, events);
            }
        );
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
