using Spillway.Metrics.Counters;

namespace Spillway.Metrics.Shards;

/// <summary>
/// Remembers what was last said of a subject, by hashes alone: scripts tell the same label or edge with every packet, and only what
/// is new is worth passing on. A forgotten fact is passed on again, which does no harm.
/// </summary>
internal sealed class SeenCache
{
    private const int Places = 8192;

    private readonly ulong[] _facts = new ulong[Places];

    /// <summary>True if the fact differs from the last one of its subject, or that was forgotten.</summary>
    /// <param name="subject">Hash of what the fact is about.</param>
    /// <param name="fact">Hash of the subject and what is said of it. Two facts with one hash are as good as impossible.</param>
    public bool Add(ulong subject, ulong fact)
    {
        fact |= 1;
        ref ulong place = ref _facts[(int)(subject >> 32) & (Places - 1)];
        if (place == fact) return false;
        place = fact;
        return true;
    }

    public void Clear() => Array.Clear(_facts);

    /// <summary>Hash of a number and a text.</summary>
    public static ulong Hash(int number, ReadOnlySpan<byte> text) => KeyHash.Combine((uint)number, KeyHash.Compute(text));

    /// <summary>Hash of something hashed already and two texts.</summary>
    public static ulong Hash(ulong subject, ReadOnlySpan<byte> a, ReadOnlySpan<byte> b) =>
        KeyHash.Combine(KeyHash.Combine(subject, KeyHash.Compute(a)), KeyHash.Compute(b));
}
