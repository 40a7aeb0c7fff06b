namespace Spillway.Net.Protocols.Dns;

/// <summary>DNS messages as resources and documents of the script API (sections 4.11 and 4.12).</summary>
public static class DnsText
{
    /// <summary>Appends the resource's uri: the name of the first question, without a dot at either end.</summary>
    /// <returns>False if the message has no question.</returns>
    public static bool AppendResourceUri(in DnsMessage message, WireTextBuilder text)
    {
        ArgumentNullException.ThrowIfNull(text);
        DnsQuestions questions = message.Questions;
        if (!questions.MoveNext())
            return false;
        AppendName(questions.Current.Name, text);
        return true;
    }

    /// <summary>
    /// Appends the resource's label: a line for each answer as in a zone file, <c>name TTL IN A 192.0.2.1</c>, fields parted by tabs.
    /// </summary>
    public static void AppendResourceLabel(in DnsMessage message, WireTextBuilder text)
    {
        ArgumentNullException.ThrowIfNull(text);
        foreach (DnsRecord record in message.Records)
        {
            if (record.Section != DnsSection.Answer)
                break;
            AppendName(record.Name, text);
            text.Append((byte)'\t');
            text.AppendNumber(record.TimeToLive);
            text.Append((byte)'\t');
            DnsMnemonics.AppendClass(text, ClassOf(record));
            text.Append((byte)'\t');
            DnsMnemonics.AppendType(text, record.Type);
            text.Append((byte)'\t');
            DnsRecordText.AppendData(in record, text);
            text.Append((byte)'\n');
        }
    }

    /// <summary>
    /// Appends the full-text document: a line of header fields that begins with <c>QUERY</c> or <c>RESPONSE</c>, then the sections, each
    /// under its title; names with a dot before them.
    /// </summary>
    public static void AppendDocument(in DnsMessage message, WireTextBuilder text)
    {
        ArgumentNullException.ThrowIfNull(text);
        text.Append(message.IsResponse ? "RESPONSE\tID: "u8 : "QUERY\tID: "u8);
        text.AppendNumber(message.Id);
        text.Append("\tFlags:0x"u8);
        text.AppendHex(message.Flags);
        AppendCount(text, "\tQDCount:"u8, message.QuestionCount);
        AppendCount(text, "\tANCount:"u8, message.AnswerCount);
        AppendCount(text, "\tNSCount:"u8, message.AuthorityCount);
        AppendCount(text, "\tARCount:"u8, message.AdditionalCount);
        text.Append("\nQuestions\n"u8);
        foreach (DnsQuestion question in message.Questions)
        {
            AppendDotted(question.Name, text);
            text.Append("\t\t"u8);
            DnsMnemonics.AppendType(text, question.Type);
            text.Append((byte)'\t');
            DnsMnemonics.AppendClass(text, (ushort)(question.Class & 0x7FFF));
            text.Append((byte)'\n');
        }

        var section = (DnsSection)byte.MaxValue;
        foreach (DnsRecord record in message.Records)
        {
            if (record.Section != section)
                text.Append(TitleOf(record.Section));
            section = record.Section;
            AppendDotted(record.Name, text);
            text.Append((byte)'\t');
            text.AppendNumber(record.TimeToLive);
            text.Append((byte)'\t');
            DnsMnemonics.AppendType(text, record.Type);
            text.Append((byte)'\t');
            DnsMnemonics.AppendClass(text, ClassOf(record));
            text.Append((byte)'\t');
            DnsRecordText.AppendData(in record, text);
            text.Append((byte)'\n');
        }
    }

    /// <summary>Appends a name.</summary>
    public static void AppendName(DnsName name, WireTextBuilder text)
    {
        ArgumentNullException.ThrowIfNull(text);
        text.Advance(name.Format(text.Reserve(DnsName.MaxTextBytes)));
    }

    /// <summary>A type's name, such as <c>AAAA</c>; <c>TYPE65280</c> for an unknown one (RFC 3597).</summary>
    public static string TypeName(ushort type) => DnsMnemonics.TypeName(type);

    /// <summary>The name of a response code, EDNS's included; <c>RCODE12</c> for an unassigned one.</summary>
    public static string ResponseCodeName(int code) => DnsMnemonics.ResponseCodeName(code);

    private static void AppendDotted(DnsName name, WireTextBuilder text)
    {
        if (!name.IsRoot)
            text.Append((byte)'.');
        AppendName(name, text);
    }

    private static void AppendCount(WireTextBuilder text, ReadOnlySpan<byte> title, ushort count)
    {
        text.Append(title);
        text.AppendNumber(count);
    }

    // Multicast DNS keeps its cache flush in the highest bit; OPT a size, all of it.
    private static ushort ClassOf(in DnsRecord record) =>
        record.Type == (ushort)DnsType.OPT ? record.Class : (ushort)(record.Class & 0x7FFF);

    private static ReadOnlySpan<byte> TitleOf(DnsSection section) =>
        section switch
        {
            DnsSection.Answer => "Answers\n"u8,
            DnsSection.Authority => "Authority\n"u8,
            _ => "Additional\n"u8,
        };
}
