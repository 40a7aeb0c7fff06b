using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Text;

namespace Spillway.Async.Journal;

/// <summary>What a record of a segment holds.</summary>
internal enum RecordKind
{
    None,

    /// <summary>Who submits: number, pool, name, identity. Tasks of the segment refer to it by the number.</summary>
    Client,

    /// <summary>A function: number, source, code.</summary>
    Function,

    /// <summary>A task: a <see cref="TaskRecord"/>, its bytes, its name.</summary>
    Task,
}

/// <summary>
/// How a journal looks on disk. A segment is a header and records; each record is complete in itself and begins at a multiple of eight:
/// <code>
/// 0 int32  length of the payload, stored last: zero is where the segment ends for now
/// 4 uint32 CRC-32C of length, kind and payload
/// 8 int64  state of a task; changes in place, one aligned store at a time, so it is never torn
/// 16 int32 kind
/// 20 int32 recoveries: how often a process that had not submitted the task has begun it; changes in place
/// 24 payload, filled up to a multiple of eight
/// </code>
/// Numbers are little-endian. Whatever changes the layout raises <see cref="Version"/>.
/// </summary>
internal static class JournalFormat
{
    public const int Version = 2;
    public const int Prefix = 24;

    /// <summary>Where a record has its state, and where its recoveries.</summary>
    public const int StateOffset = 8,
        RecoveriesOffset = 20;

    /// <summary>State of a task that has not begun to change anything.</summary>
    public const long Waiting = 0;

    /// <summary>State of a task that must not run again.</summary>
    public const long Struck = -1;

    /// <summary>What a header takes at most.</summary>
    public const int MaxHeader = FixedHeader + MaxRuntime;

    private const int FixedHeaderOf1 = 40,
        FixedHeader = 48;
    private const int MaxRuntime = 1024;

    private static ReadOnlySpan<byte> Magic => "SPWYJRNL"u8;

    /// <summary>The state of an append that began at an offset.</summary>
    public static long BegunAt(long offset) => offset + 1;

    /// <summary>Where an append began; negative if it has not.</summary>
    public static long OffsetOf(long state) => state - 1;

    /// <summary>What a payload takes with its prefix.</summary>
    public static int SizeOf(int payload) => Prefix + ((payload + 7) & ~7);

    /// <summary>A segment's header: what <see cref="SegmentHeader"/> says.</summary>
    public static byte[] Header(long sequence, int segmentLength, string runtime)
    {
        byte[] text = Encoding.UTF8.GetBytes(runtime);
        if (text.Length > MaxRuntime)
            throw new ArgumentException($"the version is longer than {MaxRuntime} bytes", nameof(runtime));
        byte[] header = new byte[(FixedHeader + text.Length + 7) & ~7];
        Magic.CopyTo(header);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(8), Version);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(12), header.Length);
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(16), sequence);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(28), text.Length);
        BinaryPrimitives.WriteUInt64LittleEndian(header.AsSpan(32), ProcessRun.Id);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(40), segmentLength);
        text.CopyTo(header, FixedHeader);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(24), ~Checksum(~0u, header));
        return header;
    }

    /// <summary>Reads a header; null if it is good. Format 1 lacked the segment's length.</summary>
    public static string? ReadHeader(ReadOnlySpan<byte> segment, out SegmentHeader header)
    {
        header = default;
        if (segment.IsEmpty)
            return "is empty: the tasks in it are lost";
        if (segment.Length < FixedHeaderOf1 || !segment.StartsWith(Magic))
            return "is not a journal";
        int version = BinaryPrimitives.ReadInt32LittleEndian(segment[8..]);
        if (version is < 1 or > Version)
            return $"is a journal of format {version}, and this program reads formats 1 to {Version}";
        int fixedPart = version == 1 ? FixedHeaderOf1 : FixedHeader;
        int length = BinaryPrimitives.ReadInt32LittleEndian(segment[12..]);
        int text = BinaryPrimitives.ReadInt32LittleEndian(segment[28..]);
        if (text is < 0 or > MaxRuntime || length != ((fixedPart + text + 7) & ~7) || length > segment.Length)
            return "has a damaged header";
        byte[] copy = segment[..length].ToArray();
        copy.AsSpan(24, 4).Clear();
        if (~Checksum(~0u, copy) != BinaryPrimitives.ReadUInt32LittleEndian(segment[24..]))
            return "has a damaged header";
        header = new SegmentHeader(
            length,
            BinaryPrimitives.ReadInt64LittleEndian(segment[16..]),
            BinaryPrimitives.ReadUInt64LittleEndian(segment[32..]),
            version == 1 ? 0 : BinaryPrimitives.ReadInt32LittleEndian(segment[40..]),
            Encoding.UTF8.GetString(segment.Slice(fixedPart, text))
        );
        return null;
    }

    /// <summary>
    /// Makes a record of a payload that is in place already. Its length is stored last, so what a kill cuts off is not there.
    /// </summary>
    public static void Seal(Span<byte> record, RecordKind kind, int payload)
    {
        BinaryPrimitives.WriteInt32LittleEndian(record[16..], (int)kind);
        BinaryPrimitives.WriteUInt32LittleEndian(record[4..], Checksum(kind, record.Slice(Prefix, payload)));
        Volatile.Write(ref MemoryMarshal.AsRef<int>(record), payload);
    }

    /// <summary>The record at the start of the bytes, if there is a sound one.</summary>
    public static bool TryRead(
        ReadOnlySpan<byte> bytes,
        out RecordKind kind,
        out long state,
        out int recoveries,
        out ReadOnlySpan<byte> payload
    )
    {
        recoveries = 0;
        kind = RecordKind.None;
        state = Waiting;
        payload = default;
        if (bytes.Length < Prefix)
            return false;
        int length = BinaryPrimitives.ReadInt32LittleEndian(bytes);
        if (length <= 0 || length > bytes.Length - Prefix)
            return false;
        kind = (RecordKind)BinaryPrimitives.ReadInt32LittleEndian(bytes[16..]);
        state = BinaryPrimitives.ReadInt64LittleEndian(bytes[StateOffset..]);
        recoveries = Math.Max(0, BinaryPrimitives.ReadInt32LittleEndian(bytes[RecoveriesOffset..]));
        payload = bytes.Slice(Prefix, length);
        return kind is RecordKind.Client or RecordKind.Function or RecordKind.Task
            && Checksum(kind, payload) == BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]);
    }

    private static uint Checksum(RecordKind kind, ReadOnlySpan<byte> payload) =>
        ~Checksum(BitOperations.Crc32C(~0u, ((ulong)(uint)payload.Length << 32) | (uint)kind), payload);

    private static uint Checksum(uint crc, ReadOnlySpan<byte> bytes)
    {
        for (; bytes.Length >= 8; bytes = bytes[8..])
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        foreach (byte b in bytes)
            crc = BitOperations.Crc32C(crc, b);
        return crc;
    }
}

/// <summary>What a segment says of itself.</summary>
/// <param name="End">Where its records begin.</param>
/// <param name="Sequence">Its place in the order in which lanes began segments.</param>
/// <param name="Run">The process that wrote it.</param>
/// <param name="SegmentLength">Bytes of the file as it was made; 0 if that is not known.</param>
/// <param name="Runtime">What scheduled functions need.</param>
internal readonly record struct SegmentHeader(int End, long Sequence, ulong Run, int SegmentLength, string Runtime);
