using System.Text.Json;
using Spillway.Net.Flows;
using Spillway.Net.Packets;
using Spillway.Net.Protocols;
using Spillway.Net.Protocols.Dns;

namespace Spillway.Eve;

/// <summary>
/// The objects <c>mdns</c> (RFC 6762) and <c>llmnr</c> (RFC 4795): a message each, its records' data under keys that are their types. One
/// for each lane.
/// </summary>
internal sealed class EveMulticastDns
{
    private const ushort MulticastDnsPort = 5353,
        LlmnrPort = 5355;

    private static readonly (ushort Bit, string Name)[] FlagNames =
    [
        (0x0400, "aa"),
        (0x0200, "tc"),
        (0x0100, "rd"),
        (0x0080, "ra"),
        (0x0040, "z"),
        (0x0020, "ad"),
        (0x0010, "cd"),
    ];

    private readonly WireTextBuilder _text = new();

    /// <summary>The event type for a flow: <c>dns</c>, or that of one of its two relatives.</summary>
    public static ReadOnlySpan<byte> TypeOf(in FlowKey key) =>
        key.PortA == MulticastDnsPort || key.PortZ == MulticastDnsPort ? "mdns"u8
        : key.PortA == LlmnrPort || key.PortZ == LlmnrPort ? "llmnr"u8
        : "dns"u8;

    /// <summary>Whether the server of a flow is a group of hosts.</summary>
    public static bool IsToGroup(Flow flow)
    {
        UInt128 server = flow.ClientIsA ? flow.Key.AddressZ : flow.Key.AddressA;
        return flow.Key.IPVersion == 4 ? (uint)server >> 28 == 0xE : server >> 120 == 0xFF;
    }

    /// <summary>Writes a message.</summary>
    /// <param name="line">Takes it.</param>
    /// <param name="type">Of the event.</param>
    /// <param name="message">The message.</param>
    /// <param name="number">Its number in its flow, from 0.</param>
    public void Write(EveLine line, ReadOnlySpan<byte> type, in DnsMessage message, long number)
    {
        bool isLlmnr = type.SequenceEqual("llmnr"u8);
        Utf8JsonWriter json = line.Json;
        json.WriteStartObject(type);
        json.WriteString("type"u8, message.IsResponse ? "response"u8 : "request"u8);
        if (isLlmnr)
            json.WriteNumber("tx_id"u8, number);
        json.WriteNumber("id"u8, message.Id);
        WriteFlags(json, in message);
        json.WriteNumber("opcode"u8, message.Opcode);
        if (!isLlmnr)
            json.WriteNumber("rcode"u8, message.ResponseCode);
        WriteQueries(json, in message);
        WriteSection(line, "answers"u8, in message, DnsSection.Answer, isLlmnr);
        WriteSection(line, "authorities"u8, in message, DnsSection.Authority, isLlmnr);
        WriteSection(line, "additionals"u8, in message, DnsSection.Additional, isLlmnr);
        json.WriteEndObject();
    }

    private static void WriteFlags(Utf8JsonWriter json, in DnsMessage message)
    {
        json.WriteStartArray("flags"u8);
        foreach ((ushort bit, string name) in FlagNames)
        {
            if ((message.Flags & bit) != 0)
                json.WriteStringValue(name);
        }

        json.WriteEndArray();
    }

    private void WriteQueries(Utf8JsonWriter json, in DnsMessage message)
    {
        bool hasAny = false;
        foreach (DnsQuestion question in message.Questions)
        {
            if (!hasAny)
                json.WriteStartArray("queries"u8);
            hasAny = true;
            json.WriteStartObject();
            json.WriteString("rrname"u8, Name(question.Name));
            json.WriteString("rrtype"u8, DnsText.TypeName(question.Type));
            json.WriteEndObject();
        }

        if (hasAny)
            json.WriteEndArray();
    }

    private void WriteSection(EveLine line, ReadOnlySpan<byte> name, in DnsMessage message, DnsSection section, bool isLlmnr)
    {
        Utf8JsonWriter json = line.Json;
        bool hasAny = false;
        foreach (DnsRecord record in message.Records)
        {
            if (record.Section != section || record.Type == (ushort)DnsType.OPT)
                continue;
            if (!hasAny)
                json.WriteStartArray(name);
            hasAny = true;
            json.WriteStartObject();
            json.WriteString("rrname"u8, Name(record.Name));
            if (isLlmnr)
            {
                json.WriteString("rrtype"u8, DnsText.TypeName(record.Type));
                json.WriteNumber("ttl"u8, record.TimeToLive);
            }

            WriteData(line, in record, isLlmnr || section != DnsSection.Authority, isLlmnr);
            json.WriteEndObject();
        }

        if (hasAny)
            json.WriteEndArray();
    }

    // The events of multicast DNS name pointers and texts only; what else was announced stands in the store.
    private void WriteData(EveLine line, in DnsRecord record, bool hasData, bool isLlmnr)
    {
        switch ((DnsType)record.Type)
        {
            case DnsType.PTR when hasData:
                line.Json.WriteString("ptr"u8, Data(in record));
                break;
            case DnsType.TXT when hasData && DnsStrings.AreWhole(record.Data):
                line.Json.WriteStartArray("txt"u8);
                foreach (ReadOnlySpan<byte> value in new DnsStrings(record.Data))
                    line.TextValue(value);
                line.Json.WriteEndArray();
                break;
            case DnsType.A when isLlmnr:
                line.Json.WriteString("a"u8, Data(in record));
                break;
            case DnsType.AAAA when isLlmnr:
                line.Json.WriteString("aaaa"u8, Data(in record));
                break;
            case DnsType.CNAME when isLlmnr:
                line.Json.WriteString("cname"u8, Data(in record));
                break;
            case DnsType.NS when isLlmnr:
                line.Json.WriteString("ns"u8, Data(in record));
                break;
            default:
                break;
        }
    }

    private ReadOnlySpan<byte> Data(in DnsRecord record)
    {
        DnsRecordText.AppendData(in record, _text.Clear());
        return _text.Text;
    }

    private ReadOnlySpan<byte> Name(DnsName name)
    {
        if (name.IsRoot)
            return default;
        DnsText.AppendName(name, _text.Clear());
        return _text.Text;
    }
}
