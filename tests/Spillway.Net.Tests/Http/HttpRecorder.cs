using System.Text;
using Spillway.Net.Flows;
using Spillway.Net.Packets;
using Spillway.Net.Protocols.Http;

namespace Spillway.Net.Tests.Http;

/// <summary>One message as it was observed.</summary>
internal sealed record ObservedMessage(
    long Transaction,
    StreamDirection Direction,
    string StartLine,
    byte[] Body,
    long Length,
    HttpBodyEnd End
)
{
    public string Text => Encoding.Latin1.GetString(Body);

    public override string ToString() =>
        $"#{Transaction} {Direction} [{StartLine}] {Body.Length}/{Length} {End} "
        + $"{Convert.ToHexString(System.Security.Cryptography.SHA1.HashData(Body))}";
}

/// <summary>Writes down what a connection reports, and asserts the order that is promised.</summary>
internal sealed class HttpRecorder : IHttpHandler
{
    private readonly Dictionary<(HttpTransaction, StreamDirection), MemoryStream> _open = [];
    private readonly HashSet<HttpTransaction> _live = [];
    private readonly HashSet<HttpTransaction> _ended = [];

    public List<ObservedMessage> Messages { get; } = [];

    public List<HttpTransaction> Ended { get; } = [];

    public Action<HttpTransaction>? RequestHeader { get; set; }

    public Action<HttpTransaction>? ResponseHeader { get; set; }

    public int OpenMessages => _open.Count;

    public int LiveTransactions => _live.Count;

    public IEnumerable<ObservedMessage> Requests => Messages.Where(m => m.Direction == StreamDirection.ClientToServer);

    public IEnumerable<ObservedMessage> Responses => Messages.Where(m => m.Direction == StreamDirection.ServerToClient);

    public void OnRequestHeader(HttpTransaction transaction)
    {
        Assert.NotNull(transaction.Request);
        Assert.True(_live.Add(transaction));
        Assert.DoesNotContain(transaction, _ended);
        _open.Add((transaction, StreamDirection.ClientToServer), new MemoryStream());
        RequestHeader?.Invoke(transaction);
    }

    public void OnResponseHeader(HttpTransaction transaction)
    {
        Assert.NotNull(transaction.Response);
        Assert.DoesNotContain(transaction, _ended);
        Assert.Equal(transaction.Request is null, _live.Add(transaction));
        _open.Add((transaction, StreamDirection.ServerToClient), new MemoryStream());
        ResponseHeader?.Invoke(transaction);
    }

    public void OnBody(HttpTransaction transaction, StreamDirection direction, long offset, ReadOnlySpan<byte> data)
    {
        Assert.False(data.IsEmpty);
        MemoryStream body = _open[(transaction, direction)];
        Assert.True(offset >= body.Length, $"offset {offset} after {body.Length} bytes");
        body.SetLength(Math.Min(offset, 1 << 24));
        body.Position = body.Length;
        body.Write(data);
    }

    public void OnMessageEnd(HttpTransaction transaction, StreamDirection direction, long length, HttpBodyEnd end)
    {
        Assert.True(_open.Remove((transaction, direction), out MemoryStream? body));
        HttpHeader header = (direction == StreamDirection.ClientToServer ? transaction.Request : transaction.Response)!;
        string block = Encoding.Latin1.GetString(header.Raw);
        Messages.Add(new ObservedMessage(transaction.Number, direction, block.Split('\n')[0].TrimEnd('\r'), body.ToArray(), length, end));
    }

    public void OnTransactionEnd(HttpTransaction transaction)
    {
        Assert.True(_live.Remove(transaction));
        Assert.True(_ended.Add(transaction));
        Ended.Add(transaction);
    }

    public void AssertAllEnded()
    {
        Assert.Empty(_open);
        Assert.Empty(_live);
    }

    public string Summary() => string.Join("\n", Messages);
}

/// <summary>A connection with its recorder, fed with text or bytes.</summary>
internal sealed class HttpProbe
{
    public const StreamDirection Out = StreamDirection.ClientToServer;
    public const StreamDirection In = StreamDirection.ServerToClient;

    public HttpProbe(HttpLimits? limits = null, FlowState state = FlowState.SeenSyn)
    {
        Observer = new HttpObserver(limits);
        FlowKey key = FlowKey.Create(0x0A000001, 40000, 0x0A000002, 80, 6, 4, out _);
        Flow = new Flow(key, 1, 0) { State = state };
        Connection = new HttpConnection<HttpRecorder>(Flow, Recorder, Observer);
    }

    public Flow Flow { get; }

    public HttpRecorder Recorder { get; } = new();

    public HttpObserver Observer { get; }

    public HttpStatistics Statistics => Observer.Statistics;

    public HttpConnection<HttpRecorder> Connection { get; }

    public HttpProbe Client(string text) => Feed(Out, Encoding.Latin1.GetBytes(text));

    public HttpProbe Server(string text) => Feed(In, Encoding.Latin1.GetBytes(text));

    public HttpProbe Server(ReadOnlySpan<byte> data) => Feed(In, data);

    public HttpProbe Feed(StreamDirection direction, ReadOnlySpan<byte> data)
    {
        if (!data.IsEmpty)
            Connection.OnData(direction, data);
        return this;
    }

    public HttpProbe Gap(StreamDirection direction, long length)
    {
        Connection.OnGap(direction, length);
        return this;
    }

    public HttpProbe Close()
    {
        Connection.Close();
        Recorder.AssertAllEnded();
        return this;
    }

    public static byte[] Bytes(string text) => Encoding.Latin1.GetBytes(text);
}
