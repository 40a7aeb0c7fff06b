namespace Spillway.Net.Tcp;

/// <summary>Bytes of a stream that wait for something before them, or the knowledge that bytes are missing from the capture.</summary>
internal sealed class TcpSegment(int capacity)
{
    /// <summary>Empty in a segment that stands for missing bytes.</summary>
    public byte[] Buffer { get; } = capacity == 0 ? [] : GC.AllocateUninitializedArray<byte>(capacity);
    public TcpSegment? Previous;
    public TcpSegment? Next;
    public long Offset;
    public int Length;

    /// <summary>What the sender had received when it sent these bytes.</summary>
    public TcpAcknowledgment Acknowledgment;

    public long End => Offset + Length;
    public bool IsMissing => Buffer.Length == 0;
    public int Room => Buffer.Length - Length;
    public ReadOnlySpan<byte> Data => Buffer.AsSpan(0, Length);
}

/// <summary>Lends segments to the streams of one reassembler, within its limit. Keeps some of what comes back.</summary>
internal sealed class TcpSegmentPool(long maxBytes, TcpReassemblyStatistics statistics)
{
    /// <summary>Holds any segment of an Ethernet MTU; used where data stands alone.</summary>
    public const int SmallBytes = 2 << 10;

    /// <summary>Used where data continues what is held: after one loss a whole window follows.</summary>
    public const int LargeBytes = 16 << 10;

    // What stays for reuse after a burst: 2 MiB and 8 MiB.
    private const int KeptSmall = 1024;
    private const int KeptLarge = 512;

    private readonly Stack<TcpSegment> _small = new();
    private readonly Stack<TcpSegment> _large = new();
    private readonly Stack<TcpSegment> _missing = new();

    public bool HasRoomFor(int bytes) => statistics.MemoryInUse + bytes <= maxBytes;

    /// <summary>A segment with a buffer of <paramref name="capacity"/> bytes (one of the two sizes, or 0), or null at the limit.</summary>
    public TcpSegment? Rent(int capacity)
    {
        if (!HasRoomFor(capacity))
            return null;
        statistics.MemoryInUse += capacity;
        statistics.MemoryPeak = Math.Max(statistics.MemoryPeak, statistics.MemoryInUse);
        return StackOf(capacity).TryPop(out TcpSegment? segment) ? segment : new TcpSegment(capacity);
    }

    public void Return(TcpSegment segment)
    {
        int capacity = segment.Buffer.Length;
        statistics.MemoryInUse -= capacity;
        segment.Previous = null;
        segment.Next = null;
        segment.Length = 0;
        segment.Acknowledgment = default;
        Stack<TcpSegment> stack = StackOf(capacity);
        if (stack.Count < (capacity == LargeBytes ? KeptLarge : KeptSmall))
            stack.Push(segment);
    }

    private Stack<TcpSegment> StackOf(int capacity) =>
        capacity switch
        {
            0 => _missing,
            SmallBytes => _small,
            _ => _large,
        };
}
