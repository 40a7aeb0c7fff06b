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

/// <summary>The start line of a message (RFC 9112, sections 3 and 4): recognising and parsing it.</summary>
internal readonly struct HttpStartLine
{
    // The longest registered method has 17 letters; no line of another text protocol begins with a longer token.
    private const int MaxMethodBytes = 32;

    public bool IsRequest { get; init; }

    public int Status { get; init; }

    public int MinorVersion { get; init; }

    public int MethodOffset { get; init; }

    public int MethodLength { get; init; }

    public int TargetOffset { get; init; }

    public int TargetLength { get; init; }

    /// <summary>Says what begins at the first byte of <paramref name="data"/>.</summary>
    public static StartLineKind Classify(ReadOnlySpan<byte> data)
    {
        if (data.IsEmpty)
            return StartLineKind.Incomplete;

        if (data[0] == (byte)'H')
        {
            ReadOnlySpan<byte> name = "HTTP/"u8;
            int common = Math.Min(data.Length, name.Length);
            if (data[..common].SequenceEqual(name[..common]))
            {
                if (data.Length <= name.Length)
                    return StartLineKind.Incomplete;

                return char.IsAsciiDigit((char)data[name.Length]) ? StartLineKind.Response : StartLineKind.None;
            }
        }

        int method = TokenLength(data);
        if (method == 0 || method > MaxMethodBytes)
            return StartLineKind.None;

        if (method == data.Length)
            return StartLineKind.Incomplete;

        if (!IsBlank(data[method]))
            return StartLineKind.None;

        int end = data.IndexOf((byte)'\n');
        if (end < 0)
            return HasControl(data[method..]) ? StartLineKind.None : StartLineKind.Incomplete;

        return TryParseRequest(data[..end], out _) ? StartLineKind.Request : StartLineKind.None;
    }

    /// <summary>Parses the first line of a block; false if it is no start line.</summary>
    public static bool TryParse(ReadOnlySpan<byte> block, out HttpStartLine line)
    {
        int end = block.IndexOf((byte)'\n');
        ReadOnlySpan<byte> first = end < 0 ? block : block[..end];
        if (!first.StartsWith("HTTP/"u8))
            return TryParseRequest(first, out line);

        line = ParseStatus(first);
        return true;
    }

    /// <summary>Finds the next plausible start line: at the beginning of the data or of a line in it.</summary>
    /// <returns>Its offset; the offset of a beginning that more bytes must decide; or -1.</returns>
    public static int Find(ReadOnlySpan<byte> data, bool requests, bool responses)
    {
        int request = requests ? FindRequest(data) : -1;
        int response = responses ? FindResponse(data) : -1;
        return request < 0 || (response >= 0 && response < request) ? response : request;
    }

    private static int FindResponse(ReadOnlySpan<byte> data)
    {
        ReadOnlySpan<byte> pattern = "HTTP/1."u8;
        int from = 0;
        while (true)
        {
            int at = data[from..].IndexOf(pattern);
            if (at < 0)
                break;

            at += from;
            if (IsStatusLine(data[at..]) && (at == 0 || data[at - 1] == (byte)'\n' || HasFieldBehind(data[at..])))
                return at;

            from = at + pattern.Length;
        }

        for (int length = Math.Min(pattern.Length - 1, data.Length); length > 0; length--)
        {
            int at = data.Length - length;
            if ((at == 0 || data[at - 1] == (byte)'\n') && data[at..].SequenceEqual(pattern[..length]))
                return at;
        }

        return -1;
    }

    private static int FindRequest(ReadOnlySpan<byte> data)
    {
        int from = 0;
        while (true)
        {
            int at = data[from..].IndexOf(" HTTP/1."u8);
            if (at < 0)
                break;

            at += from;
            int line = SkipToToken(data, data[..at].LastIndexOf((byte)'\n') + 1);
            if (line < at && Classify(data[line..]) is StartLineKind.Request or StartLineKind.Incomplete)
                return line;

            from = at + 8;
        }

        // The last line is not complete: it may be the beginning of a request line.
        int last = SkipToToken(data, data.LastIndexOf((byte)'\n') + 1);
        return last < data.Length && Classify(data[last..]) == StartLineKind.Incomplete ? last : -1;
    }

    // A stray byte before a request (a keep-alive probe, zeros) is no part of its method.
    private static int SkipToToken(ReadOnlySpan<byte> data, int offset)
    {
        while (offset < data.Length && data[offset] != (byte)'\n' && !IsTokenByte(data[offset]))
            offset++;
        return offset;
    }

    // "HTTP/1.1 200": stricter than at a place where a response is due, since this may be the inside of a body.
    private static bool IsStatusLine(ReadOnlySpan<byte> data)
    {
        ReadOnlySpan<byte> shape = "HTTP/1.d ddd"u8;
        for (int i = 7; i < shape.Length && i < data.Length; i++)
        {
            if (shape[i] == (byte)'d' ? !char.IsAsciiDigit((char)data[i]) : data[i] != shape[i])
                return false;
        }

        return true;
    }

    // A body need not end with a line, so the status line after it need not begin one. There the whole line and the beginning of a field
    // behind it are asked for: text about HTTP seldom has both.
    private static bool HasFieldBehind(ReadOnlySpan<byte> data)
    {
        int end = data.IndexOf((byte)'\n');
        if (end < 0 || HasControl(TrimEnd(data[..end])))
            return false;

        ReadOnlySpan<byte> field = data[(end + 1)..];
        int name = TokenLength(field);
        return name > 0 && name < field.Length && field[name] == (byte)':';
    }

    private static bool TryParseRequest(ReadOnlySpan<byte> line, out HttpStartLine result)
    {
        result = default;
        line = TrimEnd(line);
        int method = TokenLength(line);
        if (method == 0 || method > MaxMethodBytes || method == line.Length || !IsBlank(line[method]))
            return false;

        // The version is the last word; a target with blanks in it (which no client should send) stays whole.
        int version = line.LastIndexOfAny((byte)' ', (byte)'\t') + 1;
        ReadOnlySpan<byte> name = line[version..];
        if (name.Length < 8 || !name.StartsWith("HTTP/"u8) || name[5] > (byte)'1' || name[5] < (byte)'0' || name[6] != (byte)'.')
            return false;

        int start = method;
        while (start < version && IsBlank(line[start]))
            start++;
        ReadOnlySpan<byte> target = TrimEnd(line[start..Math.Max(start, version)]);
        if (HasControl(target))
            return false;

        result = new HttpStartLine
        {
            IsRequest = true,
            MinorVersion = Digit(name[7]),
            MethodLength = method,
            TargetOffset = start,
            TargetLength = target.Length,
        };
        return true;
    }

    private static HttpStartLine ParseStatus(ReadOnlySpan<byte> line)
    {
        int at = line.IndexOfAny((byte)' ', (byte)'\t');
        while (at >= 0 && at < line.Length && IsBlank(line[at]))
            at++;

        int status = 0;
        if (at > 0 && line.Length >= at + 3)
        {
            for (int i = at; i < at + 3; i++)
                status = char.IsAsciiDigit((char)line[i]) ? (status * 10) + Digit(line[i]) : -1000;
        }

        int minor = line.Length > 7 && line[5] == (byte)'1' && line[6] == (byte)'.' ? Digit(line[7]) : 0;
        return new HttpStartLine { Status = Math.Max(status, 0), MinorVersion = minor };
    }

    private static int Digit(byte value) => char.IsAsciiDigit((char)value) ? value - '0' : 0;

    private static ReadOnlySpan<byte> TrimEnd(ReadOnlySpan<byte> line)
    {
        int length = line.Length;
        while (length > 0 && (IsBlank(line[length - 1]) || line[length - 1] == (byte)'\r'))
            length--;
        return line[..length];
    }

    private static bool HasControl(ReadOnlySpan<byte> data) => data.ContainsAny(ControlBytes);

    private static bool IsBlank(byte value) => value is (byte)' ' or (byte)'\t';

    private static int TokenLength(ReadOnlySpan<byte> data)
    {
        int length = data.IndexOfAnyExcept(TokenBytes);
        return length < 0 ? data.Length : length;
    }

    private static bool IsTokenByte(byte value) => TokenBytes.Contains(value);

    // What ends the hope for text, but for tab and carriage return.
    private static readonly System.Buffers.SearchValues<byte> ControlBytes = System.Buffers.SearchValues.Create(
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31]);

    // RFC 9110, section 5.6.2 (tchar).
    private static readonly System.Buffers.SearchValues<byte> TokenBytes = System.Buffers.SearchValues.Create(
        "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8);
}
