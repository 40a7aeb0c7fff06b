namespace Spillway.Net.Flows;

/// <summary>Arithmetic on TCP sequence numbers, which wrap at 2^32 (RFC 9293, section 3.4).</summary>
internal static class TcpSequence
{
    /// <summary>
    /// How far from the expected number a segment may be and still be taken for one of the connection: 16 MiB. More than the receive
    /// windows that systems use by default (6 MiB), and 1/256 of the number space: a random number hits it once in 128 times.
    /// </summary>
    public const int Near = 16 << 20;

    /// <summary>How far <paramref name="to"/> is ahead of <paramref name="from"/>; negative if it is behind.</summary>
    public static int Distance(uint from, uint to) => (int)(to - from);

    public static bool IsNear(uint a, uint b) => Distance(a, b) is >= -Near and <= Near;
}
