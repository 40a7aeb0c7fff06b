using System.Text;
using Spillway.Net.Flows;
using Spillway.Net.Protocols.Http;

namespace Spillway.Net.Tests.Http;

/// <summary>Headers of any length: in the first message and later ones, in requests and responses, whole and in pieces.</summary>
public class HttpLongHeaderTests
{
    private const string Ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    [Theory]
    [InlineData(17_000, 1460)]
    [InlineData(60_000, 1460)]
    [InlineData(64 * 1024, 1460)]
    [InlineData(70_000, 1460)]
    [InlineData(70_000, 1_000_000)]
    [InlineData(70_000, 1)]
    [InlineData(1_000_000, 1460)]
    public void Header_OfAnyLength_CostsNoMessage(int length, int segment)
    {
        string field = $"X-Long: {new string('x', length)}\r\n";
        HttpProbe probe = new();
        Send(probe, HttpProbe.Out, $"POST /1 HTTP/1.1\r\n{field}Host: a.example\r\nContent-Length: 3\r\n\r\none", segment);
        Send(probe, HttpProbe.In, $"HTTP/1.1 200 OK\r\n{field}Content-Length: 5\r\nContent-Type: text/x\r\n\r\nfirst", segment);
        Send(probe, HttpProbe.Out, $"GET /2 HTTP/1.1\r\n{field}Host: b.example\r\n\r\n", segment);
        Send(probe, HttpProbe.In, $"HTTP/1.1 200 OK\r\n{field}Transfer-Encoding: chunked\r\n\r\n6\r\nsecond\r\n0\r\n\r\n", segment);
        probe.Client("GET /3 HTTP/1.1\r\n\r\n").Server(Ok).Close();

        Assert.Equal(["one", "", ""], probe.Recorder.Requests.Select(m => m.Text));
        Assert.Equal(["first", "second", "ok"], probe.Recorder.Responses.Select(m => m.Text));
        Assert.Equal(
            ["/1 a.example", "/2 b.example", "/3 "],
            probe.Recorder.Ended.Select(t => $"{Text(t.Request!.Target)} {Text(t.Request.Host)}")
        );
        Assert.Equal(length > 65_000 ? 4 : 0, probe.Statistics.HeadersTooLong);
        Assert.All(probe.Recorder.Ended, t => Assert.InRange(t.Response!.Raw.Length, 1, 80_000));
    }

    [Fact]
    public void Header_OfManyFieldsOverTheLimit_KeepsWhatFramingNeeds()
    {
        string fields = string.Concat(Enumerable.Range(0, 9000).Select(i => $"F{i}: {i}\r\n"));
        HttpProbe probe = new();
        probe.Client("GET /1 HTTP/1.1\r\n\r\n").Server($"HTTP/1.1 200 OK\r\n{fields}Content-Length: 5\r\n\r\nfirst{Ok}").Close();

        Assert.Equal(["first", "ok"], probe.Recorder.Responses.Select(m => m.Text));
        Assert.Equal(1, probe.Statistics.HeadersTooLong);
    }

    [Fact]
    public void Fields_MoreThanTheLimit_KeepTheLengthBehindThem()
    {
        string fields = string.Concat(Enumerable.Range(0, 300).Select(i => $"F{i}: {i}\r\n"));
        HttpProbe probe = new();
        probe.Client("GET /1 HTTP/1.1\r\n\r\n").Server($"HTTP/1.1 200 OK\r\n{fields}Content-Length: 5\r\n\r\nfirst{Ok}").Close();

        Assert.Equal(["first", "ok"], probe.Recorder.Responses.Select(m => m.Text));
        Assert.Equal(44, probe.Statistics.FieldsDropped);
    }

    [Theory]
    [InlineData(30_000, 1460)]
    [InlineData(30_000, 1)]
    [InlineData(60_000, 7)]
    public void Target_LongerThanTheProbe_IsSeen(int length, int segment)
    {
        HttpProbe probe = new();
        Send(probe, HttpProbe.Out, $"GET /{new string('a', length)} HTTP/1.1\r\nHost: h\r\n\r\n", segment);
        probe.Server(Ok).Close();

        Assert.Equal(length + 1, Assert.Single(probe.Recorder.Ended).Request!.Target.Length);
    }

