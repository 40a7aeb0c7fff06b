using System.Buffers.Binary;

namespace Spillway.Benchmarks.Worst;

/// <summary>Tunnels, fragments and reassembly.</summary>
internal static class WorstPackets
{
    private const int IpBytes = 20,
        UdpBytes = 8,
        EthernetBytes = 14,
        LeastFrame = 60;

    public static WorstCase[] Cases { get; } =
    [
        new("packets", "UDP of 400 bytes, ten packets a flow", () => Same(i => Datagram(i / 10, 9999, new byte[400]))),
        new("packets", "UDP of 400 bytes, each a flow", () => Same(i => Datagram(i, 9999, new byte[400]))),
        new("packets", "UDP of one byte, each a flow", () => Same(i => Datagram(i, 9999, [1]))),
        new("packets", "SYN, each a flow", () => Same(i => Traffic.Segment(i, 1, Net.Packets.TcpFlags.Syn, 0))),
        new("tunnels", "VXLAN with 400 bytes, ten packets a flow", () => Same(i => Vxlan(i % 100, Datagram(i / 10, 9999, new byte[400])))),
        new(
            "tunnels",
            "four VXLAN within each other",
            () => Same(i => Vxlan(i % 100, Vxlan(1, Vxlan(1, Vxlan(1, Datagram(1, 9999, [1]))))))
        ),
        new("tunnels", "VXLAN, each a flow of its own tunnel", () => Same(i => Vxlan(i, Datagram(i, 9999, [1])))),
        new("tunnels", "20 IP in IP", () => Same(i => IpInIp(i % 100, 20))),
        new("tunnels", "100 VLAN tags", () => Same(i => Vlans(i % 100, 100))),
        new("tunnels", "100 MPLS labels", () => Same(i => Labels(i % 100, 100))),
        new("tunnels", "100 IPv6 extension headers", () => Same(_ => Extensions(100))),
        new("fragments", "datagrams in four fragments", () => Fragments(2_000, 4, 1_400, Order.Forward)),
        new("fragments", "fragments of 8 bytes", () => Fragments(20, 1_000, 8, Order.Forward)),
        new("fragments", "fragments of 8 bytes, from the end", () => Fragments(20, 1_000, 8, Order.Backward)),
        new("fragments", "fragments of 8 bytes, every other one first", () => Fragments(20, 1_000, 8, Order.Alternating)),
        new("fragments", "fragments of 8 bytes beyond the limit", () => Fragments(20, 2_000, 8, Order.Backward)),
        new("fragments", "first fragments alone", () => Fragments(20_000, 1, 8, Order.Forward)),
        new("reassembly", "segments in order", () => Segments(20, 1_000, 400, Order.Forward)),
        new("reassembly", "segments of one byte in order", () => Segments(20, 1_000, 1, Order.Forward)),
        new("reassembly", "segments of one byte, from the end", () => Segments(20, 1_000, 1, Order.Backward)),
        new("reassembly", "segments of one byte, every other one first", () => Segments(20, 1_000, 1, Order.Alternating)),
        new("reassembly", "segments of one byte, every other one from the end", () => Segments(20, 2_000, 1, Order.AlternatingBackward)),
        new("reassembly", "segments of one byte that never close the hole", () => Segments(20, 4_000, 1, Order.Scattered)),
        new("reassembly", "the same again and again", () => Segments(20, 1_000, 1, Order.Repeated)),
        new("reassembly", "20,000 streams with holes", () => Holes(20_000)),
        new("reassembly", "20,000 streams with holes, 40 ms from packet to packet", () => Holes(20_000), StepNs: 40_000_000),
    ];

    private enum Order
    {
        Forward,
        Backward,
        Alternating,
        AlternatingBackward,
        Scattered,
        Repeated,
    }

    /// <summary>A frame with a UDP datagram of a client.</summary>
    public static byte[] Datagram(int client, ushort port, ReadOnlySpan<byte> payload) =>
        [.. new byte[12], 8, 0, .. Ip(17, client, Udp((ushort)(32768 + (client % 28000)), port, payload))];

    /// <summary>The frame as it is on the wire: no Ethernet frame is shorter than 60 bytes, without its checksum.</summary>
    public static byte[] Padded(byte[] frame) => frame.Length >= LeastFrame ? frame : [.. frame, .. new byte[LeastFrame - frame.Length]];

    private static List<byte[]> Same(Func<int, byte[]> frame) => [.. Enumerable.Range(0, 20_000).Select(frame)];

    private static byte[] Udp(ushort from, ushort to, ReadOnlySpan<byte> payload)
    {
        byte[] datagram = [.. new byte[UdpBytes], .. payload];
        BinaryPrimitives.WriteUInt16BigEndian(datagram, from);
        BinaryPrimitives.WriteUInt16BigEndian(datagram.AsSpan(2), to);
        BinaryPrimitives.WriteUInt16BigEndian(datagram.AsSpan(4), (ushort)datagram.Length);
        return datagram;
    }

