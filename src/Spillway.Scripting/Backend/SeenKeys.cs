using Spillway.Metrics.Counters;

namespace Spillway.Scripting.Backend;

/// <summary>
/// The keys of a group that have been there, by their 64-bit hashes. It begins anew when it is full, so that keys that have gone for good
/// make room: what was forgotten is new again.
/// </summary>
internal sealed class SeenKeys(int capacity)
{
    private readonly HashSet<ulong> _hashes = [];

    /// <summary>True if the key is new.</summary>
    public bool Add(ReadOnlySpan<byte> key)
    {
        ulong hash = KeyHash.Compute(key);
        if (_hashes.Contains(hash))
            return false;
        if (_hashes.Count >= capacity)
            _hashes.Clear();
        return _hashes.Add(hash);
    }
}
