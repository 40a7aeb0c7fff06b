using System.Buffers.Binary;

namespace Spillway.Benchmarks.Wire;

/// <summary>
/// Where a frame lies and where in it the client's address and port are. The client is the end with the higher port. Only plain TCP and
/// UDP over IP are changed; whatever else there is (fragments, tunnels, ARP) is sent as it is.
/// </summary>
/// <param name="Offset">Of the frame, in the memory of all.</param>
/// <param name="Length">Of the frame.</param>
/// <param name="Address">Of the last 16 bits of the client's address, in the frame; 0 if nothing is to be changed.</param>
/// <param name="Port">Of the client's port.</param>
/// <param name="Checksum">Of the transport's checksum.</param>
/// <param name="HeaderChecksum">Of the checksum of IPv4's header; 0 for IPv6.</param>
internal readonly record struct WireFrame(long Offset, int Length, int Address, int Port, int Checksum, int HeaderChecksum)
{
    // So many clients take part; when all have had their turn, each goes on with other ports.
    private const int Clients = 1024,
        PortStep = 64,
        FirstPort = 1024,
        Ports = 65536 - FirstPort;

    /// <summary>Looks at a frame.</summary>
    public static WireFrame Of(ReadOnlySpan<byte> frame, long offset)
    {
        var asItIs = new WireFrame(offset, frame.Length, 0, 0, 0, 0);
        const int shortest = 14 + 20 + 8,
            ipv4 = 0x0800,
            ipv6 = 0x86DD,
            vlan = 0x8100;
        if (frame.Length < shortest)
            return asItIs;
        int at = 14,
            type = Word(frame, 12);
        if (type == vlan)
            (at, type) = (18, Word(frame, 16));
        int transport,
            source,
            target,
            protocol,
            headerChecksum = 0;
        switch (type)
        {
            case ipv4 when (Word(frame, at + 6) & 0x3FFF) == 0:
                transport = at + ((frame[at] & 15) * 4);
                (source, target, protocol, headerChecksum) = (at + 14, at + 18, frame[at + 9], at + 10);
                break;
            case ipv6 when frame.Length >= at + 48:
                (transport, source, target, protocol) = (at + 40, at + 22, at + 38, frame[at + 6]);
                break;
            default:
                return asItIs;
        }

        const int tcp = 6,
            udp = 17;
        int checksum = transport + (protocol == tcp ? 16 : 6);
        if (protocol is not (tcp or udp) || checksum + 2 > frame.Length)
            return asItIs;
        bool isFromClient = Word(frame, transport) > Word(frame, transport + 2);
        int port = isFromClient ? transport : transport + 2;
        if (Word(frame, port) < FirstPort)
            return asItIs;
        if (protocol == udp && Word(frame, checksum) == 0)
            checksum = 0;
        return new WireFrame(offset, frame.Length, isFromClient ? source : target, port, checksum, headerChecksum);
    }

    /// <summary>Gives a copy of the frame the client of a round; checksums that were right stay so.</summary>
    public void ChangeClient(Span<byte> frame, int round)
    {
        if (Address == 0)
            return;
        int address = Word(frame, Address),
            newAddress = (address + (round % Clients)) & 0xFFFF;
        int port = Word(frame, Port),
            newPort = FirstPort + (int)((port - FirstPort + ((long)(round / Clients) * PortStep)) % Ports);
        Put(frame, Address, newAddress);
        Put(frame, Port, newPort);
        if (HeaderChecksum != 0)
            Adjust(frame, HeaderChecksum, address, newAddress);
        if (Checksum == 0)
            return;
        Adjust(frame, Checksum, address, newAddress);
        Adjust(frame, Checksum, port, newPort);
    }

    // RFC 1624, section 3.
    private static void Adjust(Span<byte> frame, int at, int old, int replaced)
    {
        int sum = (~Word(frame, at) & 0xFFFF) + (~old & 0xFFFF) + replaced;
        sum = (sum & 0xFFFF) + (sum >> 16);
        sum = (sum & 0xFFFF) + (sum >> 16);
        Put(frame, at, ~sum & 0xFFFF);
    }

    private static int Word(ReadOnlySpan<byte> frame, int at) => BinaryPrimitives.ReadUInt16BigEndian(frame[at..]);

    private static void Put(Span<byte> frame, int at, int value) => BinaryPrimitives.WriteUInt16BigEndian(frame[at..], (ushort)value);
}
