using System.Buffers.Binary;

namespace Spillway.Net.Packets;

/// <summary>Finds by which VLANs and tunnels a packet came. One for each lane, on its thread.</summary>
public sealed class PacketRoutes
{
    private const int RecentRoutes = 256;

    // The last ones: most flows come by few ways, unless a tunnel has a port for each of them.
    private readonly PacketRoute?[] _recent = new PacketRoute?[RecentRoutes];

    /// <summary>The route of a packet; null if it has no VLAN and comes by no tunnel.</summary>
    /// <param name="info">What the decoder made of it.</param>
    /// <param name="data">Its bytes.</param>
    public PacketRoute? Of(in PacketInfo info, ReadOnlySpan<byte> data)
    {
        Span<ushort> vlans = stackalloc ushort[LayerArray.Capacity];
        Span<TunnelLevel> levels = stackalloc TunnelLevel[LayerArray.Capacity];
        int vlanCount = 0,
            levelCount = 0;
        FlowKey outer = default;
        bool outerFromA = false;
        var before = ProtocolId.None; // the layer in front, while nothing tells how the next IP header came to be there
        bool hasIp = false;
        ReadOnlySpan<LayerInfo> layers = ((ReadOnlySpan<LayerInfo>)info.Layers)[..info.LayerCount];
        for (int i = 0; i < layers.Length; i++)
        {
            ref readonly LayerInfo layer = ref layers[i];
            var level = new TunnelLevel(TunnelKind.None, -1);
            switch (layer.Protocol)
            {
                case ProtocolId.Vlan:
                    if (LayerNumbers.VlanOf(in layer, data) is > 0 and int vlan)
                        vlans[vlanCount++] = (ushort)vlan;
                    break;
                case ProtocolId.Ipv4 or ProtocolId.Ipv6:
                    if (hasIp)
                        level = new TunnelLevel(InIp(before, layer.Protocol), -1);
                    else
                        outer = KeyOf(layers[i..], data, out outerFromA);
                    hasIp = true;
                    break;
                case ProtocolId.Mpls:
                    if (hasIp && before != ProtocolId.Mpls)
                        level = new TunnelLevel(TunnelKind.Mpls, -1);
                    break;
                default:
                    level = LevelOf(in layer, data);
                    break;
            }

            if (level.Kind != TunnelKind.None)
                levels[levelCount++] = level;
            before = layer.Protocol;
        }

        if (levelCount + vlanCount == 0)
            return null;
        var ends = levelCount == 0 || outer == info.Key ? default : new RouteEnds(outer, outerFromA == info.FromA);
        return Shared(in ends, vlans[..vlanCount], levels[..levelCount]);
    }

    private PacketRoute Shared(in RouteEnds ends, ReadOnlySpan<ushort> vlans, ReadOnlySpan<TunnelLevel> levels)
    {
        int hash = ends.Outer.GetHashCode();
        foreach (ushort vlan in vlans)
            hash = (hash * 31) + vlan;
        foreach (TunnelLevel level in levels)
            hash = (hash * 31) + level.Network + (int)level.Kind;
        ref PacketRoute? recent = ref _recent[(uint)hash % RecentRoutes];
        if (recent is null || !recent.Is(in ends, vlans, levels))
            recent = new PacketRoute(in ends, vlans, levels);
        return recent;
    }

    // IP behind IP or UDP; behind anything else that something has named a level already.
    private static TunnelKind InIp(ProtocolId before, ProtocolId protocol) =>
        before switch
        {
            ProtocolId.Udp => TunnelKind.Teredo,
            ProtocolId.Ipv4 or ProtocolId.Ipv6 => protocol == ProtocolId.Ipv4 ? TunnelKind.Ipv4 : TunnelKind.Ipv6,
            _ => TunnelKind.None,
        };

    private static TunnelLevel LevelOf(in LayerInfo layer, ReadOnlySpan<byte> data)
    {
        int network = LayerNumbers.NetworkOf(in layer, data);
        TunnelKind kind = layer.Protocol switch
        {
            ProtocolId.Vxlan => TunnelKind.Vxlan,
            ProtocolId.Geneve => TunnelKind.Geneve,
            ProtocolId.Gre when network >= 0 => TunnelKind.Nvgre,
            ProtocolId.Gre => TypeOfGre(in layer, data) is 0x88be or 0x22eb ? TunnelKind.Erspan : TunnelKind.Gre,
            ProtocolId.GtpU => TunnelKind.Gtp,
            ProtocolId.L2tp => TunnelKind.L2tp,
            ProtocolId.EtherIp => TunnelKind.EtherIp,
            ProtocolId.Nsh => TunnelKind.Nsh,
            ProtocolId.Ayiya => TunnelKind.Ayiya,
            ProtocolId.Tag when LayerNumbers.IsServiceInstance(in layer, data) => TunnelKind.Pbb,
            _ => TunnelKind.None,
        };
        return new TunnelLevel(kind, network);
    }

    private static int TypeOfGre(in LayerInfo layer, ReadOnlySpan<byte> data) =>
        layer.Length >= 4 ? BinaryPrimitives.ReadUInt16BigEndian(data[(layer.Offset + 2)..]) : 0;

    // The layers begin with IP.
    private static FlowKey KeyOf(ReadOnlySpan<LayerInfo> layers, ReadOnlySpan<byte> data, out bool fromA)
    {
        ReadOnlySpan<byte> ip = data.Slice(layers[0].Offset, layers[0].Length);
        bool isVersion4 = layers[0].Protocol == ProtocolId.Ipv4;
        ushort source = 0,
            destination = 0;
        bool isUdp = layers.Length > 1 && layers[1].Protocol == ProtocolId.Udp && layers[1].Length >= 4;
        if (isUdp)
        {
            source = BinaryPrimitives.ReadUInt16BigEndian(data[layers[1].Offset..]);
            destination = BinaryPrimitives.ReadUInt16BigEndian(data[(layers[1].Offset + 2)..]);
        }

        if (isVersion4)
        {
            uint from = BinaryPrimitives.ReadUInt32BigEndian(ip[12..]),
                to = BinaryPrimitives.ReadUInt32BigEndian(ip[16..]);
            return FlowKey.Create(from, source, to, destination, ip[9], 4, out fromA);
        }

        // Behind extension headers the protocol is that of the last of them: known where it is UDP, the usual case.
        byte protocol = isUdp ? (byte)17 : ip[6];
        return FlowKey.Create(FlowKey.ReadIpv6(ip[8..]), source, FlowKey.ReadIpv6(ip[24..]), destination, protocol, 6, out fromA);
    }
}
