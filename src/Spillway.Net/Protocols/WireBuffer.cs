using System.Buffers;

namespace Spillway.Net.Protocols;

/// <summary>How much the unfinished messages of a lane's connections may hold together. One thread.</summary>
internal sealed class WireBudget(long capacityBytes)
{
    /// <summary>Bytes held now.</summary>
    public long HeldBytes { get; private set; }

    public bool TryTake(int bytes)
    {
        if (HeldBytes + bytes > capacityBytes)
            return false;
        HeldBytes += bytes;
        return true;
    }

    public void Return(int bytes) => HeldBytes -= bytes;
}

/// <summary>
/// The beginning of a message the rest of which has not come. It grows with what comes, never with what a length field announces.
/// </summary>
internal struct WireBuffer
{
    private const int LeastBytes = 256;

    private byte[]? _bytes;

    public int Length { get; private set; }

    public readonly ReadOnlySpan<byte> Bytes => _bytes.AsSpan(0, Length);

    /// <summary>Appends; false if the budget is used up, and then nothing is appended.</summary>
    public bool TryAppend(ReadOnlySpan<byte> data, WireBudget budget)
    {
        int needed = Length + data.Length;
        if (_bytes is null || _bytes.Length < needed)
        {
            byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(LeastBytes, needed));
            if (!budget.TryTake(larger.Length))
            {
                ArrayPool<byte>.Shared.Return(larger);
                return false;
            }

            int length = Length;
            Bytes.CopyTo(larger);
            Release(budget);
            _bytes = larger;
            Length = length;
        }

        data.CopyTo(_bytes.AsSpan(Length));
        Length = needed;
        return true;
    }

    /// <summary>Forgets the bytes and keeps the memory for the next message.</summary>
    public void Clear() => Length = 0;

    /// <summary>Forgets the bytes and gives the memory back.</summary>
    public void Release(WireBudget budget)
    {
        Length = 0;
        if (_bytes is null)
            return;
        budget.Return(_bytes.Length);
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = null;
    }
}
