using System.Buffers.Binary;
using Spillway.Net.Flows;

namespace Spillway.Net.Protocols.Dns;

/// <summary>The data of records in the presentation format of their RFCs; of unknown types in that of RFC 3597.</summary>
public static class DnsRecordText
{
    /// <summary>Appends a record's data; data that its type does not allow comes as of an unknown type.</summary>
    public static void AppendData(in DnsRecord record, WireTextBuilder text)
    {
        ArgumentNullException.ThrowIfNull(text);
        int start = text.Length;
        if (TryAppend(in record, text))
            return;
        text.Truncate(start);
        AppendUnknown(record.Data, text);
    }

    private static bool TryAppend(in DnsRecord record, WireTextBuilder text)
    {
        ReadOnlySpan<byte> data = record.Data;
        switch ((DnsType)record.Type)
        {
            case DnsType.A when data.Length == 4:
                AppendAddress(BinaryPrimitives.ReadUInt32BigEndian(data), 4, text);
                return true;
            case DnsType.AAAA when data.Length == 16:
                AppendAddress(BinaryPrimitives.ReadUInt128BigEndian(data), 6, text);
                return true;
            case DnsType.NS or DnsType.CNAME or DnsType.PTR or DnsType.DNAME:
                return TryAppendName(in record, 0, text, out _);
            case DnsType.MX when data.Length > 2:
                AppendNumbers(data, 1, text);
                return TryAppendName(in record, 2, text, out _);
            case DnsType.SRV when data.Length > 6:
                AppendNumbers(data, 3, text);
                return TryAppendName(in record, 6, text, out _);
            case DnsType.SOA:
                return TryAppendSoa(in record, text);
            case DnsType.TXT:
                return TryAppendStrings(data, text);
            case DnsType.SVCB or DnsType.HTTPS when data.Length > 2:
                AppendNumbers(data, 1, text);
                return TryAppendName(in record, 2, text, out int end) && DnsServiceText.TryAppendParameters(data[end..], text);
            default:
                return false;
        }
    }

    internal static void AppendAddress(UInt128 address, byte version, WireTextBuilder text) =>
        text.Advance(FlowText.FormatAddress(address, version, text.Reserve(FlowText.MaxAddressLength)));

    /// <summary>Appends bytes between quotes, those that are no printable ASCII as <c>\DDD</c>.</summary>
    internal static void AppendQuoted(ReadOnlySpan<byte> value, WireTextBuilder text)
    {
        text.Append((byte)'"');
        foreach (byte character in value)
        {
            if (character is (byte)'"' or (byte)'\\')
                text.Append((byte)'\\');
            if (character is >= 0x20 and < 0x7F)
            {
                text.Append(character);
                continue;
            }

            text.Append((byte)'\\');
            text.Append((byte)('0' + (character / 100)));
            text.Append((byte)('0' + (character / 10 % 10)));
            text.Append((byte)('0' + (character % 10)));
        }

        text.Append((byte)'"');
    }

    // Words of 16 bits, each with a blank behind it.
    private static void AppendNumbers(ReadOnlySpan<byte> data, int count, WireTextBuilder text)
    {
        for (int i = 0; i < count; i++)
        {
            text.AppendNumber(BinaryPrimitives.ReadUInt16BigEndian(data[(i * 2)..]));
            text.Append((byte)' ');
        }
    }

    private static bool TryAppendName(in DnsRecord record, int offset, WireTextBuilder text, out int end)
    {
        if (!record.TryGetName(offset, out DnsName name, out end))
            return false;
        DnsText.AppendName(name, text);
        return true;
    }

    private static bool TryAppendSoa(in DnsRecord record, WireTextBuilder text)
    {
        if (!TryAppendName(in record, 0, text, out int end))
            return false;
        text.Append((byte)' ');
        if (!TryAppendName(in record, end, text, out end))
            return false;
        ReadOnlySpan<byte> numbers = record.Data[end..];
        if (numbers.Length != 5 * 4)
            return false;
        for (; !numbers.IsEmpty; numbers = numbers[4..])
        {
            text.Append((byte)' ');
            text.AppendNumber(BinaryPrimitives.ReadUInt32BigEndian(numbers));
        }

        return true;
    }

    private static bool TryAppendStrings(ReadOnlySpan<byte> data, WireTextBuilder text)
    {
        var reader = new WireReader(data);
        int start = text.Length;
        while (!reader.Rest.IsEmpty)
        {
            ReadOnlySpan<byte> value = reader.ReadVector8();
            if (reader.IsExhausted)
                return false;
            if (text.Length > start)
                text.Append((byte)' ');
            AppendQuoted(value, text);
        }

        return text.Length > start;
    }

    private static void AppendUnknown(ReadOnlySpan<byte> data, WireTextBuilder text)
    {
        text.Append(@"\# "u8);
        text.AppendNumber((uint)data.Length);
        if (data.IsEmpty)
            return;
        text.Append((byte)' ');
        text.AppendHex(data);
    }
}
