using System.Numerics;

namespace Spillway.Async.Figures;

/// <summary>
/// Distribution of durations in nanoseconds: eight buckets for each power of two, so a quantile is exact to 13 percent. One thread
/// records, without atomic operations; any thread may read, and then sees each bucket as it was a moment ago.
/// </summary>
public sealed class LogHistogram
{
    private const int SubBits = 3;
    private const int SubBuckets = 1 << SubBits;
    private readonly long[] _counts = new long[(64 - SubBits + 1) * SubBuckets];
    private long _max;

    /// <summary>The longest duration recorded, in nanoseconds.</summary>
    public long Max => Volatile.Read(ref _max);

    /// <summary>How many durations were recorded.</summary>
    public long Count
    {
        get
        {
            long total = 0;
            foreach (long count in _counts)
                total += count;
            return total;
        }
    }

    /// <summary>Recording thread only. A negative duration counts as zero.</summary>
    public void Record(long nanoseconds)
    {
        nanoseconds = Math.Max(0, nanoseconds);
        _counts[BucketOf(nanoseconds)]++;
        if (nanoseconds > _max)
            _max = nanoseconds;
    }

    /// <summary>Adds what <paramref name="other"/> holds; the recording thread of this one only.</summary>
    public void Add(LogHistogram other)
    {
        ArgumentNullException.ThrowIfNull(other);
        for (int i = 0; i < _counts.Length; i++)
            _counts[i] += Volatile.Read(ref other._counts[i]);
        _max = Math.Max(_max, other.Max);
    }

    /// <summary>
    /// Adds counts that somebody else has put into buckets like these, of another unit; the recording thread of this one only.
    /// </summary>
    /// <param name="counts">The buckets, and behind them the longest duration.</param>
    /// <param name="nanoseconds">What one unit is.</param>
    public void AddScaled(ReadOnlySpan<long> counts, double nanoseconds)
    {
        for (int i = 0; i < _counts.Length; i++)
        {
            if (counts[i] != 0)
                _counts[BucketOf((long)(UpperEnd(i) * nanoseconds))] += counts[i];
        }

        _max = Math.Max(_max, (long)(counts[_counts.Length] * nanoseconds));
    }

    /// <summary>
    /// The duration that <paramref name="quantile"/> (0 to 1) of the records do not exceed, as the upper end of its bucket.
    /// </summary>
    public long Quantile(double quantile)
    {
        long total = Count;
        if (total == 0)
            return 0;

        long rank = Math.Clamp((long)Math.Ceiling(quantile * total), 1, total);
        for (int i = 0; i < _counts.Length; i++)
        {
            rank -= _counts[i];
            if (rank <= 0)
                return Math.Min(UpperEnd(i), Max);
        }

        return Max;
    }

    private static int BucketOf(long value)
    {
        if (value < SubBuckets)
            return (int)value;
        int shift = BitOperations.Log2((ulong)value) - SubBits;
        return ((shift + 1) * SubBuckets) + (int)((value >> shift) & (SubBuckets - 1));
    }

    private static long UpperEnd(int bucket)
    {
        if (bucket < SubBuckets)
            return bucket;
        int shift = (bucket / SubBuckets) - 1;
        long lower = (long)(SubBuckets + (bucket % SubBuckets)) << shift;
        return lower + (1L << shift) - 1;
    }
}
