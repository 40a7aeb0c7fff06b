using System.Text;
using Spillway.Net.Flows;
using Spillway.Net.Protocols.Http;
using Spillway.Tests.Shared;

namespace Spillway.Net.Tests.Http;

/// <summary>Pairing, roles, leaving HTTP, and finding the way back after loss.</summary>
public class HttpConnectionTests
{
    private const string Ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    [Fact]
    public void Pipelined_RequestsAndResponses_ArePairedInOrder()
    {
        HttpProbe probe = new();
        probe.Client("GET /1 HTTP/1.1\r\n\r\nGET /2 HTTP/1.1\r\n\r\nHEAD /3 HTTP/1.1\r\n\r\nGET /4 HTTP/1.1\r\n\r\n");
        probe.Server("HTTP/1.1 200 A\r\nContent-Length: 1\r\n\r\naHTTP/1.1 100 C\r\n\r\nHTTP/1.1 200 B\r\nContent-Length: 1\r\n\r\nb");
        probe.Server("HTTP/1.1 200 C\r\nContent-Length: 1\r\n\r\nHTTP/1.1 200 D\r\nContent-Length: 1\r\n\r\nd").Close();

        Assert.Equal(
            ["/1 HTTP/1.1 200 A", "/2 HTTP/1.1 200 B", "/3 HTTP/1.1 200 C", "/4 HTTP/1.1 200 D"],
            probe.Recorder.Ended.Select(t => $"{Text(t.Request!.Target)} {Text(t.Response!.Raw).Split('\r')[0]}")
        );
        Assert.Equal(["a", "b", "", "d"], probe.Recorder.Responses.Select(m => m.Text));
        Assert.Equal(1, probe.Statistics.Interim);
        Assert.Equal([0L, 1, 2, 3], probe.Recorder.Ended.Select(t => t.Number));
    }

    [Fact]
    public void Roles_GuessedTheWrongWayRound_AreFoundByContent()
    {
        HttpProbe probe = new();
        probe.Feed(HttpProbe.In, "POST /x HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc"u8);
        probe.Feed(HttpProbe.Out, HttpProbe.Bytes(Ok)).Close();

        Assert.True(probe.Connection.IsReversed);
        Assert.Equal("abc", Assert.Single(probe.Recorder.Requests).Text);
        Assert.Equal("ok", Assert.Single(probe.Recorder.Responses).Text);
        Assert.Equal(1, probe.Statistics.RolesReversed);
    }

    [Fact]
    public void Roles_ResponsesOnly_GiveTransactionsWithoutRequest()
    {
        HttpProbe probe = new(state: FlowState.Init);
        probe.Server(Ok).Server(Ok).Server("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n").Server(Ok).Close();

        Assert.Equal(["ok", "ok", "", "ok"], probe.Recorder.Responses.Select(m => m.Text));
        Assert.All(probe.Recorder.Ended, t => Assert.Null(t.Request));
        Assert.Equal(4, probe.Statistics.Unrequested);
    }

    [Fact]
    public void Roles_RequestsOnly_EndAtTheClose()
    {
        HttpProbe probe = new(state: FlowState.Init);
        probe.Client("GET /1 HTTP/1.1\r\n\r\n").Client("POST /2 HTTP/1.1\r\nContent-Length: 2\r\n\r\nhi").Close();

        Assert.Equal(["", "hi"], probe.Recorder.Requests.Select(m => m.Text));
        Assert.Equal(2, probe.Statistics.Unanswered);
        Assert.All(probe.Recorder.Ended, t => Assert.Null(t.Response));
    }

    [Fact]
    public void Waiting_MoreThanTheLimit_GivesUpTheOldest()
    {
        HttpProbe probe = new(new HttpLimits { MaxOutstandingRequests = 3 });
        for (int i = 0; i < 10; i++)
            probe.Client($"GET /{i} HTTP/1.1\r\n\r\n");

        Assert.Equal(3, probe.Recorder.LiveTransactions);
        Assert.Equal(7, probe.Statistics.OutstandingDropped);
        probe.Close();
    }

