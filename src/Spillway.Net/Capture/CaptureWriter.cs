using System.Buffers.Binary;

namespace Spillway.Net.Capture;

/// <summary>
/// Writes packets to a pcap file with timestamps in nanoseconds. Used by one thread.
/// Format: https://www.ietf.org/archive/id/draft-ietf-opsawg-pcap-05.html.
/// </summary>
public sealed class CaptureWriter : IDisposable
{
    /// <summary>The usual snap length, in bytes.</summary>
    public const int DefaultSnapLength = 262144;

    private const uint NanosecondMagic = 0xa1b23c4d;
    private const int FileHeader = 24;
    private const int RecordHeader = 16;

    private readonly Stream _stream;
    private readonly int _snapLength;

    private CaptureWriter(Stream stream, LinkType linkType, int snapLength)
    {
        _stream = stream;
        _snapLength = snapLength;
        Span<byte> header = stackalloc byte[FileHeader];
        header.Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(header, NanosecondMagic);
        BinaryPrimitives.WriteUInt16LittleEndian(header[4..], 2);
        BinaryPrimitives.WriteUInt16LittleEndian(header[6..], 4);
        BinaryPrimitives.WriteInt32LittleEndian(header[16..], snapLength);

        // What libpcap reports as raw IP has another number in files.
        LinkType inFile = linkType is LinkType.Raw or LinkType.RawOpenBsd ? LinkType.RawFile : linkType;
        BinaryPrimitives.WriteUInt32LittleEndian(header[20..], (uint)inFile);
        stream.Write(header);
    }

    /// <summary>Packets written so far.</summary>
    public long Packets { get; private set; }

    /// <summary>Creates a file, or replaces one.</summary>
    /// <param name="snapLength">Longer packets are cut to so many bytes.</param>
    /// <exception cref="CaptureException">The file cannot be created.</exception>
    public static CaptureWriter Create(string path, LinkType linkType, int snapLength = DefaultSnapLength)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(snapLength);
        try
        {
            var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 128 * 1024);
            return new CaptureWriter(file, linkType, snapLength);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new CaptureException($"cannot write '{path}': {failure.Message}", failure);
        }
    }

    /// <summary>Writes to a stream, which is disposed with the writer.</summary>
    public static CaptureWriter Create(Stream stream, LinkType linkType, int snapLength = DefaultSnapLength)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(snapLength);
        return new CaptureWriter(stream, linkType, snapLength);
    }

    /// <summary>Writes a packet.</summary>
    /// <param name="timestampNs">Nanoseconds since 1970 UTC; not before 1970.</param>
    /// <param name="wireLength">Its length on the wire; 0 for that of <paramref name="data"/>.</param>
    public void Write(long timestampNs, ReadOnlySpan<byte> data, int wireLength = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(timestampNs);
        Span<byte> header = stackalloc byte[RecordHeader];
        (long seconds, long nanoseconds) = Math.DivRem(timestampNs, 1_000_000_000);
        int captured = Math.Min(data.Length, _snapLength);
        BinaryPrimitives.WriteUInt32LittleEndian(header, (uint)seconds);
        BinaryPrimitives.WriteUInt32LittleEndian(header[4..], (uint)nanoseconds);
        BinaryPrimitives.WriteInt32LittleEndian(header[8..], captured);
        BinaryPrimitives.WriteInt32LittleEndian(header[12..], Math.Max(wireLength, data.Length));
        _stream.Write(header);
        _stream.Write(data[..captured]);
        Packets++;
    }

    /// <summary>Writes what is buffered and closes the file.</summary>
    public void Dispose() => _stream.Dispose();
}
