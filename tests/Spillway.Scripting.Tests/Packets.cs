using System.Buffers.Binary;

namespace Spillway.Scripting.Tests;

/// <summary>Packets built byte by byte.</summary>
internal static class Packets
{
    /// <summary>An Ethernet frame with IPv4 and TCP without options, no checksums.</summary>
    public static byte[] Tcp(
        uint source,
        ushort sourcePort,
        uint destination,
        ushort destinationPort,
        byte flags,
        ReadOnlySpan<byte> payload = default
    )
    {
        byte[] frame = new byte[14 + 20 + 20 + payload.Length];
        Span<byte> ip = frame.AsSpan(14);
        Span<byte> tcp = ip[20..];
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(12), 0x0800);
        ip[0] = 0x45;
        BinaryPrimitives.WriteUInt16BigEndian(ip[2..], (ushort)(40 + payload.Length));
        ip[8] = 64;
        ip[9] = 6;
        BinaryPrimitives.WriteUInt32BigEndian(ip[12..], source);
        BinaryPrimitives.WriteUInt32BigEndian(ip[16..], destination);
        BinaryPrimitives.WriteUInt16BigEndian(tcp, sourcePort);
        BinaryPrimitives.WriteUInt16BigEndian(tcp[2..], destinationPort);
        tcp[12] = 0x50;
        tcp[13] = flags;
        payload.CopyTo(tcp[20..]);
        return frame;
    }

    /// <summary>10.1.2.3:49152 to 198.51.100.7:443, a SYN.</summary>
    public static byte[] Syn() => Tcp(0x0A010203, 49152, 0xC6336407, 443, 0x02);
}
