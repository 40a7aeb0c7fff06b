using System.Buffers.Binary;
using Spillway.Net.Capture;
using Spillway.Net.Packets;

namespace Spillway.Net.Dispatch;

/// <summary>
/// Chooses the lane of a packet: by the addresses of its innermost flow alone, the same both ways. So all of a flow comes to one lane, and
/// with it the fragments of its datagrams and the other connections of the two hosts, such as FTP's data with its control. Used by the
/// reading thread.
/// </summary>
/// <remarks>
/// Nearly all packets are TCP, ICMP or UDP without a tunnel, right behind Ethernet: there a look at a few bytes is enough. For all others
/// the decoder finds the innermost flow. Packets without a flow come to lane 0.
/// </remarks>
/// <param name="lanes">How many lanes there are.</param>
/// <param name="outermost">Whether the addresses are those of the outermost flow instead.</param>
/// <param name="scoper">Keeps fragments apart by their tags; null if addresses are all that counts.</param>
internal sealed class LaneChooser(int lanes, bool outermost, FlowScoper? scoper)
{
    private const int Ethernet = 14;
    private const int Ipv4 = 20;
    private const int Ipv6 = 40;
    private const byte Icmp = 1,
        Tcp = 6,
        Udp = 17,
        Icmpv6 = 58;

    private PacketInfo _info;

    /// <summary>What the decoder made of the packet, after <see cref="Choose"/> has said that it is a fragment.</summary>
    public ref readonly PacketInfo Info => ref _info;

    /// <summary>Chooses the lane.</summary>
    /// <param name="packet">The packet.</param>
    /// <param name="isFragment">Whether its innermost layer is a fragment: then the lane is that of the fragment's own addresses.</param>
    public int Choose(scoped in CapturedPacket packet, out bool isFragment)
    {
        isFragment = false;
        if (packet.LinkType == LinkType.Ethernet && TryHash(packet.Data, out uint hash))
            return FlowKey.LaneAmong(hash, lanes);
        PacketDecoder.Decode(in packet, ref _info, outermost);
        isFragment = _info.Kind == PacketKind.Fragment;
        if (isFragment)
            scoper?.Apply(ref _info, packet.Data);
        return _info.Key.LaneAmong(lanes);
    }

    private static bool TryHash(ReadOnlySpan<byte> data, out uint hash)
    {
        const ushort etherTypeIpv4 = 0x0800,
            etherTypeIpv6 = 0x86dd;
        hash = 0;
        if (data.Length < Ethernet + Ipv4)
            return false;
        ushort type = BinaryPrimitives.ReadUInt16BigEndian(data[12..]);
        ReadOnlySpan<byte> header = data[Ethernet..];
        if (type == etherTypeIpv4)
        {
            // Version 4, a header of 20 bytes, no fragment.
            if (
                header[0] != 0x45
                || (BinaryPrimitives.ReadUInt16BigEndian(header[6..]) & 0x3fff) != 0
                || !IsPlain(header[9], header[Ipv4..])
            )
                return false;
            hash = FlowKey.PairHash(BinaryPrimitives.ReadUInt32BigEndian(header[12..]), BinaryPrimitives.ReadUInt32BigEndian(header[16..]));
            return true;
        }

        if (type != etherTypeIpv6 || header.Length < Ipv6 || header[0] >> 4 != 6 || !IsPlain(header[6], header[Ipv6..]))
            return false;
        hash = FlowKey.PairHash(FlowKey.ReadIpv6(header[8..]), FlowKey.ReadIpv6(header[24..]));
        return true;
    }

    private static bool IsPlain(byte protocol, ReadOnlySpan<byte> payload) =>
        protocol switch
        {
            Tcp or Icmp or Icmpv6 => true,
            Udp => payload.Length >= 4
                && !PacketWalk.IsTunnelPort(BinaryPrimitives.ReadUInt16BigEndian(payload))
                && !PacketWalk.IsTunnelPort(BinaryPrimitives.ReadUInt16BigEndian(payload[2..])),
            _ => false,
        };
}
