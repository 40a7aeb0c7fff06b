using System.Text;
using Spillway.Net.Protocols.Http;

namespace Spillway.Net.Tests.Http.Pairing;

/// <summary>
/// One kind of loss each: what a response is paired with, and what is left open. The order of calls is that of the network.
/// </summary>
public class HttpPairingTests
{
    [Fact]
    public void Response_WhoseRequestIsLost_IsOpenAndTheNextOneRight()
    {
        HttpProbe probe = new HttpProbe().Client(Get("/1")).Server(Answer("/1")).Gap(HttpProbe.Out, 40).Server(Answer("/2"));
        probe.Client(Get("/3")).Server(Answer("/3")).Close();

        Assert.Equal(["/1=/1", "-=/2", "/3=/3"], Pairs(probe));
    }

    [Fact]
    public void Response_CapturedBeforeItsLostRequestShows_IsOpen()
    {
        // It acknowledges 40 bytes that nobody has seen.
        HttpProbe probe = new HttpProbe().Client(Get("/1")).Server(Answer("/1"));
        byte[] second = HttpProbe.Bytes(Answer("/2"));
        probe.Connection.OnData(HttpProbe.In, Answer("/1").Length, Get("/1").Length + 40, second);
        probe.Gap(HttpProbe.Out, 40).Client(Get("/3")).Server(Answer("/3")).Close();

        Assert.Equal(["/1=/1", "-=/2", "/3=/3"], Pairs(probe));
    }

    [Fact]
    public void Request_WhoseResponseIsLost_StaysUnansweredAndTheNextOneIsRight()
    {
        HttpProbe probe = new HttpProbe().Client(Get("/1")).Gap(HttpProbe.In, 60).Client(Get("/2")).Server(Answer("/2")).Close();

        Assert.Equal(["/1=-", "/2=/2"], Pairs(probe));
    }

    [Fact]
    public void Round_FirstRequestLost_IsOpenAndTheNextRoundRight()
    {
        HttpProbe probe = new HttpProbe().Client(Get("/1") + Get("/2")).Server(Answer("/1") + Answer("/2"));
        probe.Client(Get("/3")).Server(Answer("/3")).Gap(HttpProbe.Out, 40).Client(Get("/5")).Server(Answer("/4") + Answer("/5"));
        probe.Client(Get("/6") + Get("/7")).Server(Answer("/6")).Server(Answer("/7")).Close();

        Assert.Equal(["/1=/1", "/2=/2", "/3=/3", "-=/4", "-=/5", "/5=-", "/6=/6", "/7=/7"], Pairs(probe));
    }

    [Fact]
    public void Round_OneResponseLost_LeavesTheRestOpenAndTheNextRoundIsRight()
    {
        HttpProbe probe = new HttpProbe().Client(Get("/1") + Get("/2")).Server(Answer("/1") + Answer("/2")).Client(Get("/3"));
        probe.Server(Answer("/3")).Client(Get("/4") + Get("/5") + Get("/6")).Server(Answer("/4")).Gap(HttpProbe.In, Answer("/5").Length);
        probe.Server(Answer("/6")).Client(Get("/7")).Server(Answer("/7")).Close();

        Assert.Equal(["/1=/1", "/2=/2", "/3=/3", "/4=/4", "-=/6", "/5=-", "/6=-", "/7=/7"], Pairs(probe));
    }

    [Fact]
    public void Client_ThatSendsWhileAnswersAreOpen_IsNotFollowedBehindALoss()
    {
        HttpProbe probe = new HttpProbe().Client(Get("/1") + Get("/2")).Server(Answer("/1")).Client(Get("/3")).Server(Answer("/2"));
        probe.Gap(HttpProbe.Out, 40).Server(Answer("/3")).Client(Get("/5")).Server(Answer("/4")).Server(Answer("/5")).Close();

        Assert.Equal(["/1=/1", "/2=/2", "/3=/3", "-=/4", "-=/5", "/5=-"], Pairs(probe));
    }

