namespace Spillway.Net.Protocols.Mail;

/// <summary>
/// Undoes the dots of a message in SMTP (RFC 5321, section 4.5.2) and POP3: one before each line that begins with one, and a line of one
/// dot at the end. Lines end with CRLF, since others do not count for servers; in a connection whose lines end with bare line feeds those
/// count too.
/// </summary>
internal struct DotUnstuffer
{
    private State _state;
    private bool _takesBare;

    private enum State : byte
    {
        Text,
        Return,
        LineBegin,
        Dot,
        DotReturn,
    }

    /// <summary>A message begins.</summary>
    /// <param name="takesBare">Whether a bare line feed ends a line.</param>
    public void Begin(bool takesBare) => (_state, _takesBare) = (State.LineBegin, takesBare);

    /// <summary>Bytes are missing: whether a line begins behind them is unknown.</summary>
    public void Gap() => _state = State.Text;

    /// <summary>Takes what it can off the front of the data.</summary>
    /// <param name="data">The data; not empty.</param>
    /// <param name="content">Content of the message; may be empty.</param>
    /// <returns>True if the message has ended.</returns>
    public bool Read(ref ReadOnlySpan<byte> data, out ReadOnlySpan<byte> content)
    {
        content = default;
        byte first = data[0];
        switch (_state)
        {
            case State.LineBegin when first == (byte)'.':
                _state = State.Dot;
                data = data[1..];
                return false;

            case State.Dot when first == (byte)'\r':
                _state = State.DotReturn;
                data = data[1..];
                return false;

            case State.Dot when first == (byte)'\n' && _takesBare:
            case State.DotReturn when first == (byte)'\n':
                data = data[1..];
                _state = State.LineBegin;
                return true;

            case State.Dot:
                _state = State.Text;
                return false;

            // The dot was that of a stuffed line, which holds a bare carriage return.
            case State.DotReturn:
                content = "\r"u8;
                _state = State.Return;
                return false;

            default:
                ReadText(ref data, out content);
                return false;
        }
    }

    // Up to the next line that begins with a dot.
    private void ReadText(ref ReadOnlySpan<byte> data, out ReadOnlySpan<byte> content)
    {
        bool afterReturn = _state == State.Return;
        int from = 0;
        while (true)
        {
            int feed = data[from..].IndexOf("\n."u8);
            if (feed < 0)
                break;
            feed += from;
            if (!IsLineEnd(data, feed, afterReturn))
            {
                from = feed + 1;
                continue;
            }

            content = data[..(feed + 1)];
            data = data[(feed + 2)..];
            _state = State.Dot;
            return;
        }

        int last = data.Length - 1;
        _state =
            data[last] == (byte)'\r' ? State.Return
            : data[last] == (byte)'\n' && IsLineEnd(data, last, afterReturn) ? State.LineBegin
            : State.Text;
        content = data;
        data = default;
    }

    private readonly bool IsLineEnd(ReadOnlySpan<byte> data, int feed, bool afterReturn) =>
        _takesBare || (feed > 0 ? data[feed - 1] == (byte)'\r' : afterReturn);
}
