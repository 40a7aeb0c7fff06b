using System.Diagnostics.CodeAnalysis;

namespace Spillway.Net.Capture;

/// <summary>
/// Reads the packets of a capture file: pcap (micro- and nanoseconds, either byte order) and pcapng, plain or gzip-compressed, from a path
/// or from standard input. Used by one thread; <see cref="BytesRead"/> and <see cref="TotalBytes"/> may be read by any.
/// </summary>
public sealed class CaptureFile : IDisposable
{
    private readonly PcapHandle? _pcap;
    private readonly PcapngReader? _pcapng;
    private readonly CountingStream _file;
    private readonly Stream _content;

    private CaptureFile(string path, PcapHandle? pcap, PcapngReader? pcapng, CountingStream file, Stream content, long? totalBytes)
    {
        Path = path;
        _pcap = pcap;
        _pcapng = pcapng;
        _file = file;
        _content = content;
        TotalBytes = totalBytes;
        LinkType = pcap?.LinkType ?? LinkType.Ethernet;
    }

    /// <summary>The path as given to <see cref="Open(string, string?)"/>.</summary>
    public string Path { get; }

    /// <summary>The link type of the packets; with pcapng interfaces of several link types, that of the packet read last.</summary>
    public LinkType LinkType { get; private set; }

    /// <summary>How reading ended; <see cref="CaptureEnd.None"/> while <see cref="TryRead"/> returns packets.</summary>
    public CaptureEnd End { get; private set; }

    /// <summary>
    /// One line that says what is wrong, if <see cref="End"/> is <see cref="CaptureEnd.Truncated"/> or <see cref="CaptureEnd.Error"/>.
    /// </summary>
    public string? EndMessage { get; private set; }

    /// <summary>Packets returned so far.</summary>
    public long Packets { get; private set; }

    /// <summary>
    /// Bytes read from the file so far (of the compressed file, if it is). Runs ahead of the packets by what is buffered.
    /// </summary>
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
        Stream file = CaptureSource.Open(path, CaptureSource.NameOf(path), out long? totalBytes);
        return Open(path, file, totalBytes, filter);
    }

    /// <summary>Opens a capture whose bytes come from a pipe, which is owned from here on.</summary>
    /// <param name="path">For messages; see <see cref="Open(string, string?)"/>.</param>
    internal static CaptureFile Open(string path, PipeStream pipe, string? filter) => Open(path, pipe, totalBytes: null, filter);

    private static CaptureFile Open(string path, Stream file, long? totalBytes, string? filter)
    {
        string name = CaptureSource.NameOf(path);
        var counting = new CountingStream(file);
        Stream? content = null;
        PcapHandle? pcap = null;
        PcapngReader? pcapng = null;
        try
        {
            content = CaptureSource.Content(counting, name, isRegular: totalBytes is not null, out byte[] head);
            if (PcapngReader.IsPcapng(head))
                pcapng = OpenPcapng(content, head, filter);
            else
                pcap = OpenPcap(content, head, name, filter);
            return new CaptureFile(path, pcap, pcapng, counting, content, totalBytes);
        }
        catch
        {
            pcapng?.Dispose();
            pcap?.Dispose();
            content?.Dispose();
            counting.Dispose();
            throw;
        }
    }

    /// <summary>Whether a filter is one, for some link type at least: what asks for Ethernet addresses is none for raw IP.</summary>
    /// <param name="flaw">One line that says what is wrong with it, if it is none.</param>
    public static bool IsFilter(string filter, [NotNullWhen(false)] out string? flaw)
    {
        ArgumentNullException.ThrowIfNull(filter);
        flaw = null;
        if (string.IsNullOrWhiteSpace(filter) || CanCompile(LinkType.Ethernet, out string? error))
            return true;
        if (CanCompile(LinkType.Ieee80211Radiotap, out _) || CanCompile(LinkType.Raw, out _))
            return true;
        flaw = BadFilter(filter, error).Message;
        return false;

        bool CanCompile(LinkType linkType, [NotNullWhen(false)] out string? error)
        {
            using PacketFilter? compiled = PacketFilter.TryCompile(filter, linkType, out error);
            return compiled is not null;
        }
    }

    /// <summary>Reads the next packet that passes the filter.</summary>
    /// <param name="packet">The packet, in libpcap's buffer: valid until the next call.</param>
    /// <returns>False at the end; <see cref="End"/> says why.</returns>
    public bool TryRead(out CapturedPacket packet)
    {
        if (End == CaptureEnd.None)
        {
            int result = _pcap is not null ? _pcap.Next(out PcapPacket raw) : NextPcapng(out raw);
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
        _pcap?.Dispose();
        _pcapng?.Dispose();
        _content.Dispose();
        _file.Dispose();
    }

    private static PcapHandle OpenPcap(Stream content, byte[] head, string name, string? filter)
    {
        PcapHandle pcap =
            PcapHandle.TryOpen(content, out string? error)
            ?? throw new CaptureException($"cannot read {name}: {CaptureSource.Describe(head, error!)}");
        if (string.IsNullOrWhiteSpace(filter) || pcap.TrySetFilter(filter, out string? filterError))
            return pcap;
        pcap.Dispose();
        throw BadFilter(filter, filterError);
    }

    // The filter is compiled for every interface; here only to see whether it is one at all, for those that are known already.
    private static PcapngReader OpenPcapng(Stream content, byte[] head, string? filter)
    {
        if (string.IsNullOrWhiteSpace(filter))
            return new PcapngReader(content, null);
        string? error = null;
        IReadOnlyList<LinkType> known = PcapngReader.LinkTypes(head);
        if (known.Count > 0 && !known.Any(linkType => CanFilter(filter, linkType, out error)))
            throw BadFilter(filter, error!);
        if (known.Count == 0 && !IsFilter(filter, out string? flaw))
            throw new CaptureException(flaw);
        return new PcapngReader(content, filter);

        static bool CanFilter(string filter, LinkType linkType, out string? error)
        {
            using PacketFilter? compiled = PacketFilter.TryCompile(filter, linkType, out error);
            return compiled is not null;
        }
    }

    private static CaptureException BadFilter(string filter, string error) =>
        new($"the filter '{filter}' is wrong: {error}; its language is described in pcap-filter(7)");

    private int NextPcapng(out PcapPacket packet)
    {
        int result = _pcapng!.Next(out packet, out LinkType linkType);
        if (result == 1)
            LinkType = linkType;
        return result;
    }

    private void Finish(bool atBoundary)
    {
        if ((_pcap is not null ? _pcap.SourceFailure : _pcapng!.SourceFailure) is { } failure)
        {
            bool isCut = failure is InvalidDataException && _file.AtEnd;
            End = isCut ? CaptureEnd.Truncated : CaptureEnd.Error;
            EndMessage = isCut ? "the compressed data ends before its end mark: the file was cut" : failure.Message;
        }
        else if (atBoundary)
        {
            End = CaptureEnd.EndOfFile;
        }
        else
        {
            EndMessage = _pcap is not null ? _pcap.LastError : _pcapng!.LastError;
            bool isCut = _pcap is not null ? EndMessage.Contains("truncated", StringComparison.Ordinal) : _pcapng!.IsCut;
            End = isCut ? CaptureEnd.Truncated : CaptureEnd.Error;
        }
    }
}
