using System.Buffers.Binary;

namespace Spillway.Net.Packets;

/// <summary>Whether the checksums of a packet are right.</summary>
public enum ChecksumResult : byte
{
    /// <summary>There is none, or not all that it covers was captured.</summary>
    Unknown,

    /// <summary>All are right.</summary>
    Right,

    /// <summary>One is wrong.</summary>
    Wrong,

    /// <summary>
    /// That of the transport is the sum of the pseudo-header: what a system leaves there for its network card to complete.
    /// </summary>
    Unfinished,
}

/// <summary>
/// Checks the innermost IPv4 header (RFC 791) and the TCP or UDP checksum (RFC 9293, RFC 768, RFC 8200 section 8.1) of a decoded packet.
/// </summary>
public static class PacketChecksum
{
    private const byte ProtocolTcp = 6;
    private const byte ProtocolUdp = 17;

    /// <summary>Checks a packet. Reads all of its payload.</summary>
    /// <param name="info">What <see cref="PacketDecoder"/> made of it.</param>
    /// <param name="data">Its captured bytes.</param>
    public static ChecksumResult Check(in PacketInfo info, ReadOnlySpan<byte> data)
    {
        if (info.Kind != PacketKind.Ip || info.Error != DecodeError.None || info.Protocol is not (ProtocolTcp or ProtocolUdp))
            return ChecksumResult.Unknown;
        if (info.PayloadLength != info.PayloadWireLength)
            return ChecksumResult.Unknown;
        int length = info.PayloadOffset + info.PayloadLength - info.IpPayloadOffset;
        if (length > ushort.MaxValue)
            return ChecksumResult.Unknown; // joined by the card: no such datagram was sent
        ReadOnlySpan<byte> ip = data[info.IpOffset..];
        ReadOnlySpan<byte> segment = data.Slice(info.IpPayloadOffset, length);
        bool isVersion4 = ip[0] >> 4 == 4;
        if (isVersion4 && InternetChecksum.Fold(InternetChecksum.Add(0, ip[..((ip[0] & 0x0f) * 4)])) != InternetChecksum.Right)
            return ChecksumResult.Wrong;

        ushort field = BinaryPrimitives.ReadUInt16BigEndian(segment[(info.Protocol == ProtocolTcp ? 16 : 6)..]);
        if (field == 0 && info.Protocol == ProtocolUdp)
            return ChecksumResult.Unknown;
        ulong pseudo = InternetChecksum.Add(InternetChecksum.Add(0, isVersion4 ? ip.Slice(12, 8) : ip.Slice(8, 32)), info.Protocol);
        ulong pseudoWithLength = InternetChecksum.Add(pseudo, (ushort)length);
        if (InternetChecksum.Fold(InternetChecksum.Add(pseudoWithLength, segment)) == InternetChecksum.Right)
            return ChecksumResult.Right;
        if (field == InternetChecksum.Fold(pseudoWithLength) || field == InternetChecksum.Fold(pseudo))
            return ChecksumResult.Unfinished;
        return IsRouted(in info, ip, isVersion4) ? ChecksumResult.Unknown : ChecksumResult.Wrong;
    }

    // With a source route, the sum is over the last destination, not over the one in the header.
    private static bool IsRouted(in PacketInfo info, ReadOnlySpan<byte> ip, bool isVersion4) =>
        isVersion4 ? HasRouteOption(ip[20..((ip[0] & 0x0f) * 4)]) : HasRoutingHeader(ip[..(info.IpPayloadOffset - info.IpOffset)]);

    private static bool HasRouteOption(ReadOnlySpan<byte> options)
    {
        const byte end = 0,
            none = 1,
            loose = 131,
            strict = 137;
        while (!options.IsEmpty && options[0] != end)
        {
            if (options[0] is loose or strict)
                return true;
            int length =
                options[0] == none ? 1
                : options.Length > 1 ? options[1]
                : 0;
            if (length == 0 || length > options.Length)
                return false;
            options = options[length..];
        }

        return false;
    }

    private static bool HasRoutingHeader(ReadOnlySpan<byte> headers)
    {
        const byte routing = 43,
            authentication = 51,
            fragment = 44;
        byte next = headers[6];
        headers = headers[40..];
        while (headers.Length >= 8)
        {
            if (next == routing)
                return headers[3] > 0;
            int length =
                next == authentication ? (headers[1] + 2) * 4
                : next == fragment ? 8
                : (headers[1] + 1) * 8;
            if (length > headers.Length)
                return false;
            next = headers[0];
            headers = headers[length..];
        }

        return false;
    }
}