    [Fact]
    public void Connect_Accepted_LeavesHttp()
    {
        HttpProbe probe = new();
        probe.Client("CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n\r\n").Client("\u0016\u0003\u0001 hello");
        Assert.False(probe.Connection.IsDone);
        probe.Server("HTTP/1.1 200 Connected\r\n\r\n\u0016\u0003\u0001");

        Assert.True(probe.Connection.IsDone);
        probe.Recorder.AssertAllEnded();
        Assert.Equal(1, probe.Statistics.Tunnels);
        probe.Client("GET /no HTTP/1.1\r\n\r\n").Close();
        Assert.Single(probe.Recorder.Requests);
    }

    [Fact]
    public void Connect_Refused_StaysInHttp()
    {
        HttpProbe probe = new();
        probe.Client("CONNECT a.example:443 HTTP/1.1\r\n\r\n").Server("HTTP/1.1 407 No\r\nContent-Length: 2\r\n\r\nno");
        probe.Client("GET /x HTTP/1.1\r\n\r\n").Server(Ok).Close();

        Assert.Equal(["no", "ok"], probe.Recorder.Responses.Select(m => m.Text));
    }

    [Fact]
    public void Upgrade_Switching_LeavesHttp()
    {
        HttpProbe probe = new();
        probe
            .Client("GET /ws HTTP/1.1\r\nUpgrade: websocket\r\n\r\n")
            .Server("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n\u0081\u0005hello");

        Assert.True(probe.Connection.IsDone);
        Assert.Equal(101, Assert.Single(probe.Recorder.Ended).Response!.Status);
        probe.Recorder.AssertAllEnded();
    }

    [Theory]
    [InlineData("\u0016\u0003\u0001\u0002\0\u0001\0")]
    [InlineData("SSH-2.0-OpenSSH\r\n")]
    [InlineData("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")]
    public void Other_KnownFromItsFirstBytes_IsGivenUpAtOnce(string start)
    {
        HttpProbe probe = new();
        probe.Client(start);

        Assert.True(probe.Connection.IsDone);
        Assert.False(probe.Connection.IsHttp);
        Assert.Equal(1, probe.Statistics.NotHttp);
    }

    [Theory]
    [InlineData("EHLO mail.example\r\nMAIL FROM:<a@b>\r\n")]
    [InlineData("INVITE sip:a@b SIP/2.0\r\n\r\n")]
    [InlineData("DESCRIBE rtsp://a/b RTSP/1.0\r\n\r\n")]
    [InlineData("\0\u0001\u0002binary")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("GET /never-ending-line-")]
    public void Other_WithoutHttpInTheProbedBytes_IsGivenUp(string text)
    {
        HttpProbe probe = new();
        for (int i = 0; i < 40_000 && !probe.Connection.IsDone; i++)
            probe.Client(text).Server(text);

        Assert.True(probe.Connection.IsDone);
        Assert.False(probe.Connection.IsHttp);
        Assert.Empty(probe.Recorder.Ended);
        Assert.Equal(0, probe.Statistics.GarbageBytes);
    }

    [Fact]
    public void Http_BehindAnotherProtocol_IsFound()
    {
        // SOCKS 4 before HTTP, as behind a proxy.
        HttpProbe probe = new();
        probe.Client("\u0004\u0001\0P\n\0\0\u0001\0").Server("\0Z\0P\n\0\0\u0001");
        probe.Client("GET / HTTP/1.1\r\n\r\n").Server(Ok).Close();

        Assert.Equal("ok", Assert.Single(probe.Recorder.Responses).Text);
    }