    [Theory]
    [InlineData(70_000)]
    [InlineData(900_000)]
    public void Target_LongerThanTheLimit_CostsItsOwnMessageOnly(int length)
    {
        HttpProbe probe = new();
        Send(probe, HttpProbe.Out, $"GET /{new string('a', length)} HTTP/1.1\r\nHost: h\r\n\r\n", 1460);
        probe.Server("HTTP/1.1 414 Too Long\r\nContent-Length: 2\r\n\r\nno");
        probe.Client("GET /2 HTTP/1.1\r\nHost: h\r\n\r\n").Server(Ok).Close();

        Assert.Equal(["GET /2 HTTP/1.1"], probe.Recorder.Requests.Select(m => m.StartLine));
        Assert.Equal(["no", "ok"], probe.Recorder.Responses.Select(m => m.Text));
    }

    [Fact]
    public void Header_CutByTheEndOfTheConnection_IsCounted()
    {
        HttpProbe probe = new(new HttpLimits { MaxHeaderBytes = 256 });
        probe.Client($"GET / HTTP/1.1\r\nX: {new string('x', 1000)}").Close();

        Assert.Equal(1, probe.Statistics.HeadersCut);
        Assert.Empty(probe.Recorder.Ended);
    }

    [Theory]
    [InlineData("GET ", "a")]
    [InlineData("GET / HTTP/1.1\r\nA: ", "\r")]
    [InlineData("GET / HTTP/1.1\r\nA: b\r\n", "\r")]
    [InlineData("GET / HTTP/1.1\r\nA: b\r\n ", " ")]
    [InlineData("GET / HTTP/1.1\r\nA: b\r\n \r\n", "a")]
    [InlineData("GET / HTTP/1.1\r\nA: b\r\n", "\n\r")]
    public void Header_OfWorstBytes_InPiecesAndAsAWhole_IsFollowedToItsEnd(string start, string repeated)
    {
        // Each of these was, or would be, quadratic if a byte were looked at again for each that follows. What is asserted is the result;
        // time shows in the run.
        string text = start + string.Concat(Enumerable.Repeat(repeated, 60_000 / repeated.Length));
        var limits = new HttpLimits { ProbeBytes = 1 << 20 };
        HttpProbe whole = new(limits);
        HttpProbe pieces = new(limits);
        whole.Client(text).Client("\n\r\n\nGET /next HTTP/1.1\r\n\r\n").Close();
        Send(pieces, HttpProbe.Out, text, 1);
        pieces.Client("\n\r\n\nGET /next HTTP/1.1\r\n\r\n").Close();

        Assert.Contains(whole.Recorder.Requests, m => m.StartLine == "GET /next HTTP/1.1");
        Assert.Contains(pieces.Recorder.Requests, m => m.StartLine == "GET /next HTTP/1.1");
    }

    [Theory]
    [InlineData(" HTTP/1.1")]
    [InlineData("HTTP/1.1 200 ")]
    [InlineData("/1.")]
    [InlineData("a HTTP/1.1 x ")]
    public void Search_OfWorstBytes_GoesOnBehindThem(string repeated)
    {
        string text = "\u0001" + string.Concat(Enumerable.Repeat(repeated, 1_000_000 / repeated.Length));
        HttpProbe probe = new(state: FlowState.Init);
        probe.Client(text + "\u0001\nGET /next HTTP/1.1\r\n\r\n").Close();

        Assert.Equal("GET /next HTTP/1.1", Assert.Single(probe.Recorder.Requests).StartLine);
    }

    private static void Send(HttpProbe probe, StreamDirection direction, string text, int segment)
    {
        byte[] bytes = HttpProbe.Bytes(text);
        for (int at = 0; at < bytes.Length; at += segment)
            probe.Feed(direction, bytes.AsSpan(at, Math.Min(segment, bytes.Length - at)));
    }

    private static string Text(ReadOnlySpan<byte> bytes) => Encoding.Latin1.GetString(bytes);
}
