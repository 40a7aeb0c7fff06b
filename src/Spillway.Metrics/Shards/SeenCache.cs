using Spillway.Metrics.Counters;

namespace Spillway.Metrics.Shards;

/// <summary>
/// Remembers what was last said of a subject, by hashes alone: scripts tell the same label or edge with every packet, and only what
/// is new is worth passing on. A forgotten fact is passed on again, which does no harm.
/// </summary>
internal sealed class SeenCache
{
    private const int Sets = 4096;
    private const int Ways = 4;

    // Made at the first fact: most lanes never have one.
    private Entry[] _entries = [];

    /// <summary>True if the fact differs from the last one of its subject, or that was forgotten.</summary>
    /// <param name="subject">Hash of what the fact is about.</param>
    /// <param name="fact">Hash of the subject and what is said of it. Two facts with one hash are as good as impossible.</param>
    public bool Add(ulong subject, ulong fact)
    {
        if (_entries.Length == 0)
            _entries = new Entry[Sets * Ways];
        Span<Entry> set = _entries.AsSpan((int)(subject & (Sets - 1)) * Ways, Ways);
        foreach (ref Entry entry in set)
        {
            if (entry.Subject != subject)
                continue;
            bool isNew = entry.Fact != fact;
            entry.Fact = fact;
            return isNew;
        }

        // A free way, or else any.
        int way = 0;
        while (way < Ways - 1 && set[way].Subject != 0)
            way++;
        if (set[way].Subject != 0)
            way = (int)(fact & (Ways - 1));
        set[way] = new Entry(subject, fact);
        return true;
    }

    public void Clear() => Array.Clear(_entries);

    /// <summary>Hash of a number and a text.</summary>
    public static ulong Hash(int number, ReadOnlySpan<byte> text) => KeyHash.Combine((uint)number, KeyHash.Compute(text));

    /// <summary>Hash of something hashed already and two texts.</summary>
    public static ulong Hash(ulong subject, ReadOnlySpan<byte> a, ReadOnlySpan<byte> b) =>
        KeyHash.Combine(KeyHash.Combine(subject, KeyHash.Compute(a)), KeyHash.Compute(b));

    private record struct Entry(ulong Subject, ulong Fact);
}
