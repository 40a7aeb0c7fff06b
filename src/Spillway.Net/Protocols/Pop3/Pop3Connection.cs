using Spillway.Net.Flows;
using Spillway.Net.Protocols.Mail;
using Spillway.Net.Protocols.Mime;

namespace Spillway.Net.Protocols.Pop3;

/// <summary>
/// Observes POP3 (RFC 1939, 2449, 2595) in the two reassembled streams of one TCP connection: each message that is fetched, and the content
/// of its parts without their transfer encoding. Credentials are never kept.
/// </summary>
/// <remarks>
/// It is seen from its greeting on. Behind missing bytes it goes on with the reply to the client's next command. What TOP fetches is the
/// beginning of a message: it ends as truncated. Nothing on the wire makes it throw; what a handler throws passes through. Not thread-safe.
/// </remarks>
/// <typeparam name="THandler">The receiver: a sealed class or a struct that refers to one.</typeparam>
public sealed class Pop3Connection<THandler> : IStreamObserver
    where THandler : IMailHandler
{
    private readonly Flow _flow;
    private readonly MailboxObserver _observer;
    private readonly MailReader<THandler> _mail;
    private readonly Queue<Pop3Reply> _outstanding = new();
    private LineReader _commands;
    private LineReader _replies;
    private DotUnstuffer _dots;
    private State _state;
    private bool _isBeginning;
    private bool _hasGreeting;
    private bool _skipsCommand;
    private bool _clientEnded;
    private bool _serverEnded;
    private long _messages;

    /// <summary>Creates the observer of one connection.</summary>
    public Pop3Connection(Flow flow, THandler handler, MailboxObserver observer)
    {
        ArgumentNullException.ThrowIfNull(flow);
        ArgumentNullException.ThrowIfNull(observer);
        _flow = flow;
        _observer = observer;
        _mail = new MailReader<THandler>(handler, observer.Mime);
    }

    private enum State : byte
    {
        Line,
        Lines,
        Message,
        Lost,
    }

    /// <inheritdoc/>
    public bool IsRecognised { get; private set; }

    /// <inheritdoc/>
    public bool IsDone { get; private set; }

    /// <inheritdoc/>
    public bool TlsBegins { get; private set; }

    /// <inheritdoc/>
    public bool IsReversed { get; private set; }

    private WireBudget Budget => _observer.Mime.Budget;

    /// <inheritdoc/>
    public void OnData(StreamDirection direction, ReadOnlySpan<byte> data)
    {
        if (!_hasGreeting && !IsDone && (_flow.State & (FlowState.SeenSyn | FlowState.SeenSynAck)) == 0)
            IsReversed = direction == StreamDirection.ClientToServer;
        bool isClient = IsFromClient(direction);
        while (!data.IsEmpty && !IsDone)
        {
            if (isClient)
                ReadCommand(ref data);
            else
                ReadReply(ref data);
        }
    }

    /// <inheritdoc/>
    public void OnGap(StreamDirection direction, long length)
    {
        if (IsDone || length <= 0)
            return;
        if (IsFromClient(direction))
        {
            _commands.Restart();
            _skipsCommand = true;
            _outstanding.Clear();
            return;
        }

        if (_state == State.Message)
        {
            _dots.Gap();
            _mail.Gap(length);
            return;
        }

        _replies.Restart();
        _state = State.Lost;
    }

    /// <inheritdoc/>
    public void OnEnd(StreamDirection direction)
    {
        if (IsFromClient(direction))
            _clientEnded = true;
        else
            _serverEnded = true;
        if (_serverEnded)
            EndMessage(MimeEnd.Truncated);
        if (_clientEnded && _serverEnded)
            Close();
    }

    /// <inheritdoc/>
    public void Close()
    {
        if (IsDone)
            return;
        EndMessage(MimeEnd.Truncated);
        _commands.Release(Budget);
        _replies.Release(Budget);
        IsDone = true;
        if (!IsRecognised)
            _observer.Statistics.Others++;
    }

    private bool IsFromClient(StreamDirection direction) => (direction == StreamDirection.ClientToServer) != IsReversed;

    private void ReadCommand(ref ReadOnlySpan<byte> data)
    {
        if (!_commands.TryRead(ref data, _observer.Limits.MaxLineBytes, Budget, out ReadOnlySpan<byte> line))
            return;
        if (_skipsCommand)
        {
            _skipsCommand = false;
            return;
        }

        // The answers to challenges are nobody's business, and no commands.
        if (_outstanding.TryPeek(out Pop3Reply first) && first == Pop3Reply.Challenges)
            return;
        Pop3Reply reply = Pop3Probe.ReplyTo(line);
        if (!IsRecognised && (reply == Pop3Reply.Unknown || !_hasGreeting))
        {
            Close();
            return;
        }

        Recognise();

        // A client waits for the end of a reply, or sends several commands at once; where step is lost, it waits, as most do.
        if (_state == State.Lost || (_state == State.Message && _mail.HasGap))
        {
            _observer.Statistics.Resynchronisations++;
            EndMessage(MimeEnd.Gap);
            _outstanding.Clear();
            _state = State.Line;
        }

        if (_outstanding.Count < _observer.Limits.MaxOutstandingCommands)
            _outstanding.Enqueue(reply);
        else
            _state = State.Lost;
    }

    private void ReadReply(ref ReadOnlySpan<byte> data)
    {
        if (_state == State.Message)
        {
            bool ended = _dots.Read(ref data, out ReadOnlySpan<byte> content);
            if (!content.IsEmpty)
                _mail.Write(content);
            if (!ended)
                return;
            EndMessage(_isBeginning ? MimeEnd.Truncated : MimeEnd.Complete);
            _state = State.Line;
            return;
        }

        if (_state == State.Lost)
        {
            data = default;
            return;
        }

        if (!_replies.TryRead(ref data, _observer.Limits.MaxLineBytes, Budget, out ReadOnlySpan<byte> line))
            return;
        if (_state == State.Lines && line.SequenceEqual("."u8))
            _state = State.Line;
        else if (_state == State.Line || BeginsReply(line))
            TakeReply(line);
    }

    // No line of a list looks like this: the server has left out the end of the list, and replies to the next command.
    private bool BeginsReply(ReadOnlySpan<byte> line) => _outstanding.Count > 0 && (line.StartsWith("+OK"u8) || line.StartsWith("-ERR"u8));

    private void TakeReply(ReadOnlySpan<byte> line)
    {
        _state = State.Line;
        bool isGood = line.StartsWith("+OK"u8);
        if (!_hasGreeting)
        {
            _hasGreeting = isGood;
            if (!isGood)
                Close();
            return;
        }

        // A challenge is no answer yet. A line that belongs to no command is none of the protocol's.
        if (!isGood && !line.StartsWith("-ERR"u8))
            return;
        if (!_outstanding.TryDequeue(out Pop3Reply expected) || !isGood)
            return;
        switch (expected)
        {
            case Pop3Reply.Lines:
                _state = State.Lines;
                break;
            case Pop3Reply.Message or Pop3Reply.Beginning:
                BeginMessage(expected == Pop3Reply.Beginning);
                break;
            case Pop3Reply.Tls:
                _observer.Statistics.StartTls++;
                TlsBegins = true;
                Close();
                break;
        }
    }

    private void Recognise()
    {
        if (IsRecognised)
            return;
        IsRecognised = true;
        _observer.Statistics.Connections++;
    }

    private void BeginMessage(bool isBeginning)
    {
        _observer.Statistics.Messages++;
        _isBeginning = isBeginning;
        _state = State.Message;
        _dots.Begin(takesBare: _replies.WasBare);
        _mail.Begin(
            new MailMessage
            {
                Flow = _flow,
                Protocol = MailProtocol.Pop3,
                Direction = StreamDirection.ServerToClient,
                Number = _messages++,
            }
        );
    }

    private void EndMessage(MimeEnd end)
    {
        if (!_mail.IsInMessage)
            return;
        _observer.Statistics.WithGap += _mail.HasGap || end == MimeEnd.Gap ? 1 : 0;
        _mail.End(end);
    }
}