    [Fact]
    public void Http_JoinedInsideABody_IsFoundAtTheNextMessage()
    {
        HttpProbe probe = new(state: FlowState.Init);
        for (int i = 0; i < 100; i++)
            probe.Server(new byte[1460]);
        probe.Client("GET / HTTP/1.1\r\n\r\n").Server(Ok).Close();

        Assert.Equal("ok", Assert.Single(probe.Recorder.Responses).Text);
        Assert.NotNull(Assert.Single(probe.Recorder.Ended).Request);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(1000)]
    public void Garbage_BetweenMessages_IsSkippedAndCounted(int length)
    {
        string garbage = new('\u0001', length);
        HttpProbe probe = new();
        probe.Client("GET /1 HTTP/1.1\r\n\r\n").Server(Ok).Server(garbage).Client(garbage);
        probe.Client("\nGET /2 HTTP/1.1\r\n\r\n").Server("\n" + Ok).Close();

        Assert.Equal(["ok", "ok"], probe.Recorder.Responses.Select(m => m.Text));
        Assert.Equal(2, probe.Recorder.Requests.Count());
        Assert.InRange(probe.Statistics.GarbageBytes, 2 * length, (2 * length) + 2);
    }

    [Fact]
    public void KeepAliveByte_BeforeARequest_IsSkipped()
    {
        HttpProbe probe = new();
        probe.Client("\0").Client("GET /1 HTTP/1.1\r\n\r\n").Server(Ok).Client("\0").Client("GET /2 HTTP/1.1\r\n\r\n").Server(Ok).Close();

        Assert.Equal(2, probe.Recorder.Ended.Count);
        Assert.Equal(0, probe.Statistics.Unrequested);
    }

    [Fact]
    public void UntilClose_WithARequestWaiting_EndsAtTheNextResponse()
    {
        HttpProbe probe = new();
        probe.Client("GET /1 HTTP/1.1\r\n\r\n").Server("HTTP/1.1 302 Found\r\n\r\n");
        probe.Client("GET /2 HTTP/1.1\r\n\r\n").Server(Ok).Close();

        Assert.Equal(["", "ok"], probe.Recorder.Responses.Select(m => m.Text));
    }

    [Fact]
    public void Header_MoreFieldsThanTheLimit_KeepsTheFirst()
    {
        HttpProbe probe = new(new HttpLimits { MaxHeaderFields = 4 });
        string fields = string.Concat(Enumerable.Range(0, 10).Select(i => $"F{i}: {i}\r\n"));
        probe.Client($"GET / HTTP/1.1\r\n{fields}\r\n").Close();

        Assert.Equal(4, Assert.Single(probe.Recorder.Ended).Request!.Fields.Length);
        Assert.Equal(6, probe.Statistics.FieldsDropped);
    }

    [Fact]
    public void Gap_OverAWholeResponse_PairsTheNextOneWithTheLastRequest()
    {
        HttpProbe probe = new();
        probe.Client("GET /1 HTTP/1.1\r\n\r\n").Gap(HttpProbe.In, 500).Client("GET /2 HTTP/1.1\r\n\r\n").Server(Ok).Close();

        HttpTransaction answered = Assert.Single(probe.Recorder.Ended, t => t.Response is not null);
        Assert.Equal("/2", Text(answered.Request!.Target));
        Assert.Equal(1, probe.Statistics.Unanswered);
    }

    [Fact]
    public void Gap_OverTheEndOfABody_ResynchronisesAtTheNextStartLine()
    {
        HttpProbe probe = new();
        probe.Client("GET /1 HTTP/1.1\r\n\r\n").Server("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel");
        probe.Gap(HttpProbe.In, 20).Server("ld\r\n0\r\n\r\n" + Ok).Close();

        Assert.Equal(["hel Gap", "ok Complete"], probe.Recorder.Responses.Select(m => $"{m.Text.TrimEnd('\0')} {m.End}"));
        Assert.Equal(1, probe.Statistics.Resynchronisations);
    }

    [Theory]
    [InlineData("binary\x01\x02")]
    [InlineData("a line of a log: GET / HTTP/1.1 200\n")]
    [InlineData("a text that shows HTTP/1.1 200 OK as an answer")]
    public void Gap_OverAHeader_ResynchronisesBehindABodyThatEndsAnywhere(string body)
    {
        HttpProbe probe = new();
        probe.Client("GET /1 HTTP/1.1\r\n\r\n").Gap(HttpProbe.In, 500).Client("GET /2 HTTP/1.1\r\n\r\n").Server(body + Ok).Close();

        Assert.Equal("ok Complete", probe.Recorder.Responses.Select(m => $"{m.Text} {m.End}").Single());
    }

