namespace Spillway.Net.Protocols.Tls;

/// <summary>A server hello or HelloRetryRequest in place (RFC 5246 7.4.1.3, RFC 8446 4.1.3).</summary>
public readonly ref struct TlsServerHello
{
    private TlsServerHello(ReadOnlySpan<byte> body)
    {
        var reader = new WireReader(body);
        LegacyVersion = reader.ReadUInt16();
        Random = reader.ReadBytes(32);
        bool isShort = TlsVersion.IsDraftWithShortServerHello(LegacyVersion);
        if (!isShort)
            SessionId = reader.ReadVector8();
        CipherSuite = reader.ReadUInt16();
        if (!isShort)
            CompressionMethod = reader.ReadByte();
        IsMalformed = reader.IsExhausted;
        if (reader.Rest.IsEmpty)
            return;

        int announced = reader.ReadUInt16();
        ReadOnlySpan<byte> block = reader.Rest.Length > announced ? reader.Rest[..announced] : reader.Rest;
        Extensions = new TlsExtensions(block);
        IsMalformed |= announced != reader.Rest.Length || !Extensions.IsWellFormed();
    }

    // SHA-256 of "HelloRetryRequest" (RFC 8446, 4.1.3).
    private static ReadOnlySpan<byte> RetryRandom =>
        [
            0xCF,
            0x21,
            0xAD,
            0x74,
            0xE5,
            0x9A,
            0x61,
            0x11,
            0xBE,
            0x1D,
            0x8C,
            0x02,
            0x1E,
            0x65,
            0xB8,
            0x91,
            0xC2,
            0xA2,
            0x11,
            0x16,
            0x7A,
            0xBB,
            0x8C,
            0x5E,
            0x07,
            0x9E,
            0x09,
            0xE2,
            0xC8,
            0xA8,
            0x33,
            0x9C,
        ];

    /// <summary>
    /// server_version: the version before TLS 1.3, and 0x0303 from then on; the version itself in early drafts of TLS 1.3.
    /// </summary>
    public ushort LegacyVersion { get; }

    /// <summary>Random, 32 bytes.</summary>
    public ReadOnlySpan<byte> Random { get; }

    /// <summary>Session id; may be empty.</summary>
    public ReadOnlySpan<byte> SessionId { get; }

    /// <summary>The chosen cipher suite.</summary>
    public ushort CipherSuite { get; }

    /// <summary>The chosen compression method.</summary>
    public byte CompressionMethod { get; }

    /// <summary>The extensions.</summary>
    public TlsExtensions Extensions { get; }

    /// <summary>Lengths do not fit into each other; what is told may be incomplete.</summary>
    public bool IsMalformed { get; }

    /// <summary>It is a HelloRetryRequest: another client hello follows.</summary>
    public bool IsHelloRetryRequest => Random.SequenceEqual(RetryRandom);

    /// <summary>The version both agreed on: that of the supported_versions extension, if there.</summary>
    public ushort Version =>
        Extensions.TryGet(TlsExtensionType.SupportedVersions, out ReadOnlySpan<byte> data) && data.Length == 2
            ? new WireReader(data).ReadUInt16()
            : LegacyVersion;

    /// <summary>The chosen application protocol (ALPN), up to TLS 1.2; empty without one.</summary>
    public ReadOnlySpan<byte> Alpn
    {
        get
        {
            TlsProtocolNames names = TlsProtocolNames.Of(Extensions);
            return names.MoveNext() ? names.Current : default;
        }
    }

    internal static TlsServerHello Parse(ReadOnlySpan<byte> body) => new(body);
}
