using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace Spillway.Net.Capture;

/// <summary>
/// A <c>pcap_t</c> that reads from a <see cref="Stream"/>. One thread at a time.
/// </summary>
/// <remarks>
/// libpcap reads from a C <c>FILE</c>. Ours is made by <c>fopencookie</c> and asks the stream for bytes, so that files, standard input and
/// decompressed data take one and the same way into libpcap, and nobody needs a pipe or a signal handler for it.
/// </remarks>
internal sealed unsafe partial class PcapHandle : SafeHandle
{
    // What the FILE fetches from the stream at once: large enough that the call into managed code does not count, small enough to stay in
    // the processor's cache.
    private const int FileBufferSize = 128 * 1024;

    private StreamCookie? _source;
    private byte* _fileBuffer;
    private bool _isNano = true;

    /// <summary>Creates an invalid handle.</summary>
    public PcapHandle()
        : base(0, ownsHandle: true) { }

    public override bool IsInvalid => handle == 0;

    public LinkType LinkType => (LinkType)pcap_datalink(handle);

    public int SnapLength => pcap_snapshot(handle);

    /// <summary>What the stream threw while libpcap was reading from it; libpcap itself has seen the end of the file there.</summary>
    public Exception? SourceFailure => _source?.Failure;

    public string LastError => Text(pcap_geterr(handle));

    /// <summary>Opens a capture in any format of libpcap, with timestamps in nanoseconds.</summary>
    /// <param name="error">libpcap's message, if the result is null.</param>
    public static PcapHandle? TryOpen(Stream stream, out string? error)
    {
        var source = new StreamCookie(stream);
        var cookie = GCHandle.Alloc(source);
        var functions = new cookie_io_functions_t { read = &ReadCookie, close = &CloseCookie };
        nint file = fopencookie(GCHandle.ToIntPtr(cookie), "r", functions);
        if (file == 0)
        {
            cookie.Free();
            error = "not enough memory to read it";
            return null;
        }

        // The C library takes the size only together with a buffer.
        const int fullyBuffered = 0;
        var buffer = (byte*)NativeMemory.Alloc(FileBufferSize);
        _ = setvbuf(file, (nint)buffer, fullyBuffered, FileBufferSize);

        byte* message = stackalloc byte[PCAP_ERRBUF_SIZE];
        message[0] = 0;
        nint pcap = pcap_fopen_offline_with_tstamp_precision(file, PCAP_TSTAMP_PRECISION_NANO, message);
        if (pcap == 0)
        {
            error = source.Failure?.Message ?? Text(message);
            _ = fclose(file);
            NativeMemory.Free(buffer);
            return null;
        }

        error = null;
        var result = new PcapHandle { _source = source, _fileBuffer = buffer };
        result.SetHandle(pcap);
        return result;
    }

    /// <summary>Reads the next packet that passes the filter.</summary>
    /// <returns>libpcap's code: 1 for a packet, -2 at the end, -1 on an error.</returns>
    public int Next(out PcapPacket packet)
    {
        pcap_pkthdr* header;
        byte* data;

        // The raw handle: this object's owner calls from one thread and disposes it on that thread, so no reference needs to be counted per
        // packet.
        int result = pcap_next_ex(handle, &header, &data);
        packet =
            result == 1
                ? new PcapPacket(
                    (nint)data,
                    (int)header->caplen,
                    PcapPacket.SaneWireLength(header->caplen, header->len),
                    Nanoseconds(header, _isNano)
                )
                : default;
        return result;
    }

    /// <summary>Lets only packets through that match a BPF expression.</summary>
    public bool TrySetFilter(string filter, [NotNullWhen(false)] out string? error)
    {
        bpf_program program;
        if (pcap_compile(handle, &program, filter, 1, PCAP_NETMASK_UNKNOWN) != 0)
        {
            error = LastError;
            return false;
        }

        int result = pcap_setfilter(handle, &program);
        pcap_freecode(&program);
        error = result == 0 ? null : LastError;
        return result == 0;
    }

