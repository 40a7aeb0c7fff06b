using System.Buffers.Binary;

namespace Spillway.Net.Protocols.Tls;

/// <summary>A client hello in place (RFC 5246 7.4.1.2, RFC 8446 4.1.2). Fields that a malformed one cuts are empty.</summary>
public readonly ref struct TlsClientHello
{
    private TlsClientHello(ReadOnlySpan<byte> body)
    {
        var reader = new WireReader(body);
        LegacyVersion = reader.ReadUInt16();
        Random = reader.ReadBytes(32);
        SessionId = reader.ReadVector8();
        CipherSuites = reader.ReadVector16();
        CompressionMethods = reader.ReadVector8();
        IsMalformed = reader.IsExhausted || CipherSuites.Length % 2 != 0;
        if (reader.Rest.IsEmpty)
            return;

        // A list that says it is longer than the message is read as far as it goes.
        int announced = reader.ReadUInt16();
        ReadOnlySpan<byte> block = reader.Rest.Length > announced ? reader.Rest[..announced] : reader.Rest;
        Extensions = new TlsExtensions(block);
        IsMalformed |= announced != reader.Rest.Length || !Extensions.IsWellFormed();
    }

    /// <summary>client_version: the highest version before TLS 1.3, and 0x0303 from then on.</summary>
    public ushort LegacyVersion { get; }

    /// <summary>Random, 32 bytes.</summary>
    public ReadOnlySpan<byte> Random { get; }

    /// <summary>Session id; may be empty.</summary>
    public ReadOnlySpan<byte> SessionId { get; }

    /// <summary>Offered cipher suites, two bytes each.</summary>
    public ReadOnlySpan<byte> CipherSuites { get; }

    /// <summary>Offered compression methods.</summary>
    public ReadOnlySpan<byte> CompressionMethods { get; }

    /// <summary>The extensions.</summary>
    public TlsExtensions Extensions { get; }

    /// <summary>Lengths do not fit into each other; what is told may be incomplete.</summary>
    public bool IsMalformed { get; }

    /// <summary>The server name (SNI, RFC 6066), bytes as sent; empty without one.</summary>
    public ReadOnlySpan<byte> ServerName
    {
        get
        {
            if (!Extensions.TryGet(TlsExtensionType.ServerName, out ReadOnlySpan<byte> data))
                return default;
            var list = new WireReader(new WireReader(data).ReadVector16());
            while (!list.Rest.IsEmpty)
            {
                byte type = list.ReadByte();
                ReadOnlySpan<byte> name = list.ReadVector16();
                if (type == 0)
                    return name;
            }

            return default;
        }
    }

    /// <summary>Offered application protocols (ALPN), in their order.</summary>
    public TlsProtocolNames Alpn => TlsProtocolNames.Of(Extensions);

    /// <summary>Writes the offered application protocols, joined by commas, as far as there is room for whole names.</summary>
    /// <returns>The number of bytes written.</returns>
    public int WriteAlpn(Span<byte> destination)
    {
        int length = 0;
        foreach (ReadOnlySpan<byte> name in Alpn)
        {
            int at = length == 0 ? 0 : length + 1;
            if (at + name.Length > destination.Length)
                break;
            if (at > 0)
                destination[length] = (byte)',';
            name.CopyTo(destination[at..]);
            length = at + name.Length;
        }

        return length;
    }

    /// <summary>Versions of the supported_versions extension, two bytes each, GREASE included; empty without it.</summary>
    public ReadOnlySpan<byte> SupportedVersions =>
        Extensions.TryGet(TlsExtensionType.SupportedVersions, out ReadOnlySpan<byte> data) ? new WireReader(data).ReadVector8() : default;

    /// <summary>The highest version the client offers.</summary>
    public ushort HighestVersion
    {
        get
        {
            ushort highest = 0;
            for (ReadOnlySpan<byte> versions = SupportedVersions; versions.Length >= 2; versions = versions[2..])
            {
                ushort version = BinaryPrimitives.ReadUInt16BigEndian(versions);
                if (!TlsFingerprint.IsGrease(version))
                    highest = Math.Max(highest, version);
            }

            return highest == 0 ? LegacyVersion : highest;
        }
    }

    internal static TlsClientHello Parse(ReadOnlySpan<byte> body) => new(body);
}

/// <summary>Names of an ALPN extension, in their order.</summary>
public ref struct TlsProtocolNames
{
    private WireReader _reader;

    private TlsProtocolNames(ReadOnlySpan<byte> list) => _reader = new WireReader(list);

    /// <summary>The name.</summary>
    public ReadOnlySpan<byte> Current { get; private set; }

    /// <summary>Enumerates them.</summary>
    public readonly TlsProtocolNames GetEnumerator() => this;

    /// <summary>Goes on to the next.</summary>
    public bool MoveNext()
    {
        if (_reader.Rest.IsEmpty)
            return false;
        Current = _reader.ReadVector8();
        return !_reader.IsExhausted;
    }

    internal static TlsProtocolNames Of(TlsExtensions extensions) =>
        new(extensions.TryGet(TlsExtensionType.Alpn, out ReadOnlySpan<byte> data) ? new WireReader(data).ReadVector16() : default);
}
