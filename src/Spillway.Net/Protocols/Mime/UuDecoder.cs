namespace Spillway.Net.Protocols.Mime;

/// <summary>
/// Undoes uuencode (POSIX, <c>uuencode</c>) in whatever pieces it comes: what stands between its lines <c>begin</c> and <c>end</c>.
/// </summary>
internal sealed class UuDecoder
{
    // A line has at most 61 characters, but for the name on the first.
    private const int LineBytes = 256;
    private const int DecodedLineBytes = 63;

    private readonly byte[] _line = new byte[LineBytes];
    private int _length;
    private bool _hasBegun;
    private bool _hasEnded;

    /// <summary>Makes it as new.</summary>
    public void Reset() => (_length, _hasBegun, _hasEnded) = (0, false, false);

    /// <summary>Decodes until the input is used up or the output may not have room for a line.</summary>
    /// <param name="input">What is read is taken off its front.</param>
    /// <param name="output">At least 64 bytes.</param>
    /// <returns>Bytes written.</returns>
    public int Decode(ref ReadOnlySpan<byte> input, Span<byte> output)
    {
        int written = 0;
        while (!input.IsEmpty && output.Length - written > DecodedLineBytes)
        {
            int feed = input.IndexOf((byte)'\n');
            ReadOnlySpan<byte> piece = feed < 0 ? input : input[..feed];
            input = feed < 0 ? default : input[(feed + 1)..];
            piece = piece[..Math.Min(piece.Length, LineBytes - _length)];
            piece.CopyTo(_line.AsSpan(_length));
            _length += piece.Length;
            if (feed >= 0)
                written += Finish(output[written..]);
        }

        return written;
    }

    /// <summary>Decodes a last line without its line feed.</summary>
    public int Finish(Span<byte> output)
    {
        ReadOnlySpan<byte> line = _line.AsSpan(0, _length).TrimEnd((byte)'\r');
        _length = 0;
        if (_hasEnded || line.IsEmpty)
            return 0;
        if (!_hasBegun)
        {
            _hasBegun = line.StartsWith("begin "u8);
            return 0;
        }

        _hasEnded = line.SequenceEqual("end"u8);
        return _hasEnded ? 0 : DecodeLine(line, output);
    }

    // The first character says how many bytes the others hold, four characters for three; blanks at the end may be missing.
    private static int DecodeLine(ReadOnlySpan<byte> line, Span<byte> output)
    {
        int length = ValueAt(line, 0);
        for (int at = 0; at < length; at++)
        {
            int group = 1 + (at / 3 * 4) + (at % 3);
            int shift = 2 * ((at % 3) + 1);
            output[at] = (byte)((ValueAt(line, group) << shift) | (ValueAt(line, group + 1) >> (6 - shift)));
        }

        return length;
    }

    private static int ValueAt(ReadOnlySpan<byte> line, int at) => at < line.Length ? (line[at] - ' ') & 0x3F : 0;
}
