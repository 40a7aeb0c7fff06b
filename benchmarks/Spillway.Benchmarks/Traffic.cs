using System.Buffers.Binary;
using System.Text;
using Spillway.Net.Capture;
using Spillway.Net.Packets;

namespace Spillway.Benchmarks;

/// <summary>Ethernet frames with one TCP segment each, built in memory.</summary>
internal static class Traffic
{
    private const int IpOffset = 14;
    private const int TcpOffset = IpOffset + 20;

    /// <summary>Where the TCP payload begins.</summary>
    public const int PayloadOffset = TcpOffset + 20;

    /// <summary>A segment from a client (10.x.y.z, ephemeral port) to port 80 of a server, or another.</summary>
    public static byte[] Segment(int client, uint sequence, TcpFlags flags, int payloadLength, ushort port = 80)
    {
        byte[] frame = new byte[PayloadOffset + payloadLength];
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(12), 0x0800);

        Span<byte> ip = frame.AsSpan(IpOffset);
        ip[0] = 0x45;
        BinaryPrimitives.WriteUInt16BigEndian(ip[2..], (ushort)(frame.Length - IpOffset));
        ip[8] = 64;
        ip[9] = 6;
        BinaryPrimitives.WriteUInt32BigEndian(ip[12..], 0x0A000000u + (uint)client);
        BinaryPrimitives.WriteUInt32BigEndian(ip[16..], 0xC0000250);

        Span<byte> tcp = frame.AsSpan(TcpOffset);
        BinaryPrimitives.WriteUInt16BigEndian(tcp, (ushort)(32768 + client % 28000));
        BinaryPrimitives.WriteUInt16BigEndian(tcp[2..], port);
        BinaryPrimitives.WriteUInt32BigEndian(tcp[4..], sequence);
        tcp[12] = 5 << 4;
        tcp[13] = (byte)flags;
        BinaryPrimitives.WriteUInt16BigEndian(tcp[14..], 501);
        return frame;
    }

    /// <summary>The same with a payload and an acknowledgment.</summary>
    public static byte[] Segment(int client, uint sequence, TcpFlags flags, ReadOnlySpan<byte> payload, uint acknowledgment)
    {
        byte[] frame = Segment(client, sequence, flags, payload.Length);
        payload.CopyTo(frame.AsSpan(PayloadOffset));
        BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(TcpOffset + 8), acknowledgment);
        return frame;
    }

    /// <summary>A segment of the server to that client.</summary>
    public static byte[] Answer(int client, uint sequence, uint acknowledgment, TcpFlags flags, ReadOnlySpan<byte> payload)
    {
        byte[] frame = Segment(client, sequence, flags, payload, acknowledgment);
        Swap(frame.AsSpan(IpOffset + 12, 4), frame.AsSpan(IpOffset + 16, 4));
        Swap(frame.AsSpan(TcpOffset, 2), frame.AsSpan(TcpOffset + 2, 2));
        return frame;

        static void Swap(Span<byte> left, Span<byte> right)
        {
            for (int i = 0; i < left.Length; i++)
                (left[i], right[i]) = (right[i], left[i]);
        }
    }

    /// <summary>A DNS query for an address, or the response to it with one (RFC 1035, section 4).</summary>
    public static byte[] DnsMessage(ushort id, string name, bool isResponse)
    {
        List<byte> message =
        [
            (byte)(id >> 8),
            (byte)id,
            (byte)(isResponse ? 0x81 : 1),
            (byte)(isResponse ? 0x80 : 0),
            0,
            1,
            0,
            (byte)(isResponse ? 1 : 0),
            0,
            0,
            0,
            0,
        ];
        foreach (string label in name.Split('.'))
            message.AddRange([(byte)label.Length, .. Encoding.ASCII.GetBytes(label)]);
        message.AddRange([0, 0, 1, 0, 1]);
        if (isResponse)
            message.AddRange([0xC0, 12, 0, 1, 0, 1, 0, 0, 1, 0x2C, 0, 4, 192, 0, 2, 1]);
        return [.. message];
    }

    public static CapturedPacket Packet(byte[] frame, long timestampNs) => new(frame, timestampNs, frame.Length, LinkType.Ethernet);

    public static PacketInfo Decode(byte[] frame, long timestampNs)
    {
        PacketInfo info = default;
        PacketDecoder.Decode(Packet(frame, timestampNs), ref info);
        return info;
    }
}
