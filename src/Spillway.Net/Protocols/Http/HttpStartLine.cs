using System.Text;

namespace Spillway.Net.Protocols.Http;

/// <summary>What the first bytes of a message may be.</summary>
internal enum StartLineKind : byte
{
    /// <summary>No start line.</summary>
    None,

    /// <summary>So far as one; more bytes decide.</summary>
    Incomplete,

    /// <summary>A request line.</summary>
    Request,

    /// <summary>A status line, at least its protocol name.</summary>
    Response,
}

/// <summary>
/// The start line of a message (RFC 9112, sections 3 and 4): recognising and parsing it, as leniently as browsers and servers do. The
/// search for one in the middle of other bytes is <see cref="HttpStartLineSearch"/>.
/// </summary>
internal readonly struct HttpStartLine
{
    /// <summary>The longest registered method has 17 letters; no line of another text protocol begins with a longer token.</summary>
    public const int MaxMethodBytes = 32;

    public bool IsRequest { get; init; }

    public int Status { get; init; }

    public int MinorVersion { get; init; }

    public int MethodLength { get; init; }

    public int TargetOffset { get; init; }

    public int TargetLength { get; init; }

    public int VersionOffset { get; init; }

    public int VersionLength { get; init; }

    private static ReadOnlySpan<byte> Name => "HTTP/"u8;

    /// <summary>Says what begins at the first byte of <paramref name="data"/>.</summary>
    /// <param name="data">The bytes.</param>
    /// <param name="isResponseDue">Whether a server answers here: then whatever begins with "HTTP" is taken for a status line, as browsers
    /// do.</param>
    public static StartLineKind Classify(ReadOnlySpan<byte> data, bool isResponseDue = false)
    {
        if (data.IsEmpty)
            return StartLineKind.Incomplete;

        if ((data[0] | 0x20) == 'h')
        {
            int common = Math.Min(data.Length, Name.Length);
            if (Ascii.EqualsIgnoreCase(data[..common], Name[..common]))
            {
                if (data.Length <= Name.Length)
                    return StartLineKind.Incomplete;

                return isResponseDue || char.IsAsciiDigit((char)data[Name.Length]) ? StartLineKind.Response : StartLineKind.None;
            }

            if (isResponseDue && common == Name.Length && BeginsStatusLine(data))
                return StartLineKind.Response;
        }

        int method = MethodLengthOf(data);
        if (method == data.Length)
            return method > MaxMethodBytes ? StartLineKind.None : StartLineKind.Incomplete;

        if (method == 0)
            return StartLineKind.None;

        int end = data.IndexOf((byte)'\n');
        if (end < 0)
            return MayGoOn(data, method) ? StartLineKind.Incomplete : StartLineKind.None;

        return TryParseRequest(data[..end], out _) ? StartLineKind.Request : StartLineKind.None;
    }

    /// <summary>
    /// Says the same of bytes whose first <paramref name="before"/> were <see cref="StartLineKind.Incomplete"/>; looks at the others only,
    /// so that a line that comes byte by byte costs no more than one that comes at once.
    /// </summary>
    public static StartLineKind ClassifyMore(ReadOnlySpan<byte> data, int before, bool isResponseDue)
    {
        // Behind the method only the end of the line decides, or a byte that no such line has.
        ReadOnlySpan<byte> added = data[before..];
        if (before <= MaxMethodBytes || added.Contains((byte)'\n'))
            return Classify(data, isResponseDue);

        return HttpToken.HasControl(added) && !BeginsWithKnownMethod(data) ? StartLineKind.None : StartLineKind.Incomplete;
    }

    /// <summary>Parses the first line of a block; false if it is no start line.</summary>
    public static bool TryParse(ReadOnlySpan<byte> block, out HttpStartLine line)
    {
        int end = block.IndexOf((byte)'\n');
        ReadOnlySpan<byte> first = end < 0 ? block : block[..end];
        if (!BeginsStatusLine(first) || (first[Name.Length - 1] != (byte)'/' && TryParseRequest(first, out _)))
            return TryParseRequest(first, out line);

        // A status line, unlike a request line, may end with a bare CR.
        int feed = first.IndexOf((byte)'\r');
        line = ParseStatus(feed < 0 ? first : first[..feed]);
        return true;
    }

    /// <summary>Whether the bytes begin with a method that HTTP clients use, and a blank: nearly no other bytes do.</summary>
    public static bool BeginsWithKnownMethod(ReadOnlySpan<byte> data)
    {
        int method = MethodLengthOf(data);
        return method > 0 && method < data.Length && IsKnownMethod(data[..method]);
    }

    /// <summary>
    /// Whether the bytes begin with a known method or a version in full: what may be looked for without end, since it costs nothing.
    /// </summary>
    public static bool BeginsMessage(ReadOnlySpan<byte> data) =>
        BeginsWithKnownMethod(data) || (data.Length > 7 && IsVersionOne(data) && char.IsAsciiDigit((char)data[7]));

    /// <summary>Whether the bytes begin with <c>HTTP/1.</c> in any case.</summary>
    public static bool IsVersionOne(ReadOnlySpan<byte> data) =>
        data.Length >= 7 && Ascii.EqualsIgnoreCase(data[..5], Name) && data[5] == (byte)'1' && data[6] == (byte)'.';

    /// <summary>Whether a request line has a target of a form that clients send: the first words of a text seldom have.</summary>
    public static bool HasUsualTarget(ReadOnlySpan<byte> data)
    {
        if (!TryParse(data, out HttpStartLine line))
            return false;

        ReadOnlySpan<byte> target = data.Slice(line.TargetOffset, line.TargetLength);
        return target.StartsWith((byte)'/')
            || target.SequenceEqual("*"u8)
            || target.IndexOf("://"u8) is > 0 and < 16
            || data[..line.MethodLength].SequenceEqual("CONNECT"u8);
    }

    private static bool BeginsStatusLine(ReadOnlySpan<byte> data) =>
        data.Length >= Name.Length
        && Ascii.EqualsIgnoreCase(data[..4], Name[..4])
        && (data[4] == (byte)'/' || HttpToken.IsBlank(data[4]) || char.IsAsciiDigit((char)data[4]));

    // The length of the token that may be a method; 0 if what stands behind it is no blank, or it is too long.
    private static int MethodLengthOf(ReadOnlySpan<byte> data)
    {
        int method = HttpToken.Length(data);
        if (method == data.Length)
            return method;

        return method <= MaxMethodBytes && HttpToken.IsBlank(data[method]) ? method : 0;
    }

    // A target may hold any byte, and servers take it. Without the end of the line that is believed of known methods only.
    private static bool MayGoOn(ReadOnlySpan<byte> data, int method) =>
        !HttpToken.HasControl(data[method..]) || IsKnownMethod(data[..method]);

    private static bool TryParseRequest(ReadOnlySpan<byte> line, out HttpStartLine result)
    {
        result = default;
        line = TrimEnd(line);
        int method = MethodLengthOf(line);
        if (method == 0 || method == line.Length)
            return false;

        // The version is the last word; a target with blanks in it (which no client should send) stays whole.
        int version = line.LastIndexOfAny((byte)' ', (byte)'\t') + 1;
        ReadOnlySpan<byte> name = line[version..];
        if (name.Length < 6 || !Ascii.EqualsIgnoreCase(name[..5], Name) || !IsVersion(name[5..], isAnyTaken: IsKnownMethod(line[..method])))
            return false;

        int start = method;
        while (start < version && HttpToken.IsBlank(line[start]))
            start++;
        ReadOnlySpan<byte> target = TrimEnd(line[start..Math.Max(start, version)]);

        // The authority that a tunnel leads to has no blanks: what stands behind it is no part of it.
        if (line[..method].SequenceEqual("CONNECT"u8) && target.IndexOfAny((byte)' ', (byte)'\t') is > 0 and var word)
            target = target[..word];

        result = new HttpStartLine
        {
            IsRequest = true,
            MinorVersion = MinorOf(name),
            MethodLength = method,
            TargetOffset = start,
            TargetLength = target.Length,
            VersionOffset = version,
            VersionLength = name.Length,
        };
        return true;
    }

    // "1.1", "1.0", "0.9"; behind a known method any number, since servers answer that too.
    private static bool IsVersion(ReadOnlySpan<byte> text, bool isAnyTaken) =>
        isAnyTaken ? char.IsAsciiDigit((char)text[0]) : text.Length >= 3 && text[0] is (byte)'0' or (byte)'1' && text[1] == (byte)'.';

    private static HttpStartLine ParseStatus(ReadOnlySpan<byte> line)
    {
        int blank = line.IndexOfAny((byte)' ', (byte)'\t');
        int at = blank;
        while (at >= 0 && at < line.Length && HttpToken.IsBlank(line[at]))
            at++;

        int status = 0;
        if (at > 0 && line.Length >= at + 3)
        {
            for (int i = at; i < at + 3; i++)
                status = char.IsAsciiDigit((char)line[i]) ? (status * 10) + Digit(line[i]) : -1000;
        }

        ReadOnlySpan<byte> version = blank < 0 ? line : line[..blank];
        return new HttpStartLine
        {
            Status = Math.Max(status, 0),
            MinorVersion = MinorOf(version),
            VersionLength = version.Length,
        };
    }

    private static int MinorOf(ReadOnlySpan<byte> version) => version.Length > 7 && IsVersionOne(version) ? Digit(version[7]) : 0;

    private static int Digit(byte value) => char.IsAsciiDigit((char)value) ? value - '0' : 0;

    private static ReadOnlySpan<byte> TrimEnd(ReadOnlySpan<byte> line)
    {
        int length = line.Length;
        while (length > 0 && (HttpToken.IsBlank(line[length - 1]) || line[length - 1] == (byte)'\r'))
            length--;
        return line[..length];
    }

    // RFC 9110, WebDAV (RFC 4918, 3253, 5323), and what proxies and scanners send.
    private static bool IsKnownMethod(ReadOnlySpan<byte> method) =>
        method.Length switch
        {
            3 => method.SequenceEqual("GET"u8) || method.SequenceEqual("PUT"u8),
            4 => method.SequenceEqual("POST"u8)
                || method.SequenceEqual("HEAD"u8)
                || method.SequenceEqual("COPY"u8)
                || method.SequenceEqual("MOVE"u8)
                || method.SequenceEqual("LOCK"u8),
            5 => method.SequenceEqual("PATCH"u8) || method.SequenceEqual("TRACE"u8) || method.SequenceEqual("MKCOL"u8),
            6 => method.SequenceEqual("DELETE"u8)
                || method.SequenceEqual("UNLOCK"u8)
                || method.SequenceEqual("SEARCH"u8)
                || method.SequenceEqual("REPORT"u8),
            7 => method.SequenceEqual("OPTIONS"u8) || method.SequenceEqual("CONNECT"u8),
            8 => method.SequenceEqual("PROPFIND"u8),
            9 => method.SequenceEqual("PROPPATCH"u8),
            _ => false,
        };
}
