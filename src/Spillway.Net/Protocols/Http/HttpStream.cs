using Spillway.Net.Flows;

namespace Spillway.Net.Protocols.Http;

/// <summary>Who sends on a stream, as far as its content has shown.</summary>
internal enum HttpRole : byte
{
    Unknown,
    Client,
    Server,
}

/// <summary>Where a stream stands.</summary>
internal enum HttpStreamState : byte
{
    /// <summary>A message begins here.</summary>
    Start,

    /// <summary>In a header block, the start line of which is known to be one.</summary>
    Header,

    /// <summary>In a header block over the limit: what is needed of it is kept.</summary>
    LongHeader,

    /// <summary>In a start line over the limit, which is passed over.</summary>
    LongLine,

    /// <summary>In a body with a known length.</summary>
    Length,

    /// <summary>In a chunked body.</summary>
    Chunked,

    /// <summary>In a body that ends with the connection.</summary>
    UntilClose,

    /// <summary>Behind a response that must not have a body, and announces one; the next bytes show whether it is there.</summary>
    Doubtful,

    /// <summary>Behind a CONNECT request: what comes is not HTTP, unless the proxy refuses.</summary>
    Tunnel,

    /// <summary>Out of step; looking for a start line.</summary>
    Lost,
}

/// <summary>
/// One direction of an HTTP connection: a part of <see cref="HttpConnection{THandler}"/>, used in place. There may be a million: what only
/// a message needs is lent while there is one.
/// </summary>
internal struct HttpStream
{
    public HttpRole Role;
    public HttpStreamState State;

    /// <summary>Which of the two it is: the one from client to server by the directions given.</summary>
    public bool IsOut;

    public bool Ended;

    /// <summary>True if messages may have been missed since the last one that was seen.</summary>
    public bool MissedMessages;

    /// <summary>
    /// The bytes that came last were sent after more of the other direction had been received than those just before them.
    /// </summary>
    public bool AckRose;

    /// <summary>The same of the current message's first byte and the byte before it.</summary>
    public bool MessageAckRose;

    /// <summary>Nothing is known of the bytes before those that come next.</summary>
    private bool _isBroken;

    /// <summary>All acknowledgments of the direction are zero, though something has come: they mean nothing.</summary>
    public bool AcknowledgesNothing;

    /// <summary>Bytes that are missing.</summary>
    public long GapBytes;

    /// <summary>Offset behind all that has come or is missing.</summary>
    public long End;

    /// <summary>Offsets of the bytes that came last, and behind them.</summary>
    public long RunStart;
    public long RunEnd;

    /// <summary>
    /// Offset in the other direction up to which the sender had received all when it sent the bytes that came last; negative if it is not
    /// known.
    /// </summary>
    public long Acknowledged;

    /// <summary>Offset of the current message, and what its sender had received when it sent the first byte.</summary>
    public long MessageStart;
    public long MessageAcknowledged;

    /// <summary>The message that the stream is in; null between two.</summary>
    public HttpMessage? Message;

    /// <summary>Requests or final responses since the client's last round began, and bytes that are missing since then.</summary>
    public int MessagesInRound;
    public long RoundGapBytes;

    public readonly bool HasGap => GapBytes > 0;

    /// <summary>The transaction whose body is being read.</summary>
    public readonly HttpTransaction? Current => Message?.Transaction;

    /// <summary>Bytes of a header that came in pieces.</summary>
    public readonly int PendingLength => Message?.PendingLength ?? 0;

    /// <summary>The true direction: by role, where that is known.</summary>
    public readonly StreamDirection Direction => Role == HttpRole.Client ? StreamDirection.ClientToServer : StreamDirection.ServerToClient;

    /// <summary>Notes where bytes stand that come now.</summary>
    /// <param name="acknowledged">Negative if it is not known.</param>
    public void Take(long offset, int length, long acknowledged, ref readonly HttpStream opposite)
    {
        // Some who make captures by hand leave all acknowledgments at zero: a server that answers what it has not received.
        bool isMeaningless =
            acknowledged == 0
            && opposite.End > 0
            && (AcknowledgesNothing || Acknowledged == 0)
            && (Role != HttpRole.Client || opposite.AcknowledgesNothing);
        AcknowledgesNothing = isMeaningless;
        if (isMeaningless)
            acknowledged = opposite.End;
        AckRose = offset == End && offset > 0 && !_isBroken && Acknowledged >= 0 && acknowledged > Acknowledged;
        _isBroken = false;
        Acknowledged = acknowledged;
        RunStart = offset;
        End = RunEnd = offset + length;
    }

    /// <summary>Notes that bytes are missing.</summary>
    public void Skip(long length)
    {
        End += length;
        _isBroken = true;
        GapBytes += length;
        RoundGapBytes += length;
    }

    /// <summary>Notes where a message begins.</summary>
    /// <param name="left">Bytes from there to the end of those that came last.</param>
    public void BeginHeader(int left)
    {
        MessageStart = End - left;
        MessageAcknowledged = Acknowledged;
        MessageAckRose = AckRose && MessageStart == RunStart;
    }

    /// <summary>Begins a message, unless the stream is in one.</summary>
    public HttpMessage BeginMessage(HttpObserver observer) => Message ??= observer.LendMessage();

    /// <summary>Gives back what was lent for the message.</summary>
    public void DropMessage(HttpObserver observer)
    {
        if (Message is null)
            return;
        observer.Return(Message);
        Message = null;
    }
}
