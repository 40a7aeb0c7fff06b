using System.Buffers.Binary;
using Spillway.Net.Packets;

namespace Spillway.Scripting.Protocols;

/// <summary>What a decoded layer says of the one above it: which protocol it is, and where its bytes are.</summary>
/// <param name="Host">The layer as host: a tag counts as the Ethernet header it belongs to.</param>
/// <param name="First">EtherType, IP protocol number or destination port; -1 if the layer names nothing.</param>
/// <param name="Second">The source port; -1 for all but UDP and TCP.</param>
/// <param name="Start">Where the bytes above begin.</param>
/// <param name="End">Where they end.</param>
internal readonly record struct HostLayer(ProtocolId Host, int First, int Second, int Start, int End)
{
    private const int Ipv6Header = 40;
    private const int UdpHeader = 8;
    private const int FirstEtherType = 0x0600; // below, the field is a length (IEEE 802.3)

    /// <summary>Reads a layer. Its offset and length were checked by the decoder or come from a handler, within the packet.</summary>
    public static HostLayer Read(ReadOnlySpan<byte> data, in PacketInfo info, in LayerInfo layer)
    {
        int start = layer.Offset + layer.Length;
        ReadOnlySpan<byte> header = data[layer.Offset..start];
        return layer.Protocol switch
        {
            ProtocolId.Ethernet => new(ProtocolId.Ethernet, EtherType(header), -1, start, data.Length),
            ProtocolId.Vlan when header.Length >= 4 => new(ProtocolId.Ethernet, UInt16(header, 2), -1, start, data.Length),
            ProtocolId.Ipv4 when header.Length >= 20 => new(
                ProtocolId.Ipv4,
                header[9],
                -1,
                start,
                Bound(data, start, layer.Offset + UInt16(header, 2))
            ),
            ProtocolId.Ipv6 when header.Length >= Ipv6Header => new(
                ProtocolId.Ipv6,
                NextHeader(header, in info, in layer),
                -1,
                start,
                Bound(data, start, layer.Offset + Ipv6Header + UInt16(header, 4))
            ),
            ProtocolId.Udp when header.Length >= UdpHeader => new(
                ProtocolId.Udp,
                UInt16(header, 2),
                UInt16(header, 0),
                start,
                Bound(data, start, PayloadEnd(in info, start) ?? layer.Offset + UInt16(header, 4))
            ),
            ProtocolId.Tcp when header.Length >= 20 => new(
                ProtocolId.Tcp,
                UInt16(header, 2),
                UInt16(header, 0),
                start,
                Bound(data, start, PayloadEnd(in info, start) ?? data.Length)
            ),
            _ => new(layer.Protocol, -1, -1, start, data.Length),
        };
    }

    // The innermost transport's payload is known to the byte, link padding left out.
    private static int? PayloadEnd(in PacketInfo info, int start) =>
        info.Kind == PacketKind.Ip && start == info.PayloadOffset ? start + info.PayloadLength : null;

    // Lengths that say less than the header itself (0 where the sender's card segments) are not to be believed.
    private static int Bound(ReadOnlySpan<byte> data, int start, int end) => end < start ? data.Length : Math.Min(end, data.Length);

    private static int NextHeader(ReadOnlySpan<byte> header, in PacketInfo info, in LayerInfo layer) =>
        header.Length == Ipv6Header ? header[6]
        : layer.Offset == info.IpOffset ? info.Protocol
        : -1;

    // Ethernet II, and what stands in its place: Linux cooked capture has the type at its end (version 1) or its beginning (version 2).
    private static int EtherType(ReadOnlySpan<byte> header) =>
        header.Length switch
        {
            14 => UInt16(header, 12) is >= FirstEtherType and var type ? type : -1,
            16 => UInt16(header, 14),
            20 => UInt16(header, 0),
            22 => UInt16(header, 20), // 802.3 with LLC and SNAP
            _ => -1,
        };

    private static int UInt16(ReadOnlySpan<byte> header, int at) => BinaryPrimitives.ReadUInt16BigEndian(header[at..]);
}
