using System.Globalization;

namespace Spillway.EndToEnd.Conformance;

/// <summary>
/// What others' tools find in captures made by others. The floors are what has been reached: they may rise, and docs/conformance.md says
/// what is missing and why.
/// </summary>
public sealed class ConformanceTests(ConformanceRun run) : IClassFixture<ConformanceRun>
{
    private const int LeastBodies = 713;
    private const int LeastBodiesAsOftenAsPeers = 712;
    private const int LeastConversations = 949;
    private const int LeastConversationsByFrames = 942;

    private static readonly string[] Peers = ["tshark", "suricata", "tcpflow"];

    private readonly IReadOnlyDictionary<string, ConformanceRun.Findings> _findings = run.All;

    [Fact]
    public void AgreedBodies_ComeOut()
    {
        RequireCaptures();
        List<string> missing = [.. AgreedBodies().Where(row => CountOf(row) == 0).Select(Describe)];

        Assert.True(AgreedBodies().Count() - missing.Count >= LeastBodies, string.Join('\n', missing));
    }

    [Fact]
    public void AgreedBodies_ComeOutAsOftenAsTheirPeersHaveThem()
    {
        RequireCaptures();
        List<string> others = [.. AgreedBodies().Where(row => !Peers.Any(peer => Number(row[peer]) == CountOf(row))).Select(Describe)];

        Assert.True(AgreedBodies().Count() - others.Count >= LeastBodiesAsOftenAsPeers, string.Join('\n', others));
    }

    [Fact]
    public void Captures_GiveEveryPacket()
    {
        RequireCaptures();
        Assert.Empty(
            Captures
                .Table("packets.tsv")
                .Where(row => row["packets"].Length > 0 && Number(row["packets"]) != _findings[row["file"]].Packets)
                .Select(row => $"{row["file"]}: {_findings[row["file"]].Packets} packets, not {row["packets"]}")
        );
    }

    [Fact]
    public void Captures_NeverCrashTheProgram()
    {
        RequireCaptures();
        Assert.Empty(
            _findings.Where(found => found.Value.ExitCode is not (0 or 1)).Select(found => $"{found.Key}: exit code {found.Value.ExitCode}")
        );
    }

    [Fact]
    public void Conversations_HaveThePacketsAndPayloadOfTshark()
    {
        RequireCaptures();
        int found = CountAgreed("payload_bytes", findings => findings.Conversations);
        Assert.True(found >= LeastConversations, $"only {found} conversations as tshark has them");
    }

    [Fact]
    public void Conversations_HaveThePacketsAndFrameBytesOfTshark()
    {
        RequireCaptures();
        int found = CountAgreed("frame_bytes", findings => findings.FrameBytes);
        Assert.True(found >= LeastConversationsByFrames, $"only {found} conversations as tshark has them");
    }

    private int CountAgreed(string bytes, Func<ConformanceRun.Findings, IReadOnlyList<string>> ours)
    {
        var left = _findings.ToDictionary(found => found.Key, found => ours(found.Value).CountBy(text => text).ToDictionary());
        int agreed = 0;
        foreach (IReadOnlyDictionary<string, string> row in Captures.Table("conversations.tsv"))
        {
            string text = Conversation.Of(row, bytes);
            Dictionary<string, int> conversations = left[row["file"]];
            if (conversations.GetValueOrDefault(text) == 0)
                continue;
            conversations[text]--;
            agreed++;
        }

        return agreed;
    }

    private static void RequireCaptures() =>
        Assert.SkipWhen(Captures.Root is null, "no captures: name their directory with SPILLWAY_PCAPS");

    private static IEnumerable<IReadOnlyDictionary<string, string>> AgreedBodies() =>
        Captures.Table("http_consensus.tsv").Where(row => row["verdict"] == "agreed");

    private static int Number(string cell) => cell.Length == 0 ? 0 : int.Parse(cell, CultureInfo.InvariantCulture);

    private int CountOf(IReadOnlyDictionary<string, string> row) => _findings[row["file"]].Bodies.GetValueOrDefault(row["body_sha1"]);

    private string Describe(IReadOnlyDictionary<string, string> row) =>
        $"{row["file"]}: {row["body_sha1"]}, {row["body_len"]} bytes, {CountOf(row)} times; peers "
        + $"{string.Join(", ", Peers.Select(peer => $"{peer} {row[peer]}"))}";
}
