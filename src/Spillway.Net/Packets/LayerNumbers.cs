using System.Buffers.Binary;

namespace Spillway.Net.Packets;

/// <summary>Numbers that decoded layers carry, read from the packet where somebody asks for them.</summary>
internal static class LayerNumbers
{
    /// <summary>The id of a VLAN tag; 0 is none (a tag for its priority alone).</summary>
    public static int VlanOf(in LayerInfo layer, ReadOnlySpan<byte> data) =>
        layer.Protocol == ProtocolId.Vlan ? UInt16(data, layer.Offset) & 0x0fff : 0;

    /// <summary>The virtual network of a layer, of 24 bits; -1 if it has none.</summary>
    public static int NetworkOf(in LayerInfo layer, ReadOnlySpan<byte> data)
    {
        const byte vxlanHasIdentifier = 0x08;
        switch (layer.Protocol)
        {
            case ProtocolId.Vxlan:
                return (data[layer.Offset] & vxlanHasIdentifier) != 0 ? UInt24(data, layer.Offset + 4) : -1;
            case ProtocolId.Geneve:
                return UInt24(data, layer.Offset + 4);
            case ProtocolId.Gre:
                return Nvgre(data.Slice(layer.Offset, layer.Length));
            case ProtocolId.Tag:
                return IsServiceInstance(in layer, data) ? UInt24(data, layer.Offset + 1) : -1;
            default:
                return -1;
        }
    }

    /// <summary>Whether a layer is the service instance of a provider backbone (IEEE 802.1ah).</summary>
    public static bool IsServiceInstance(in LayerInfo layer, ReadOnlySpan<byte> data)
    {
        const ushort providerBackbone = 0x88e7;
        return layer.Protocol == ProtocolId.Tag && layer.Offset >= 2 && UInt16(data, layer.Offset - 2) == providerBackbone;
    }

    // RFC 7637, section 3.2: a key without checksum and sequence; its upper 24 bits are the virtual subnet.
    private static int Nvgre(ReadOnlySpan<byte> header) =>
        header.Length >= 8 && UInt16(header, 0) == 0x2000 && UInt16(header, 2) == 0x6558 ? UInt24(header, 4) : -1;

    private static ushort UInt16(ReadOnlySpan<byte> data, int offset) => BinaryPrimitives.ReadUInt16BigEndian(data[offset..]);

    private static int UInt24(ReadOnlySpan<byte> data, int offset) => (UInt16(data, offset) << 8) | data[offset + 2];
}
