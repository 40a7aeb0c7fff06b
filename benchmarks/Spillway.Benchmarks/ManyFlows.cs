using Spillway.Net.Capture;
using Spillway.Net.Packets;

namespace Spillway.Benchmarks;

/// <summary>
/// Writes a capture of many TCP connections that are open at the same time: each sends a SYN, and later one segment. With answers the
/// server's SYN-ACK is there too; without them it is the half of a conversation.
/// </summary>
internal static class ManyFlows
{
    public static void Write(string path, int flows, bool isAnswered)
    {
        const long start = 1_700_000_040_000_000_000;
        using FileStream file = File.Create(path);
        Span<byte> header = stackalloc byte[24];
        header.Clear();
        BitConverter.TryWriteBytes(header, 0xA1B23C4D); // nanoseconds
        BitConverter.TryWriteBytes(header[4..], (ushort)2);
        BitConverter.TryWriteBytes(header[6..], (ushort)4);
        BitConverter.TryWriteBytes(header[16..], 262_144);
        BitConverter.TryWriteBytes(header[20..], (int)LinkType.Ethernet);
        file.Write(header);

        // Half a minute for each round: no connection times out before its segment.
        long step = 30_000_000_000L / flows;
        const uint servers = 1000;
        byte[] payload = new byte[10];
        for (int i = 0; i < flows; i++)
        {
            Write(file, Traffic.Segment(i, 1, TcpFlags.Syn, 0), start + (i * step));
            if (isAnswered)
                Write(file, Traffic.Answer(i, servers, 2, TcpFlags.Syn | TcpFlags.Ack, []), start + (i * step));
        }

        for (int i = 0; i < flows; i++)
            Write(file, Traffic.Segment(i, 2, TcpFlags.Ack, payload, isAnswered ? servers + 1 : 0), start + 30_000_000_000L + (i * step));
    }

    private static void Write(FileStream file, byte[] frame, long timestampNs)
    {
        Span<byte> record = stackalloc byte[16];
        BitConverter.TryWriteBytes(record, (uint)(timestampNs / 1_000_000_000));
        BitConverter.TryWriteBytes(record[4..], (uint)(timestampNs % 1_000_000_000));
        BitConverter.TryWriteBytes(record[8..], frame.Length);
        BitConverter.TryWriteBytes(record[12..], frame.Length);
        file.Write(record);
        file.Write(frame);
    }
}
