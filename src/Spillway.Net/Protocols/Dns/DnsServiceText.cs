using System.Buffers.Binary;

namespace Spillway.Net.Protocols.Dns;

/// <summary>Parameters of service bindings (RFC 9460, section 7) as text.</summary>
internal static class DnsServiceText
{
    private const ushort Alpn = 1;
    private const ushort Port = 3;
    private const ushort Ipv4Hint = 4;
    private const ushort Ipv6Hint = 6;

    /// <summary>Appends the parameters, each with a blank before it; false if one is malformed.</summary>
    public static bool TryAppendParameters(ReadOnlySpan<byte> data, WireTextBuilder text)
    {
        var reader = new WireReader(data);
        while (!reader.Rest.IsEmpty)
        {
            ushort key = reader.ReadUInt16();
            ReadOnlySpan<byte> value = reader.ReadVector16();
            if (reader.IsExhausted)
                return false;
            text.Append((byte)' ');
            if (!TryAppendParameter(key, value, text))
                return false;
        }

        return true;
    }

    private static bool TryAppendParameter(ushort key, ReadOnlySpan<byte> value, WireTextBuilder text)
    {
        switch (key)
        {
            case Alpn:
                return TryAppendAlpn(value, text);
            case Port when value.Length == 2:
                text.Append("port="u8);
                text.AppendNumber(BinaryPrimitives.ReadUInt16BigEndian(value));
                return true;
            case Ipv4Hint when value.Length > 0 && value.Length % 4 == 0:
                text.Append("ipv4hint="u8);
                for (; !value.IsEmpty; value = value[4..])
                {
                    DnsRecordText.AppendAddress(BinaryPrimitives.ReadUInt32BigEndian(value), 4, text);
                    if (value.Length > 4)
                        text.Append((byte)',');
                }

                return true;
            case Ipv6Hint when value.Length > 0 && value.Length % 16 == 0:
                text.Append("ipv6hint="u8);
                for (; !value.IsEmpty; value = value[16..])
                {
                    DnsRecordText.AppendAddress(BinaryPrimitives.ReadUInt128BigEndian(value), 6, text);
                    if (value.Length > 16)
                        text.Append((byte)',');
                }

                return true;
            default:
                text.Append("key"u8);
                text.AppendNumber(key);
                if (value.IsEmpty)
                    return true;
                text.Append((byte)'=');
                DnsRecordText.AppendQuoted(value, text);
                return true;
        }
    }

    private static bool TryAppendAlpn(ReadOnlySpan<byte> value, WireTextBuilder text)
    {
        var reader = new WireReader(value);
        int start = text.Length;
        text.Append("alpn=\""u8);
        bool isFirst = true;
        while (!reader.Rest.IsEmpty)
        {
            ReadOnlySpan<byte> name = reader.ReadVector8();
            if (reader.IsExhausted || name.ContainsAnyExceptInRange((byte)0x21, (byte)0x7E) || name.ContainsAny((byte)'"', (byte)'\\'))
                break;
            if (!isFirst)
                text.Append((byte)',');
            text.Append(name);
            isFirst = false;
        }

        text.Append((byte)'"');
        if (reader.Rest.IsEmpty && !reader.IsExhausted && !isFirst)
            return true;
        text.Truncate(start);
        text.Append("key1="u8);
        AppendRaw(value, text);
        return true;
    }

    private static void AppendRaw(ReadOnlySpan<byte> value, WireTextBuilder text) => DnsRecordText.AppendQuoted(value, text);
}
