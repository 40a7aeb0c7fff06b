using System.Buffers.Binary;

namespace Spillway.Net.Protocols.Services;

/// <summary>What messages of services have in common beyond their first bytes. None of them reads past the data.</summary>
internal static class ServiceChecks
{
    // RFC 8999 and RFC 9000, section 17.2: a long header, a version that is in use, two connection ids.
    public static bool IsQuicLong(ReadOnlySpan<byte> data)
    {
        const int longestId = 20;
        if ((data[0] & 0x80) == 0)
            return false;
        uint version = BinaryPrimitives.ReadUInt32BigEndian(data[1..]);
        bool isKnown =
            version is 0x00000001 or 0x6b3343cf // 1 and 2
            || version >> 8 == 0xff0000 // drafts
            || (version >> 16 == 0x5130 && (version & 0xf0f0) == 0x3030) // Q043 to Q050
            || (version & 0x0f0f0f0f) == 0x0a0a0a0a; // forces negotiation
        if (!isKnown)
            return false;
        if (version >> 16 == 0x5130)
            return true; // lengths of both ids in one byte
        int destination = data[5];
        return destination <= longestId && (data.Length <= 6 + destination || data[6 + destination] <= longestId);
    }

    // Before version 44: public flags with version and connection id, then the version as text.
    public static bool IsOldQuic(ReadOnlySpan<byte> data) =>
        (data[0] & 0xcb) == 0x09
        && data[9] == 'Q'
        && data[10] == '0'
        && char.IsAsciiDigit((char)data[11])
        && char.IsAsciiDigit((char)data[12]);

    // RFC 5905, section 7.3: versions 1 to 4; modes 1 to 5 have 48 bytes, control and private messages 12 and 8.
    public static bool IsNtp(ReadOnlySpan<byte> data)
    {
        int version = (data[0] >> 3) & 7,
            mode = data[0] & 7;
        return version is >= 1 and <= 4 && mode != 0 && (mode >= 6 || data.Length >= 48);
    }

    // RFC 3416: a sequence of all bytes; version 0 and 1 with a community and a PDU, version 3 with a sequence (RFC 3412).
    public static bool IsSnmp(ReadOnlySpan<byte> data)
    {
        if (!TryReadHeader(data, 0x30, out ReadOnlySpan<byte> message) || message.Length < 5 || message[0] != 2 || message[1] != 1)
            return false;
        byte version = message[2];
        ReadOnlySpan<byte> rest = message[3..];
        if (version == 3)
            return rest[0] == 0x30;
        if (version > 1 || rest[0] != 4 || rest[1] >= 0x80 || rest.Length < rest[1] + 3)
            return false;
        return rest[rest[1] + 2] is >= 0xa0 and <= 0xa8;
    }

    // RFC 4120, section 5: an application tag, a sequence, and the version 5 in its first field.
    public static bool IsKerberos(ReadOnlySpan<byte> data)
    {
        if (data.Length < 12 || data[0] is not ((>= 0x6a and <= 0x6f) or (>= 0x74 and <= 0x76) or 0x7e))
            return false;
        if (!TryReadHeader(data, data[0], out ReadOnlySpan<byte> message) || !TryReadHeader(message, 0x30, out ReadOnlySpan<byte> fields))
            return false;
        return fields.Length >= 5 && fields[0] is 0xa0 or 0xa1 && fields[1] == 3 && fields[2] == 2 && fields[3] == 1 && fields[4] == 5;
    }

    // RFC 3261, section 7: a request line or a status line.
    public static bool IsSip(ReadOnlySpan<byte> data)
    {
        if (data.StartsWith("SIP/2.0 "u8))
            return true;
        int space = data.IndexOf((byte)' ');
        if (space is < 3 or > 9 || data[..space].ContainsAnyExceptInRange((byte)'A', (byte)'Z'))
            return false;
        ReadOnlySpan<byte> target = data[(space + 1)..];
        int end = target.IndexOf((byte)'\r');
        return end > 0 && target[..end].EndsWith(" SIP/2.0"u8) && target.IndexOf((byte)':') is > 1 and < 6;
    }

    // MS-RDPBCGR, 2.2.1.1: TPKT, a connection request without parameters of its own; a cookie, a request to negotiate, or nothing.
    public static bool IsRdpRequest(ReadOnlySpan<byte> data)
    {
        const int header = 11;
        int length = BinaryPrimitives.ReadUInt16BigEndian(data[2..]);
        if (data[4] + 5 != length || length < header)
            return false;
        ReadOnlySpan<byte> rest = data[header..];
        return length == header || rest.StartsWith("Cookie: "u8) || rest.StartsWith((ReadOnlySpan<byte>)[1, 0, 8, 0]);
    }

    // MS-RDPBCGR, 2.2.1.2: what was negotiated, or why not.
    public static bool IsRdpAnswer(ReadOnlySpan<byte> data) => data[11] is 2 or 3 && data[13] == 8 && data[14] == 0;

    // Versions 3.1 (MQIsdp), 3.1.1 and 5: the length of the rest in up to four bytes, then the protocol's name and level.
    public static bool IsMqttConnect(ReadOnlySpan<byte> data)
    {
        int at = 1;
        while (at < 5 && (data[at] & 0x80) != 0)
            at++;
        ReadOnlySpan<byte> name = data[Math.Min(at + 1, data.Length)..];
        return name.StartsWith("\0\u0004MQTT"u8) || name.StartsWith("\0\u0006MQIsdp"u8);
    }

    // A tag and a length of BER; the content as far as it was sent.
    private static bool TryReadHeader(ReadOnlySpan<byte> data, byte tag, out ReadOnlySpan<byte> content)
    {
        content = default;
        if (data.Length < 2 || data[0] != tag)
            return false;
        int length = data[1],
            at = 2;
        if (length >= 0x80)
        {
            int bytes = length & 0x7f;
            if (bytes is 0 or > 4 || data.Length < 2 + bytes)
                return false;
            long value = 0;
            for (; at < 2 + bytes; at++)
                value = (value << 8) | data[at];
            if (value > int.MaxValue)
                return false;
            length = (int)value;
        }

        content = data[at..];
        content = content[..Math.Min(content.Length, length)];
        return true;
    }
}
