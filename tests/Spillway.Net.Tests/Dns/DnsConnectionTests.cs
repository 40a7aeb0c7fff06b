using System.Text;
using Spillway.Net.Flows;
using Spillway.Net.Packets;
using Spillway.Net.Protocols;
using Spillway.Net.Protocols.Dns;

namespace Spillway.Net.Tests.Dns;

public sealed class DnsConnectionTests
{
    private static byte[] Stream =>
        [
            .. Framed(DnsBytes.Answer(1, [192, 0, 2, 1])),
            .. Framed(DnsBytes.Answer(15, [0, 1, 0xC0, 12])),
            .. Framed(DnsBytes.Answer(1, [192, 0, 2, 2])),
        ];

    [Fact]
    public void Messages_CutAtEachByte_AreTheSame()
    {
        byte[] stream = Stream;
        for (int cut = 0; cut <= stream.Length; cut++)
        {
            var dns = new Recorder();
            dns.Send(stream.AsSpan(0, cut));
            dns.Send(stream.AsSpan(cut));
            dns.Connection.Close();

            Assert.Equal(["192.0.2.1", "1 www.example.org", "192.0.2.2"], dns.Answers);
            Assert.Equal(3, dns.Observer.Statistics.Responses);
        }
    }

    [Fact]
    public void Messages_OfSingleBytes_AreTheSame()
    {
        var dns = new Recorder();
        foreach (byte one in Stream)
            dns.Send([one]);

        Assert.Equal(3, dns.Answers.Count);
    }

    [Fact]
    public void Gap_BeforeASegment_GoesOnWithItsMessages()
    {
        var dns = new Recorder();
        dns.Send(Stream.AsSpan(0, 5));
        dns.Connection.OnGap(StreamDirection.ServerToClient, 1448);
        dns.Send(Stream);

        Assert.Equal(3, dns.Answers.Count);
        Assert.Equal(1, dns.Observer.Statistics.WithGap);
    }

    [Fact]
    public void Gap_OfAnySegment_CostsNoMessageButItsOwn()
    {
        byte[][] messages = [.. Enumerable.Range(1, 12).Select(n => Framed(DnsBytes.Answer(1, [192, 0, 2, (byte)n])))];
        byte[] stream = [.. messages.SelectMany(message => message)];
        const int segment = 50;
        int segments = (stream.Length + segment - 1) / segment;
        for (int lost = 0; lost < segments; lost++)
        {
            var dns = new Recorder();
            for (int i = 0; i < segments; i++)
            {
                ReadOnlySpan<byte> data = stream.AsSpan(i * segment, Math.Min(segment, stream.Length - (i * segment)));
                if (i == lost)
                    dns.Connection.OnGap(StreamDirection.ServerToClient, data.Length);
                else
                    dns.Send(data);
            }

            int length = messages[0].Length;
            int[] whole =
            [
                .. Enumerable
                    .Range(0, messages.Length)
                    .Where(n => (n + 1) * length <= lost * segment || n * length >= (lost + 1) * segment),
            ];
            string[] sent = [.. whole.Select(n => $"192.0.2.{n + 1}")];
            Assert.Equal(sent, dns.Answers);
        }
    }

    [Fact]
    public void Gap_WithinAMessage_LeavesTheNextOneInStep()
    {
        var dns = new Recorder();
        byte[] first = Framed(DnsBytes.Answer(16, [200, .. new byte[200]]));
        dns.Send(first.AsSpan(0, 60));
        dns.Connection.OnGap(StreamDirection.ServerToClient, 100);
        dns.Send(first.AsSpan(160, 40));
        dns.Send([.. first.AsSpan(200), .. Stream]);

        Assert.Equal(3, dns.Answers.Count);
    }

    [Fact]
    public void JoinedInTheMiddle_BeginsWithTheFirstWholeMessage()
    {
        var dns = new Recorder();
        dns.Send(Stream.AsSpan(17));

        Assert.Equal(["1 www.example.org", "192.0.2.2"], dns.Answers);
    }

    [Fact]
    public void EmptyMessages_AreSteppedOver()
    {
        var dns = new Recorder();
        dns.Send([0, 0, .. Stream, 0, 0, 0, 0, .. Stream]);

        Assert.Equal(6, dns.Answers.Count);
        Assert.Equal(3, dns.Observer.Statistics.Empty);
    }

    [Fact]
    public void OtherProtocolOnThePort_IsLeftAfterItsFirstBytes()
    {
        var dns = new Recorder(new DnsLimits { ProbeBytes = 2048 });
        byte[] line = [0, 16, .. "GET / HTTP/1.1\r\n"u8];
        for (int i = 0; i < 120; i++)
            dns.Send(line);
        dns.Send(Stream);
        dns.Connection.OnEnd(StreamDirection.ClientToServer);

        Assert.Empty(dns.Answers);
        Assert.Equal(1, dns.Observer.Statistics.NotDns);
        Assert.True(dns.Connection.IsDone);
    }

    // A length that announces much, with nothing behind it that fits, must not cost more than its bytes.
    [Fact]
    public void MutatedStreams_EndInOneOfTheStates()
    {
        const int seed = 7;
        var random = new Random(seed);
        for (int round = 0; round < 2000; round++)
        {
            var dns = new Recorder(new DnsLimits { ProbeBytes = 1024 });
            byte[] stream = [.. Enumerable.Range(0, 8).SelectMany(_ => Stream)];
            for (int i = random.Next(0, 12); i > 0; i--)
                stream[random.Next(stream.Length)] = (byte)random.Next(256);
            for (int at = 0; at < stream.Length; )
            {
                int length = Math.Min(random.Next(1, 200), stream.Length - at);
                if (random.Next(8) == 0)
                    dns.Connection.OnGap(StreamDirection.ServerToClient, length);
                else
                    dns.Send(stream.AsSpan(at, length));
                at += length;
            }

            dns.Connection.Close();
            Assert.True(dns.Connection.IsDone, $"seed {seed}, round {round}");
            Assert.Equal(0, dns.Observer.Budget.HeldBytes);
        }
    }

    private static byte[] Framed(byte[] message) => [(byte)(message.Length >> 8), (byte)message.Length, .. message];

    private sealed class Recorder : IDnsHandler
    {
        public Recorder(DnsLimits? limits = null)
        {
            Observer = new DnsObserver(limits);
            var key = FlowKey.Create(0x0A000001, 40000, 0x0A000002, 53, 6, 4, out _);
            Connection = new DnsConnection<Recorder>(new Flow(in key, 1, 0), this, Observer);
        }

        public DnsObserver Observer { get; }
        public DnsConnection<Recorder> Connection { get; }
        public List<string> Answers { get; } = [];

        public void Send(ReadOnlySpan<byte> data)
        {
            if (!data.IsEmpty)
                Connection.OnData(StreamDirection.ServerToClient, data);
        }

        public void OnMessage(Flow flow, in DnsMessage message)
        {
            foreach (DnsRecord record in message.Records)
            {
                var text = new WireTextBuilder();
                DnsRecordText.AppendData(in record, text);
                Answers.Add(Encoding.Latin1.GetString(text.Text));
            }
        }
    }
}
