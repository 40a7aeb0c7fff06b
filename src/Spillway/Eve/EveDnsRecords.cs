using System.Buffers.Binary;
using System.Text.Json;
using Spillway.Net.Protocols;
using Spillway.Net.Protocols.Dns;

namespace Spillway.Eve;

/// <summary>
/// The records of a DNS message: <c>answers</c>, their data <c>grouped</c> by type, <c>authorities</c>, and in version 3
/// <c>additionals</c>. One for
/// each lane.
/// </summary>
internal sealed class EveDnsRecords
{
    // Those whose data readers expect in "grouped", in the order of the alphabet as there.
    private static readonly DnsType[] Grouped =
    [
        DnsType.A,
        DnsType.AAAA,
        DnsType.CNAME,
        DnsType.MX,
        DnsType.NS,
        DnsType.NULL,
        DnsType.PTR,
        DnsType.SOA,
        DnsType.SRV,
        DnsType.SSHFP,
        DnsType.TXT,
    ];

    private readonly WireTextBuilder _text = new();

    /// <summary>Writes answers, answers by type, and authorities; nothing of those that there are none of.</summary>
    public void Write(EveLine line, in DnsMessage message)
    {
        WriteSection(line, "answers"u8, in message, DnsSection.Answer);
        WriteGrouped(line, in message);
        WriteSection(line, "authorities"u8, in message, DnsSection.Authority);
    }

    /// <summary>Writes additional records; of the OPT record its options (RFC 6891).</summary>
    public void WriteAdditionals(EveLine line, in DnsMessage message)
    {
        Utf8JsonWriter json = line.Json;
        bool hasAny = false;
        foreach (DnsRecord record in message.Records)
        {
            if (record.Section != DnsSection.Additional)
                continue;
            if (!hasAny)
                json.WriteStartArray("additionals"u8);
            hasAny = true;
            BeginRecord(json, in record);
            if (record.Type == (ushort)DnsType.OPT)
            {
                WriteOptions(json, record.Data);
            }
            else
            {
                json.WriteNumber("ttl"u8, record.TimeToLive);
                WriteText(line, in record);
            }

            json.WriteEndObject();
        }

        if (hasAny)
            json.WriteEndArray();
    }

    private void WriteSection(EveLine line, ReadOnlySpan<byte> name, in DnsMessage message, DnsSection section)
    {
        Utf8JsonWriter json = line.Json;
        bool hasAny = false;
        foreach (DnsRecord record in message.Records)
        {
            if (record.Section != section)
                continue;
            if (!hasAny)
                json.WriteStartArray(name);
            hasAny = true;
            if (record.Type == (ushort)DnsType.TXT && DnsStrings.AreWhole(record.Data))
                WriteStrings(line, in record);
            else
                WriteRecord(line, in record);
        }

        if (hasAny)
            json.WriteEndArray();
    }

    // Each string of a TXT record is an answer of its own, so that readers find them without the quotes of zone files.
    private void WriteStrings(EveLine line, in DnsRecord record)
    {
        foreach (ReadOnlySpan<byte> value in new DnsStrings(record.Data))
        {
            BeginRecord(line.Json, in record);
            line.Json.WriteNumber("ttl"u8, record.TimeToLive);
            line.TextOrEmpty("rdata"u8, value);
            line.Json.WriteEndObject();
        }
    }

    private void WriteRecord(EveLine line, in DnsRecord record)
    {
        Utf8JsonWriter json = line.Json;
        BeginRecord(json, in record);
        json.WriteNumber("ttl"u8, record.TimeToLive);
        switch ((DnsType)record.Type)
        {
            case DnsType.SOA when IsSoa(in record):
                json.WritePropertyName("soa"u8);
                WriteObject(json, in record);
                break;
            case DnsType.SRV when record.TryGetName(6, out _, out _):
                json.WritePropertyName("srv"u8);
                WriteObject(json, in record);
                break;
            case DnsType.SSHFP when record.Data.Length > 2:
                json.WritePropertyName("sshfp"u8);
                WriteObject(json, in record);
                break;
            default:
                WriteText(line, in record);
                break;
        }

        json.WriteEndObject();
    }

    private void BeginRecord(Utf8JsonWriter json, in DnsRecord record)
    {
        json.WriteStartObject();
        json.WriteString("rrname"u8, Name(record.Name));
        json.WriteString("rrtype"u8, DnsText.TypeName(record.Type));
    }

    private void WriteGrouped(EveLine line, in DnsMessage message)
    {
        if (message.AnswerCount == 0)
            return;
        Utf8JsonWriter json = line.Json;
        bool hasAny = false;
        foreach (DnsType type in Grouped)
        {
            bool hasType = false;
            foreach (DnsRecord record in message.Records)
            {
                if (record.Section != DnsSection.Answer)
                    break;
                if (record.Type != (ushort)type || !CanGroup(in record))
                    continue;
                if (!hasAny)
                    json.WriteStartObject("grouped"u8);
                if (!hasType)
                    json.WriteStartArray(type.ToString());
                hasAny = hasType = true;
                WriteValue(line, in record);
            }

            if (hasType)
                json.WriteEndArray();
        }

        if (hasAny)
            json.WriteEndObject();
    }

