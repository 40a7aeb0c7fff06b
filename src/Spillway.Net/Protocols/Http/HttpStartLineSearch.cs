using System.Text;

namespace Spillway.Net.Protocols.Http;

/// <summary>
/// Finds the next plausible start line in bytes that may be anything: stricter than <see cref="HttpStartLine.Classify"/>, which looks where
/// a message is due. Every byte is looked at a fixed number of times, whatever the bytes are.
/// </summary>
internal static class HttpStartLineSearch
{
    private const int VersionBytes = 7; // "HTTP/1."

    /// <summary>Finds the next start line: at the beginning of the data or of a line in it.</summary>
    /// <returns>Its offset; the offset of a beginning that more bytes must decide; or -1.</returns>
    public static int Find(ReadOnlySpan<byte> data, bool requests, bool responses)
    {
        int request = requests ? FindRequest(data) : -1;
        int response = responses ? FindResponse(data) : -1;
        return request < 0 || (response >= 0 && response < request) ? response : request;
    }

    /// <summary>Whether a status line in full begins here, though the bytes may be the inside of a body.</summary>
    public static bool IsStatusLine(ReadOnlySpan<byte> data)
    {
        if (!HttpStartLine.IsVersionOne(data))
            return false;
        ReadOnlySpan<byte> shape = "HTTP/1.d ddd"u8;
        for (int i = VersionBytes; i < shape.Length && i < data.Length; i++)
        {
            if (shape[i] == (byte)'d' ? !char.IsAsciiDigit((char)data[i]) : data[i] != shape[i])
                return false;
        }

        return true;
    }

    // A body need not end with a line, so the status line after it need not begin one. There the whole line and the beginning of a field
    // behind it are asked for: text about HTTP seldom has both.
    private static int FindResponse(ReadOnlySpan<byte> data)
    {
        int lineEnd = -1;
        int lastControl = -1;
        bool hasField = false;
        for (int at = FindVersion(data, 0); at >= 0; at = FindVersion(data, at + VersionBytes))
        {
            if (!IsStatusLine(data[at..]))
                continue;

            if (at == 0 || data[at - 1] == (byte)'\n')
                return at;

            if (at > lineEnd)
            {
                int feed = data[at..].IndexOf((byte)'\n');
                lineEnd = feed < 0 ? data.Length : at + feed;
                hasField = feed >= 0 && BeginsField(data[(lineEnd + 1)..]);
                lastControl = at + data[at..lineEnd].LastIndexOfAny(HttpToken.ControlBytes);
            }

            if (hasField && lastControl < at)
                return at;
        }

        ReadOnlySpan<byte> version = "HTTP/1."u8;
        for (int length = Math.Min(version.Length - 1, data.Length); length > 0; length--)
        {
            int at = data.Length - length;
            if ((at == 0 || data[at - 1] == (byte)'\n') && Ascii.EqualsIgnoreCase(data[at..], version[..length]))
                return at;
        }

        return -1;
    }

    private static int FindRequest(ReadOnlySpan<byte> data)
    {
        // A line is a request or is not, however often it names a version.
        int from = 0;
        for (int at = FindVersion(data, 0); at >= 0; at = FindVersion(data, from))
        {
            int line = SkipToToken(data, from + data[from..at].LastIndexOf((byte)'\n') + 1);
            if (line < at && IsPlausible(data[line..]))
                return line;

            int feed = data[at..].IndexOf((byte)'\n');
            if (feed < 0)
                break;

            from = at + feed + 1;
        }

        // The last line is not complete: it may be the beginning of a request line.
        int last = SkipToToken(data, data.LastIndexOf((byte)'\n') + 1);
        return last < data.Length && HttpStartLine.Classify(data[last..]) == StartLineKind.Incomplete ? last : -1;
    }

    // Control bytes are believed of known methods only.
    private static bool IsPlausible(ReadOnlySpan<byte> data)
    {
        StartLineKind kind = HttpStartLine.Classify(data);
        return kind == StartLineKind.Incomplete
            || (
                kind == StartLineKind.Request
                && (HttpStartLine.BeginsWithKnownMethod(data) || !HttpToken.HasControl(data[..data.IndexOf((byte)'\n')]))
            );
    }

    // "HTTP/1." in any case, by the three bytes of it that have none.
    private static int FindVersion(ReadOnlySpan<byte> data, int from)
    {
        int at = from;
        while (true)
        {
            int slash = data[at..].IndexOf("/1."u8);
            if (slash < 0)
                return -1;

            slash += at;
            if (slash - 4 >= from && Ascii.EqualsIgnoreCase(data.Slice(slash - 4, 4), "HTTP"u8))
                return slash - 4;

            at = slash + 3;
        }
    }

    // A stray byte before a request (a keep-alive probe, zeros) is no part of its method.
    private static int SkipToToken(ReadOnlySpan<byte> data, int offset)
    {
        while (offset < data.Length && data[offset] != (byte)'\n' && !HttpToken.IsTokenByte(data[offset]))
            offset++;
        return offset;
    }

    private static bool BeginsField(ReadOnlySpan<byte> data)
    {
        int name = HttpToken.Length(data);
        return name > 0 && name < data.Length && data[name] == (byte)':';
    }
}
