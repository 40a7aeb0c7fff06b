using System.Runtime.InteropServices;

namespace Spillway.Net.Capture;

// Packets of an interface.
internal sealed unsafe partial class PcapHandle
{
    private pcap_stat _counted;

    // How long the kernel holds packets back to hand over a block of them (TPACKET_V3).
    private const int HoldMilliseconds = 20;

    private const string Any = "any";

    private const int PCAP_ERROR_NO_SUCH_DEVICE = -5;
    private const int PCAP_ERROR_PERM_DENIED = -8;
    private const int PCAP_ERROR_IFACE_NOT_UP = -9;
    private const int PCAP_ERROR_PROMISC_PERM_DENIED = -11;

    /// <summary>The descriptor that is readable when packets are there; -1 if the interface has none.</summary>
    public int Descriptor => pcap_get_selectable_fd(handle);

    /// <summary>
    /// Whether the kernel counts packets that libpcap leaves out: what goes over a loopback interface comes twice, sent and received.
    /// </summary>
    public bool CountsCopies { get; private set; }

    /// <summary>Opens an interface; reads from it do not wait.</summary>
    /// <param name="failure">Why the result is null.</param>
    /// <param name="message">libpcap's message, if the result is null.</param>
    public static PcapHandle? TryListen(string name, LiveOptions options, out LiveFailure failure, out string message)
    {
        byte* error = stackalloc byte[PCAP_ERRBUF_SIZE];
        error[0] = 0;
        failure = LiveFailure.Other;
        nint pcap = pcap_create(name, error);
        if (pcap == 0)
        {
            message = Text(error);
            return null;
        }

        var result = new PcapHandle();
        result.SetHandle(pcap);
        _ = pcap_set_snaplen(pcap, options.SnapLength);
        _ = pcap_set_promisc(pcap, options.IsPromiscuous ? 1 : 0);
        _ = pcap_set_timeout(pcap, HoldMilliseconds);
        _ = pcap_set_buffer_size(pcap, options.BufferBytes);
        result._isNano = pcap_set_tstamp_precision(pcap, (int)PCAP_TSTAMP_PRECISION_NANO) == 0;
        int code = pcap_activate(pcap);
        message = result.LastError;
        failure = code switch
        {
            >= 0 => LiveFailure.None,
            PCAP_ERROR_NO_SUCH_DEVICE => LiveFailure.NoSuchInterface,
            PCAP_ERROR_PERM_DENIED or PCAP_ERROR_PROMISC_PERM_DENIED => LiveFailure.NoPermission,
            PCAP_ERROR_IFACE_NOT_UP => LiveFailure.Down,
            _ => LiveFailure.Other,
        };
        if (
            failure == LiveFailure.None
            && options.Filter is { } filter
            && !string.IsNullOrWhiteSpace(filter)
            && !result.TrySetFilter(filter, out string? flaw)
        )
            (failure, message) = (LiveFailure.Filter, flaw);
        if (failure == LiveFailure.None && pcap_setnonblock(pcap, 1, error) == 0)
        {
            bool isLoopback = NetworkLink.IsLoopback(name);
            result.CountsCopies = name == Any || (isLoopback && !result.TryIgnoreSent());
            // What came before the filter was there is not of the account.
            if (isLoopback || options.Filter is not null)
                result.CountMore();
            return result;
        }

        if (failure == LiveFailure.None)
            (failure, message) = (LiveFailure.Other, Text(error));
        if (message.Length == 0)
            message = Text(pcap_statustostr(code));
        result.Dispose();
        return null;
    }

    /// <summary>
    /// What was counted since the last call, or since the interface was opened; nothing if the kernel does not say. libpcap's sums have 32
    /// bits, which are used up within hours.
    /// </summary>
    public CaptureCounts CountMore()
    {
        pcap_stat now;
        if (pcap_stats(handle, &now) != 0)
            return default;
        (pcap_stat before, _counted) = (_counted, now);
        uint dropped = unchecked(now.ps_drop - before.ps_drop),
            droppedByInterface = unchecked(now.ps_ifdrop - before.ps_ifdrop);
        // The kernel's packets include those that it had no room for, but not those that the interface lost.
        return new CaptureCounts((long)unchecked(now.ps_recv - before.ps_recv) + droppedByInterface, 0, dropped, droppedByInterface);
    }

