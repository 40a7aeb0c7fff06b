using System.Text;

namespace Spillway.Net.Protocols.Http;

/// <summary>Finds the end of a header block, and parses a complete one.</summary>
internal static class HttpHeaderParser
{
    // An empty line of more carriage returns and blanks is none, and names of fields end within as many bytes: so that what is looked at
    // again with the next bytes stays small.
    private const int MaxEmptyLineBytes = 1024;
    private const int MaxNameBytes = 256;

    private const int NoEnd = 0;
    private const int Undecided = -1;

    /// <summary>
    /// The length of the header block at the beginning of <paramref name="data"/>, its empty line included; -1 if that is not there yet.
    /// </summary>
    /// <param name="data">The bytes from the start line on.</param>
    /// <param name="scanned">Bytes that were looked at by an earlier call; updated.</param>
    /// <param name="isLast">Whether no more bytes will come.</param>
    public static int FindEnd(ReadOnlySpan<byte> data, ref int scanned, bool isLast = false)
    {
        while (true)
        {
            int feed = data[scanned..].IndexOf((byte)'\n');
            if (feed < 0)
            {
                scanned = data.Length;
                return -1;
            }

            int next = scanned + feed + 1;
            int end = EndAt(data, next, isLast);
            if (end > 0)
                return end;

            if (end == Undecided)
            {
                // Look at this line feed again when more is there.
                scanned = next - 1;
                return -1;
            }

            scanned = next;
        }
    }

    /// <summary>Parses a block, from its start line to its empty line. Null if it does not begin with a start line.</summary>
    public static HttpHeader? Parse(ReadOnlySpan<byte> block, HttpObserver observer)
    {
        if (!HttpStartLine.TryParse(block, out HttpStartLine start))
            return null;

        HttpField[] fields = observer.Fields;
        int limit = observer.Limits.MaxHeaderFields;
        HttpStatistics statistics = observer.Statistics;
        int count = 0;

        // Browsers end the lines of a response at a bare CR too; servers do not those of a request.
        bool endsAtReturn = !start.IsRequest;
        int at = LineEnd(block, 0, endsAtReturn);
        while (at < block.Length)
        {
            int end = LineEnd(block, at, endsAtReturn);

            // Obsolete folding (RFC 9112, section 5.2): a line that begins with a blank continues the field before it.
            while (end < block.Length && HttpToken.IsBlank(block[end]))
                end = LineEnd(block, end, endsAtReturn);

            if (TryParseField(block, at, end, out HttpField field))
            {
                if (count < limit || (count < fields.Length && KnownField.IsNeeded(block.Slice(field.NameOffset, field.NameLength))))
                    fields[count++] = field;
                else
                    statistics.FieldsDropped++;
            }
            else if (block[at..end].IndexOfAnyExcept("\r\n \t"u8) >= 0)
            {
                statistics.MalformedLines++;
            }

            at = end;
        }

        return new HttpHeader(block.ToArray(), fields.AsSpan(0, count).ToArray(), start);
    }

    // Where the block ends if the line that begins at an offset is empty. It may hold carriage returns: "\r\n\r\n", "\n\n", "\r\n\n",
    // "\n\r\r\n".
    private static int EndAt(ReadOnlySpan<byte> data, int line, bool isLast)
    {
        ReadOnlySpan<byte> window = data.Slice(line, Math.Min(MaxEmptyLineBytes, data.Length - line));
        int text = window.IndexOfAnyExcept((byte)'\r', (byte)' ', (byte)'\t');
        if (text < 0)
            return window.Length == MaxEmptyLineBytes || isLast ? NoEnd : Undecided;

        if (window[text] != (byte)'\n')
            return NoEnd;

        int end = line + text + 1;
        return window[..text].ContainsAny((byte)' ', (byte)'\t') ? EndBehindBlanks(data, end, isLast) : end;
    }

    // A line of blanks continues the field before it, if the header goes on: with another field, another such line or the empty line. If it
    // does not, it was meant for the empty line.
    private static int EndBehindBlanks(ReadOnlySpan<byte> data, int end, bool isLast)
    {
        ReadOnlySpan<byte> rest = data[end..];
        if (rest.IsEmpty)
            return isLast ? end : Undecided;

        if (rest[0] is (byte)'\r' or (byte)'\n' or (byte)' ' or (byte)'\t')
            return NoEnd;

        rest = rest[..Math.Min(rest.Length, MaxNameBytes)];
        int name = HttpToken.Length(rest);
        while (name > 0 && name < rest.Length && HttpToken.IsBlank(rest[name]))
            name++;
        if (name == rest.Length && name < MaxNameBytes && !isLast)
            return Undecided;

        return name > 0 && name < rest.Length && rest[name] == (byte)':' ? NoEnd : end;
    }

    private static int LineEnd(ReadOnlySpan<byte> block, int from, bool endsAtReturn)
    {
        ReadOnlySpan<byte> rest = block[from..];
        int end = endsAtReturn ? rest.IndexOfAny((byte)'\r', (byte)'\n') : rest.IndexOf((byte)'\n');
        if (end < 0)
            return block.Length;

        bool isPair = rest[end] == (byte)'\r' && end + 1 < rest.Length && rest[end + 1] == (byte)'\n';
        return from + end + (isPair ? 2 : 1);
    }

    private static bool TryParseField(ReadOnlySpan<byte> block, int start, int end, out HttpField field)
    {
        int colon = block[start..end].IndexOf((byte)':');
        int nameLength = colon;
        while (nameLength > 0 && IsSpace(block[start + nameLength - 1]))
            nameLength--;

        if (nameLength <= 0)
        {
            field = default;
            return false;
        }

        int value = start + colon + 1;
        while (value < end && IsSpace(block[value]))
            value++;
        while (end > value && IsSpace(block[end - 1]))
            end--;

        field = new HttpField(start, nameLength, value, end - value);
        return true;
    }

    private static bool IsSpace(byte value) => value is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n';
}

/// <summary>Fields that no message can be read without: they are kept where a limit drops others.</summary>
internal static class KnownField
{
    /// <summary>How many more than <see cref="HttpLimits.MaxHeaderFields"/> are kept.</summary>
    public const int MaxBeyond = 16;

    /// <summary>Whether a name is one of them, in any case.</summary>
    public static bool IsNeeded(ReadOnlySpan<byte> name) =>
        name.Length switch
        {
            4 => Ascii.EqualsIgnoreCase(name, "host"u8),
            6 => Ascii.EqualsIgnoreCase(name, "expect"u8),
            7 => Ascii.EqualsIgnoreCase(name, "upgrade"u8),
            12 => Ascii.EqualsIgnoreCase(name, "content-type"u8),
            14 => Ascii.EqualsIgnoreCase(name, "content-length"u8),
            16 => Ascii.EqualsIgnoreCase(name, "content-encoding"u8),
            17 => Ascii.EqualsIgnoreCase(name, "transfer-encoding"u8),
            19 => Ascii.EqualsIgnoreCase(name, "content-disposition"u8),
            _ => false,
        };
}