    /// <summary>Compiles a filter without a capture. The result, unless 0, goes to <see cref="Free"/>.</summary>
    public static nint Compile(string filter, LinkType linkType, out string? error)
    {
        const int snapLength = 262144;
        error = null;
        nint pcap = pcap_open_dead((int)(linkType == LinkType.RawFile ? LinkType.Raw : linkType), snapLength);
        var program = (bpf_program*)NativeMemory.AllocZeroed((nuint)sizeof(bpf_program));
        if (pcap_compile(pcap, program, filter, 1, PCAP_NETMASK_UNKNOWN) != 0)
        {
            error = Text(pcap_geterr(pcap));
            NativeMemory.Free(program);
            program = null;
        }

        pcap_close(pcap);
        return (nint)program;
    }

    /// <summary>Frees a compiled filter.</summary>
    public static void Free(nint program)
    {
        pcap_freecode((bpf_program*)program);
        NativeMemory.Free((void*)program);
    }

    /// <summary>Runs a compiled filter over a packet.</summary>
    public static bool Matches(nint program, in PcapPacket packet)
    {
        var header = new pcap_pkthdr { caplen = (uint)packet.CapturedLength, len = (uint)packet.WireLength };
        return pcap_offline_filter((bpf_program*)program, &header, (byte*)packet.Data) != 0;
    }

    protected override bool ReleaseHandle()
    {
        pcap_close(handle); // closes the FILE too, and with it the cookie
        NativeMemory.Free(_fileBuffer);
        return true;
    }

    // Seconds in a pcap file are 32 bits without a sign (until 2106); libpcap extends the sign that they do not have. Those of pcapng may
    // be later than 64 bits of nanoseconds can say (2262): then they are the last moment of that.
    private static long Nanoseconds(pcap_pkthdr* header, bool isNano)
    {
        const long lastSecond = (long.MaxValue / 1_000_000_000) - 5; // fractions may be more than a second in damaged files
        long seconds = header->tv_sec is < 0 and >= int.MinValue ? (uint)header->tv_sec : header->tv_sec;
        return seconds > lastSecond ? long.MaxValue : (seconds * 1_000_000_000) + (isNano ? header->tv_usec : header->tv_usec * 1000);
    }

    private static string Text(byte* text) => Marshal.PtrToStringUTF8((nint)text) ?? "";

    [UnmanagedCallersOnly]
    private static nint ReadCookie(nint cookie, byte* buffer, nuint size)
    {
        var source = (StreamCookie)GCHandle.FromIntPtr(cookie).Target!;
        try
        {
            return source.Stream.Read(new Span<byte>(buffer, (int)Math.Min(size, int.MaxValue)));
        }
        catch (Exception failure)
        {
            // No exception may pass through libpcap. To it the file ends here; the reader of the packets learns the reason from us.
            source.Failure ??= failure;
            return 0;
        }
    }

    [UnmanagedCallersOnly]
    private static int CloseCookie(nint cookie)
    {
        GCHandle.FromIntPtr(cookie).Free();
        return 0;
    }

    private sealed class StreamCookie(Stream stream)
    {
        public Stream Stream { get; } = stream;

        public Exception? Failure { get; set; }
    }
}

/// <summary>A packet in libpcap's buffer, valid until the next read.</summary>
internal readonly record struct PcapPacket(nint Data, int CapturedLength, int WireLength, long TimestampNs)
{
    // Longer than any frame: the largest segments that Linux hands to a card are 512 KiB.
    private const uint MaxWireLength = 16 << 20;

    /// <summary>The length on the wire, if it can be one: else the packet counts with the bytes that were captured.</summary>
    public static int SaneWireLength(uint captured, uint wireLength) =>
        (int)(wireLength < captured || wireLength > Math.Max(captured, MaxWireLength) ? captured : wireLength);

    // The one place where libpcap's memory becomes a span; libpcap vouches for the length.
    public unsafe CapturedPacket View(LinkType linkType) =>
        new(new ReadOnlySpan<byte>((void*)Data, CapturedLength), TimestampNs, WireLength, linkType);
}
