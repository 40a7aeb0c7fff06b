using Spillway.Net.Capture;
using Spillway.Net.Flows;
using Spillway.Net.Packets;

namespace Spillway.Net.Tests.Packets;

/// <summary>Decodes a packet and shows the result in forms that are easy to compare.</summary>
internal sealed class Decoded
{
    private readonly byte[] _packet;
    private PacketInfo _info;

    private Decoded(byte[] packet, LinkType linkType, int wireLength)
    {
        _packet = packet;

        // Whatever the record held before must not shine through.
        _info.Kind = PacketKind.Fragment;
        _info.Error = DecodeError.TooDeep;
        _info.PayloadLength = 99999;
        _info.VlanPlusOne = 7;
        PacketDecoder.Decode(new CapturedPacket(packet, 1_000, wireLength, linkType), ref _info);
        Invariants.Check(_info, packet.Length);
    }

    public ref readonly PacketInfo Info => ref _info;

    /// <summary>The layers as <c>Ethernet 14, Ipv4 20, Tcp 20</c>.</summary>
    public string Layers
    {
        get
        {
            var names = new List<string>();
            for (int i = 0; i < _info.LayerCount; i++)
                names.Add($"{_info.Layers[i].Protocol} {_info.Layers[i].Length}");
            return string.Join(", ", names);
        }
    }

    public string Flow => FlowText.ToReadable(_info.Key);

    public byte[] Payload => _packet[_info.PayloadOffset..(_info.PayloadOffset + _info.PayloadLength)];

    public static Decoded Of(byte[] packet, LinkType linkType = LinkType.Ethernet, int wireLength = 0) => new(packet, linkType, wireLength);
}
