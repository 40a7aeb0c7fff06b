using Spillway.Net.Flows;
using Spillway.Net.Protocols.Mail;
using Spillway.Net.Protocols.Mime;

namespace Spillway.Net.Protocols.Imap;

/// <summary>
/// Observes IMAP (RFC 3501, 9051) in the two reassembled streams of one TCP connection: each message that is fetched as a whole or in
/// successive pieces, or put into a mailbox (APPEND), and the content of its parts without their transfer encoding. Credentials are never
/// kept.
/// </summary>
/// <remarks>
/// It is seen from its greeting on. Headers and parts that are fetched by themselves are passed over. Behind missing bytes it goes on with
/// the client's next line. Nothing on the wire makes it throw; what a handler throws passes through. Not thread-safe.
/// </remarks>
/// <typeparam name="THandler">The receiver: a sealed class or a struct that refers to one.</typeparam>
public sealed partial class ImapConnection<THandler> : IStreamObserver
    where THandler : IMailHandler
{
    private readonly Flow _flow;
    private readonly MailboxObserver _observer;
    private readonly MailReader<THandler> _fetched;
    private readonly MailReader<THandler> _appended;
    private ImapStream _client;
    private ImapStream _server;
    private bool _hasGreeting;
    private long _messages;

    /// <summary>Creates the observer of one connection.</summary>
    public ImapConnection(Flow flow, THandler handler, MailboxObserver observer)
    {
        ArgumentNullException.ThrowIfNull(flow);
        ArgumentNullException.ThrowIfNull(observer);
        _flow = flow;
        _observer = observer;
        _fetched = new MailReader<THandler>(handler, observer.Mime);
        _appended = new MailReader<THandler>(handler, observer.Mime);
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
        ref ImapStream stream = ref isClient ? ref _client : ref _server;
        MailReader<THandler> mail = isClient ? _appended : _fetched;
        while (!data.IsEmpty && !IsDone)
        {
            switch (stream.State)
            {
                case ImapStreamState.Line:
                    ReadLine(ref stream, isClient, ref data);
                    break;
                case ImapStreamState.Lost when isClient:
                    stream.State = ImapStreamState.Line;
                    break;
                case ImapStreamState.Lost:
                    data = default;
                    break;
                default:
                    ReadLiteral(ref stream, mail, ref data);
                    break;
            }
        }
    }

    /// <inheritdoc/>
    public void OnGap(StreamDirection direction, long length)
    {
        if (IsDone || length <= 0)
            return;
        bool isClient = IsFromClient(direction);
        ref ImapStream stream = ref isClient ? ref _client : ref _server;
        MailReader<THandler> mail = isClient ? _appended : _fetched;
        bool isInside = stream.State is ImapStreamState.Literal or ImapStreamState.Message && length <= stream.LiteralBytes;
        if (isInside)
        {
            if (stream.State == ImapStreamState.Message)
                mail.Gap(length);
            stream.LiteralBytes -= length;
            if (stream.LiteralBytes == 0)
                EndLiteral(ref stream, mail);
            return;
        }

        mail.Gap(length);
        EndMessage(mail, MimeEnd.Gap);
        stream.Lines.Restart();
        stream.IsContinued = false;
        stream.State = ImapStreamState.Lost;
    }

    /// <inheritdoc/>
    public void OnEnd(StreamDirection direction)
    {
        bool isClient = IsFromClient(direction);
        (isClient ? ref _client : ref _server).HasEnded = true;
        EndMessage(isClient ? _appended : _fetched, MimeEnd.Truncated);
        if (_client.HasEnded && _server.HasEnded)
            Close();
    }

    /// <inheritdoc/>
    public void Close()
    {
        if (IsDone)
            return;
        EndMessage(_fetched, MimeEnd.Truncated);
        EndMessage(_appended, MimeEnd.Truncated);
        _client.Lines.Release(Budget);
        _server.Lines.Release(Budget);
        IsDone = true;
        if (!IsRecognised)
            _observer.Statistics.Others++;
    }

    private bool IsFromClient(StreamDirection direction) => (direction == StreamDirection.ClientToServer) != IsReversed;

    private void ReadLine(ref ImapStream stream, bool isClient, ref ReadOnlySpan<byte> data)
    {
        if (!stream.Lines.TryRead(ref data, _observer.Limits.MaxLineBytes, Budget, out ReadOnlySpan<byte> line))
            return;
        if (stream.Lines.WasCut)
        {
            // Whether it announces a literal stands at its end.
            EndMessage(isClient ? _appended : _fetched, MimeEnd.Truncated);
            stream.State = ImapStreamState.Lost;
            return;
        }

        bool isContinued = stream.IsContinued;
        stream.IsContinued = ImapLine.TryTakeLiteral(ref line, out long length);
        stream.LiteralBytes = length;
        if (stream.IsContinued)
            stream.State = ImapStreamState.Literal;
        if (isClient)
            TakeClientLine(ref stream, line, isContinued);
        else
            TakeServerLine(ref stream, line, isContinued);
        if (!IsDone && stream.IsContinued && stream.LiteralBytes == 0)
            EndLiteral(ref stream, isClient ? _appended : _fetched);
    }

    private void ReadLiteral(ref ImapStream stream, MailReader<THandler> mail, ref ReadOnlySpan<byte> data)
    {
        int length = (int)Math.Min(stream.LiteralBytes, data.Length);
        if (stream.State == ImapStreamState.Message)
            mail.Write(data[..length]);
        data = data[length..];
        stream.LiteralBytes -= length;
        if (stream.LiteralBytes == 0)
            EndLiteral(ref stream, mail);
    }

    private void EndLiteral(ref ImapStream stream, MailReader<THandler> mail)
    {
        if (stream.State == ImapStreamState.Message && !(ReferenceEquals(mail, _fetched) && _awaitsPiece))
            EndMessage(mail, MimeEnd.Complete);
        stream.State = ImapStreamState.Line;
    }

    private void BeginMessage(MailReader<THandler> mail, StreamDirection direction)
    {
        _observer.Statistics.Messages++;
        mail.Begin(
            new MailMessage
            {
                Flow = _flow,
                Protocol = MailProtocol.Imap,
                Direction = direction,
                Number = _messages++,
            }
        );
    }

    private void EndMessage(MailReader<THandler> mail, MimeEnd end)
    {
        if (!mail.IsInMessage)
            return;
        _observer.Statistics.WithGap += mail.HasGap || end == MimeEnd.Gap ? 1 : 0;
        mail.End(end);
    }
}
