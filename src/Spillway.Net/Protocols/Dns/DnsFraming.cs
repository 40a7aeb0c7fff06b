using System.Buffers.Binary;

namespace Spillway.Net.Protocols.Dns;

/// <summary>Distinguishes messages of DNS over TCP from other bytes, where it is not known that a message stands.</summary>
internal static class DnsFraming
{
    private const int HeadBytes = DnsStream.LengthBytes + DnsMessage.HeaderBytes;
    private const int LeastQuestionBytes = 5,
        LeastRecordBytes = 11;

    // How many places of one span are read as a message. Each costs as much as the message it announces, so that there must be few.
    private const int MaxCandidates = 16;

    /// <summary>Whether a length and the header behind it may begin a message, as far as both are there.</summary>
    public static bool MayBegin(ReadOnlySpan<byte> data)
    {
        if (data.Length < HeadBytes)
            return true;
        int length = BinaryPrimitives.ReadUInt16BigEndian(data);
        return length == 0 || Word(data, 4) * LeastQuestionBytes <= length;
    }

    /// <summary>Whether bytes are a message to their end, and no more than one.</summary>
    public static bool Fits(ReadOnlySpan<byte> message)
    {
        if (message.Length < DnsMessage.HeaderBytes)
            return false;
        DnsMessage read = DnsMessage.Read(message);
        return read is { Status: DnsMessageStatus.Good, TrailingBytes: 0 };
    }

    /// <summary>Looks for a message: the first one that is whole, else what may be the beginning of one.</summary>
    /// <param name="data">Bytes of a stream.</param>
    /// <param name="isWhole">Whether the message was read to its end; else it only may be one.</param>
    /// <returns>Where its length stands; -1 if there is none.</returns>
    public static int Find(ReadOnlySpan<byte> data, out bool isWhole)
    {
        int candidates = 0,
            beginning = -1;
        for (int offset = 0; offset + HeadBytes <= data.Length && candidates < MaxCandidates; offset++)
        {
            if (!HasUsualHeader(data[offset..]))
                continue;
            int end = offset + DnsStream.LengthBytes + BinaryPrimitives.ReadUInt16BigEndian(data[offset..]);
            if (end > data.Length)
            {
                if (beginning < 0)
                    beginning = offset;
                continue;
            }

            candidates++;
            isWhole = Fits(data[(offset + DnsStream.LengthBytes)..end]);
            if (isWhole)
                return offset;
        }

        isWhole = false;
        return beginning;
    }

    // Narrower than what is read in step: assigned values, the reserved bit clear, one question, as resolvers send; and room for all
    // records.
    private static bool HasUsualHeader(ReadOnlySpan<byte> data)
    {
        const int reserved = 0x0040;
        int length = BinaryPrimitives.ReadUInt16BigEndian(data),
            flags = Word(data, 2);
        int opcode = (flags >> 11) & 15,
            code = flags & 15;
        int records = Word(data, 6) + Word(data, 8) + Word(data, 10);
        return (flags & reserved) == 0
            && opcode is 0 or 4 or 5
            && code <= 11
            && Word(data, 4) == 1
            && DnsMessage.HeaderBytes + LeastQuestionBytes + (records * LeastRecordBytes) <= length;
    }

    // A word of the message's header, behind the length.
    private static int Word(ReadOnlySpan<byte> data, int offset) =>
        BinaryPrimitives.ReadUInt16BigEndian(data[(DnsStream.LengthBytes + offset)..]);
}
