using System.Buffers.Binary;

namespace Spillway.EndToEnd.Traffic;

/// <summary>Ethernet frames with IPv4 and one datagram. No checksums: nobody here looks at them.</summary>
public static class Datagram
{
    private const byte Icmp = 1;
    private const byte Udp = 17;

    public static byte[] OfUdp(uint source, ushort sourcePort, uint destination, ushort destinationPort, ReadOnlySpan<byte> payload)
    {
        byte[] udp = new byte[8 + payload.Length];
        BinaryPrimitives.WriteUInt16BigEndian(udp, sourcePort);
        BinaryPrimitives.WriteUInt16BigEndian(udp.AsSpan(2), destinationPort);
        BinaryPrimitives.WriteUInt16BigEndian(udp.AsSpan(4), (ushort)udp.Length);
        payload.CopyTo(udp.AsSpan(8));
        return Frame(source, destination, Udp, udp);
    }

    /// <summary>An ICMP echo request (RFC 792), or the reply to it.</summary>
    public static byte[] OfEcho(uint source, uint destination, bool isReply, ushort sequence, ReadOnlySpan<byte> content)
    {
        byte[] icmp = new byte[8 + content.Length];
        icmp[0] = isReply ? (byte)0 : (byte)8;
        BinaryPrimitives.WriteUInt16BigEndian(icmp.AsSpan(6), sequence);
        content.CopyTo(icmp.AsSpan(8));
        return Frame(source, destination, Icmp, icmp);
    }

    /// <summary>A DNS message with one question of type A, and for an answer its address (RFC 1035, section 4).</summary>
    public static byte[] Dns(ushort id, string name, uint? address = null)
    {
        List<byte> message =
        [
            (byte)(id >> 8),
            (byte)id,
            address is null ? (byte)1 : (byte)0x81,
            address is null ? (byte)0 : (byte)0x80,
            0,
            1,
            0,
            address is null ? (byte)0 : (byte)1,
            0,
            0,
            0,
            0,
        ];
        foreach (string label in name.Split('.'))
        {
            message.Add((byte)label.Length);
            message.AddRange(label.Select(letter => (byte)letter));
        }

        message.AddRange([0, 0, 1, 0, 1]);
        if (address is { } a)
            message.AddRange([0xC0, 12, 0, 1, 0, 1, 0, 0, 1, 0x2C, 0, 4, (byte)(a >> 24), (byte)(a >> 16), (byte)(a >> 8), (byte)a]);
        return [.. message];
    }

    private static byte[] Frame(uint source, uint destination, byte protocol, ReadOnlySpan<byte> payload)
    {
        byte[] frame = new byte[14 + 20 + payload.Length];
        frame[5] = 2;
        frame[11] = 1;
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(12), 0x0800);
        Span<byte> ip = frame.AsSpan(14);
        ip[0] = 0x45;
        BinaryPrimitives.WriteUInt16BigEndian(ip[2..], (ushort)ip.Length);
        ip[8] = 64;
        ip[9] = protocol;
        BinaryPrimitives.WriteUInt32BigEndian(ip[12..], source);
        BinaryPrimitives.WriteUInt32BigEndian(ip[16..], destination);
        payload.CopyTo(ip[20..]);
        return frame;
    }
}
