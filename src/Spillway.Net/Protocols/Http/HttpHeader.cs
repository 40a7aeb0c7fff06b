using System.Text;

namespace Spillway.Net.Protocols.Http;

/// <summary>
/// A parsed header block of a request or response: one owned copy of the bytes as on the wire, and an index of its fields.
/// Immutable after parsing, and so may be kept and shared between threads.
/// </summary>
public sealed class HttpHeader
{
    private readonly byte[] _raw;
    private readonly HttpField[] _fields;
    private readonly Slice _method;
    private readonly Slice _target;
    private readonly Slice _version;

    internal HttpHeader(byte[] raw, HttpField[] fields, in HttpStartLine start)
    {
        _raw = raw;
        _fields = fields;
        IsRequest = start.IsRequest;
        Status = start.Status;
        MinorVersion = start.MinorVersion;
        _method = new Slice(0, start.MethodLength);
        _target = new Slice(start.TargetOffset, start.TargetLength);
        _version = new Slice(start.VersionOffset, start.VersionLength);
    }

    /// <summary>Stands for a request that was not seen: every part is empty.</summary>
    public static HttpHeader NoRequest { get; } = new([], [], new HttpStartLine { IsRequest = true });

    /// <summary>Stands for a response that was not seen (yet): every part is empty, the status is 0.</summary>
    public static HttpHeader NoResponse { get; } = new([], [], default);

    /// <summary>True for a request.</summary>
    public bool IsRequest { get; }

    /// <summary>The status code; 0 for a request, and for a response whose status is no number.</summary>
    public int Status { get; }

    /// <summary>The minor version: 1 for HTTP/1.1, 0 for HTTP/1.0.</summary>
    public int MinorVersion { get; }

    /// <summary>The protocol and its version as sent: <c>HTTP/1.1</c>, in whatever case.</summary>
    public ReadOnlySpan<byte> Version => _raw.AsSpan(_version.Offset, _version.Length);

    /// <summary>The whole block, from the start line to the empty line, as it was on the wire.</summary>
    public ReadOnlySpan<byte> Raw => _raw;

    /// <summary>The method; empty for a response.</summary>
    public ReadOnlySpan<byte> Method => _raw.AsSpan(_method.Offset, _method.Length);

    /// <summary>The request target as sent (origin, absolute, authority or asterisk form); empty for a response.</summary>
    public ReadOnlySpan<byte> Target => _raw.AsSpan(_target.Offset, _target.Length);

    /// <summary>The target without scheme and authority, query included; an absolute target without a path gives "/".</summary>
    public ReadOnlySpan<byte> Path
    {
        get
        {
            ReadOnlySpan<byte> target = Target;
            if (!TryAfterScheme(target, out ReadOnlySpan<byte> rest))
                return target;

            int path = rest.IndexOfAny((byte)'/', (byte)'?', (byte)'#');
            return path < 0 ? "/"u8 : rest[path..];
        }
    }

    /// <summary>
    /// The host as sent, with port if it has one: the authority of an absolute or CONNECT target, which counts whatever the Host field says
    /// (RFC 9112, section 3.2.2), else the Host field; empty if there is neither.
    /// </summary>
    public ReadOnlySpan<byte> Host
    {
        get
        {
            ReadOnlySpan<byte> target = Target;
            if (TryAfterScheme(target, out ReadOnlySpan<byte> rest))
            {
                int end = rest.IndexOfAny((byte)'/', (byte)'?', (byte)'#');
                ReadOnlySpan<byte> authority = end < 0 ? rest : rest[..end];
                authority = authority[(authority.LastIndexOf((byte)'@') + 1)..];
                if (!authority.IsEmpty)
                    return authority;
            }
            else if (!target.IsEmpty && Method.SequenceEqual("CONNECT"u8))
            {
                return target;
            }

            return TryGetValue("host"u8, out ReadOnlySpan<byte> host) ? host : default;
        }
    }

    /// <summary>The header fields in their order.</summary>
    public ReadOnlySpan<HttpField> Fields => _fields;

    /// <summary>Parses a header block that stands alone.</summary>
    /// <param name="block">From the start line to the empty line; bytes behind it belong to the last field.</param>
    /// <returns>Null if it does not begin with a start line.</returns>
    public static HttpHeader? Parse(ReadOnlySpan<byte> block) => HttpHeaderParser.Parse(block, new HttpObserver());

    /// <summary>The name of a field, blanks before the colon cut off.</summary>
    public ReadOnlySpan<byte> NameOf(in HttpField field) => _raw.AsSpan(field.NameOffset, field.NameLength);

    /// <summary>The value of a field, blanks around it trimmed; a folded value as it stood on the wire.</summary>
    public ReadOnlySpan<byte> ValueOf(in HttpField field) => _raw.AsSpan(field.ValueOffset, field.ValueLength);

    /// <summary>The value of the first field with that name, in any case.</summary>
    public bool TryGetValue(ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value) => TryGetValue(name, 0, out value);

    /// <summary>The value of the <paramref name="occurrence"/>-th field with that name, from 0, in any case.</summary>
    public bool TryGetValue(ReadOnlySpan<byte> name, int occurrence, out ReadOnlySpan<byte> value)
    {
        foreach (ref readonly HttpField field in _fields.AsSpan())
        {
            if (field.NameLength == name.Length && Ascii.EqualsIgnoreCase(NameOf(field), name) && occurrence-- == 0)
            {
                value = ValueOf(field);
                return true;
            }
        }

        value = default;
        return false;
    }

    private static bool TryAfterScheme(ReadOnlySpan<byte> target, out ReadOnlySpan<byte> rest)
    {
        // A scheme is letters: "/redirect?to=http://x" is a path.
        int colon = target.IndexOf("://"u8);
        bool absolute = colon > 0 && Ascii.IsValid(target[..colon]) && target[..colon].IndexOfAny((byte)'/', (byte)'?') < 0;
        rest = absolute ? target[(colon + 3)..] : default;
        return absolute;
    }

    private readonly record struct Slice(int Offset, int Length);
}

/// <summary>Where one header field lies in <see cref="HttpHeader.Raw"/>.</summary>
public readonly record struct HttpField(int NameOffset, int NameLength, int ValueOffset, int ValueLength);
