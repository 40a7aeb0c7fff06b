namespace Spillway.Net.Protocols.Dns;

/// <summary>The character strings of a TXT record (RFC 1035, 3.3.14), each behind its length.</summary>
public ref struct DnsStrings
{
    private ReadOnlySpan<byte> _rest;

    /// <summary>Enumerates strings.</summary>
    /// <param name="data">A record's data for which <see cref="AreWhole"/> holds.</param>
    public DnsStrings(ReadOnlySpan<byte> data) => _rest = data;

    /// <summary>The string; may be empty.</summary>
    public ReadOnlySpan<byte> Current { get; private set; }

    /// <summary>Whether data is one string or several, up to its last byte.</summary>
    public static bool AreWhole(ReadOnlySpan<byte> data)
    {
        if (data.IsEmpty)
            return false;
        while (!data.IsEmpty)
        {
            if (1 + data[0] > data.Length)
                return false;
            data = data[(1 + data[0])..];
        }

        return true;
    }

    /// <summary>Enumerates them.</summary>
    public readonly DnsStrings GetEnumerator() => this;

    /// <summary>Goes on to the next.</summary>
    public bool MoveNext()
    {
        if (_rest.IsEmpty)
            return false;
        Current = _rest.Slice(1, _rest[0]);
        _rest = _rest[(1 + _rest[0])..];
        return true;
    }
}
