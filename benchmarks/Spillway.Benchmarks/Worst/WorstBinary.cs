using System.Buffers.Binary;
using static Spillway.Benchmarks.Worst.WorstTalk;

namespace Spillway.Benchmarks.Worst;

/// <summary>TLS, DNS and SSH.</summary>
internal static class WorstBinary
{
    private const int DeepestName = 120;

    public static WorstCase[] Cases { get; } =
    [
        Tls("handshakes with 20 kB of data", () => Handshakes(100, Record(22, Hello(20)), Data(20_000), FullSegment)),
        Tls("handshakes alone", () => Handshakes(500, Record(22, Hello(20)), [], FullSegment)),
        Tls("hellos, segments of one byte", () => Handshakes(20, Record(22, Hello(20)), [], 1)),
        Tls("records of one byte", () => Handshakes(20, Slices(Hello(1_000)), [], FullSegment)),
        Tls("hellos of extensions of 4 bytes", () => Handshakes(20, Record(22, Hello(4_000)), [], FullSegment)),
        Tls("one hello after the other", () => Handshakes(20, Many(Record(22, Hello(1)), 500), [], FullSegment)),
        Tls("messages of no bytes", () => Handshakes(20, Many(Record(22, [2, 0, 0, 0]), 1_000), [], FullSegment)),
        Tls("alerts", () => Handshakes(20, Many(Record(21, [1, 0]), 5_000), [], FullSegment)),
        Tls("records of no bytes", () => Handshakes(20, Many(Record(22, []), 5_000), [], FullSegment)),
        Dns(
            "questions and answers",
            () =>
                Datagrams(
                    5_000,
                    Traffic.DnsMessage(1, "www.example.org", isResponse: false),
                    Traffic.DnsMessage(1, "www.example.org", isResponse: true)
                )
        ),
        Dns("questions of the root", () => Datagrams(5_000, [0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1], [])),
        Dns("answers of one pointer", () => Datagrams(2_000, [], Answers(100, depth: 1))),
        Dns("answers whose names are 120 pointers", () => Datagrams(2_000, [], Answers(60, DeepestName))),
        Dns("4,000 records whose names are 120 pointers", () => Datagrams(20, [], Answers(4_000, DeepestName))),
        Dns("questions whose names are 120 pointers", () => Datagrams(2_000, [], Questions(150))),
        Dns("over TCP, empty messages", () => Stream(Many([0, 0], 100_000), FullSegment)),
        Dns("over TCP, messages of 12 bytes", () => Stream(Many([0, 12, 0, 1, 0x80, 1, 0, 0, 0, 0, 0, 0, 0, 0], 20_000), FullSegment)),
        Dns("over TCP, segments of one byte", () => Stream(Many([0, 17, 0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1], 1_000), 1)),
        Dns("over TCP, what is searched for a message", () => Stream(Searched(), FullSegment)),
        Ssh("sessions with 5 kB of data", () => Sessions(50, "SSH-2.0-OpenSSH_9.6\n", [Offer(1_000), Data(5_000)], FullSegment)),
        Ssh("sessions, segments of one byte", () => Sessions(10, "SSH-2.0-OpenSSH_9.6\n", [Offer(1_000)], 1)),
        Ssh(
            "packets of two bytes before the offer",
            () => Sessions(500, "SSH-2.0-a\n", [Many([0, 0, 0, 2, 0, 2], 15), Offer(1)], FullSegment)
        ),
        Ssh("lines before the identification", () => Sessions(500, Repeat("\n", 15) + "SSH-2.0-a\n", [Offer(1)], FullSegment)),
    ];

    private static WorstCase Tls(string name, Func<WorstTalk> make) => new("tls", name, () => make().Frames);

    private static WorstCase Dns(string name, Func<IReadOnlyList<byte[]>> make) => new("dns", name, make);

    private static WorstCase Ssh(string name, Func<WorstTalk> make) => new("ssh", name, () => make().Frames);

    private static byte[] Many(byte[] bytes, int times) => [.. Enumerable.Repeat(bytes, times).SelectMany(each => each)];

    private static byte[] Data(int bytes)
    {
        byte[] data = new byte[bytes];
        new Random(1).NextBytes(data);
        return Record(23, data);
    }

    private static byte[] Record(byte type, byte[] content) =>
        content.Length > 16_000
            ? [.. Record(type, content[..16_000]), .. Record(type, content[16_000..])]
            : [type, 3, 3, (byte)(content.Length >> 8), (byte)content.Length, .. content];

