using System.Buffers.Binary;

namespace Spillway.Net.Protocols.Tls;

/// <summary>Content types of records (RFC 8446, 5.1).</summary>
public enum TlsContentType : byte
{
    /// <summary>change_cipher_spec.</summary>
    ChangeCipherSpec = 20,

    /// <summary>alert.</summary>
    Alert = 21,

    /// <summary>handshake.</summary>
    Handshake = 22,

    /// <summary>application_data.</summary>
    ApplicationData = 23,

    /// <summary>heartbeat (RFC 6520).</summary>
    Heartbeat = 24,
}

/// <summary>The framing of records.</summary>
public static class TlsRecord
{
    /// <summary>Bytes of a record's header: type, version, length.</summary>
    public const int HeaderBytes = 5;

    /// <summary>The longest content of a record, encrypted (RFC 5246, 6.2.3).</summary>
    public const int MaxContentBytes = (16 << 10) + 2048;

    /// <summary>Bytes from which a hello is told from anything else: the record's header and the type of the message.</summary>
    internal const int ProbeBytes = HeaderBytes + 1;

    private const int AlertBytes = HeaderBytes + 2;

    /// <summary>Whether a stream may begin TLS here, as far as the bytes at hand show. Takes a few comparisons.</summary>
    public static bool MayBeginHello(ReadOnlySpan<byte> data)
    {
        if (data.IsEmpty || data[0] != (byte)TlsContentType.Handshake)
            return false;
        if (data.Length > 1 && data[1] != 3)
            return false;
        if (data.Length > 2 && data[2] > 4)
            return false;
        if (data.Length < HeaderBytes)
            return true;
        int length = BinaryPrimitives.ReadUInt16BigEndian(data[3..]);
        if (length is 0 or > MaxContentBytes)
            return false;
        return data.Length < ProbeBytes || data[HeaderBytes] is (byte)TlsHandshakeType.ClientHello or (byte)TlsHandshakeType.ServerHello;
    }

    /// <summary>
    /// Where a hello may begin in the first bytes of a segment: at their start, or behind what may stand before it, which is alerts and the
    /// header of the PROXY protocol (versions 1 and 2), as load balancers write it.
    /// </summary>
    /// <returns>-1 if it begins nowhere.</returns>
    public static int FindHello(ReadOnlySpan<byte> data)
    {
        int offset = ProxyHeader.LengthOf(data);
        while (IsAlert(data[offset..]))
            offset += AlertBytes;
        return offset < data.Length && MayBeginHello(data[offset..]) ? offset : -1;
    }

    // Not encrypted: level and description (RFC 8446, 6).
    private static bool IsAlert(ReadOnlySpan<byte> data) =>
        data.Length >= AlertBytes
        && data[0] == (byte)TlsContentType.Alert
        && IsHeader(data)
        && ContentLength(data) == AlertBytes - HeaderBytes
        && data[HeaderBytes] is 1 or 2;

    /// <summary>Whether five bytes are a record's header.</summary>
    internal static bool IsHeader(ReadOnlySpan<byte> header) =>
        header[0] is >= (byte)TlsContentType.ChangeCipherSpec and <= (byte)TlsContentType.Heartbeat
        && header[1] == 3
        && header[2] <= 4
        && ContentLength(header) <= MaxContentBytes;

    internal static int ContentLength(ReadOnlySpan<byte> header) => BinaryPrimitives.ReadUInt16BigEndian(header[3..]);
}

/// <summary>Handshake messages that are looked at (RFC 8446, 4).</summary>
internal enum TlsHandshakeType : byte
{
    ClientHello = 1,
    ServerHello = 2,
    Certificate = 11,
}
