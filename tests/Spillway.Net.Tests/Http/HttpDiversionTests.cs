using System.Text;
using Spillway.Net.Flows;
using Spillway.Net.Protocols.Http;

namespace Spillway.Net.Tests.Http;

/// <summary>What comes where a body, the end or nothing was due: tunnels, refused expectations, connections joined inside a body.</summary>
public class HttpDiversionTests
{
    private const string Ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    private const string Connect = "CONNECT a.example:80 HTTP/1.1\r\nHost: a.example:80\r\n\r\n";
    private const string Connected = "HTTP/1.1 200 Connected\r\n\r\n";
    private const string Put = "PUT /1 HTTP/1.1\r\nContent-Length: 12\r\nExpect: 100-Continue\r\n\r\n";
    private const string Refused = "HTTP/1.1 417 No\r\nContent-Length: 2\r\n\r\nno";

    [Fact]
    public void Tunnel_WithHttpInside_IsFollowed()
    {
        HttpProbe probe = new();
        probe.Client(Connect).Server(Connected);
        Assert.True(probe.Connection.IsTunnel);
        probe.Client("GET /1 HTTP/1.1\r\n\r\nGET /2 HTTP/1.1\r\n\r\n").Server(Ok + Ok).Close();

        Assert.Equal(["a.example:80", "/1", "/2"], probe.Recorder.Ended.Select(t => Text(t.Request!.Target)));
        Assert.Equal([0L, 1, 2], probe.Recorder.Ended.Select(t => t.Number));
        Assert.Equal(["", "ok", "ok"], probe.Recorder.Responses.Select(m => m.Text));
        Assert.Equal(0, probe.Statistics.GarbageBytes);
    }

    [Fact]
    public void Tunnel_InsideATunnel_IsFollowed()
    {
        HttpProbe probe = new();
        probe.Client(Connect).Server(Connected).Client(Connect).Server(Connected).Client("GET /1 HTTP/1.1\r\n\r\n").Server(Ok).Close();

        Assert.Equal(2, probe.Statistics.Tunnels);
        Assert.Equal("/1", Text(probe.Recorder.Ended[^1].Request!.Target));
    }

    [Theory]
    [InlineData("", "SSH-2.0-x\r\n")]
    [InlineData("\u0016\u0003\u0001\u0002\0\u0001\0", "")]
    [InlineData("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "")]
    public void Tunnel_WithAnotherProtocolInside_IsLeftAtOnce(string client, string server)
    {
        HttpProbe probe = new();
        probe.Client(Connect).Server(Connected).Client(client).Server(server);

        Assert.True(probe.Connection.IsDone);
        probe.Recorder.AssertAllEnded();
        Assert.Equal((0, 0), (probe.Statistics.GarbageBytes, probe.Statistics.Resynchronisations));
    }

    [Fact]
    public void Tunnel_WithUnknownBytes_IsLeftAtTheLimit()
    {
        HttpProbe probe = new();
        probe.Client(Connect).Server(Connected + "220 mail ready\r\n");
        for (int i = 0; i < 40; i++)
            probe.Client(new string('\u0001', 1000));

        Assert.True(probe.Connection.IsDone);
        Assert.Equal((0, 0), (probe.Statistics.GarbageBytes, probe.Statistics.NotHttp));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(1000)]
    public void Expectation_RefusedWithoutBody_ANewRequestFollows(int segment)
    {
        HttpProbe probe = new();
        probe.Client(Put).Server(Refused);
        Send(probe, "GET /2 HTTP/1.1\r\nHost: h\r\n\r\n", segment);
        probe.Server(Ok).Close();

        Assert.Equal(["PUT /1 HTTP/1.1 NoBody", "GET /2 HTTP/1.1 NoBody"], probe.Recorder.Requests.Select(m => $"{m.StartLine} {m.End}"));
        Assert.Equal(["no", "ok"], probe.Recorder.Responses.Select(m => m.Text));
        Assert.All(probe.Recorder.Ended, t => Assert.True(t.Request is not null && t.Response is not null));
    }

    [Theory]
    [InlineData("hello world!", 1)]
    [InlineData("hello world!", 1000)]
    [InlineData("GET is here!", 1)]
    [InlineData("GET is here!", 1000)]
    public void Expectation_RefusedAndTheBodySent_IsTheBody(string body, int segment)
    {
        HttpProbe probe = new();
        probe.Client(Put).Server(Refused);
        Send(probe, body + "GET /2 HTTP/1.1\r\n\r\n", segment);
        probe.Server(Ok).Close();

        Assert.Equal([body, ""], probe.Recorder.Requests.Select(m => m.Text));
        Assert.Equal(["no", "ok"], probe.Recorder.Responses.Select(m => m.Text));
    }

    [Fact]
    public void Expectation_RefusedAndAChunkedBodySent_IsTheBody()
    {
        HttpProbe probe = new();
        probe.Client("PUT /1 HTTP/1.1\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n").Server(Refused);
        Send(probe, "5\r\nhello\r\n0\r\n\r\nGET /2 HTTP/1.1\r\n\r\n", 1);
        probe.Server(Ok).Close();

        Assert.Equal(["hello", ""], probe.Recorder.Requests.Select(m => m.Text));
    }

    [Fact]
    public void Expectation_Met_TakesWhateverComesForTheBody()
    {
        HttpProbe probe = new();
        probe.Client("PUT /1 HTTP/1.1\r\nContent-Length: 19\r\nExpect: 100-continue\r\n\r\n").Server("HTTP/1.1 100 Continue\r\n\r\n");
        probe.Client("GET /2 HTTP/1.1\r\n\r\n").Server(Ok).Close();

        Assert.Equal("GET /2 HTTP/1.1\r\n\r\n", Assert.Single(probe.Recorder.Requests).Text);
    }

    [Fact]
    public void Expectation_RefusedAndNothingSent_HadNoBody()
    {
        HttpProbe probe = new();
        probe.Client(Put).Server(Refused).Close();

        Assert.Equal(HttpBodyEnd.NoBody, Assert.Single(probe.Recorder.Requests).End);
    }

    [Theory]
    [InlineData(FlowState.Init)]
    [InlineData(FlowState.SeenSyn)]
    public void Search_InsideALargeBody_GoesOnToTheNextMessage(FlowState state)
    {
        // Joined in the middle, or with the beginning of both streams lost.
        HttpProbe probe = new(state: state);
        if (state == FlowState.SeenSyn)
            probe.Gap(HttpProbe.In, 1000);
        byte[] body = new byte[1460];
        new Random(5).NextBytes(body);
        for (int i = 0; i < 3000; i++)
            probe.Server(body);
        probe.Client("GET /next HTTP/1.1\r\n\r\n").Server(Ok).Close();

        HttpTransaction transaction = Assert.Single(probe.Recorder.Ended);
        Assert.Equal("/next", Text(transaction.Request!.Target));
        Assert.Equal("ok", Assert.Single(probe.Recorder.Responses).Text);
    }

    private static void Send(HttpProbe probe, string text, int segment)
    {
        for (int at = 0; at < text.Length; at += segment)
            probe.Client(text.Substring(at, Math.Min(segment, text.Length - at)));
    }

    private static string Text(ReadOnlySpan<byte> bytes) => Encoding.Latin1.GetString(bytes);
}
