using Spillway.Net.Flows;

namespace Spillway.Net.Protocols.Http;

/// <summary>
/// Observes HTTP/1.0 and 1.1 (RFC 9112) in the two reassembled streams of one TCP connection, on whatever port: finds out cheaply whether
/// it is HTTP at all, pairs requests with responses, and passes on bodies without their transfer and content codings.
/// </summary>
/// <remarks>
/// Who is client and who is server is decided by content, so the directions given may be guesses, as long as they stay the same for the
/// life of the connection; events carry the true ones. Plain body bytes reach the handler as slices of the span that was given. Nothing on
/// the wire makes it throw; what a handler throws passes through. Not thread-safe.
/// </remarks>
/// <typeparam name="THandler">The receiver: a sealed class or a struct that refers to one.</typeparam>
public sealed partial class HttpConnection<THandler>
    where THandler : IHttpHandler
{
    private readonly HttpStream _out = new();
    private readonly HttpStream _in = new();
    private readonly Flow _flow;
    private readonly HttpObserver _observer;
    private readonly HttpStatistics _statistics;
    private readonly THandler _handler;
    private long _probed;

    // Garbage before the first start line: none of ours if that never comes.
    private long _garbageBefore;
    private long _transactions;

    /// <summary>Creates the observer of one connection.</summary>
    public HttpConnection(Flow flow, THandler handler, HttpObserver observer)
    {
        ArgumentNullException.ThrowIfNull(flow);
        ArgumentNullException.ThrowIfNull(observer);
        _flow = flow;
        _handler = handler;
        _observer = observer;
        _statistics = observer.Statistics;
    }

    /// <summary>Creates the observer of a connection that a detector has looked at. It is given the bytes that the detector stopped at next.</summary>
    public HttpConnection(Flow flow, THandler handler, HttpObserver observer, in HttpDetector detector)
        : this(flow, handler, observer)
    {
        _probed = detector.ProbedBytes;
        _garbageBefore = detector.GarbageBytes;
        detector.Prepare(_out, StreamDirection.ClientToServer);
        detector.Prepare(_in, StreamDirection.ServerToClient);
    }

    /// <summary>True once a start line of HTTP was seen.</summary>
    public bool IsHttp { get; private set; }

    /// <summary>
    /// True if the connection shows no HTTP, has left it (CONNECT, 101), or has ended: it needs no more data, and every transaction has ended.
    /// </summary>
    public bool IsDone { get; private set; }

    /// <summary>True if content shows that client and server are the other way round than the directions given to this object.</summary>
    public bool IsReversed { get; private set; }

    /// <summary>Bytes of one direction, in order.</summary>
    public void OnData(StreamDirection direction, ReadOnlySpan<byte> data)
    {
        HttpStream stream = direction == StreamDirection.ClientToServer ? _out : _in;

        // The bulk of all traffic: the inside of a plain body.
        if (stream.State == HttpStreamState.Length && data.Length < stream.Remaining && stream.Pipeline is null && stream.Offset > 0 && !IsDone)
        {
            stream.Remaining -= data.Length;
            DeliverPlain(stream, data);
            return;
        }

        if (stream.Ended)
            return;

        if (!IsHttp && !IsDone)
            Probe(direction, data);

        while (!data.IsEmpty && !IsDone)
            Step(stream, ref data);

        if (!IsHttp && !IsDone && _probed >= HttpDetector.LimitOf(_flow, _observer))
            GiveUp();
    }

    /// <summary>Bytes of one direction are missing; its next data stands behind them.</summary>
    public void OnGap(StreamDirection direction, long length)
    {
        HttpStream stream = direction == StreamDirection.ClientToServer ? _out : _in;
        if (IsDone || stream.Ended || length <= 0)
            return;

        _statistics.MissingBytes += length;
        if (stream.State == HttpStreamState.Doubtful)
            Resolve(stream, hasBody: false);

        if (stream.Current is not null)
            SkipInBody(stream, length);
        else if (!IsDone)
            LoseMessages(stream);
    }

    /// <summary>No more bytes will come in this direction.</summary>
    public void OnEnd(StreamDirection direction)
    {
        HttpStream stream = direction == StreamDirection.ClientToServer ? _out : _in;
        if (IsDone || stream.Ended)
            return;

        EndStream(stream);
        if (_out.Ended && _in.Ended)
            Leave();
    }

    /// <summary>The connection has ended: ends both directions and every transaction. May be called at any time, and again.</summary>
    public void Close()
    {
        OnEnd(StreamDirection.ClientToServer);
        OnEnd(StreamDirection.ServerToClient);
    }

    private void Probe(StreamDirection direction, ReadOnlySpan<byte> data)
    {
        if (_probed == 0 && (_flow.State & FlowState.SeenSyn) != 0 && HttpDetector.IsOtherProtocol(direction, data)) GiveUp();
        else _probed += data.Length;
    }

    private void GiveUp()
    {
        _statistics.NotHttp++;
        Leave();
    }

    // Ends everything: nothing that comes on this connection is HTTP any more.
    private void Leave()
    {
        if (IsDone)
            return;

        EndStream(_out);
        EndStream(_in);
        while (_firstWaiting is { } waiting)
        {
            RemoveFirstWaiting();
            EndUnanswered(waiting);
        }

        IsDone = true;
    }

    private void EndStream(HttpStream stream)
    {
        if (stream.Ended)
            return;

        stream.Ended = true;
        if (stream.State == HttpStreamState.Doubtful)
            Resolve(stream, hasBody: false);
        if (stream.PendingLength > 0)
        {
            _statistics.HeadersCut += stream.State == HttpStreamState.Header ? 1 : 0;
            stream.DropPending();
        }

        if (stream.Current is not null)
            EndCutBody(stream);
    }

    private void Step(HttpStream stream, ref ReadOnlySpan<byte> data)
    {
        switch (stream.State)
        {
            case HttpStreamState.Start:
            case HttpStreamState.Header:
                ReadHeader(stream, ref data);
                break;

            case HttpStreamState.Length:
                ReadLength(stream, ref data);
                break;

            case HttpStreamState.Chunked:
                ReadChunked(stream, ref data);
                break;

            case HttpStreamState.UntilClose:
                ReadUntilClose(stream, ref data);
                break;

            case HttpStreamState.Doubtful:
                ReadDoubtful(stream, data);
                break;

            case HttpStreamState.Tunnel:
                if (HttpStartLine.Classify(data) == StartLineKind.Request)
                    stream.State = HttpStreamState.Start;
                else
                    data = default;
                break;

            default:
                FindStart(stream, ref data);
                break;
        }
    }
}