    private static byte[] Ip(byte protocol, int client, ReadOnlySpan<byte> payload, int id = 0, int fragment = 0)
    {
        byte[] packet = [.. new byte[IpBytes], .. payload];
        packet[0] = 0x45;
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), (ushort)packet.Length);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(4), (ushort)id);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(6), (ushort)fragment);
        packet[8] = 64;
        packet[9] = protocol;
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(12), 0x0A000000u + (uint)client);
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(16), 0xC0000250);
        WorstChecksum.FillIp(packet);
        return packet;
    }

    private static byte[] Vxlan(int client, byte[] inner) => Datagram(client, 4789, [8, 0, 0, 0, 0, 0, 1, 0, .. Padded(inner)]);

    private static byte[] IpInIp(int client, int levels)
    {
        byte[] packet = Ip(17, client, Udp(1, 9999, [1]));
        for (int i = 0; i < levels; i++)
            packet = Ip(4, client, packet);
        return [.. new byte[12], 8, 0, .. packet];
    }

    private static byte[] Vlans(int client, int tags) =>
        [
            .. new byte[12],
            .. Enumerable.Repeat<byte[]>([0x81, 0, 0, 1], tags).SelectMany(tag => tag),
            .. Datagram(client, 9999, [1]).AsSpan(12),
        ];

    private static byte[] Labels(int client, int labels) =>
        [
            .. new byte[12],
            0x88,
            0x47,
            .. Enumerable.Repeat<byte[]>([0, 1, 0, 64], labels - 1).SelectMany(label => label),
            0,
            1,
            1,
            64,
            .. Datagram(client, 9999, [1]).AsSpan(EthernetBytes),
        ];

    private static byte[] Extensions(int headers)
    {
        byte[] udp = Udp(1, 9999, [1]);
        List<byte> packet = [0x60, 0, 0, 0, 0, 0, 60, 64, .. new byte[32]];
        for (int i = 0; i < headers; i++)
            packet.AddRange([i == headers - 1 ? (byte)17 : (byte)60, 0, 1, 4, 0, 0, 0, 0]);
        packet.AddRange(udp);
        byte[] bytes = [.. packet];
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(4), (ushort)(bytes.Length - 40));
        return [.. new byte[12], 0x86, 0xDD, .. bytes];
    }

    private static IEnumerable<int> Places(int count, Order order) =>
        order switch
        {
            Order.Backward => Enumerable.Range(0, count).Reverse(),
            Order.Alternating => Enumerable.Range(0, count).OrderBy(i => 1 - (i % 2)).ThenBy(i => i),
            Order.AlternatingBackward => Enumerable.Range(0, count).OrderBy(i => 1 - (i % 2)).ThenByDescending(i => i),
            Order.Scattered => Enumerable.Range(1, count).Select(i => (i * 7919 % count * 2) + 1),
            Order.Repeated => Enumerable.Repeat(Enumerable.Range(0, count / 10).Select(i => (i * 2) + 1), 10).SelectMany(i => i),
            _ => Enumerable.Range(0, count),
        };

    private static List<byte[]> Fragments(int datagrams, int pieces, int bytes, Order order)
    {
        var frames = new List<byte[]>();
        byte[] whole = Udp(40_000, 9999, new byte[Math.Max(0, (pieces * bytes) - UdpBytes)]);
        for (int id = 0; id < datagrams; id++)
        {
            foreach (int piece in Places(pieces, order))
            {
                int offset = piece * bytes;
                bool isLast = piece == pieces - 1 && pieces > 1;
                byte[] payload = whole.AsSpan(offset, Math.Min(bytes, whole.Length - offset)).ToArray();
                frames.Add([.. new byte[12], 8, 0, .. Ip(17, id >> 14, payload, id, (isLast ? 0 : 0x2000) | (offset / 8))]);
            }
        }

        return frames;
    }

    // Of a protocol that nobody reads: what reassembly costs alone, until it is no longer wanted.
    private static List<byte[]> Segments(int connections, int count, int bytes, Order order)
    {
        var talk = new WorstTalk(80);
        byte[] body = new byte[bytes];
        for (int i = 0; i < connections; i++)
        {
            talk.Connect().Ask("GET / HTTP/1.1\nHost: a\n\n").Answer("HTTP/1.1 200 OK\n\n");
            foreach (int place in Places(count, order))
                talk.AnswerAt(place * bytes, body);
            talk.Advance(order == Order.Forward ? count * bytes : 0);
        }

        return talk.Frames;
    }

    private static List<byte[]> Holes(int connections)
    {
        var talk = new WorstTalk(80);
        for (int i = 0; i < connections; i++)
        {
            talk.Connect().Ask("GET / HTTP/1.1\nHost: a\n\n");
            talk.AnswerAt(10, [1]);
        }

        return talk.Frames;
    }
}
