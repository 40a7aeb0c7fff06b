using Spillway.Metrics.Counters;

namespace Spillway.Metrics.Records;

/// <summary>
/// Texts off the wire that come again and again (methods, hosts, user agents, content types): each is decoded once, as long as no other
/// text takes its place. Fixed room. One thread.
/// </summary>
public sealed class WireTextPool
{
    private const int Places = 1024;

    // Longer ones are rare, and rarely the same.
    private const int MaxBytes = 256;

    private readonly (byte[] Bytes, string Text)[] _texts = new (byte[], string)[Places];

    /// <summary>As <see cref="WireText.Decode(ReadOnlySpan{byte}, int)"/>.</summary>
    public string Decode(ReadOnlySpan<byte> bytes, int maxBytes)
    {
        if (bytes.Length > Math.Min(MaxBytes, maxBytes) || bytes.IsEmpty)
            return WireText.Decode(bytes, maxBytes);
        ref (byte[] Bytes, string Text) place = ref _texts[KeyHash.Compute(bytes) & (Places - 1)];
        if (place.Bytes is null || !bytes.SequenceEqual(place.Bytes))
            place = (bytes.ToArray(), WireText.Decode(bytes));
        return place.Text;
    }
}
