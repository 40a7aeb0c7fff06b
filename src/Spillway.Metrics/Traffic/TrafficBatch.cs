using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Spillway.Metrics.Counters;

namespace Spillway.Metrics.Traffic;

/// <summary>
/// Rows of flows and links that a lane has filled, on their way to the groups. Filled by a lane, then owned by the writer, which gives it
/// back to be filled again.
/// </summary>
public sealed class TrafficBatch
{
    // 6 MB. Beyond this many rows a batch goes ahead of its window's end, so that memory has a bound whatever the number of flows.
    internal const int MaxRows = 1 << 16;

    private const int InitialRows = 1024;

    private readonly ConcurrentQueue<TrafficBatch> _spare;
    private FlowDelta[] _rows;

    /// <summary>Creates an empty batch.</summary>
    /// <param name="rows">Rows to begin with; it grows beyond.</param>
    internal TrafficBatch(int lane, TablePool tables, ConcurrentQueue<TrafficBatch> spare, int rows = InitialRows)
    {
        _rows = new FlowDelta[rows];
        Lane = lane;
        Tables = tables;
        _spare = spare;
    }

    /// <summary>The lane that counted.</summary>
    public int Lane { get; }

    /// <summary>Rows of flows.</summary>
    public int Count { get; private set; }

    /// <summary>Bytes held by rows of flows.</summary>
    internal long MemoryBytes => _rows.Length * (long)Unsafe.SizeOf<FlowDelta>();

    /// <summary>Another for the same lane, with room for as many rows: the next is likely to be like this one.</summary>
    internal TrafficBatch Next() =>
        _spare.TryDequeue(out TrafficBatch? spare) ? spare : new TrafficBatch(Lane, Tables, _spare, _rows.Length);

    internal TablePool Tables { get; }

    internal LinkTable Links { get; } = new();

    internal DnsTable Dns { get; } = new();

    internal long Fragments { get; set; }

    internal bool IsFull => Count >= MaxRows || Links.IsFull; // DNS looks after itself

    internal bool IsEmpty => Count == 0 && Links.Count == 0 && Fragments == 0 && Dns.Count == 0;

    internal ReadOnlySpan<FlowDelta> Rows => _rows.AsSpan(0, Count);

    internal ref FlowDelta this[int row] => ref _rows[row];

    /// <summary>Opens a row, all zero, and returns its number.</summary>
    internal int Open()
    {
        if (Count == _rows.Length)
            Array.Resize(ref _rows, _rows.Length * 2);
        return Count++;
    }

    /// <summary>Empties the batch and gives it back to its lane.</summary>
    internal void Recycle()
    {
        if (_spare.Count >= 2)
            return;
        if (Count * 8 < _rows.Length && _rows.Length > InitialRows)
            _rows = new FlowDelta[_rows.Length / 2];
        else
            Array.Clear(_rows, 0, Count);
        Count = 0;
        Fragments = 0;
        Links.Clear();
        Dns.Clear();
        _spare.Enqueue(this);
    }
}
