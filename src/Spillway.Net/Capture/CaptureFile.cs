namespace Spillway.Net.Capture;

/// <summary>
/// Reads the packets of a capture file: pcap (micro- and nanoseconds, either byte order) and pcapng, plain or gzip-compressed, from a path or
/// from standard input. Used by one thread; <see cref="BytesRead"/> and <see cref="TotalBytes"/> may be read by any.
/// </summary>
public sealed class CaptureFile : IDisposable
{
    private readonly PcapHandle _pcap;
    private readonly CountingStream _file;
    private readonly Stream _content;

    private CaptureFile(string path, PcapHandle pcap, CountingStream file, Stream content, long? totalBytes)
    {
        Path = path;
        _pcap = pcap;
        _file = file;
        _content = content;
        TotalBytes = totalBytes;
        LinkType = pcap.LinkType;
    }

    /// <summary>The path as given to <see cref="Open"/>.</summary>
    public string Path { get; }

    /// <summary>The link type of the packets.</summary>
    public LinkType LinkType { get; }

    /// <summary>The snap length the capture was made with, in bytes.</summary>
    public int SnapLength => _pcap.SnapLength;

    /// <summary>How reading ended; <see cref="CaptureEnd.None"/> while <see cref="TryRead"/> returns packets.</summary>
    public CaptureEnd End { get; private set; }

    /// <summary>One line that says what is wrong, if <see cref="End"/> is <see cref="CaptureEnd.Truncated"/> or <see cref="CaptureEnd.Error"/>.</summary>
    public string? EndMessage { get; private set; }

    /// <summary>Packets returned so far.</summary>
    public long Packets { get; private set; }

    /// <summary>Bytes read from the file so far (of the compressed file, if it is). Runs ahead of the packets by what is buffered.</summary>
    public long BytesRead => _file.BytesRead;

    /// <summary>Size of the file in bytes; null if it is not known (standard input, a pipe).</summary>
    public long? TotalBytes { get; }

    /// <summary>Opens a capture.</summary>
    /// <param name="path">A file, or <c>-</c> for standard input.</param>
    /// <param name="filter">A filter in the language of pcap-filter(7); null or blank lets all packets through.</param>
    /// <exception cref="CaptureException">The capture cannot be opened, or the filter is wrong.</exception>
    public static CaptureFile Open(string path, string? filter = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        string name = path == "-" ? "standard input" : $"'{path}'";
        Stream file = CaptureSource.Open(path, name, out long? totalBytes);
        var counting = new CountingStream(file);
        Stream? content = null;
        PcapHandle? pcap = null;
        try
        {
            content = CaptureSource.Content(counting, name, out byte[] head);
            pcap = PcapHandle.TryOpen(content, out string? error)
                ?? throw new CaptureException($"cannot read {name}: {CaptureSource.Describe(head, error!)}");
            if (!string.IsNullOrWhiteSpace(filter) && !pcap.TrySetFilter(filter, out string? filterError))
                throw new CaptureException($"the filter '{filter}' is wrong: {filterError}; its language is described in pcap-filter(7)");
            return new CaptureFile(path, pcap, counting, content, totalBytes);
        }
        catch
        {
            pcap?.Dispose();
            content?.Dispose();
            counting.Dispose();
            throw;
        }
    }

    /// <summary>Reads the next packet that passes the filter.</summary>
    /// <param name="packet">The packet, in libpcap's buffer: valid until the next call.</param>
    /// <returns>False at the end; <see cref="End"/> says why.</returns>
    public bool TryRead(out CapturedPacket packet)
    {
        if (End == CaptureEnd.None)
        {
            int result = _pcap.Next(out PcapPacket raw);
            if (result == 1)
            {
                Packets++;
                packet = raw.View(LinkType);
                return true;
            }

            Finish(atBoundary: result == -2);
        }

        packet = default;
        return false;
    }

    /// <summary>Closes the capture. Packets that were read from it are no longer valid.</summary>
    public void Dispose()
    {
        _pcap.Dispose();
        _content.Dispose();
        _file.Dispose();
    }

    private void Finish(bool atBoundary)
    {
        if (_pcap.SourceFailure is { } failure)
        {
            bool cut = failure is InvalidDataException or EndOfStreamException && _file.AtEnd;
            End = cut ? CaptureEnd.Truncated : CaptureEnd.Error;
            EndMessage = cut ? "the compressed data ends before its end mark: the file was cut" : failure.Message;
        }
        else if (atBoundary)
        {
            End = CaptureEnd.EndOfFile;
        }
        else
        {
            End = _file.AtEnd ? CaptureEnd.Truncated : CaptureEnd.Error;
            EndMessage = _pcap.LastError;
        }
    }
}
