using System.Buffers.Binary;

namespace Spillway.Net.Capture;

/// <summary>
/// The headers of pcap files with timestamps in nanoseconds, in little-endian order, as we write them.
/// Format: https://www.ietf.org/archive/id/draft-ietf-opsawg-pcap-05.html.
/// </summary>
internal static class PcapFormat
{
    /// <summary>Length of the file header.</summary>
    public const int FileHeader = 24;

    /// <summary>Length of the header before each packet.</summary>
    public const int RecordHeader = 16;

    private const uint NanosecondMagic = 0xa1b23c4d;
    private const long NanosecondsPerSecond = 1_000_000_000;

    /// <summary>Writes a file header.</summary>
    public static void WriteFileHeader(Span<byte> header, LinkType linkType, int snapLength)
    {
        header[..FileHeader].Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(header, NanosecondMagic);
        BinaryPrimitives.WriteUInt16LittleEndian(header[4..], 2);
        BinaryPrimitives.WriteUInt16LittleEndian(header[6..], 4);
        BinaryPrimitives.WriteInt32LittleEndian(header[16..], snapLength);

        // What libpcap reports as raw IP has another number in files.
        LinkType inFile = linkType is LinkType.Raw or LinkType.RawOpenBsd ? LinkType.RawFile : linkType;
        BinaryPrimitives.WriteUInt32LittleEndian(header[20..], (uint)inFile);
    }

    /// <summary>Reads a file header that <see cref="WriteFileHeader"/> wrote.</summary>
    /// <returns>False if it is another one.</returns>
    public static bool TryReadFileHeader(ReadOnlySpan<byte> header, out LinkType linkType, out int snapLength)
    {
        linkType = default;
        snapLength = 0;
        if (header.Length < FileHeader || BinaryPrimitives.ReadUInt32LittleEndian(header) != NanosecondMagic)
            return false;
        snapLength = BinaryPrimitives.ReadInt32LittleEndian(header[16..]);
        var inFile = (LinkType)BinaryPrimitives.ReadUInt32LittleEndian(header[20..]);
        linkType = inFile == LinkType.RawFile ? LinkType.Raw : inFile;
        return snapLength > 0;
    }

    /// <summary>Writes the header of a packet.</summary>
    /// <param name="timestampNs">Nanoseconds since 1970 UTC, not before.</param>
    public static void WriteRecordHeader(Span<byte> header, long timestampNs, int captured, int wireLength)
    {
        (long seconds, long nanoseconds) = Math.DivRem(timestampNs, NanosecondsPerSecond);
        BinaryPrimitives.WriteUInt32LittleEndian(header, (uint)seconds);
        BinaryPrimitives.WriteUInt32LittleEndian(header[4..], (uint)nanoseconds);
        BinaryPrimitives.WriteInt32LittleEndian(header[8..], captured);
        BinaryPrimitives.WriteInt32LittleEndian(header[12..], wireLength);
    }

    /// <summary>Reads the header of a packet.</summary>
    /// <returns>False if it cannot be one that <see cref="WriteRecordHeader"/> wrote: what follows it is lost.</returns>
    public static bool TryReadRecordHeader(
        ReadOnlySpan<byte> header,
        int snapLength,
        out long timestampNs,
        out int captured,
        out int wireLength
    )
    {
        uint nanoseconds = BinaryPrimitives.ReadUInt32LittleEndian(header[4..]);
        timestampNs = (BinaryPrimitives.ReadUInt32LittleEndian(header) * NanosecondsPerSecond) + nanoseconds;
        captured = BinaryPrimitives.ReadInt32LittleEndian(header[8..]);
        wireLength = BinaryPrimitives.ReadInt32LittleEndian(header[12..]);
        return nanoseconds < NanosecondsPerSecond && captured >= 0 && captured <= snapLength && wireLength >= captured;
    }
}