    [Fact]
    public void Response_ThatWasSentBeforeTheRequest_IsNotItsAnswer()
    {
        HttpProbe probe = new HttpProbe().Client(Get("/1")).Server(Answer("/1"));
        int asked = Get("/1").Length;
        probe.Client(Get("/2"));
        probe.Connection.OnData(
            HttpProbe.In,
            Answer("/1").Length,
            asked,
            HttpProbe.Bytes("HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n")
        );
        probe.Server(Answer("/2")).Close();

        Assert.Equal(["/1=/1", "-=-", "/2=/2"], Pairs(probe));
    }

    [Fact]
    public void Pipeline_BeyondTheLimit_LeavesOnlyThoseBeyondOpen()
    {
        HttpProbe probe = new(new HttpLimits { MaxOutstandingRequests = 2 });
        probe.Client(Get("/1") + Get("/2") + Get("/3")).Server(Answer("/1") + Answer("/2") + Answer("/3"));
        probe.Client(Get("/4")).Server(Answer("/4")).Close();

        Assert.Equal(["/3=-", "/1=/1", "/2=/2", "-=/3", "/4=/4"], Pairs(probe));
        Assert.Equal(1, probe.Statistics.OutstandingDropped);
    }

    [Fact]
    public void Body_ThatHoldsAResponseBehindALoss_GetsNoRequest()
    {
        HttpProbe probe = new HttpProbe().Client(Get("/1")).Gap(HttpProbe.In, 90).Server("tail of a body\r\n\r\n" + Answer("/false"));
        probe.Client(Get("/2")).Server(Answer("/2")).Close();

        Assert.Equal(["-=/false", "/1=-", "/2=/2"], Pairs(probe));
    }

    [Fact]
    public void Interim_BehindALoss_BeginsCountingAnew()
    {
        HttpProbe probe = new HttpProbe().Client(Get("/1")).Server(Answer("/1")).Gap(HttpProbe.Out, 40).Server(Answer("/2"));
        probe.Client(Get("/3")).Server("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n").Server(Answer("/3")).Close();

        Assert.Equal(["/1=/1", "-=/2", "/3=/3"], Pairs(probe));
    }

    [Fact]
    public void Upload_WithMissingBytes_KeepsItsResponse()
    {
        HttpProbe probe = new HttpProbe().Client("POST /up HTTP/1.1\r\nX-Name: 1\r\nContent-Length: 100\r\n\r\nabc").Gap(HttpProbe.Out, 97);
        probe.Server(Answer("/up")).Client(Get("/2")).Server(Answer("/2")).Close();

        Assert.Equal(["/up=/up", "/2=/2"], Pairs(probe));
    }

    [Fact]
    public void Acknowledgments_ThatAreAllZero_LeaveTheOrder()
    {
        HttpProbe probe = new();
        long client = 0,
            server = 0;
        for (int i = 1; i <= 3; i++)
        {
            probe.Connection.OnData(HttpProbe.Out, client, 0, HttpProbe.Bytes(Get($"/{i}")));
            probe.Connection.OnData(HttpProbe.In, server, 0, HttpProbe.Bytes(Answer($"/{i}")));
            client += Get($"/{i}").Length;
            server += Answer($"/{i}").Length;
        }

        probe.Close();
        Assert.Equal(["/1=/1", "/2=/2", "/3=/3"], Pairs(probe));
    }

    private static string Get(string target) => $"GET {target} HTTP/1.1\r\nHost: a\r\n\r\n";

    private static string Answer(string target) => $"HTTP/1.1 200 OK\r\nX-For: {target}\r\nContent-Length: 2\r\n\r\nok";

    /// <summary>What was asked and what the response says it answers, in the order in which the transactions ended.</summary>
    private static IEnumerable<string> Pairs(HttpProbe probe) =>
        probe.Recorder.Ended.Select(transaction =>
        {
            string asked = transaction.Request is { } request ? Encoding.Latin1.GetString(request.Target) : "-";
            ReadOnlySpan<byte> answered = default;
            transaction.Response?.TryGetValue("X-For"u8, out answered);
            return $"{asked}={(answered.IsEmpty ? "-" : Encoding.Latin1.GetString(answered))}";
        });
}
