using Spillway.Net.Capture;

namespace Spillway.Net.Packets;

/// <summary>
/// Decodes packets from the link layer to the transport header: link types, tags and labels, tunnels, IPv4 and IPv6, TCP, UDP, ICMP.
/// Stateless; copies and allocates nothing.
/// </summary>
/// <remarks>
/// With tunnels the result describes the innermost IP packet that could be decoded; an inner packet that cannot be leaves the flow of the
/// packet around it, with <see cref="PacketInfo.Error"/> set. A <see cref="PacketKind.Fragment"/> has its addresses and protocol in
/// <see cref="PacketInfo.Key"/> (no ports), and its part of the datagram as payload.
/// </remarks>
public static class PacketDecoder
{
    /// <summary>Decodes a packet.</summary>
    /// <param name="info">Receives the result: every field is set, except <see cref="PacketInfo.Data"/>, which is left as it is, and
    /// entries of <see cref="PacketInfo.Layers"/> beyond <see cref="PacketInfo.LayerCount"/>, which mean nothing.</param>
    /// <param name="outermost">Whether the walk ends at the first IP packet: its flow counts, not that of a packet inside.</param>
    public static void Decode(scoped in CapturedPacket packet, ref PacketInfo info, bool outermost = false)
    {
        Reset(packet, ref info);
        var walk = new PacketWalk(packet.Data, info.WireLength, ref info, outermost);
        walk.Run(packet.LinkType);
    }

    // Field by field: clearing the layers as well would cost more than decoding a usual packet.
    private static void Reset(scoped in CapturedPacket packet, ref PacketInfo info)
    {
        info.TimestampNs = packet.TimestampNs;
        info.CapturedLength = packet.Data.Length;
        info.WireLength = Math.Max(packet.WireLength, packet.Data.Length);
        info.LinkType = packet.LinkType;
        info.LayerCount = 0;
        info.Key = default;
        info.Kind = PacketKind.NotIp;
        info.FromA = false;
        info.Protocol = 0;
        info.TcpFlags = TcpFlags.None;
        info.TcpSequence = 0;
        info.TcpAcknowledgment = 0;
        info.TcpWindow = 0;
        info.VlanPlusOne = 0;
        info.PayloadOffset = 0;
        info.PayloadLength = 0;
        info.PayloadWireLength = 0;
        info.IpOffset = -1;
        info.IpPayloadOffset = 0;
        info.IpPayloadLength = 0;
        info.FragmentId = 0;
        info.FragmentOffset = 0;
        info.MoreFragments = false;
        info.Error = DecodeError.None;
        info.Opaque = default;
        info.IsBroadcast = false;
        info.IsDisregarded = false;
    }
}
