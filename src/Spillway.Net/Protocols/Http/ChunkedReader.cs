namespace Spillway.Net.Protocols.Http;

/// <summary>What <see cref="ChunkedReader.Read"/> found.</summary>
internal enum ChunkResult : byte
{
    /// <summary>All input is consumed.</summary>
    NeedMore,

    /// <summary>Content.</summary>
    Data,

    /// <summary>The last chunk and its trailer section are complete.</summary>
    End,

    /// <summary>No chunk framing.</summary>
    Bad,
}

/// <summary>
/// Undoes the chunked transfer coding (RFC 9112, section 7.1) without holding a byte of it. As lenient as browsers are: bare line feeds,
/// carriage returns around a size, missing line ends behind a chunk.
/// </summary>
internal struct ChunkedReader
{
    private enum State : byte
    {
        BeforeSize,
        Size,
        Extension,
        Data,
        TrailerLine,
        Trailer,
    }

    private State _state;
    private bool _trailerEmpty;
    private bool _sizeIsZero;
    private int _line;
    private long _remaining;

    /// <summary>Bytes of the current chunk that are still to come.</summary>
    public readonly long Remaining => _state == State.Data ? _remaining : 0;

    /// <summary>True from the end of the size line of the last chunk on: all content was there.</summary>
    public readonly bool HasLastChunk => _state is State.TrailerLine or State.Trailer;

    /// <summary>True once a digit of a size was seen; if the first line has none, the body is not chunked at all.</summary>
    public bool HasStarted { get; private set; }

    /// <summary>Takes what it can off the front of the input.</summary>
    public ChunkResult Read(ref ReadOnlySpan<byte> input, HttpLimits limits, out ReadOnlySpan<byte> content)
    {
        content = default;
        while (!input.IsEmpty)
        {
            switch (_state)
            {
                case State.Data:
                    int length = (int)Math.Min(_remaining, input.Length);
                    content = input[..length];
                    input = input[length..];
                    _remaining -= length;
                    if (_remaining == 0)
                        _state = State.BeforeSize;
                    return ChunkResult.Data;

                case State.BeforeSize:
                case State.Size:
                case State.Extension:
                    if (!ReadSizeLine(ref input, limits.MaxChunkLineBytes))
                        return ChunkResult.Bad;
                    break;

                default:
                    if (ReadTrailer(ref input, limits.MaxHeaderBytes, out bool bad))
                        return bad ? ChunkResult.Bad : ChunkResult.End;
                    break;
            }
        }

        return ChunkResult.NeedMore;
    }

    /// <summary>Leaves out missing bytes; false if they reach over the end of the current chunk, so that the position is lost.</summary>
    public bool Skip(long length)
    {
        if (_state != State.Data || length > _remaining)
            return false;

        _remaining -= length;
        if (_remaining == 0)
            _state = State.BeforeSize;
        return true;
    }

    private bool ReadSizeLine(ref ReadOnlySpan<byte> input, int limit)
    {
        for (int i = 0; i < input.Length; i++)
        {
            byte b = input[i];
            if (++_line > limit)
                return false;

            if (_state == State.Extension)
            {
                int feed = input[i..].IndexOf((byte)'\n');
                if (feed < 0)
                {
                    _line += input.Length - i;
                    input = default;
                    return _line <= limit;
                }

                EndSizeLine();
                input = input[(i + feed + 1)..];
                return true;
            }

            int digit = HexDigit(b);
            if (digit >= 0)
            {
                HasStarted = true;
                _sizeIsZero = digit == 0 && _state == State.BeforeSize;
                _state = State.Size;
                if (_remaining > long.MaxValue >> 4)
                    return false;
                _remaining = (_remaining << 4) | (uint)digit;
            }
            else if (_state == State.Size && _sizeIsZero && (b | 0x20) == (byte)'x')
            {
                // "0x1f", as strtol reads it; "0x" alone is 0.
                _sizeIsZero = false;
            }
            else if (_state == State.Size)
            {
                _state = State.Extension;
                i--;
                _line--;
            }
            else if (b is not ((byte)'\r' or (byte)'\n' or (byte)' ' or (byte)'\t'))
            {
                return false;
            }
        }

        input = default;
        return true;
    }

    private void EndSizeLine()
    {
        _line = 0;
        _trailerEmpty = true;
        _state = _remaining == 0 ? State.TrailerLine : State.Data;
    }

    // True when the section has ended. The next message instead of the empty line ends it too.
    private bool ReadTrailer(ref ReadOnlySpan<byte> input, int limit, out bool bad)
    {
        bad = false;
        if (_state == State.TrailerLine && _trailerEmpty && HttpStartLine.IsVersionOne(input))
            return true;

        for (int i = 0; i < input.Length; i++)
        {
            byte b = input[i];
            if (++_line > limit)
            {
                bad = true;
                return true;
            }

            if (b == (byte)'\n')
            {
                if (_trailerEmpty)
                {
                    input = input[(i + 1)..];
                    return true;
                }

                _trailerEmpty = true;
                _state = State.TrailerLine;
            }
            else if (b != (byte)'\r')
            {
                _trailerEmpty = false;
                _state = State.Trailer;
            }
        }

        input = default;
        return false;
    }

    private static int HexDigit(byte b) =>
        b switch
        {
            >= (byte)'0' and <= (byte)'9' => b - '0',
            >= (byte)'a' and <= (byte)'f' => b - 'a' + 10,
            >= (byte)'A' and <= (byte)'F' => b - 'A' + 10,
            _ => -1,
        };
}
