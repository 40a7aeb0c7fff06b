namespace Spillway.EndToEnd.Conformance;

/// <summary>A conversation as a text that does not depend on which end comes first.</summary>
internal static class Conversation
{
    /// <summary>From "protocol|address|port|packets|payload|address|port|packets|payload".</summary>
    public static string Normalise(string row)
    {
        string[] cells = row.Split('|');
        string[] ends = [string.Join(' ', cells[1..5]), string.Join(' ', cells[5..9])];
        return $"{cells[0]} {string.Join(" / ", ends.Order(StringComparer.Ordinal))}";
    }

    /// <summary>From a row of conversations.tsv.</summary>
    /// <param name="row">The row.</param>
    /// <param name="bytes">The bytes that are meant: <c>payload_bytes</c> or <c>frame_bytes</c>.</param>
    public static string Of(IReadOnlyDictionary<string, string> row, string bytes) =>
        Normalise(
            string.Join(
                '|',
                row["proto"],
                row["a_ip"],
                row["a_port"],
                row["pkts_ab"],
                row[bytes + "_ab"],
                row["b_ip"],
                row["b_port"],
                row["pkts_ba"],
                row[bytes + "_ba"]
            )
        );
}
