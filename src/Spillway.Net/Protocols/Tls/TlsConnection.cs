using Spillway.Net.Flows;

namespace Spillway.Net.Protocols.Tls;

/// <summary>
/// Observes the handshake of TLS 1.0 to 1.3 and SSL 3.0 (RFC 8446, 5246, 6101) in the two reassembled streams of one TCP connection, on
/// whatever port and behind whatever began in the clear (STARTTLS, a proxy's CONNECT): a stream turns to TLS where a segment begins with a
/// hello. Once both directions are encrypted it sleeps.
/// </summary>
/// <remarks>
/// The directions given may be guesses, as long as they stay the same; events carry the true ones. Nothing on the wire makes it throw; what
/// a handler throws passes through. Not thread-safe.
/// </remarks>
/// <typeparam name="THandler">The receiver: a sealed class or a struct that refers to one.</typeparam>
public sealed partial class TlsConnection<THandler>
    where THandler : ITlsHandler
{
    // A direction that was not captured never turns to encryption; the other one's bulk shows that the handshake is over.
    private const int BytesAfterHandshake = 64 * 1024;

    private readonly TlsStream _out = new();
    private readonly TlsStream _in = new();
    private readonly TlsSession _session;
    private readonly THandler _handler;
    private readonly TlsObserver _observer;
    private readonly TlsStatistics _statistics;
    private long _probed;
    private long _slept;

    /// <summary>Creates the observer of one connection.</summary>
    public TlsConnection(Flow flow, THandler handler, TlsObserver observer)
    {
        ArgumentNullException.ThrowIfNull(flow);
        ArgumentNullException.ThrowIfNull(observer);
        _session = new TlsSession(flow);
        _handler = handler;
        _observer = observer;
        _statistics = observer.Statistics;
    }

    /// <summary>True once a hello was seen.</summary>
    public bool IsTls { get; private set; }

    /// <summary>
    /// True if no TLS has shown, the handshake is over in both directions, or the connection has ended: it needs no more data.
    /// </summary>
    public bool IsDone { get; private set; }

    /// <summary>What the handshake has shown.</summary>
    public TlsSession Session => _session;

    /// <summary>Bytes of one direction, in order.</summary>
    public void OnData(StreamDirection direction, ReadOnlySpan<byte> data)
    {
        if (IsDone)
            return;
        TlsStream stream = StreamOf(direction);
        if (stream.State == TlsStreamState.Probing)
            Probe(stream, direction, ref data);
        if (stream.State == TlsStreamState.Records)
            ReadRecords(stream, direction, data);
        else if (stream.State == TlsStreamState.Asleep && (_slept += data.Length) > BytesAfterHandshake)
            Leave();
    }

    /// <summary>Bytes of one direction are missing; its next data stands behind them.</summary>
    public void OnGap(StreamDirection direction, long length)
    {
        TlsStream stream = StreamOf(direction);
        if (IsDone || length <= 0)
            return;
        switch (stream.State)
        {
            case TlsStreamState.Probing:
                stream.Record.Clear();
                break;
            case TlsStreamState.Records:
                // Where the next record begins cannot be known.
                _statistics.WithGap++;
                Sleep(stream);
                break;
        }
    }

    /// <summary>No more bytes will come in this direction.</summary>
    public void OnEnd(StreamDirection direction)
    {
        TlsStream stream = StreamOf(direction);
        if (IsDone || stream.State == TlsStreamState.Asleep)
            return;
        if (stream.State == TlsStreamState.Records && stream.Record.Length + stream.Message.Length > 0)
            _statistics.Truncated++;
        Sleep(stream);
    }

    /// <summary>The connection has ended. May be called at any time, and again.</summary>
    public void Close()
    {
        OnEnd(StreamDirection.ClientToServer);
        OnEnd(StreamDirection.ServerToClient);
    }

    private TlsStream StreamOf(StreamDirection direction) => direction == StreamDirection.ClientToServer ? _out : _in;

    // A hello begins a segment. It may come in pieces, even smaller than its header.
    private void Probe(TlsStream stream, StreamDirection direction, ref ReadOnlySpan<byte> data)
    {
        if (stream.Record.Length > 0)
        {
            Span<byte> begin = stackalloc byte[TlsRecord.ProbeBytes];
            int held = stream.Record.Length;
            int taken = Math.Min(begin.Length - held, data.Length);
            stream.Record.Bytes.CopyTo(begin);
            data[..taken].CopyTo(begin[held..]);
            if (TlsRecord.MayBeginHello(begin[..(held + taken)]))
            {
                if (held + taken == begin.Length)
                    Begin(stream, direction, begin[^1]);
                else
                    Hold(stream, data);
                return;
            }

            stream.Record.Clear();
        }

        int hello = TlsRecord.FindHello(data);
        if (hello >= 0)
        {
            data = data[hello..];
            if (data.Length >= TlsRecord.ProbeBytes)
                Begin(stream, direction, data[TlsRecord.ProbeBytes - 1]);
            else
                Hold(stream, data);
            return;
        }

        _probed += data.Length;
        if (_probed < _observer.Limits.ProbeBytes)
            return;
        if (IsTls)
            Sleep(stream);
        else
            Leave();
    }

    private void Begin(TlsStream stream, StreamDirection direction, byte messageType)
    {
        stream.State = TlsStreamState.Records;
        if (IsTls)
            return;
        IsTls = true;
        _statistics.Connections++;
        bool fromClient = messageType == (byte)TlsHandshakeType.ClientHello;
        _session.IsReversed = fromClient != (direction == StreamDirection.ClientToServer);
    }

    private void Hold(TlsStream stream, ReadOnlySpan<byte> data)
    {
        if (stream.Record.TryAppend(data, _observer.Budget))
            return;
        _statistics.OverMemory++;
        Sleep(stream);
    }

    private void Sleep(TlsStream stream)
    {
        stream.State = TlsStreamState.Asleep;
        stream.Record.Release(_observer.Budget);
        stream.Message.Release(_observer.Budget);
        if (_out.State == TlsStreamState.Asleep && _in.State == TlsStreamState.Asleep)
            Leave();
    }

    private void Leave()
    {
        if (IsDone)
            return;
        IsDone = true;
        Sleep(_out);
        Sleep(_in);
        if (IsTls)
            _handler.OnHandshakeEnd(_session);
        else
            _statistics.NotTls++;
    }
}
