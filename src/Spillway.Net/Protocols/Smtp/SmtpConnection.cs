using Spillway.Net.Flows;
using Spillway.Net.Protocols.Mail;
using Spillway.Net.Protocols.Mime;

namespace Spillway.Net.Protocols.Smtp;

/// <summary>
/// Observes SMTP and LMTP (RFC 5321, 2920, 3030, 3207, 2033) in the two reassembled streams of one TCP connection: each message with its
/// envelope, and the content of its parts without their transfer encoding. Credentials are never kept.
/// </summary>
/// <remarks>
/// Who is client and who is server is decided by content, so the directions given may be guesses, as long as they stay the same; messages
/// carry the true ones. Behind missing bytes it goes on where it is certain what comes: in a message behind them or, once the server has
/// replied, with the next command. Nothing on the wire makes it throw; what a handler throws passes through. Not thread-safe.
/// </remarks>
/// <typeparam name="THandler">The receiver: a sealed class or a struct that refers to one.</typeparam>
public sealed partial class SmtpConnection<THandler> : IStreamObserver
    where THandler : IMailHandler
{
    private readonly Flow _flow;
    private readonly SmtpObserver _observer;
    private readonly MailReader<THandler> _mail;
    private LineReader _commands;
    private LineReader _replies;
    private SmtpOutstanding _outstanding;
    private SmtpClientState _state;
    private bool _hasDirections;
    private bool _clientEnded;
    private bool _serverEnded;
    private bool _skipsReplyLine;

    /// <summary>Creates the observer of one connection.</summary>
    public SmtpConnection(Flow flow, THandler handler, SmtpObserver observer)
    {
        ArgumentNullException.ThrowIfNull(flow);
        ArgumentNullException.ThrowIfNull(observer);
        _flow = flow;
        _observer = observer;
        _mail = new MailReader<THandler>(handler, observer.Mime);
        if ((flow.State & FlowState.SeenSyn) != 0)
            _outstanding.Start();
        else
            _state = SmtpClientState.Lost;
        _outstanding.Add(SmtpCommand.Other); // the greeting answers the connection itself
    }

    /// <summary>True once it is certain that the connection is SMTP.</summary>
    public bool IsRecognised { get; private set; }

    /// <summary>True if the connection shows no SMTP, has turned to TLS, or has ended: it needs no more data.</summary>
    public bool IsDone { get; private set; }

    /// <summary>True if it is done because TLS begins here (STARTTLS).</summary>
    public bool TlsBegins { get; private set; }

    /// <summary>True if content shows that client and server are the other way round than the directions given to this object.</summary>
    public bool IsReversed { get; private set; }

    private SmtpStatistics Statistics => _observer.Statistics;

    private WireBudget Budget => _observer.Mime.Budget;

    /// <summary>Bytes of one direction, in order.</summary>
    public void OnData(StreamDirection direction, ReadOnlySpan<byte> data)
    {
        if (IsDone || data.IsEmpty)
            return;
        if (!_hasDirections)
            FindDirections(direction, data);
        if (IsFromClient(direction))
            ReadClient(data);
        else
            ReadServer(data);
    }

    /// <summary>Bytes of one direction are missing; its next data stands behind them.</summary>
    public void OnGap(StreamDirection direction, long length)
    {
        if (IsDone || length <= 0)
            return;
        if (!IsFromClient(direction))
        {
            _replies.Restart();
            _skipsReplyLine = true;
            _outstanding.LoseStep();
            return;
        }

        switch (_state)
        {
            case SmtpClientState.AfterData:
                BeginData();
                SkipInData(length);
                break;
            case SmtpClientState.Data:
                SkipInData(length);
                break;
            case SmtpClientState.Chunk when length <= _chunkBytes:
                _mail.Gap(length);
                _chunkBytes -= length;
                if (_chunkBytes == 0)
                    EndChunk();
                break;
            default:
                LoseStep(length);
                break;
        }
    }

    /// <summary>No more bytes will come in this direction.</summary>
    public void OnEnd(StreamDirection direction)
    {
        if (IsDone)
            return;
        if (IsFromClient(direction))
        {
            _clientEnded = true;
            EndMessage(MimeEnd.Truncated);
        }
        else
        {
            _serverEnded = true;
        }

        if (_clientEnded && _serverEnded)
            Leave();
    }

    /// <summary>The connection has ended. May be called at any time, and again.</summary>
    public void Close() => Leave();

    private bool IsFromClient(StreamDirection direction) => (direction == StreamDirection.ClientToServer) != IsReversed;

    // The first bytes of either direction say who is who, unless the handshake has.
    private void FindDirections(StreamDirection direction, ReadOnlySpan<byte> data)
    {
        _hasDirections = true;
        if ((_flow.State & (FlowState.SeenSyn | FlowState.SeenSynAck)) != 0)
            return;
        if (SmtpProbe.Look(data, out StreamDirection sender) != ProbeResult.No)
            IsReversed = sender != direction;
    }

    private void Recognise()
    {
        if (IsRecognised)
            return;
        IsRecognised = true;
        Statistics.Connections++;
    }

    private void Leave()
    {
        if (IsDone)
            return;
        EndMessage(MimeEnd.Truncated);
        _commands.Release(Budget);
        _replies.Release(Budget);
        IsDone = true;
        if (!IsRecognised)
            Statistics.NotSmtp++;
    }

    // What the client sends next is not known before the server says something.
    private void LoseStep(long length)
    {
        _mail.Gap(length);
        EndMessage(MimeEnd.Gap);
        ForgetEnvelope();
        _commands.Restart();
        _outstanding.LoseStep();
        _state = SmtpClientState.Lost;
        _mayGoOn = false;
    }
}
