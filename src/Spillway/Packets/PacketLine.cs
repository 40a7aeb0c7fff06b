using Spillway.Net.Capture;
using Spillway.Net.Flows;
using Spillway.Net.Packets;
using Spillway.Report;

namespace Spillway.Packets;

/// <summary>A packet as a line of a list.</summary>
internal static class PacketLine
{
    private static readonly (TcpFlags Flag, char Letter)[] Letters =
    [
        (TcpFlags.Syn, 'S'),
        (TcpFlags.Fin, 'F'),
        (TcpFlags.Rst, 'R'),
        (TcpFlags.Psh, 'P'),
        (TcpFlags.Urg, 'U'),
        (TcpFlags.Ack, '.'),
    ];

    /// <summary>Time, from, arrow, to, protocol, flags, length on the wire, stored bytes, payload.</summary>
    /// <param name="packet">The packet.</param>
    /// <param name="isOutermost">Whether the ends are those of the outermost packet of a tunnel.</param>
    /// <param name="isUtc">Whether the time is shown as UTC.</param>
    public static TextTable.Cell[] Of(scoped in CapturedPacket packet, bool isOutermost, bool isUtc)
    {
        var info = default(PacketInfo);
        PacketDecoder.Decode(in packet, ref info, isOutermost);
        string time = PacketTime.Format(packet.TimestampNs, isUtc);
        string length = Units.Count(packet.WireLength),
            stored = Units.Count(packet.Data.Length);
        if (info.Key.IsNone)
            return
            [
                time,
                "",
                "",
                "",
                info.LayerCount > 0 ? info.Layers[info.LayerCount - 1].Protocol.ToString() : "",
                "",
                length,
                stored,
                "",
            ];
        FlowKey key = info.Key;
        string a = End(key.AddressA, key.PortA, in info),
            z = End(key.AddressZ, key.PortZ, in info);
        string protocol =
            info.Kind == PacketKind.Fragment ? FlowText.Protocol(info.Protocol) + " fragment" : FlowText.Protocol(info.Protocol);
        return
        [
            time,
            info.FromA ? a : z,
            ">",
            info.FromA ? z : a,
            protocol,
            FlagsOf(info.TcpFlags),
            length,
            stored,
            Units.Count(info.PayloadWireLength),
        ];
    }

    private static string End(UInt128 address, ushort port, in PacketInfo info)
    {
        string host = FlowText.Address(address, info.Key.IPVersion);
        if (info.Kind == PacketKind.Fragment)
            return host;
        return $"{(info.Key.IPVersion == 6 ? $"[{host}]" : host)}:{FlowText.Port(port, info.Protocol)}";
    }

    // As tcpdump writes them.
    private static string FlagsOf(TcpFlags flags) =>
        string.Concat(Letters.Where(pair => (flags & pair.Flag) != 0).Select(pair => pair.Letter));
}
