using Spillway.Net.Packets;

namespace Spillway.Net.Tests.Packets;

/// <summary>What <see cref="PacketInfo"/> promises to whoever slices by its offsets.</summary>
internal static class Invariants
{
    public static void Check(in PacketInfo info, int captured)
    {
        Assert.Equal(captured, info.CapturedLength);
        Assert.True(info.WireLength >= captured);
        Assert.InRange(info.LayerCount, 0, LayerArray.Capacity);
        int before = 0;
        for (int i = 0; i < info.LayerCount; i++)
        {
            LayerInfo layer = info.Layers[i];
            Assert.NotEqual(ProtocolId.None, layer.Protocol);
            Assert.True(layer.Offset >= before, "layers are in order");
            Assert.True(
                layer.Length >= 0 && layer.Offset + layer.Length <= captured,
                $"layer {i} {layer.Protocol} ends at {layer.Offset}+{layer.Length} of {captured}"
            );
            before = layer.Offset;
        }

        Assert.True(info.PayloadOffset >= 0 && info.PayloadLength >= 0 && info.PayloadOffset + info.PayloadLength <= captured);
        Assert.True(info.PayloadWireLength >= info.PayloadLength, $"{info.PayloadWireLength} on the wire, {info.PayloadLength} captured");
        Assert.True(info.IpPayloadOffset >= 0 && info.IpPayloadLength >= 0 && info.IpPayloadOffset + info.IpPayloadLength <= captured);
        Assert.InRange(info.IpOffset, -1, captured);
        Assert.Equal(info.Kind == PacketKind.NotIp, info.IpOffset == -1);
        Assert.Equal(info.Kind == PacketKind.NotIp, info.Key.IsNone);
        if (info.Kind == PacketKind.Fragment)
            Assert.True(info.FragmentOffset % 8 == 0 && info.FragmentOffset is >= 0 and < 65536);
    }
}
