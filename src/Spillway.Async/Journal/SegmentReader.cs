using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace Spillway.Async.Journal;

/// <summary>A stretch of a journal file that is not what was written there.</summary>
/// <param name="Path">The file.</param>
/// <param name="Offset">Where it begins, in bytes.</param>
/// <param name="Length">How long it is, in bytes.</param>
/// <param name="IsTail">Whether it is the unfinished end that a power cut leaves: that record was never acknowledged.</param>
/// <param name="Message">One line for the log.</param>
public sealed record JournalDamage(string Path, long Offset, long Length, bool IsTail, string Message);

/// <summary>
/// Reads the records of one segment. What is damaged is skipped: the next sound record is looked for at every place where one may begin.
/// </summary>
internal sealed class SegmentReader(string path, byte[] bytes, int start)
{
    private const int Alignment = 8;

    private int _next = start;

    public List<JournalDamage> Damages { get; } = [];

    public RecordKind Kind { get; private set; }

    public int Position { get; private set; }

    public long State { get; private set; }

    public int Recoveries { get; private set; }

    public ReadOnlySpan<byte> Payload =>
        bytes.AsSpan(Position + JournalFormat.Prefix, BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(Position)));

    public bool TryNext()
    {
        if (TryReadAt(_next))
            return true;
        if (bytes.AsSpan(Math.Min(_next, bytes.Length)).IndexOfAnyExcept((byte)0) < 0)
            return false;

        int damaged = _next;
        for (int at = damaged + Alignment; at < bytes.Length; at += Alignment)
        {
            if (!TryReadAt(at))
                continue;
            int length = at - damaged;
            Damages.Add(
                new JournalDamage(
                    path,
                    damaged,
                    length,
                    false,
                    $"{path}: {length} bytes at offset {damaged} are damaged: the tasks in them are lost"
                )
            );
            return true;
        }

        Damages.Add(
            new JournalDamage(
                path,
                damaged,
                bytes.Length - damaged,
                true,
                $"{path}: the last record, at offset {damaged}, was not finished"
            )
        );
        _next = bytes.Length;
        return false;
    }

    private bool TryReadAt(int position)
    {
        if (
            position >= bytes.Length
            || !JournalFormat.TryRead(
                bytes.AsSpan(position),
                out RecordKind kind,
                out long state,
                out int recoveries,
                out ReadOnlySpan<byte> payload
            )
        )
            return false;
        Kind = kind;
        State = state;
        Recoveries = recoveries;
        Position = position;
        _next = position + JournalFormat.SizeOf(payload.Length);
        return true;
    }
}

/// <summary>Takes a payload apart. What does not fit makes it unsound instead of raising.</summary>
internal ref struct PayloadReader(ReadOnlySpan<byte> payload)
{
    private ReadOnlySpan<byte> _left = payload;

    public bool IsSound { get; private set; } = true;

    public int TakeNumber() => MemoryMarshal.TryRead(Take(sizeof(int)), out int number) ? number : 0;

    public string TakeText() => Encoding.UTF8.GetString(TakeBytes());

    public ReadOnlySpan<byte> TakeBytes() => Take(TakeNumber());

    private ReadOnlySpan<byte> Take(int length)
    {
        if (length < 0 || length > _left.Length)
        {
            IsSound = false;
            length = 0;
        }

        ReadOnlySpan<byte> taken = _left[..length];
        _left = _left[length..];
        return taken;
    }
}