    private static byte[] Slices(byte[] message) => [.. message.SelectMany(each => Record(22, [each]))];

    private static byte[] Hello(int extensions)
    {
        byte[] list = [0, 0, 0, 16, 0, 14, 0, 0, 11, .. "example.org"u8, .. Many([0x12, 0x34, 0, 0], extensions - 1)];
        byte[] body = [3, 3, .. new byte[32], 0, 0, 4, 0x13, 1, 0x13, 2, 1, 0, (byte)(list.Length >> 8), (byte)list.Length, .. list];
        return [1, 0, (byte)(body.Length >> 8), (byte)body.Length, .. body];
    }

    private static WorstTalk Handshakes(int count, byte[] hello, byte[] data, int segment)
    {
        byte[] serverHello = [2, 0, 0, 38, 3, 3, .. new byte[32], 0, 0x13, 1, 0];
        var talk = new WorstTalk(443);
        for (int i = 0; i < count; i++)
        {
            talk.Connect().Ask(hello, segment).Answer([.. Record(22, serverHello), .. Record(20, [1])], segment);
            talk.Ask(Record(20, [1]), segment).Answer(data, segment).Close();
        }

        return talk;
    }

    private static WorstTalk Sessions(int count, string line, byte[][] packets, int segment)
    {
        var talk = new WorstTalk(22);
        for (int i = 0; i < count; i++)
        {
            talk.Connect().Answer(line, segment).Ask(line, segment);
            foreach (byte[] packet in packets)
                talk.Ask(packet, segment).Answer(packet, segment);
            talk.Close();
        }

        return talk;
    }

    private static byte[] Offer(int bytes)
    {
        byte[] payload = [20, .. new byte[16], 0, 0, (byte)(bytes >> 8), (byte)bytes, .. Many("a"u8.ToArray(), bytes), .. new byte[41]];
        return [0, 0, (byte)((payload.Length + 5) >> 8), (byte)(payload.Length + 5), 4, .. payload, .. new byte[4]];
    }

    private static List<byte[]> Datagrams(int count, byte[] question, byte[] answer)
    {
        var frames = new List<byte[]>();
        for (int i = 0; i < count; i++)
        {
            if (question.Length > 0)
                frames.Add(WorstPackets.Datagram(i, 53, question));
            if (answer.Length > 0)
                frames.Add(WorstPackets.Datagram(i, 53, answer));
        }

        return frames;
    }

    // Each name is a pointer to the one before it, down to the name of the question.
    private static byte[] Answers(int count, int depth)
    {
        List<byte> message = [0, 1, 0x81, 0x80, 0, 1, (byte)(count >> 8), (byte)count, 0, 0, 0, 0, 1, (byte)'a', 0, 0, 1, 0, 1];
        int target = 12;
        for (int i = 0; i < count; i++)
        {
            int at = message.Count;
            message.AddRange([(byte)(0xC0 | (target >> 8)), (byte)target, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0]);
            if (i < depth - 1)
                target = at;
        }

        return [.. message];
    }

    private static byte[] Questions(int count)
    {
        List<byte> message = [0, 1, 0x81, 0x80, (byte)(count >> 8), (byte)count, 0, 0, 0, 0, 0, 0];
        int target = 12;
        message.AddRange([1, (byte)'a', 0, 0, 1, 0, 1]);
        for (int i = 1; i < count; i++)
        {
            int at = message.Count;
            message.AddRange([(byte)(0xC0 | (target >> 8)), (byte)target, 0, 1, 0, 1]);
            if (i < DeepestName)
                target = at;
        }

        return [.. message];
    }

    // Heads of messages that are none, each as long as the rest of the segment.
    private static byte[] Searched()
    {
        byte[] all = new byte[60_000];
        for (int at = 0; at + 14 <= all.Length; at += 14)
        {
            BinaryPrimitives.WriteUInt16BigEndian(all.AsSpan(at), 700);
            all[at + 7] = 1;
            all[at + 9] = 60;
        }

        all[0] = all[1] = 0xFF;
        return all;
    }

    private static List<byte[]> Stream(byte[] messages, int segment)
    {
        var talk = new WorstTalk(53);
        for (int i = 0; i < (segment == 1 ? 1 : 5); i++)
            talk.Connect().Ask(messages, segment).Close();
        return talk.Frames;
    }
}
