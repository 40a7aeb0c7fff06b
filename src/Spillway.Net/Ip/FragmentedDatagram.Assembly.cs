using System.Buffers.Binary;
using Spillway.Net.Capture;
using Spillway.Net.Packets;

namespace Spillway.Net.Ip;

// The headers of the first fragment, and how they become those of the whole datagram.
internal sealed partial class FragmentedDatagram
{
    private const int Ipv6Header = 40;
    private const int Ipv6FragmentHeader = 8;
    private const byte Ipv6FragmentProtocol = 44;
    private const byte Ipv6AuthenticationProtocol = 51;

    /// <summary>Writes the datagram of a complete set of pieces as one packet.</summary>
    /// <param name="destination">At least <see cref="MaxHeaderLength"/> + <see cref="MaxPayloadLength"/> bytes.</param>
    /// <returns>The packet's length; 0 if the headers cannot belong to a datagram of that size.</returns>
    public int Assemble(Span<byte> destination)
    {
        Span<byte> header = destination[.._headerLength];
        _buffer.AsSpan(_headerAt, _headerLength).CopyTo(header);
        int headerLength = Key.Version == 4 ? MakeIpv4(header) : MakeIpv6(header);
        if (headerLength == 0)
            return 0;

        int at = headerLength;
        for (int i = 0; i < _count; i++)
        {
            Piece piece = _pieces[i];
            _buffer.AsSpan(piece.Position, piece.Length).CopyTo(destination[at..]);
            at += piece.Length;
        }

        StretchOuterHeaders(destination[..at]);
        return at;
    }

    private void KeepHeader(scoped in CapturedPacket packet, in PacketInfo info)
    {
        _headerAt = _used;
        _headerLength = info.IpPayloadOffset;
        _ipOffset = info.IpOffset;
        _layers = info.Layers;
        _layerCount = info.LayerCount;
        LinkType = packet.LinkType;
        Append(packet.Data[.._headerLength]);
    }

    // RFC 791: the total length of the whole, no offset, no more fragments, a checksum that fits.
    private int MakeIpv4(Span<byte> header)
    {
        const ushort doNotFragment = 0x4000;
        Span<byte> ip = header[_ipOffset..];
        int total = ip.Length + _total;
        if (total > MaxPayloadLength)
            return 0;
        BinaryPrimitives.WriteUInt16BigEndian(ip[2..], (ushort)total);
        BinaryPrimitives.WriteUInt16BigEndian(ip[6..], (ushort)(BinaryPrimitives.ReadUInt16BigEndian(ip[6..]) & doNotFragment));
        WriteChecksum(ip);
        return header.Length;
    }

    // RFC 8200, section 4.5: the fragment header goes, and the header before it names what the fragment header named.
    private int MakeIpv6(Span<byte> header)
    {
        int fragmentAt = header.Length - Ipv6FragmentHeader;
        int nextHeaderAt = _ipOffset + 6;
        int at = _ipOffset + Ipv6Header;
        while (at < fragmentAt)
        {
            byte protocol = header[nextHeaderAt];
            nextHeaderAt = at;
            at += protocol switch
            {
                Ipv6FragmentProtocol => Ipv6FragmentHeader,
                Ipv6AuthenticationProtocol => (header[at + 1] + 2) * 4,
                _ => (header[at + 1] + 1) * 8,
            };
        }

        int payload = fragmentAt - _ipOffset - Ipv6Header + _total;
        if (at != fragmentAt || payload > MaxPayloadLength)
            return 0;
        header[nextHeaderAt] = header[fragmentAt];
        BinaryPrimitives.WriteUInt16BigEndian(header[(_ipOffset + 4)..], (ushort)payload);
        return fragmentAt;
    }

    // Headers of tunnels around the datagram get lengths that reach to its end; 0 stands for what does not fit.
    private void StretchOuterHeaders(Span<byte> packet)
    {
        for (int i = 0; i < _layerCount && _layers[i].Offset < _ipOffset; i++)
        {
            Span<byte> layer = packet[_layers[i].Offset..];
            switch (_layers[i].Protocol)
            {
                case ProtocolId.Ipv4:
                    WriteLength(layer[2..], layer.Length);
                    WriteChecksum(layer[.._layers[i].Length]);
                    break;
                case ProtocolId.Ipv6:
                    WriteLength(layer[4..], layer.Length - Ipv6Header);
                    break;
                case ProtocolId.Udp:
                    WriteLength(layer[4..], layer.Length);
                    break;
            }
        }

        static void WriteLength(Span<byte> field, int length) =>
            BinaryPrimitives.WriteUInt16BigEndian(field, length <= ushort.MaxValue ? (ushort)length : (ushort)0);
    }

    private static void WriteChecksum(Span<byte> header)
    {
        uint sum = 0;
        BinaryPrimitives.WriteUInt16BigEndian(header[10..], 0);
        for (int at = 0; at + 1 < header.Length; at += 2)
            sum += BinaryPrimitives.ReadUInt16BigEndian(header[at..]);
        sum = (sum & 0xffff) + (sum >> 16);
        sum += sum >> 16;
        BinaryPrimitives.WriteUInt16BigEndian(header[10..], (ushort)~sum);
    }
}
