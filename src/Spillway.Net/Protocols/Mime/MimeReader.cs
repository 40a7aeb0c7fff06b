namespace Spillway.Net.Protocols.Mime;

/// <summary>
/// Reads a message (RFC 5322, 2045 to 2047) or the body of a form (RFC 7578) as it comes, in whatever pieces, and passes on the content of
/// its parts without their transfer encoding. Lines end with CRLF or a bare line feed. What it keeps is bounded, whatever the size of the
/// message: a header field, the boundaries of the containers it is in, the beginning of a line, a preamble.
/// </summary>
/// <remarks>
/// Where a message contradicts itself, nothing is hidden: a multipart entity without a boundary, or whose boundary does not occur, is a
/// part by itself, as sent. Nothing in a message makes it throw; what a handler throws passes through. Not thread-safe.
/// </remarks>
/// <typeparam name="THandler">The receiver: a sealed class or a struct that refers to one.</typeparam>
public sealed partial class MimeReader<THandler>
    where THandler : IMimeHandler
{
    private readonly MimeObserver _observer;
    private readonly MimeBoundaries _boundaries = new();
    private readonly THandler _handler;
    private State _state = State.Ended;

    // Containers around the entity at hand, and parts begun so far.
    private int _depth;
    private int _parts;

    // Of all messages.
    private long _allBytes;
    private long _allParts;

    // The header was elsewhere: parts without a name are no files.
    private bool _isForm;

    /// <summary>Creates a reader for one message after the other.</summary>
    public MimeReader(THandler handler, MimeObserver observer)
    {
        ArgumentNullException.ThrowIfNull(observer);
        _handler = handler;
        _observer = observer;
    }

    private enum State : byte
    {
        /// <summary>No message has begun.</summary>
        Ended,

        /// <summary>In the header of an entity.</summary>
        Header,

        /// <summary>In the content of a part.</summary>
        Part,

        /// <summary>In a multipart entity, before its first part.</summary>
        Preamble,

        /// <summary>Where nothing is wanted: behind the last part of a multipart entity, or in a part beyond the limit.</summary>
        Passing,
    }

    private MimeLimits Limits => _observer.Limits;

    private MimeStatistics Statistics => _observer.Statistics;

    /// <summary>Parts begun in the message so far.</summary>
    public int Parts => _parts;

    /// <summary>Begins a message. One that has not ended is truncated.</summary>
    public void Begin()
    {
        Restart();
        BeginHeader(depth: 0, isOwn: true, isDigest: false);
    }

    /// <summary>Begins a body whose header was elsewhere: that of a form.</summary>
    /// <param name="boundary">Its boundary.</param>
    /// <returns>False if the boundary cannot be one; then nothing has begun.</returns>
    public bool TryBeginMultipart(ReadOnlySpan<byte> boundary)
    {
        Restart();
        if (!_boundaries.TryEnter(boundary, depth: 0, isDigest: false))
            return false;
        _containerType = "multipart/form-data";
        _isForm = true;
        _state = State.Preamble;
        _preamble.Clear();
        BeginLine();
        return true;
    }

    /// <summary>The next bytes.</summary>
    public void Write(ReadOnlySpan<byte> data)
    {
        _allBytes += data.Length;
        Read(data);
    }

    private void Read(ReadOnlySpan<byte> data)
    {
        while (!data.IsEmpty)
        {
            if (_state == State.Ended)
                return;
            if (_state == State.Header)
                ReadHeader(ref data);
            else if (_boundaries.Count > 0)
                ReadBody(ref data);
            else
                Emit(Take(ref data));
        }
    }

    /// <summary>
    /// Bytes are missing; the next ones stand behind them. A part goes on behind them if its content is as sent; of another one nothing
    /// more comes. Of a header nothing is known any more: what follows it is passed over up to the next boundary.
    /// </summary>
    public void Gap(long length)
    {
        if (length <= 0 || _state == State.Ended)
            return;
        FlushHeld();
        switch (_state)
        {
            case State.Header:
                _state = State.Passing;
                break;
            case State.Part:
                SkipInPart(length);
                break;
            case State.Preamble:
                _preamble.Clear();
                break;
        }
    }

    /// <summary>The message has ended. May be called at any time, and again.</summary>
    /// <param name="end">Whether all of it was there.</param>
    public void End(MimeEnd end)
    {
        if (_state == State.Ended)
            return;
        EndLine();
        EndHeaderEarly();
        EndLine();
        if (_state == State.Preamble)
            EndPreamble();
        EndPart(end);
        _boundaries.Leave(0);
        _state = State.Ended;
        ReleaseMemory();
    }

    private void Restart()
    {
        End(MimeEnd.Truncated);
        Statistics.Messages++;
        (_depth, _parts) = (0, 0);
    }

    private void ReleaseMemory()
    {
        _line.Release(_observer.Budget);
        _field.Release(_observer.Budget);
        _preamble.Release(_observer.Budget);
    }

    private static ReadOnlySpan<byte> Take(ref ReadOnlySpan<byte> data)
    {
        ReadOnlySpan<byte> all = data;
        data = default;
        return all;
    }
}
