namespace Spillway.Net.Capture;

/// <summary>
/// Writes packets to a pcap file with timestamps in nanoseconds. Used by one thread.
/// Format: https://www.ietf.org/archive/id/draft-ietf-opsawg-pcap-05.html.
/// </summary>
public sealed class CaptureWriter : IDisposable
{
    /// <summary>The usual snap length, in bytes.</summary>
    public const int DefaultSnapLength = 262144;

    private readonly Stream _stream;
    private readonly int _snapLength;

    private CaptureWriter(Stream stream, LinkType linkType, int snapLength)
    {
        _stream = stream;
        _snapLength = snapLength;
        Span<byte> header = stackalloc byte[PcapFormat.FileHeader];
        PcapFormat.WriteFileHeader(header, linkType, snapLength);
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
        Span<byte> header = stackalloc byte[PcapFormat.RecordHeader];
        int captured = Math.Min(data.Length, _snapLength);
        PcapFormat.WriteRecordHeader(header, timestampNs, captured, Math.Max(wireLength, data.Length));
        _stream.Write(header);
        _stream.Write(data[..captured]);
        Packets++;
    }

    /// <summary>Writes what is buffered and closes the file.</summary>
    public void Dispose() => _stream.Dispose();
}
