using System.Buffers.Binary;
using System.Globalization;
using System.Text.Json;
using Spillway.Net.Protocols;
using Spillway.Net.Protocols.Dns;

namespace Spillway.Eve;

/// <summary>
/// The object <c>dns</c>. In version 2 an event for each question of a query, and one for each response; in version 3 one for each message. One for
/// each lane.
/// </summary>
internal sealed class EveDns
{
    private static readonly string[] ResponseCodes =
        ["NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED", "YXDOMAIN", "YXRRSET", "NXRRSET", "NOTAUTH", "NOTZONE"];

    private static readonly (ushort Bit, string Name)[] FlagNames = [(0x0400, "aa"), (0x0200, "tc"), (0x0100, "rd"), (0x0080, "ra")];

    private readonly WireTextBuilder _text = new();

    /// <summary>Writes a question of a query.</summary>
    public void WriteQuery(EveLine line, in DnsMessage message, in DnsQuestion question, int number)
    {
        Utf8JsonWriter json = line.Json;
        json.WriteStartObject("dns"u8);
        json.WriteString("type"u8, "query"u8);
        json.WriteNumber("id"u8, message.Id);
        json.WriteString("rrname"u8, Name(question.Name));
        json.WriteString("rrtype"u8, DnsText.TypeName(question.Type));
        json.WriteNumber("tx_id"u8, number);
        json.WriteNumber("opcode"u8, message.Opcode);
        json.WriteEndObject();
    }

    /// <summary>Writes a response with its answers and authorities.</summary>
    public void WriteAnswer(EveLine line, in DnsMessage message)
    {
        Utf8JsonWriter json = line.Json;
        json.WriteStartObject("dns"u8);
        json.WriteNumber("version"u8, 2);
        json.WriteString("type"u8, "answer"u8);
        json.WriteNumber("id"u8, message.Id);
        WriteFlags(json, in message);
        DnsQuestions questions = message.Questions;
        if (questions.MoveNext())
        {
            json.WriteString("rrname"u8, Name(questions.Current.Name));
            json.WriteString("rrtype"u8, DnsText.TypeName(questions.Current.Type));
        }

        json.WriteString("rcode"u8, ResponseCode(message.ResponseCode));
        WriteRecords(json, "answers"u8, in message, DnsSection.Answer);
        WriteRecords(json, "authorities"u8, in message, DnsSection.Authority);
        json.WriteEndObject();
    }

    /// <summary>Writes a message in version 3.</summary>
    public void WriteMessage(EveLine line, in DnsMessage message)
    {
        Utf8JsonWriter json = line.Json;
        json.WriteStartObject("dns"u8);
        json.WriteNumber("version"u8, 3);
        json.WriteString("type"u8, message.IsResponse ? "response"u8 : "request"u8);
        json.WriteNumber("id"u8, message.Id);
        WriteFlags(json, in message);
        json.WriteString("rcode"u8, ResponseCode(message.ResponseCode));
        json.WriteStartArray("queries"u8);
        foreach (DnsQuestion question in message.Questions)
        {
            json.WriteStartObject();
            json.WriteString("rrname"u8, Name(question.Name));
            json.WriteString("rrtype"u8, DnsText.TypeName(question.Type));
            json.WriteEndObject();
        }

        json.WriteEndArray();
        WriteRecords(json, "answers"u8, in message, DnsSection.Answer);
        WriteRecords(json, "authorities"u8, in message, DnsSection.Authority);
        json.WriteEndObject();
    }

    private static void WriteFlags(Utf8JsonWriter json, in DnsMessage message)
    {
        json.WriteString("flags"u8, message.Flags.ToString("x", CultureInfo.InvariantCulture));
        if (message.IsResponse) json.WriteBoolean("qr"u8, true);
        foreach ((ushort bit, string name) in FlagNames)
        {
            if ((message.Flags & bit) != 0) json.WriteBoolean(name, true);
        }

        json.WriteNumber("opcode"u8, message.Opcode);
    }

    private void WriteRecords(Utf8JsonWriter json, ReadOnlySpan<byte> name, in DnsMessage message, DnsSection section)
    {
        bool hasAny = false;
        foreach (DnsRecord record in message.Records)
        {
            if (record.Section != section) continue;
            if (!hasAny) json.WriteStartArray(name);
            hasAny = true;
            json.WriteStartObject();
            json.WriteString("rrname"u8, Name(record.Name));
            json.WriteString("rrtype"u8, DnsText.TypeName(record.Type));
            json.WriteNumber("ttl"u8, record.TimeToLive);
            WriteData(json, in record);
            json.WriteEndObject();
        }

        if (hasAny) json.WriteEndArray();
    }

    private void WriteData(Utf8JsonWriter json, in DnsRecord record)
    {
        ReadOnlySpan<byte> data = record.Data;
        switch ((DnsType)record.Type)
        {
            case DnsType.MX when record.TryGetName(2, out DnsName exchange, out _):
                json.WriteString("rdata"u8, Name(exchange));
                break;
            case DnsType.SRV when record.TryGetName(6, out DnsName target, out _):
                json.WriteStartObject("srv"u8);
                json.WriteNumber("priority"u8, BinaryPrimitives.ReadUInt16BigEndian(data));
                json.WriteNumber("weight"u8, BinaryPrimitives.ReadUInt16BigEndian(data[2..]));
                json.WriteNumber("port"u8, BinaryPrimitives.ReadUInt16BigEndian(data[4..]));
                json.WriteString("name"u8, Name(target));
                json.WriteEndObject();
                break;
            case DnsType.SOA when TryWriteSoa(json, in record):
                break;
            default:
                DnsRecordText.AppendData(in record, _text.Clear());
                json.WriteString("rdata"u8, _text.Text);
                break;
        }
    }

    private bool TryWriteSoa(Utf8JsonWriter json, in DnsRecord record)
    {
        if (!record.TryGetName(0, out DnsName server, out int end) || !record.TryGetName(end, out DnsName mailbox, out end) || record.Data.Length - end != 20) return false;
        ReadOnlySpan<byte> numbers = record.Data[end..];
        json.WriteStartObject("soa"u8);
        json.WriteString("mname"u8, Name(server));
        json.WriteString("rname"u8, Name(mailbox));
        json.WriteNumber("serial"u8, BinaryPrimitives.ReadUInt32BigEndian(numbers));
        json.WriteNumber("refresh"u8, BinaryPrimitives.ReadUInt32BigEndian(numbers[4..]));
        json.WriteNumber("retry"u8, BinaryPrimitives.ReadUInt32BigEndian(numbers[8..]));
        json.WriteNumber("expire"u8, BinaryPrimitives.ReadUInt32BigEndian(numbers[12..]));
        json.WriteNumber("minimum"u8, BinaryPrimitives.ReadUInt32BigEndian(numbers[16..]));
        json.WriteEndObject();
        return true;
    }

    // Names are told as zone files write them: other bytes than printable ASCII are \DDD, so the text is ASCII.
    private ReadOnlySpan<byte> Name(DnsName name)
    {
        if (name.IsRoot) return default;
        DnsText.AppendName(name, _text.Clear());
        return _text.Text;
    }

    private static string ResponseCode(int code) => code < ResponseCodes.Length ? ResponseCodes[code] : code.ToString(CultureInfo.InvariantCulture);
}
