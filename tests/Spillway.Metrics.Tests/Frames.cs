using System.Buffers.Binary;
using Spillway.Net.Capture;

namespace Spillway.Metrics.Tests;

/// <summary>Ethernet frames built in memory.</summary>
internal static class Frames
{
    public const ulong ClientMac = 0x02_00_00_00_00_01;
    public const ulong ServerMac = 0x02_00_00_00_00_FE;

    /// <summary>An IPv4 frame; <paramref name="transport"/> is the header and payload behind IP.</summary>
    public static byte[] Ipv4(
        uint source,
        uint destination,
        byte protocol,
        byte[] transport,
        int vlan = -1,
        ulong sourceMac = ClientMac,
        ulong destinationMac = ServerMac,
        ushort fragment = 0
    )
    {
        int ip = vlan < 0 ? 14 : 18;
        byte[] frame = new byte[ip + 20 + transport.Length];
        WriteMac(destinationMac, frame);
        WriteMac(sourceMac, frame.AsSpan(6));
        if (vlan >= 0)
        {
            BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(12), 0x8100);
            BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(14), (ushort)vlan);
        }

        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(ip - 2), 0x0800);
        frame[ip] = 0x45;
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(ip + 2), (ushort)(frame.Length - ip));
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(ip + 4), 77);
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(ip + 6), fragment);
        frame[ip + 8] = 64;
        frame[ip + 9] = protocol;
        BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(ip + 12), source);
        BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(ip + 16), destination);
        transport.CopyTo(frame.AsSpan(ip + 20));
        return frame;
    }

    public static byte[] Udp(int source, int destination, int payload)
    {
        byte[] bytes = new byte[8 + payload];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, (ushort)source);
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(2), (ushort)destination);
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(4), (ushort)bytes.Length);
        return bytes;
    }

    public static byte[] Tcp(int source, int destination, byte flags, int payload = 0)
    {
        byte[] bytes = new byte[20 + payload];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, (ushort)source);
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(2), (ushort)destination);
        bytes[12] = 5 << 4;
        bytes[13] = flags;
        return bytes;
    }

    public static CapturedPacket Packet(byte[] frame, long timestampNs) => new(frame, timestampNs, frame.Length, LinkType.Ethernet);

    private static void WriteMac(ulong address, Span<byte> destination)
    {
        for (int i = 0; i < 6; i++)
            destination[i] = (byte)(address >> (40 - (8 * i)));
    }
}
