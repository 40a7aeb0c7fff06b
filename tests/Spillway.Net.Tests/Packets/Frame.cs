using System.Buffers.Binary;

namespace Spillway.Net.Tests.Packets;

/// <summary>Builds packets from the inside out. Checksums are left zero: nothing here looks at them.</summary>
internal static class Frame
{
    public const uint Client = 0x0A010203; // 10.1.2.3
    public const uint Server = 0xC6336407; // 198.51.100.7

    public static readonly byte[] Client6 = Convert.FromHexString("20010DB8000000000000000000000001");
    public static readonly byte[] Server6 = Convert.FromHexString("20010DB8000000000000000000000002");

    public static byte[] Join(params byte[][] parts) => parts.SelectMany(part => part).ToArray();

    public static byte[] Hex(string text) => Convert.FromHexString(text.Replace(" ", "", StringComparison.Ordinal));

    public static byte[] Bytes(int length, byte first = 0) => Enumerable.Range(0, length).Select(i => (byte)(first + i)).ToArray();

    public static byte[] Ethernet(ushort type, byte[] payload) => Join(Hex("020000000001 020000000002"), U16(type), payload);

    public static byte[] Vlan(ushort id, ushort type, byte[] payload) => Join(U16(id), U16(type), payload);

    public static byte[] Mpls(bool bottom, byte[] payload, int label = 100) =>
        Join(U32(((uint)label << 12) | (bottom ? 0x100u : 0) | 64), payload);

    public static byte[] Ipv4(
        byte protocol,
        byte[] payload,
        uint source = Client,
        uint destination = Server,
        byte[]? options = null,
        int? totalLength = null,
        ushort id = 1,
        int fragmentOffset = 0,
        bool more = false
    )
    {
        options ??= [];
        int header = 20 + options.Length;
        ushort fragment = (ushort)((fragmentOffset / 8) | (more ? 0x2000 : 0));
        return Join(
            [(byte)(0x40 | (header / 4)), 0],
            U16((ushort)(totalLength ?? header + payload.Length)),
            U16(id),
            U16(fragment),
            [64, protocol, 0, 0],
            U32(source),
            U32(destination),
            options,
            payload
        );
    }

    public static byte[] Ipv6(byte next, byte[] payload, byte[]? source = null, byte[]? destination = null, int? payloadLength = null) =>
        Join(
            Hex("60000000"),
            U16((ushort)(payloadLength ?? payload.Length)),
            [next, 64],
            source ?? Client6,
            destination ?? Server6,
            payload
        );

    public static byte[] Ipv6Fragment(byte next, byte[] payload, int offset, bool more, uint id = 1) =>
        Join([next, 0], U16((ushort)(offset | (more ? 1 : 0))), U32(id), payload);

    public static byte[] Tcp(
        ushort source,
        ushort destination,
        byte[] payload,
        byte flags = 0x10,
        uint sequence = 1000,
        byte[]? options = null
    )
    {
        options ??= [];
        return Join(
            U16(source),
            U16(destination),
            U32(sequence),
            U32(2000),
            [(byte)((20 + options.Length) / 4 << 4), flags],
            U16(4096),
            U32(0),
            options,
            payload
        );
    }

    public static byte[] Udp(ushort source, ushort destination, byte[] payload, int? length = null) =>
        Join(U16(source), U16(destination), U16((ushort)(length ?? 8 + payload.Length)), U16(0), payload);

    public static byte[] Icmp(byte type, byte[] payload) => Join([type, 0, 0, 0, 0, 1, 0, 2], payload);

    /// <summary>Ethernet, IPv4, TCP from the client's port 49152 to the server's port 443.</summary>
    public static byte[] Usual(byte[] payload) => Ethernet(0x0800, UsualIp(payload));

    public static byte[] UsualIp(byte[] payload) => Ipv4(6, Tcp(49152, 443, payload));

    public static byte[] UsualIp6(byte[] payload) => Ipv6(6, Tcp(49152, 443, payload));

    public static byte[] U16(ushort value)
    {
        byte[] bytes = new byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, value);
        return bytes;
    }

    public static byte[] U32(uint value)
    {
        byte[] bytes = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        return bytes;
    }
}
