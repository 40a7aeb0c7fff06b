namespace Spillway.Metrics.Traffic;

/// <summary>
/// Gives flows that have one label, and the same, the same object: the connections to one host are many. Remembers a few hundred of the
/// last. One thread.
/// </summary>
internal sealed class FlowLabels
{
    private const int Entries = 512;

    private readonly FlowLabel?[] _recent = new FlowLabel?[Entries];

    public FlowLabel Single(int group, int meter, ReadOnlySpan<byte> key)
    {
        var hash = new HashCode();
        hash.Add(group);
        hash.AddBytes(key);
        ref FlowLabel? recent = ref _recent[(uint)hash.ToHashCode() % Entries];
        if (recent is null || recent.Group != group || recent.Meter != meter || !key.SequenceEqual(recent.Key))
            recent = new FlowLabel(group, meter, key.ToArray(), Next: null);
        return recent;
    }
}
