using System.Buffers.Binary;

namespace Spillway.Net.Protocols.Dns;

/// <summary>How a message was read.</summary>
public enum DnsMessageStatus : byte
{
    /// <summary>To its end.</summary>
    Good,

    /// <summary>Up to a place where it ends before its counts do, and it says so (TC) or the capture has cut it.</summary>
    Truncated,

    /// <summary>Up to a field that cannot be.</summary>
    Malformed,

    /// <summary>It is no DNS: shorter than a header, or with flags and counts that no message has.</summary>
    NotDns,

    /// <summary>It has more records than <see cref="DnsLimits.MaxRecords"/>; the first of them are told.</summary>
    TooManyRecords,
}

/// <summary>The section a record stands in.</summary>
public enum DnsSection : byte
{
    /// <summary>Answers.</summary>
    Answer,

    /// <summary>Authority.</summary>
    Authority,

    /// <summary>Additional.</summary>
    Additional,
}

/// <summary>
/// A DNS message in place (RFC 1035). Reading it validates every name and length once; what is enumerated then is well-formed. Allocates
/// nothing.
/// </summary>
public readonly ref struct DnsMessage
{
    /// <summary>Bytes of the header.</summary>
    public const int HeaderBytes = 12;

    private readonly int _questions;
    private readonly int _records;
    private readonly int _recordsAt;

    private DnsMessage(ReadOnlySpan<byte> bytes, bool isCut, int maxRecords)
    {
        Bytes = bytes;
        if (bytes.Length < HeaderBytes)
        {
            Status = DnsMessageStatus.NotDns;
            return;
        }

        Id = Word(0);
        Flags = Word(2);
        (QuestionCount, AnswerCount, AuthorityCount, AdditionalCount) = (Word(4), Word(6), Word(8), Word(10));
        if (!IsPlausible())
        {
            Status = DnsMessageStatus.NotDns;
            return;
        }

        // What is short without saying so is malformed, unless the packet was captured short.
        DnsMessageStatus cut = IsTruncated || isCut ? DnsMessageStatus.Truncated : DnsMessageStatus.Malformed;
        int offset = HeaderBytes;
        while (_questions < QuestionCount)
        {
            int end = DnsName.Skip(bytes, offset);
            if (end < 0 || end + 4 > bytes.Length)
            {
                Status = IsAssigned(Opcode) ? cut : DnsMessageStatus.NotDns;
                _recordsAt = bytes.Length;
                return;
            }

            offset = end + 4;
            _questions++;
        }

        _recordsAt = offset;
        int total = AnswerCount + AuthorityCount + AdditionalCount;
        while (_records < total)
        {
            if (_records == maxRecords)
            {
                Status = DnsMessageStatus.TooManyRecords;
                return;
            }

            offset = DnsRecord.Skip(bytes, offset);
            if (offset < 0)
            {
                Status = IsAssigned(Opcode) ? cut : DnsMessageStatus.NotDns;
                return;
            }

            _records++;
        }

        TrailingBytes = bytes.Length - offset;
        if (!IsAssigned(Opcode) && (TrailingBytes > 0 || _questions == 0))
            Status = DnsMessageStatus.NotDns;
    }

    /// <summary>The message.</summary>
    public ReadOnlySpan<byte> Bytes { get; }

    /// <summary>How far it could be read.</summary>
    public DnsMessageStatus Status { get; }

    /// <summary>The number that a response repeats.</summary>
    public ushort Id { get; }

    /// <summary>The second word of the header: QR, opcode, AA, TC, RD, RA, AD, CD, response code.</summary>
    public ushort Flags { get; }

    /// <summary>Whether it is a response.</summary>
    public bool IsResponse => (Flags & 0x8000) != 0;

    /// <summary>The operation; 0 is a query.</summary>
    public int Opcode => (Flags >> 11) & 15;

    /// <summary>Whether the sender cut it (TC).</summary>
    public bool IsTruncated => (Flags & 0x0200) != 0;

    /// <summary>Response code without the bits that EDNS adds.</summary>
    public int ResponseCode => Flags & 15;

    /// <summary>Response code with the bits that EDNS adds, if the message has them (RFC 6891, 6.1.3). Looks through the records.</summary>
    public int ExtendedResponseCode
    {
        get
        {
            if (AdditionalCount == 0)
                return ResponseCode;
            foreach (DnsRecord record in Records)
            {
                if (record.Section == DnsSection.Additional && record.Type == (ushort)DnsType.OPT)
                    return ((int)(record.TimeToLive >> 24) << 4) | ResponseCode;
            }

            return ResponseCode;
        }
    }

    /// <summary>Announced questions.</summary>
    public ushort QuestionCount { get; }

    /// <summary>Announced answers.</summary>
    public ushort AnswerCount { get; }

    /// <summary>Announced records of the authority section.</summary>
    public ushort AuthorityCount { get; }

    /// <summary>Announced additional records.</summary>
    public ushort AdditionalCount { get; }

    /// <summary>Bytes behind the last record.</summary>
    public int TrailingBytes { get; }

    /// <summary>The questions that could be read.</summary>
    public DnsQuestions Questions => new(Bytes, _questions);

    /// <summary>The records that could be read, of all three sections.</summary>
    public DnsRecords Records => new(Bytes, _recordsAt, _records, AnswerCount, AuthorityCount);

    /// <summary>Reads a message.</summary>
    /// <param name="bytes">UDP payload, or a message over TCP without its length.</param>
    /// <param name="isCut">The capture holds less than was on the wire.</param>
    /// <param name="limits">Limits; null for the default.</param>
    public static DnsMessage Read(ReadOnlySpan<byte> bytes, bool isCut = false, DnsLimits? limits = null) =>
        new(bytes, isCut, (limits ?? DnsLimits.Default).MaxRecords);

    // On the ports of DNS other things come by too. No message has more questions than bytes for them, and only an error says nothing.
    private bool IsPlausible() =>
        QuestionCount * 5 <= Bytes.Length
        && (
            QuestionCount + AnswerCount + AuthorityCount + AdditionalCount > 0
            || (IsResponse && ResponseCode != 0 && Bytes.Length == HeaderBytes)
        );

    // QUERY, IQUERY, STATUS, NOTIFY, UPDATE, DSO. A message with another one is still read, if every byte of it is one of DNS.
    private static bool IsAssigned(int opcode) => opcode is 0 or 1 or 2 or 4 or 5 or 6;

    private ushort Word(int offset) => BinaryPrimitives.ReadUInt16BigEndian(Bytes[offset..]);
}
