namespace Spillway.Net.Capture;

/// <summary>
/// One packet as it was captured. The bytes are borrowed from the source: they are valid until the next read from it,
/// and lie in native or pinned memory, so that a script may look at them in place.
/// </summary>
public readonly ref struct CapturedPacket
{
    /// <summary>Creates a view of one captured packet.</summary>
    public CapturedPacket(ReadOnlySpan<byte> data, long timestampNs, int wireLength, LinkType linkType)
    {
        Data = data;
        TimestampNs = timestampNs;
        WireLength = wireLength;
        LinkType = linkType;
    }

    /// <summary>The captured bytes, from the link layer on. May be shorter than <see cref="WireLength"/> (snap length).</summary>
    public ReadOnlySpan<byte> Data { get; }

    /// <summary>Packet time: nanoseconds since 1970-01-01 UTC.</summary>
    public long TimestampNs { get; }

    /// <summary>The packet's length on the wire, in bytes.</summary>
    public int WireLength { get; }

    /// <summary>The link type that says how <see cref="Data"/> begins.</summary>
    public LinkType LinkType { get; }
}
