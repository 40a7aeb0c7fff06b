using System.Text;
using Spillway.Net.Flows;
using Spillway.Net.Protocols;
using Spillway.Net.Protocols.Dns;

namespace Spillway.Net.Tests.Dns;

public sealed class DnsConnectionTests
{
    private static byte[] Stream => [.. Framed(DnsBytes.Answer(1, [192, 0, 2, 1])), .. Framed(DnsBytes.Answer(15, [0, 1, 0xC0, 12])), .. Framed(DnsBytes.Answer(1, [192, 0, 2, 2]))];

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
        foreach (byte one in Stream) dns.Send([one]);

        Assert.Equal(3, dns.Answers.Count);
    }

    [Fact]
    public void Gap_LeavesTheStream()
    {
        var dns = new Recorder();
        dns.Send(Stream.AsSpan(0, 5));
        dns.Connection.OnGap(StreamDirection.ServerToClient);
        dns.Send(Stream);
        dns.Connection.OnEnd(StreamDirection.ClientToServer);

        Assert.Empty(dns.Answers);
        Assert.Equal(1, dns.Observer.Statistics.WithGap);
        Assert.True(dns.Connection.IsDone);
    }

    [Fact]
    public void OtherProtocolOnThePort_IsLeft()
    {
        var dns = new Recorder();
        dns.Send([0, 16, .. "GET / HTTP/1.1\r\n"u8, .. Stream]);

        Assert.Empty(dns.Answers);
        Assert.Equal(1, dns.Observer.Statistics.NotDns);
    }

    private static byte[] Framed(byte[] message) => [(byte)(message.Length >> 8), (byte)message.Length, .. message];

    private sealed class Recorder : IDnsHandler
    {
        public Recorder()
        {
            var key = FlowKey.Create(0x0A000001, 40000, 0x0A000002, 53, 6, 4, out _);
            Connection = new DnsConnection<Recorder>(new Flow(in key, 1, 0), this, Observer);
        }

        public DnsObserver Observer { get; } = new();
        public DnsConnection<Recorder> Connection { get; }
        public List<string> Answers { get; } = [];

        public void Send(ReadOnlySpan<byte> data)
        {
            if (!data.IsEmpty) Connection.OnData(StreamDirection.ServerToClient, data);
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