    /// <summary>All that could be captured; null if that cannot be listed.</summary>
    public static IReadOnlyList<CaptureInterface>? List()
    {
        byte* error = stackalloc byte[PCAP_ERRBUF_SIZE];
        pcap_if* first;
        if (pcap_findalldevs(&first, error) != 0)
            return null;
        var found = new List<CaptureInterface>();
        for (pcap_if* each = first; each != null; each = each->next)
        {
            var addresses = new List<string>();
            for (pcap_addr* address = each->addresses; address != null; address = address->next)
            {
                if (AddressText(address->addr) is { } text)
                    addresses.Add(text);
            }

            found.Add(
                new CaptureInterface(Text(each->name), each->description == null ? "" : Text(each->description), addresses, each->flags)
            );
        }

        pcap_freealldevs(first);
        return found;
    }

    private bool TryIgnoreSent()
    {
        const int packetLevel = 263, // SOL_PACKET
            ignoreOutgoing = 23; // PACKET_IGNORE_OUTGOING
        int on = 1;
        return setsockopt(Descriptor, packetLevel, ignoreOutgoing, &on, sizeof(int)) == 0;
    }

    private static string? AddressText(byte* address)
    {
        const int ipv4 = 2,
            ipv6 = 10;
        return address == null
            ? null
            : *(ushort*)address switch
            {
                ipv4 => new System.Net.IPAddress(new ReadOnlySpan<byte>(address + 4, 4)).ToString(),
                ipv6 => new System.Net.IPAddress(new ReadOnlySpan<byte>(address + 8, 16)).ToString(),
                _ => null,
            };
    }

    [LibraryImport(CLibrary)]
    private static partial int setsockopt(int socket, int level, int option, int* value, int length);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint pcap_create(string source, byte* errbuf);

    [LibraryImport(Library)]
    private static partial int pcap_set_snaplen(nint p, int snaplen);

    [LibraryImport(Library)]
    private static partial int pcap_set_promisc(nint p, int promisc);

    [LibraryImport(Library)]
    private static partial int pcap_set_timeout(nint p, int milliseconds);

    [LibraryImport(Library)]
    private static partial int pcap_set_buffer_size(nint p, int bytes);

    [LibraryImport(Library)]
    private static partial int pcap_set_tstamp_precision(nint p, int precision);

    [LibraryImport(Library)]
    private static partial int pcap_activate(nint p);

    [LibraryImport(Library)]
    private static partial int pcap_setnonblock(nint p, int nonblock, byte* errbuf);

    [LibraryImport(Library)]
    private static partial int pcap_get_selectable_fd(nint p);

    [LibraryImport(Library)]
    private static partial int pcap_stats(nint p, pcap_stat* stat);

    [LibraryImport(Library)]
    private static partial byte* pcap_statustostr(int error);

    [LibraryImport(Library)]
    private static partial int pcap_findalldevs(pcap_if** first, byte* errbuf);

    [LibraryImport(Library)]
    private static partial void pcap_freealldevs(pcap_if* first);

    [StructLayout(LayoutKind.Sequential)]
    private struct pcap_stat
    {
        public uint ps_recv;
        public uint ps_drop;
        public uint ps_ifdrop;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct pcap_if
    {
        public pcap_if* next;
        public byte* name;
        public byte* description;
        public pcap_addr* addresses;
        public uint flags;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct pcap_addr
    {
        public pcap_addr* next;
        public byte* addr;
        public byte* netmask;
        public byte* broadaddr;
        public byte* dstaddr;
    }
}

/// <summary>Why an interface cannot be listened to.</summary>
internal enum LiveFailure
{
    None,
    NoSuchInterface,
    NoPermission,
    Down,
    Filter,
    Other,
}
