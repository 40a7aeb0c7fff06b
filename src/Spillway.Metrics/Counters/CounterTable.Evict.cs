using Spillway.Metrics.Groups;

namespace Spillway.Metrics.Counters;

// What a full table does with a new key: Space-Saving, after A. Metwally, D. Agrawal and A. El Abbadi, "Efficient computation of frequent
// and top-k elements in data streams", ICDT 2005. The new key takes the row of the least one, and inherits its rank, so that a key which
// comes again and again rises above those that come once. What it inherits is kept apart from its sums: a key's value is never too large,
// and too small by at most MaxShortfall.
public sealed partial class CounterTable
{
    private PriorityQueue<int, (double Rank, int Row)>? _ranking;
    private double[] _inherited = [];
    private bool _foldsEvicted = true;

    /// <summary>Keys at most.</summary>
    internal int MaxKeys { get; set; } = int.MaxValue;

    /// <summary>Keys that had to make room in this window. What they had is in the group's totals.</summary>
    public long EvictedKeys { get; private set; }

    /// <summary>
    /// After evictions: no key's rank meter (the first that sums up) is short by more than this, and no key that had more is missing.
    /// 0 if all is exact.
    /// </summary>
    public double MaxShortfall { get; private set; }

    private int AddOrReplace(ReadOnlySpan<byte> key, ulong hash) => KeyCount < MaxKeys ? AddRow(key, hash) : Replace(key, hash);

    private int Replace(ReadOnlySpan<byte> key, ulong hash)
    {
        (int row, double rank) = Least();
        if (row < 0) return TotalsRow;   // a table without room for a single key
        EvictedKeys++;
        MaxShortfall = Math.Max(MaxShortfall, rank);
        RemoveSlot(row);
        Span<double> cells = CellsAt(row, 0)[.._layout.Width];
        if (_foldsEvicted) FoldIntoTotals(cells);
        cells.Fill(double.NaN);
        ref int reference = ref _slabs[row >> RowsPerSlabBits].Keys[row & (RowsPerSlab - 1)];
        reference = _keys.Replace(reference, key);
        if (_keys.IsWasteful) CompactKeys();
        Insert(_slots, new Slot((uint)hash, row + 1));
        _inherited[row] = rank;
        _ranking!.Enqueue(row, (rank, row));
        return row;
    }

    // Ranks only rise, so the queue may hold old ones: the first whose rank is still true is the least.
    private (int Row, double Rank) Least()
    {
        PriorityQueue<int, (double Rank, int Row)> ranking = _ranking ??= CreateRanking();
        while (ranking.TryDequeue(out int row, out (double Rank, int Row) known))
        {
            double rank = RankOf(row);
            if (rank <= known.Rank) return (row, rank);
            ranking.Enqueue(row, (rank, row));
        }

        return (-1, 0);
    }

    private PriorityQueue<int, (double Rank, int Row)> CreateRanking()
    {
        if (_inherited.Length < _rowCount) _inherited = new double[_rowCount];
        var ranking = new PriorityQueue<int, (double Rank, int Row)>(KeyCount);
        for (int row = TotalsRow + 1; row < _rowCount; row++) ranking.Enqueue(row, (RankOf(row), row));
        return ranking;
    }

    // The first meter that sums up, or the number of samples of an average. A group with neither evicts the key that came first.
    private double RankOf(int row)
    {
        foreach (CellLayout.Cell cell in _layout.Cells)
        {
            int offset = cell.Type switch
            {
                MeterType.Counter or MeterType.RateCounter => cell.Offset,
                MeterType.Average => cell.Offset + 1,
                _ => -1,
            };
            if (offset < 0) continue;
            double value = CellAt(row, offset);
            return _inherited[row] + (value > 0 ? value : 0);
        }

        return _inherited[row];
    }

    private void FoldIntoTotals(ReadOnlySpan<double> cells)
    {
        foreach (CellLayout.Cell cell in _layout.Cells)
        {
            if (cell.Type == MeterType.None) continue;
            double value = cells[cell.Offset];
            switch (cell.Type)
            {
                case MeterType.DeltaRateCounter:
                    // Readings of different keys make no sum, increases do.
                    Accumulate(ref CellAt(TotalsRow, cell.Offset + 2), cells[cell.Offset + 2]);
                    break;
                case MeterType.Average:
                    Accumulate(ref CellAt(TotalsRow, cell.Offset), value);
                    Accumulate(ref CellAt(TotalsRow, cell.Offset + 1), cells[cell.Offset + 1]);
                    break;
                case MeterType.Maximum or MeterType.Minimum when !double.IsNaN(value):
                    AddSample(CellsAt(TotalsRow, cell.Offset), cell.Type, value);
                    break;
                default:
                    Accumulate(ref CellAt(TotalsRow, cell.Offset), value);
                    break;
            }
        }
    }

    // Those behind move up, so that no probe meets a hole before its key.
    private void RemoveSlot(int row)
    {
        Slot[] slots = _slots;
        int mask = slots.Length - 1;
        int hole = (int)(uint)KeyHash.Compute(KeyAt(row)) & mask;
        while (slots[hole].RowPlusOne != row + 1) hole = (hole + 1) & mask;
        for (int i = (hole + 1) & mask; slots[i].RowPlusOne != 0; i = (i + 1) & mask)
        {
            int home = (int)slots[i].Tag & mask;
            if (((i - home) & mask) < ((i - hole) & mask)) continue;
            slots[hole] = slots[i];
            hole = i;
        }

        slots[hole] = default;
    }

    private void CompactKeys()
    {
        KeyArena old = _keys;
        _keys = new KeyArena();
        for (int row = 0; row < _rowCount; row++)
        {
            ref int reference = ref _slabs[row >> RowsPerSlabBits].Keys[row & (RowsPerSlab - 1)];
            reference = _keys.Add(old[reference]);
        }
    }

    private void ForgetEvictions()
    {
        _ranking = null;
        _inherited = [];
        EvictedKeys = 0;
        MaxShortfall = 0;
    }
}
