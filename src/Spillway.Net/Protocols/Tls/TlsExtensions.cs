using System.Buffers.Binary;

namespace Spillway.Net.Protocols.Tls;

/// <summary>Extension numbers that are looked at (IANA's registry).</summary>
public static class TlsExtensionType
{
    /// <summary>server_name (RFC 6066).</summary>
    public const ushort ServerName = 0;

    /// <summary>supported_groups (RFC 8422).</summary>
    public const ushort SupportedGroups = 10;

    /// <summary>ec_point_formats (RFC 8422).</summary>
    public const ushort PointFormats = 11;

    /// <summary>signature_algorithms (RFC 8446).</summary>
    public const ushort SignatureAlgorithms = 13;

    /// <summary>application_layer_protocol_negotiation (RFC 7301).</summary>
    public const ushort Alpn = 16;

    /// <summary>supported_versions (RFC 8446).</summary>
    public const ushort SupportedVersions = 43;
}

/// <summary>One extension of a hello.</summary>
public readonly ref struct TlsExtension
{
    internal TlsExtension(ushort type, ReadOnlySpan<byte> data)
    {
        Type = type;
        Data = data;
    }

    /// <summary>IANA's number.</summary>
    public ushort Type { get; }

    /// <summary>Its content.</summary>
    public ReadOnlySpan<byte> Data { get; }
}

/// <summary>The extensions of a hello, in their order. A malformed tail is left out.</summary>
public readonly ref struct TlsExtensions
{
    private readonly ReadOnlySpan<byte> _block;

    internal TlsExtensions(ReadOnlySpan<byte> block) => _block = block;

    /// <summary>The content of the first extension of a type.</summary>
    public bool TryGet(ushort type, out ReadOnlySpan<byte> data)
    {
        ReadOnlySpan<byte> rest = _block;
        while (TryTake(ref rest, out ushort taken, out data))
        {
            if (taken == type)
                return true;
        }

        data = default;
        return false;
    }

    private static bool TryTake(scoped ref ReadOnlySpan<byte> rest, out ushort type, out ReadOnlySpan<byte> data)
    {
        const int headerBytes = 4;
        int length = rest.Length >= headerBytes ? headerBytes + BinaryPrimitives.ReadUInt16BigEndian(rest[2..]) : int.MaxValue;
        if (length > rest.Length)
        {
            type = 0;
            data = default;
            return false;
        }

        type = BinaryPrimitives.ReadUInt16BigEndian(rest);
        data = rest[headerBytes..length];
        rest = rest[length..];
        return true;
    }

    /// <summary>Enumerates them.</summary>
    public Enumerator GetEnumerator() => new(_block);

    internal bool IsWellFormed()
    {
        ReadOnlySpan<byte> rest = _block;
        while (TryTake(ref rest, out _, out _)) { }
        return rest.IsEmpty;
    }

    /// <summary>Walks the extensions.</summary>
    public ref struct Enumerator
    {
        private ReadOnlySpan<byte> _rest;

        internal Enumerator(ReadOnlySpan<byte> block) => _rest = block;

        /// <summary>The extension.</summary>
        public TlsExtension Current { get; private set; }

        /// <summary>Goes on to the next.</summary>
        public bool MoveNext()
        {
            if (!TryTake(ref _rest, out ushort type, out ReadOnlySpan<byte> data))
                return false;
            Current = new TlsExtension(type, data);
            return true;
        }
    }
}
