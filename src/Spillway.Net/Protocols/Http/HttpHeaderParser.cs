namespace Spillway.Net.Protocols.Http;

/// <summary>Finds the end of a header block, and parses a complete one.</summary>
internal static class HttpHeaderParser
{
    /// <summary>The length of the header block at the beginning of <paramref name="data"/>, its empty line included; -1 if that is not there yet.</summary>
    /// <param name="data">The bytes from the start line on.</param>
    /// <param name="scanned">Bytes that were looked at by an earlier call; updated.</param>
    public static int FindEnd(ReadOnlySpan<byte> data, ref int scanned)
    {
        while (true)
        {
            int feed = data[scanned..].IndexOf((byte)'\n');
            if (feed < 0)
            {
                scanned = data.Length;
                return -1;
            }

            // An empty line may hold carriage returns: "\r\n\r\n", "\n\n", "\r\n\n", "\n\r\r\n".
            int next = scanned + feed + 1;
            int end = next;
            while (end < data.Length && data[end] == (byte)'\r')
                end++;

            if (end == data.Length)
            {
                // Look at this line feed again when more is there.
                scanned = next - 1;
                return -1;
            }

            if (data[end] == (byte)'\n')
                return end + 1;

            scanned = next;
        }
    }

    /// <summary>Parses a block, from its start line to its empty line. Null if it does not begin with a start line.</summary>
    public static HttpHeader? Parse(ReadOnlySpan<byte> block, HttpObserver observer)
    {
        if (!HttpStartLine.TryParse(block, out HttpStartLine start))
            return null;

        HttpField[] fields = observer.Fields;
        HttpStatistics statistics = observer.Statistics;
        int count = 0;
        int at = block.IndexOf((byte)'\n') + 1;
        if (at == 0)
            at = block.Length;

        while (at < block.Length)
        {
            int end = LineEnd(block, at);

            // Obsolete folding (RFC 9112, section 5.2): a line that begins with a blank continues the field before it.
            while (end < block.Length && block[end] is (byte)' ' or (byte)'\t')
                end = LineEnd(block, end);

            if (TryParseField(block, at, end, out HttpField field))
            {
                if (count < fields.Length)
                    fields[count++] = field;
                else
                    statistics.FieldsDropped++;
            }
            else if (!IsEmptyLine(block[at..end]))
            {
                statistics.MalformedLines++;
            }

            at = end;
        }

        return new HttpHeader(block.ToArray(), fields.AsSpan(0, count).ToArray(), start);
    }

    private static int LineEnd(ReadOnlySpan<byte> block, int from)
    {
        int feed = block[from..].IndexOf((byte)'\n');
        return feed < 0 ? block.Length : from + feed + 1;
    }

    private static bool IsEmptyLine(ReadOnlySpan<byte> line) => line.IndexOfAnyExcept((byte)'\r', (byte)'\n') < 0;

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
