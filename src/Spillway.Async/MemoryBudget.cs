namespace Spillway.Async;

/// <summary>
/// The account of the memory that queued tasks hold. Lanes and workers settle with it in chunks, so that a submission normally
/// touches nothing shared; what it shows is therefore a little more than what is held.
/// </summary>
internal sealed class MemoryBudget
{
    private long _held;

    public MemoryBudget(long cap)
    {
        Cap = cap;
        Chunk = (int)Math.Clamp(cap / 256, 1024, 256 * 1024);
    }

    public long Cap { get; }

    /// <summary>Bytes to settle at a time.</summary>
    public int Chunk { get; }

    public long Held => Volatile.Read(ref _held);

    /// <summary>Takes the bytes in any case, and says whether they are still within the cap.</summary>
    public bool Take(long bytes) => Interlocked.Add(ref _held, bytes) <= Cap;

    public void Return(long bytes) => Interlocked.Add(ref _held, -bytes);
}
