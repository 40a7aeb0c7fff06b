namespace Spillway.Net.Protocols.Http;

/// <summary>
/// A parsed header block of a request or response: one owned copy of the bytes as on the wire, and an index of its fields.
/// Immutable after parsing.
/// </summary>
public sealed class HttpHeader
{
    private readonly byte[] _raw;
    private readonly HttpField[] _fields;

    internal HttpHeader(byte[] raw, HttpField[] fields, bool isRequest, Range method, Range target, int status, int minorVersion)
    {
        _raw = raw;
        _fields = fields;
        IsRequest = isRequest;
        MethodRange = method;
        TargetRange = target;
        Status = status;
        MinorVersion = minorVersion;
    }

    /// <summary>True for a request.</summary>
    public bool IsRequest { get; }

    /// <summary>The status code; 0 for a request.</summary>
    public int Status { get; }

    /// <summary>The minor version: 1 for HTTP/1.1, 0 for HTTP/1.0.</summary>
    public int MinorVersion { get; }

    /// <summary>The whole block, from the start line to the empty line, as it was on the wire.</summary>
    public ReadOnlySpan<byte> Raw => _raw;

    /// <summary>The method; empty for a response.</summary>
    public ReadOnlySpan<byte> Method => _raw.AsSpan(MethodRange);

    /// <summary>The request target as sent (origin, absolute, authority or asterisk form); empty for a response.</summary>
    public ReadOnlySpan<byte> Target => _raw.AsSpan(TargetRange);

    /// <summary>The header fields in their order.</summary>
    public ReadOnlySpan<HttpField> Fields => _fields;

    private Range MethodRange { get; }

    private Range TargetRange { get; }

    /// <summary>The name of a field.</summary>
    public ReadOnlySpan<byte> NameOf(in HttpField field) => _raw.AsSpan(field.NameOffset, field.NameLength);

    /// <summary>The value of a field, blanks around it trimmed; a folded value as it stood on the wire.</summary>
    public ReadOnlySpan<byte> ValueOf(in HttpField field) => _raw.AsSpan(field.ValueOffset, field.ValueLength);

    /// <summary>The value of the first field with that name, in any case.</summary>
    public bool TryGetValue(ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        foreach (ref readonly HttpField field in _fields.AsSpan())
        {
            if (System.Text.Ascii.EqualsIgnoreCase(NameOf(field), name))
            {
                value = ValueOf(field);
                return true;
            }
        }

        value = default;
        return false;
    }
}

/// <summary>Where one header field lies in <see cref="HttpHeader.Raw"/>.</summary>
public readonly record struct HttpField(int NameOffset, int NameLength, int ValueOffset, int ValueLength);
