namespace Spillway.Net.Protocols.Mime;

/// <summary>How the content of a part is encoded for its transfer (RFC 2045, section 6).</summary>
public enum MimeEncoding : byte
{
    /// <summary>7bit, 8bit, binary, or nothing said: the content is as sent.</summary>
    Identity,

    /// <summary>base64.</summary>
    Base64,

    /// <summary>quoted-printable.</summary>
    QuotedPrintable,

    /// <summary>x-uuencode and its other names.</summary>
    Uuencode,

    /// <summary>One that is unknown: the content is as sent.</summary>
    Unknown,
}

/// <summary>How a part or a message ended.</summary>
public enum MimeEnd : byte
{
    /// <summary>All of it was seen.</summary>
    Complete,

    /// <summary>The message ended before it should, or its connection did.</summary>
    Truncated,

    /// <summary>Bytes are missing from the capture.</summary>
    Gap,
}

/// <summary>What the header of a part says: of an entity that is no container. It lives until the part has ended.</summary>
public sealed class MimePart
{
    /// <summary>Its number in the message, from 1.</summary>
    public int Number { get; init; }

    /// <summary>How many containers it is in; 0 if the message itself is the part.</summary>
    public int Depth { get; init; }

    /// <summary>Type and subtype in lower case. What says nothing is <c>text/plain</c> (RFC 2045, section 5.2).</summary>
    public string ContentType { get; init; } = "";

    /// <summary>Disposition in lower case, such as <c>attachment</c>; empty if none is said.</summary>
    public string Disposition { get; init; } = "";

    /// <summary>The name of the form's field (RFC 7578); empty if there is none.</summary>
    public string FieldName { get; init; } = "";

    /// <summary>
    /// The file name as sent, as UTF-8 where its character set is known; empty if there is none. Nothing is made safe: it may hold path
    /// separators and control characters.
    /// </summary>
    public ReadOnlyMemory<byte> Name { get; init; }

    /// <summary>
    /// The value of Content-Range: which bytes of a file the part is, in a response of several ranges (RFC 9110, section 14.6). Empty if
    /// there is none.
    /// </summary>
    public ReadOnlyMemory<byte> ContentRange { get; init; }

    /// <summary>The transfer encoding; it is undone.</summary>
    public MimeEncoding Encoding { get; init; }

    /// <summary>Decoded bytes so far; missing ones included where their number is known.</summary>
    public long Length { get; internal set; }

    /// <summary>What the receiver keeps for the part.</summary>
    public object? Consumer { get; set; }
}
