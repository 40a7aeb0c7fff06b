using System.Globalization;
using System.Text;

namespace Spillway.Net.Files;

/// <summary>What became of bytes of a <see cref="PiecedFile"/>.</summary>
public enum PieceStatus : byte
{
    /// <summary>They are held, or were held before and are the same.</summary>
    Good,

    /// <summary>Other bytes are held in their place.</summary>
    Conflict,

    /// <summary>The capacity is used up, or the file system is full.</summary>
    NoRoom,

    /// <summary>More pieces lie apart from each other than <see cref="PiecedFile.MaxPieces"/>.</summary>
    TooManyPieces,

    /// <summary>Another error of the file system.</summary>
    Error,
}

/// <summary>
/// A file of known length whose bytes come in pieces, in any order and perhaps several times: it holds them in their places until all are
/// there. They lie in a file of the ram directory that has no name, so that nothing of it outlives the process. Belongs to one thread.
/// </summary>
public sealed class PiecedFile : IDisposable
{
    /// <summary>Pieces that lie apart from each other.</summary>
    public const int MaxPieces = 4096;

    // What is taken from the budget at a time.
    private const long ReservedStep = 64 << 10;

    // A piece that lies apart may begin and end in the middle of a page.
    private const long PieceOverhead = 2 * 4096;

    private const int CompareBytes = 16 << 10;
    private const int Closed = -1;

    private static long s_number;

    private readonly PieceBudget _budget;

    // What is held: sorted, and apart from each other.
    private readonly List<(long Begin, long End)> _held = [];
    private int _descriptor = Closed;
    private long _used;
    private long _reserved;

    /// <summary>Creates a file without any bytes.</summary>
    /// <param name="budget">Pays for it.</param>
    /// <param name="length">Its length when it is complete.</param>
    public PiecedFile(PieceBudget budget, long length)
    {
        ArgumentNullException.ThrowIfNull(budget);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        _budget = budget;
        Length = length;
    }

    /// <summary>Its length when it is complete.</summary>
    public long Length { get; }

    /// <summary>Whether all bytes are held.</summary>
    public bool IsComplete => _held.Count == 1 && _held[0] == (0, Length);

    /// <summary>Holds bytes in their place. Once the answer is not Good, the file can only be disposed of.</summary>
    /// <param name="offset">Their offset; with the bytes it lies within <see cref="Length"/>.</param>
    /// <param name="data">The bytes.</param>
    public PieceStatus Write(long offset, ReadOnlySpan<byte> data)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset + data.Length, Length);
        while (!data.IsEmpty)
        {
            int next = FindEndingBehind(offset);
            bool isHeld = next < _held.Count && _held[next].Begin <= offset;
            long free = next < _held.Count ? _held[next].Begin - offset : long.MaxValue;
            int length = (int)Math.Min(data.Length, isHeld ? _held[next].End - offset : free);
            PieceStatus status = isHeld ? Compare(offset, data[..length]) : Store(next, offset, data[..length]);
            if (status != PieceStatus.Good)
                return status;
            data = data[length..];
            offset += length;
        }

        return PieceStatus.Good;
    }

    /// <summary>Reads bytes that are held.</summary>
    /// <returns>False if the file system refuses.</returns>
    public bool TryRead(long offset, Span<byte> buffer) => PosixFile.Read(_descriptor, buffer, offset) == 0;

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_descriptor != Closed)
            _ = PosixFile.Close(_descriptor);
        _descriptor = Closed;
        _held.Clear();
        _budget.GiveBack(_reserved);
        _reserved = 0;
    }

    // The first piece that ends behind an offset; their number if none does.
    private int FindEndingBehind(long offset)
    {
        int low = 0,
            high = _held.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (_held[middle].End > offset)
                high = middle;
            else
                low = middle + 1;
        }

        return low;
    }

    private PieceStatus Compare(long offset, ReadOnlySpan<byte> data)
    {
        Span<byte> held = stackalloc byte[CompareBytes];
        while (!data.IsEmpty)
        {
            int length = Math.Min(data.Length, held.Length);
            if (!TryRead(offset, held[..length]))
                return PieceStatus.Error;
            if (!held[..length].SequenceEqual(data[..length]))
                return PieceStatus.Conflict;
            data = data[length..];
            offset += length;
        }

        return PieceStatus.Good;
    }

    private PieceStatus Store(int next, long offset, ReadOnlySpan<byte> data)
    {
        bool continues = next > 0 && _held[next - 1].End == offset;
        if (!continues && _held.Count >= MaxPieces)
            return PieceStatus.TooManyPieces;
        if (!TryPay(data.Length + (continues ? 0 : PieceOverhead)))
            return PieceStatus.NoRoom;
        int error = _descriptor == Closed ? Open() : 0;
        if (error == 0)
            error = PosixFile.Write(_descriptor, data, offset);
        if (error != 0)
            return error == PosixFile.NoSpace ? PieceStatus.NoRoom : PieceStatus.Error;
        Note(next, continues, offset, offset + data.Length);
        return PieceStatus.Good;
    }

    private void Note(int next, bool continues, long begin, long end)
    {
        bool meets = next < _held.Count && _held[next].Begin == end;
        if (continues && meets)
        {
            _held[next - 1] = (_held[next - 1].Begin, _held[next].End);
            _held.RemoveAt(next);
        }
        else if (continues)
        {
            _held[next - 1] = (_held[next - 1].Begin, end);
        }
        else if (meets)
        {
            _held[next] = (begin, _held[next].End);
        }
        else
        {
            _held.Insert(next, (begin, end));
        }
    }

    private bool TryPay(long bytes)
    {
        _used += bytes;
        if (_used <= _reserved)
            return true;
        long more = (_used - _reserved + ReservedStep - 1) / ReservedStep * ReservedStep;
        if (!_budget.TryReserve(more))
            return false;
        _reserved += more;
        return true;
    }

    private int Open()
    {
        string name = string.Create(
            CultureInfo.InvariantCulture,
            $"spillway-pieces-{Environment.ProcessId}-{Interlocked.Increment(ref s_number)}"
        );
        return PosixFile.TryCreateUnnamed(_budget.Directory.PathOf(Encoding.ASCII.GetBytes(name)), out _descriptor);
    }
}