    private static bool CanGroup(in DnsRecord record) =>
        (DnsType)record.Type switch
        {
            DnsType.SOA => IsSoa(in record),
            DnsType.SRV => record.TryGetName(6, out _, out _),
            DnsType.SSHFP => record.Data.Length > 2,
            DnsType.TXT => DnsStrings.AreWhole(record.Data),
            _ => true,
        };

    private void WriteValue(EveLine line, in DnsRecord record)
    {
        switch ((DnsType)record.Type)
        {
            case DnsType.SOA or DnsType.SRV or DnsType.SSHFP:
                WriteObject(line.Json, in record);
                break;
            case DnsType.TXT:
                foreach (ReadOnlySpan<byte> value in new DnsStrings(record.Data))
                    line.TextValue(value);
                break;
            case DnsType.NULL:
                line.TextValue(record.Data);
                break;
            default:
                line.Json.WriteStringValue(Data(in record));
                break;
        }
    }

    private void WriteText(EveLine line, in DnsRecord record)
    {
        if (record.Type == (ushort)DnsType.NULL)
            line.TextOrEmpty("rdata"u8, record.Data);
        else
            line.Json.WriteString("rdata"u8, Data(in record));
    }

    // Readers know the exchange of an MX record without its preference.
    private ReadOnlySpan<byte> Data(in DnsRecord record)
    {
        if (record.Type == (ushort)DnsType.MX && record.TryGetName(2, out DnsName exchange, out _))
            return Name(exchange);
        DnsRecordText.AppendData(in record, _text.Clear());
        return _text.Text;
    }

    private void WriteObject(Utf8JsonWriter json, in DnsRecord record)
    {
        ReadOnlySpan<byte> data = record.Data;
        json.WriteStartObject();
        switch ((DnsType)record.Type)
        {
            case DnsType.SRV:
                record.TryGetName(6, out DnsName target, out _);
                json.WriteNumber("priority"u8, BinaryPrimitives.ReadUInt16BigEndian(data));
                json.WriteNumber("weight"u8, BinaryPrimitives.ReadUInt16BigEndian(data[2..]));
                json.WriteNumber("port"u8, BinaryPrimitives.ReadUInt16BigEndian(data[4..]));
                json.WriteString("name"u8, Name(target));
                break;
            case DnsType.SSHFP:
                json.WriteString("fingerprint"u8, Colons(data[2..]));
                json.WriteNumber("algo"u8, data[0]);
                json.WriteNumber("type"u8, data[1]);
                break;
            default:
                WriteSoa(json, in record);
                break;
        }

        json.WriteEndObject();
    }

    private void WriteSoa(Utf8JsonWriter json, in DnsRecord record)
    {
        record.TryGetName(0, out DnsName server, out int end);
        record.TryGetName(end, out DnsName mailbox, out end);
        ReadOnlySpan<byte> numbers = record.Data[end..];
        json.WriteString("mname"u8, Name(server));
        json.WriteString("rname"u8, Name(mailbox));
        json.WriteNumber("serial"u8, BinaryPrimitives.ReadUInt32BigEndian(numbers));
        json.WriteNumber("refresh"u8, BinaryPrimitives.ReadUInt32BigEndian(numbers[4..]));
        json.WriteNumber("retry"u8, BinaryPrimitives.ReadUInt32BigEndian(numbers[8..]));
        json.WriteNumber("expire"u8, BinaryPrimitives.ReadUInt32BigEndian(numbers[12..]));
        json.WriteNumber("minimum"u8, BinaryPrimitives.ReadUInt32BigEndian(numbers[16..]));
    }

    private static bool IsSoa(in DnsRecord record) =>
        record.TryGetName(0, out _, out int end) && record.TryGetName(end, out _, out end) && record.Data.Length - end == 5 * sizeof(uint);

    private static void WriteOptions(Utf8JsonWriter json, ReadOnlySpan<byte> data)
    {
        const int header = 4;
        bool hasAny = false;
        while (data.Length >= header)
        {
            int length = BinaryPrimitives.ReadUInt16BigEndian(data[2..]);
            if (header + length > data.Length)
                break;
            if (!hasAny)
                json.WriteStartArray("opt"u8);
            hasAny = true;
            json.WriteStartObject();
            json.WriteNumber("code"u8, BinaryPrimitives.ReadUInt16BigEndian(data));
            json.WriteString("data"u8, Convert.ToHexStringLower(data.Slice(header, length)));
            json.WriteEndObject();
            data = data[(header + length)..];
        }

        if (hasAny)
            json.WriteEndArray();
    }

    private static string Colons(ReadOnlySpan<byte> bytes) =>
        string.Join(':', Convert.ToHexStringLower(bytes).Chunk(2).Select(pair => new string(pair)));

    // Names are written as in zone files: other bytes than printable ASCII are \DDD, so the text is ASCII. The root is empty.
    private ReadOnlySpan<byte> Name(DnsName name)
    {
        if (name.IsRoot)
            return default;
        DnsText.AppendName(name, _text.Clear());
        return _text.Text;
    }
}
