using Spillway.EndToEnd.Running;

namespace Spillway.EndToEnd.Conformance;

/// <summary>The program's findings in every capture, each by a process of its own; made once for all tests.</summary>
public sealed class ConformanceRun : IAsyncLifetime
{
    /// <summary>What one capture gave.</summary>
    public sealed record Findings(
        int ExitCode,
        long Packets,
        IReadOnlyDictionary<string, int> Bodies,
        IReadOnlyList<string> Conversations,
        IReadOnlyList<string> FrameBytes
    );

    private readonly Dictionary<string, Findings> _findings = [];

    /// <summary>Findings by the capture's path in the tables.</summary>
    public IReadOnlyDictionary<string, Findings> All => _findings;

    public async ValueTask InitializeAsync()
    {
        if (Captures.Root is null)
            return;
        IEnumerable<string> captures = Captures.Table("packets.tsv").Select(row => row["file"]);
        await Parallel.ForEachAsync(
            captures,
            new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount },
            async (capture, _) =>
            {
                Findings findings = await Run(capture);
                lock (_findings)
                    _findings.Add(capture, findings);
            }
        );
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    // The peers take what has a wrong checksum, as long as they are not asked to look.
    private static async Task<Findings> Run(string capture)
    {
        using var workspace = new Workspace();
        Outcome run = await Probe.Run(workspace, "-r", Path.Combine(Captures.Root!, capture), "--checksums", "ignore", "--json");
        Dictionary<string, int> bodies = run
            .Files.Select(file => (string?)file["sha1"])
            .OfType<string>()
            .CountBy(sha1 => sha1)
            .ToDictionary();
        const string Flows = """
            SELECT CASE protocol WHEN 6 THEN 'tcp' ELSE 'udp' END, address_a, port_a, packets_az, payload_az, address_z, port_z, packets_za, payload_za
            FROM flows WHERE protocol IN (6, 17)
            """;
        string frames = Flows.Replace("payload_", "bytes_", StringComparison.Ordinal);
        return new Findings(
            run.ExitCode,
            (long)run.Json["traffic"]!["packets"]!,
            bodies,
            [.. Store.Ask(workspace, Flows).Select(Conversation.Normalise)],
            [.. Store.Ask(workspace, frames).Select(Conversation.Normalise)]
        );
    }
}
