namespace Spillway.Net.Protocols.Mime;

/// <summary>
/// Undoes quoted-printable (RFC 2045, section 6.7) in whatever pieces it comes. What is no code stays as sent; so do blanks at the end of a
/// line, as in other readers, though the RFC would have them deleted.
/// </summary>
internal struct QuotedPrintableDecoder
{
    // What one byte of input can bring at most: an equals sign and a digit that were no code.
    private const int BytesPerStep = 2;

    private State _state;
    private byte _digit;

    private enum State : byte
    {
        Text,
        Equals,
        Digit,
        SoftBreak,
    }

    /// <summary>Decodes until the input is used up or the output may not have room for more.</summary>
    /// <param name="input">What is read is taken off its front.</param>
    /// <param name="output">At least 2 bytes.</param>
    /// <param name="bad">Counts equals signs that begin no code.</param>
    /// <returns>Bytes written.</returns>
    public int Decode(ref ReadOnlySpan<byte> input, Span<byte> output, ref long bad)
    {
        int written = 0;
        while (!input.IsEmpty && output.Length - written >= BytesPerStep)
        {
            switch (_state)
            {
                case State.Text:
                    written += CopyText(ref input, output[written..]);
                    break;

                case State.Equals when input[0] is (byte)'\r' or (byte)'\n':
                    _state = input[0] == (byte)'\r' ? State.SoftBreak : State.Text;
                    input = input[1..];
                    break;

                case State.Equals when IsHex(input[0]):
                    _digit = input[0];
                    _state = State.Digit;
                    input = input[1..];
                    break;

                case State.Digit when IsHex(input[0]):
                    output[written++] = (byte)((ValueOf(_digit) << 4) | ValueOf(input[0]));
                    _state = State.Text;
                    input = input[1..];
                    break;

                case State.SoftBreak:
                    if (input[0] == (byte)'\n')
                        input = input[1..];
                    _state = State.Text;
                    break;

                default:
                    bad++;
                    written += Finish(output[written..]);
                    break;
            }
        }

        return written;
    }

    /// <summary>Writes what waits for the rest of a code: at most 2 bytes. An equals sign at the very end is a soft line break.</summary>
    public int FinishLast(Span<byte> output)
    {
        if (_state == State.Digit)
            return Finish(output);
        _state = State.Text;
        return 0;
    }

    private int Finish(Span<byte> output)
    {
        output[0] = (byte)'=';
        int length = _state == State.Digit ? 2 : 1;
        if (length == 2)
            output[1] = _digit;
        _state = State.Text;
        return length;
    }

    private int CopyText(ref ReadOnlySpan<byte> input, Span<byte> output)
    {
        ReadOnlySpan<byte> room = input[..Math.Min(input.Length, output.Length)];
        int code = room.IndexOf((byte)'=');
        ReadOnlySpan<byte> text = code < 0 ? room : room[..code];
        text.CopyTo(output);
        input = input[text.Length..];
        if (code >= 0)
        {
            input = input[1..];
            _state = State.Equals;
        }

        return text.Length;
    }

    private static bool IsHex(byte value) => char.IsAsciiHexDigit((char)value);

    private static int ValueOf(byte digit) => digit <= (byte)'9' ? digit - '0' : (digit | 0x20) - 'a' + 10;
}
