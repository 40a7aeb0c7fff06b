using System.Globalization;
using System.Text.Json;
using Spillway.Net.Protocols;
using Spillway.Net.Protocols.Dns;

namespace Spillway.Eve;

/// <summary>
/// The object <c>dns</c>. In version 2 an event for each question of a query, and one for each response; in version 3 one for each message.
/// One for each lane.
/// </summary>
internal sealed class EveDns
{
    private static readonly string[] ResponseCodes =
    [
        "NOERROR",
        "FORMERR",
        "SERVFAIL",
        "NXDOMAIN",
        "NOTIMP",
        "REFUSED",
        "YXDOMAIN",
        "YXRRSET",
        "NXRRSET",
        "NOTAUTH",
        "NOTZONE",
    ];

    private static readonly (ushort Bit, string Name)[] FlagNames = [(0x0400, "aa"), (0x0200, "tc"), (0x0100, "rd"), (0x0080, "ra")];

    private readonly WireTextBuilder _text = new();
    private readonly EveDnsRecords _records = new();

    /// <summary>Writes a question of a query.</summary>
    /// <param name="line">Takes it.</param>
    /// <param name="message">The query.</param>
    /// <param name="question">The question.</param>
    /// <param name="number">The query's number in its flow, from 0.</param>
    public void WriteQuery(EveLine line, in DnsMessage message, in DnsQuestion question, long number)
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
        _records.Write(line, in message);
        json.WriteEndObject();
    }

    /// <summary>Writes a message in version 3.</summary>
    /// <param name="line">Takes it.</param>
    /// <param name="message">The message.</param>
    /// <param name="number">Its number in its flow, from 0.</param>
    public void WriteMessage(EveLine line, in DnsMessage message, long number)
    {
        Utf8JsonWriter json = line.Json;
        json.WriteStartObject("dns"u8);
        json.WriteNumber("version"u8, 3);
        json.WriteString("type"u8, message.IsResponse ? "response"u8 : "request"u8);
        json.WriteNumber("tx_id"u8, number);
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
        _records.Write(line, in message);
        _records.WriteAdditionals(line, in message);
        json.WriteEndObject();
    }

    private static void WriteFlags(Utf8JsonWriter json, in DnsMessage message)
    {
        json.WriteString("flags"u8, message.Flags.ToString("x", CultureInfo.InvariantCulture));
        if (message.IsResponse)
            json.WriteBoolean("qr"u8, true);
        foreach ((ushort bit, string name) in FlagNames)
        {
            if ((message.Flags & bit) != 0)
                json.WriteBoolean(name, true);
        }

        json.WriteNumber("opcode"u8, message.Opcode);
    }

    // Names are written as in zone files: other bytes than printable ASCII are \DDD, so the text is ASCII.
    private ReadOnlySpan<byte> Name(DnsName name)
    {
        if (name.IsRoot)
            return default;
        DnsText.AppendName(name, _text.Clear());
        return _text.Text;
    }

    private static string ResponseCode(int code) =>
        code < ResponseCodes.Length ? ResponseCodes[code] : code.ToString(CultureInfo.InvariantCulture);
}
