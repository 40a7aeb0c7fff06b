using System.Buffers.Binary;

namespace Spillway.Net.Protocols.Dns;

/// <summary>A question in place.</summary>
public readonly ref struct DnsQuestion
{
    internal DnsQuestion(DnsName name, ushort type, ushort questionClass)
    {
        Name = name;
        Type = type;
        Class = questionClass;
    }

    /// <summary>What is asked about.</summary>
    public DnsName Name { get; }

    /// <summary>What is asked for; see <see cref="DnsType"/>.</summary>
    public ushort Type { get; }

    /// <summary>1 is the Internet. The highest bit asks multicast DNS for a unicast answer (RFC 6762, 5.4).</summary>
    public ushort Class { get; }
}

/// <summary>A resource record in place.</summary>
public readonly ref struct DnsRecord
{
    private const int FixedBytes = 10;

    private readonly ReadOnlySpan<byte> _message;
    private readonly int _dataAt;

    internal DnsRecord(ReadOnlySpan<byte> message, int offset, DnsSection section)
    {
        _message = message;
        Section = section;
        Name = new DnsName(message, offset);
        int at = DnsName.Skip(message, offset);
        Type = BinaryPrimitives.ReadUInt16BigEndian(message[at..]);
        Class = BinaryPrimitives.ReadUInt16BigEndian(message[(at + 2)..]);
        TimeToLive = BinaryPrimitives.ReadUInt32BigEndian(message[(at + 4)..]);
        _dataAt = at + FixedBytes;
        Data = message.Slice(_dataAt, BinaryPrimitives.ReadUInt16BigEndian(message[(at + 8)..]));
    }

    /// <summary>Where it stands.</summary>
    public DnsSection Section { get; }

    /// <summary>Whose record it is.</summary>
    public DnsName Name { get; }

    /// <summary>See <see cref="DnsType"/>.</summary>
    public ushort Type { get; }

    /// <summary>1 is the Internet; in OPT the sender's receive size. The highest bit is multicast DNS's cache flush.</summary>
    public ushort Class { get; }

    /// <summary>Seconds; in OPT the extended response code and flags.</summary>
    public uint TimeToLive { get; }

    /// <summary>Its data, names in it still compressed.</summary>
    public ReadOnlySpan<byte> Data { get; }

    internal int End => _dataAt + Data.Length;

    /// <summary>A name at an offset of the data, as in NS, CNAME, PTR (0), MX (2) or SRV (6).</summary>
    /// <param name="offset">Bytes before it.</param>
    /// <param name="name">The name.</param>
    /// <param name="end">Offset in the data behind it.</param>
    /// <returns>False if there is none or it is malformed.</returns>
    public bool TryGetName(int offset, out DnsName name, out int end)
    {
        name = new DnsName(_message, _dataAt + offset);
        end = 0;
        if (offset >= Data.Length)
            return false;
        int behind = DnsName.Skip(_message, _dataAt + offset);
        if (behind < 0 || behind > End)
            return false;
        end = behind - _dataAt;
        return true;
    }

    internal static int Skip(ReadOnlySpan<byte> message, int offset)
    {
        int at = DnsName.Skip(message, offset);
        if (at < 0 || at + FixedBytes > message.Length)
            return -1;
        int end = at + FixedBytes + BinaryPrimitives.ReadUInt16BigEndian(message[(at + 8)..]);
        return end > message.Length ? -1 : end;
    }
}

/// <summary>Questions of a message.</summary>
public ref struct DnsQuestions
{
    private readonly ReadOnlySpan<byte> _message;
    private int _left;
    private int _offset;

    internal DnsQuestions(ReadOnlySpan<byte> message, int count)
    {
        _message = message;
        Count = count;
        _left = count;
        _offset = DnsMessage.HeaderBytes;
    }

    /// <summary>How many could be read.</summary>
    public int Count { get; }

    /// <summary>The question.</summary>
    public DnsQuestion Current { get; private set; }

    /// <summary>Enumerates them.</summary>
    public readonly DnsQuestions GetEnumerator() => this;

    /// <summary>Goes on to the next.</summary>
    public bool MoveNext()
    {
        if (_left == 0)
            return false;
        _left--;
        int end = DnsName.Skip(_message, _offset);
        ReadOnlySpan<byte> rest = _message[end..];
        Current = new DnsQuestion(
            new DnsName(_message, _offset),
            BinaryPrimitives.ReadUInt16BigEndian(rest),
            BinaryPrimitives.ReadUInt16BigEndian(rest[2..])
        );
        _offset = end + 4;
        return true;
    }
}

/// <summary>Records of a message.</summary>
public ref struct DnsRecords
{
    private readonly ReadOnlySpan<byte> _message;
    private readonly int _answers;
    private readonly int _authorities;
    private int _index;
    private int _offset;

    internal DnsRecords(ReadOnlySpan<byte> message, int offset, int count, int answers, int authorities)
    {
        _message = message;
        _offset = offset;
        Count = count;
        _answers = answers;
        _authorities = authorities;
    }

    /// <summary>How many could be read.</summary>
    public int Count { get; }

    /// <summary>The record.</summary>
    public DnsRecord Current { get; private set; }

    /// <summary>Enumerates them.</summary>
    public readonly DnsRecords GetEnumerator() => this;

    /// <summary>Goes on to the next.</summary>
    public bool MoveNext()
    {
        if (_index == Count)
            return false;
        DnsSection section =
            _index < _answers ? DnsSection.Answer
            : _index < _answers + _authorities ? DnsSection.Authority
            : DnsSection.Additional;
        Current = new DnsRecord(_message, _offset, section);
        _offset = Current.End;
        _index++;
        return true;
    }
}
