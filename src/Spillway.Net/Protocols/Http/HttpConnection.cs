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
    private HttpStream _out = new() { IsOut = true };
    private HttpStream _in;
    private readonly Flow _flow;
    private readonly HttpObserver _observer;
    private readonly THandler _handler;

    // Bytes of the search for the first start line, of the connection or inside a tunnel, and of these the garbage: none of ours if it
    // never comes.
    private long _probed;
    private long _garbageBefore;

    // Bytes of both directions before HTTP was found.
    private long _seen;

    // The search has passed its limit and looks at the beginnings of segments only.
    private bool _isSparse;
    private long _transactions;

    /// <summary>Creates the observer of one connection.</summary>
    public HttpConnection(Flow flow, THandler handler, HttpObserver observer)
    {
        ArgumentNullException.ThrowIfNull(flow);
        ArgumentNullException.ThrowIfNull(observer);
        _flow = flow;
        _handler = handler;
        _observer = observer;
    }

    /// <summary>
    /// Creates the observer of a connection that <see cref="HttpDetector"/> has looked at. It is given the bytes at which that stopped
    /// next.
    /// </summary>
    public HttpConnection(Flow flow, THandler handler, HttpObserver observer, in ProtocolSearch search)
        : this(flow, handler, observer)
    {
        _probed = _seen = search.Bytes;
        _garbageBefore = search.Bytes - search.BlankBytes;
        HttpDetector.Prepare(in search, ref _out, StreamDirection.ClientToServer);
        HttpDetector.Prepare(in search, ref _in, StreamDirection.ServerToClient);
        _isSparse = _probed >= ProbeLimit;
    }

    private HttpStatistics Statistics => _observer.Statistics;

    private bool IsSearching => !IsHttp || IsTunnel;

    // What is missing before the first message was seen may have been it.
    private bool MayHaveMissedStart => _out.MissedMessages || _in.MissedMessages;

    private int ProbeLimit => IsTunnel ? _observer.Limits.ProbeBytes : HttpDetector.LimitOf(_flow, _observer, MayHaveMissedStart);

    /// <summary>True once a start line of HTTP was seen.</summary>
    public bool IsHttp { get; private set; }

    /// <summary>
    /// True if the connection shows no HTTP, has left it (101, or CONNECT to something else), or has ended: it needs no more data, and
    /// every transaction has ended.
    /// </summary>
    public bool IsDone { get; private set; }

    /// <summary>
    /// True inside a tunnel that CONNECT has opened, until its first bytes show what it carries: HTTP again, or something else.
    /// </summary>
    public bool IsTunnel { get; private set; }

    /// <summary>True if content shows that client and server are the other way round than the directions given to this object.</summary>
    public bool IsReversed { get; private set; }

    /// <summary>
    /// Bytes of one direction, in order, of which nothing more is known: they were sent after all that has come of the other one.
    /// </summary>
    public void OnData(StreamDirection direction, ReadOnlySpan<byte> data)
    {
        ref HttpStream stream = ref StreamOf(direction);
        OnData(direction, stream.End, Opposite(in stream).End, data);
    }

    /// <summary>Bytes of one direction, in order.</summary>
    /// <param name="direction">Who sent them.</param>
    /// <param name="offset">Their offset in the stream.</param>
    /// <param name="acknowledged">Offset in the other stream up to which the sender had received all bytes when it sent these; -1 if that
    /// is not known.</param>
    /// <param name="data">The bytes.</param>
    public void OnData(StreamDirection direction, long offset, long acknowledged, ReadOnlySpan<byte> data)
    {
        ref HttpStream stream = ref StreamOf(direction);
        stream.Take(offset, data.Length, acknowledged, in Opposite(in stream));

        // The bulk of all traffic: the inside of a plain body.
        if (
            stream.State == HttpStreamState.Length
            && stream.Message is { Pipeline: null, Offset: > 0 } message
            && data.Length < message.Remaining
            && !IsDone
        )
        {
            message.Remaining -= data.Length;
            DeliverPlain(in stream, message, data);
            return;
        }

        if (stream.Ended)
            return;

        if (IsSearching && !IsDone)
            Probe(direction, ref stream, data);

        while (!data.IsEmpty && !IsDone)
            Step(ref stream, ref data);

        if (IsSearching && !IsDone && !_isSparse && _probed >= ProbeLimit)
            EndSearch();
    }

    /// <summary>Bytes of one direction are missing; its next data stands behind them.</summary>
    public void OnGap(StreamDirection direction, long length)
    {
        ref HttpStream stream = ref StreamOf(direction);
        if (IsDone || stream.Ended || length <= 0)
            return;

        stream.Skip(length);
        Statistics.MissingBytes += length;
        if (stream.State == HttpStreamState.Doubtful)
            Resolve(ref stream, hasBody: false);
        if (stream.Message is { AwaitsContinue: true })
            TakeAsBody(ref stream);

        if (stream.Current is not null)
            SkipInBody(ref stream, length);
        else if (!IsDone)
            LoseMessages(ref stream);
    }

    /// <summary>No more bytes will come in this direction.</summary>
    public void OnEnd(StreamDirection direction)
    {
        ref HttpStream stream = ref StreamOf(direction);
        if (IsDone || stream.Ended)
            return;

        EndStream(ref stream);
        if (_out.Ended && _in.Ended)
            Leave();
    }

    /// <summary>The connection has ended: ends both directions and every transaction. May be called at any time, and again.</summary>
    public void Close()
    {
        OnEnd(StreamDirection.ClientToServer);
        OnEnd(StreamDirection.ServerToClient);
    }

    private ref HttpStream StreamOf(StreamDirection direction) => ref direction == StreamDirection.ClientToServer ? ref _out : ref _in;

    private void Probe(StreamDirection direction, ref HttpStream stream, ReadOnlySpan<byte> data)
    {
        if (!IsHttp)
        {
            // What a detector saw of the other direction before this observer was made.
            ref HttpStream other = ref Opposite(in stream);
            other.End = Math.Max(other.End, _seen - stream.RunStart);
            _seen += data.Length;
        }

        if (_probed == 0 && !IsHttp && (_flow.State & FlowState.SeenSyn) != 0 && HttpDetector.IsOtherProtocol(direction, data))
            GiveUp();
        else
            _probed += data.Length;
    }

    // Nothing has shown within the limit. A header that has begun may be longer than that; and a connection that was joined in the middle,
    // or whose beginning is missing, may be inside a body of any length: there the beginnings of segments are looked at from now on, which
    // costs next to nothing.
    private void EndSearch()
    {
        if (IsInHeader(in _out) || IsInHeader(in _in))
            return;
        if (IsTunnel)
            Leave();
        else if (HttpDetector.LooksOn(_flow, MayHaveMissedStart))
            _isSparse = true;
        else
            GiveUp();
    }

    private bool IsInHeader(in HttpStream stream) =>
        stream.State switch
        {
            HttpStreamState.Header or HttpStreamState.LongHeader => true,
            HttpStreamState.Start => stream.Message is { PendingLength: > 0 } message
                && HttpStartLine.BeginsWithKnownMethod(message.PendingBytes),
            HttpStreamState.LongLine => _probed < _observer.Limits.MidstreamProbeBytes,
            _ => false,
        };

    private void GiveUp()
    {
        Statistics.NotHttp++;
        Leave();
    }

    // Ends everything: nothing that comes on this connection is HTTP any more.
    private void Leave()
    {
        if (IsDone)
            return;

        EndStream(ref _out);
        EndStream(ref _in);
        while (_firstWaiting is { } waiting)
        {
            RemoveFirstWaiting();
            EndUnanswered(waiting);
        }

        IsDone = true;
    }

    private void EndStream(ref HttpStream stream)
    {
        if (stream.Ended)
            return;

        stream.Ended = true;
        if (stream.State == HttpStreamState.Doubtful)
            Resolve(ref stream, hasBody: false);
        if (stream.Message is { AwaitsContinue: true })
            EndAwaited(ref stream);
        if (stream.State == HttpStreamState.Header && stream.PendingLength > 0)
            EndPendingHeader(ref stream);
        if (stream.PendingLength > 0)
        {
            Statistics.HeadersCut += stream.State is HttpStreamState.Header or HttpStreamState.LongHeader ? 1 : 0;
            stream.DropMessage(_observer);
        }

        if (stream.Current is not null)
            EndCutBody(ref stream);
    }

    private void Step(ref HttpStream stream, ref ReadOnlySpan<byte> data)
    {
        switch (stream.State)
        {
            case HttpStreamState.Start:
            case HttpStreamState.Header:
                ReadHeader(ref stream, ref data);
                break;

            case HttpStreamState.LongHeader:
                ReadLongHeader(ref stream, ref data);
                break;

            case HttpStreamState.LongLine:
                SkipLongLine(ref stream, ref data);
                break;

            case HttpStreamState.Length:
                if (!stream.Message!.AwaitsContinue || !IsHeldBack(ref stream, ref data))
                    ReadLength(ref stream, ref data);
                break;

            case HttpStreamState.Chunked:
                if (!stream.Message!.AwaitsContinue || !IsHeldBack(ref stream, ref data))
                    ReadChunked(ref stream, ref data);
                break;

            case HttpStreamState.UntilClose:
                ReadUntilClose(ref stream, ref data);
                break;

            case HttpStreamState.Doubtful:
                ReadDoubtful(ref stream, data);
                break;

            case HttpStreamState.Tunnel:
                if (HttpStartLine.Classify(data) == StartLineKind.Request)
                    stream.State = HttpStreamState.Start;
                else
                    data = default;
                break;

            default:
                FindStart(ref stream, ref data);
                break;
        }
    }
}