    [Fact]
    public void Gap_InsideAChunk_StaysInStep()
    {
        HttpProbe probe = new();
        probe.Client("GET /1 HTTP/1.1\r\n\r\n").Server("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\na\r\n012");
        probe.Gap(HttpProbe.In, 4).Server("789\r\n1\r\nx\r\n0\r\n\r\n" + Ok).Close();

        Assert.Equal(["012\0\0\0\0789x Gap", "ok Complete"], probe.Recorder.Responses.Select(m => $"{m.Text} {m.End}"));
        Assert.Equal(0, probe.Statistics.Resynchronisations);
    }

    [Fact]
    public void Gap_OfAnAbsurdLength_DoesNotOverflow()
    {
        HttpProbe probe = new();
        probe.Client("GET /1 HTTP/1.1\r\n\r\n").Server("HTTP/1.1 200 OK\r\nContent-Length: 9000000000000000000\r\n\r\nabc");
        probe.Gap(HttpProbe.In, long.MaxValue).Server(Ok).Close();

        Assert.Equal([HttpBodyEnd.Gap, HttpBodyEnd.Complete], probe.Recorder.Responses.Select(m => m.End));
    }

    [Fact]
    public void End_OfOneDirection_LetsTheOtherGoOn()
    {
        HttpProbe probe = new();
        probe.Client("GET /1 HTTP/1.0\r\n\r\n");
        probe.Connection.OnEnd(HttpProbe.Out);
        probe.Server("HTTP/1.0 200 OK\r\n\r\nhel").Server("lo");
        probe.Connection.OnEnd(HttpProbe.In);

        Assert.True(probe.Connection.IsDone);
        probe.Recorder.AssertAllEnded();
        Assert.Equal("hello Complete", $"{Assert.Single(probe.Recorder.Responses).Text} {probe.Recorder.Responses.First().End}");
    }

    [Fact]
    public void Body_Plain_ArrivesAsSlicesOfTheStream()
    {
        HttpProbe probe = new();
        byte[] segment = new byte[1460];
        probe.Client("GET / HTTP/1.1\r\n\r\n").Server("HTTP/1.1 200 OK\r\nContent-Length: 2000000\r\n\r\n").Server(segment);
        SilentHandler silent = new();
        HttpConnection<SilentHandler> connection = new(probe.Flow, silent, probe.Observer);
        connection.OnData(HttpProbe.Out, "GET / HTTP/1.1\r\n\r\n"u8);
        connection.OnData(HttpProbe.In, "HTTP/1.1 200 OK\r\nContent-Length: 2000000\r\n\r\n"u8);
        connection.OnData(HttpProbe.In, segment);
        long allocated = Allocations.InSteadyState(
            () =>
            {
                for (int i = 0; i < 300; i++)
                    connection.OnData(HttpProbe.In, segment);
            },
            out int rounds
        );

        Assert.Equal(0, allocated);
        Assert.Equal((1 + (rounds * 300)) * 1460, silent.Bytes);
        probe.Close();
    }

    private static string Text(ReadOnlySpan<byte> bytes) => Encoding.Latin1.GetString(bytes);

    private sealed class SilentHandler : IHttpHandler
    {
        public long Bytes { get; private set; }

        public void OnRequestHeader(HttpTransaction transaction) { }

        public void OnResponseHeader(HttpTransaction transaction) { }

        public void OnBody(HttpTransaction transaction, StreamDirection direction, long offset, ReadOnlySpan<byte> data) =>
            Bytes += data.Length;

        public void OnMessageEnd(HttpTransaction transaction, StreamDirection direction, long length, HttpBodyEnd end) { }

        public void OnTransactionEnd(HttpTransaction transaction) { }
    }
}
