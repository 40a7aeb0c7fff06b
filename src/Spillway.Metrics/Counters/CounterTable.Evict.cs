using Spillway.Metrics.Groups;

namespace Spillway.Metrics.Counters;

// What a full table does with a new key: Space-Saving, after A. Metwally, D. Agrawal and A. El Abbadi, "Efficient computation of frequent
// and top-k elements in data streams", ICDT 2005. The new key takes the row of a least one, and inherits its rank, so that a key which
// comes again and again rises above those that come once. What it inherits is kept apart from its sums: a key's value is never too large,
// and too small by at most MaxShortfall.
//
// The paper keeps all keys in order all the time. Here the least eighth is found at once, and gives way one after the other; whoever has
// grown meanwhile stays. So a key gives way only if seven eighths of the keys have as much or more: with k keys and a sum of N,
// MaxShortfall is at most 8/7 N/k, where the paper has N/k. A heap of all keys was a tenth of what the writer did when every address was
// new.
public sealed partial class CounterTable
{
    private const int KeysPerLeast = 8;

    private Ranked[] _ranked = [];
    private int _nextLeast;
    private int _leastCount;
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
        if (KeyCount == 0)
            return TotalsRow; // a table without room for a single key
        (double rank, int row) = TakeLeast();
        EvictedKeys++;
        MaxShortfall = Math.Max(MaxShortfall, rank);
        RemoveSlot(row);
        Span<double> cells = CellsAt(row, 0)[.._layout.Width];
        if (_foldsEvicted)
            FoldIntoTotals(cells);
        cells.Fill(double.NaN);
        ref int reference = ref _slabs[row >> RowsPerSlabBits].Keys[row & (RowsPerSlab - 1)];
        reference = _keys.Replace(reference, key);
        if (_keys.IsWasteful)
            CompactKeys();
        Insert(_slots, new Slot((uint)hash, row + 1));
        _inherited[row] = rank;
        return row;
    }

    // Ranks only rise: one that is still what it was is as small as when it was found.
    private Ranked TakeLeast()
    {
        while (true)
        {
            while (_nextLeast < _leastCount)
            {
                Ranked least = _ranked[_nextLeast++];
                if (RankOf(least.Row) <= least.Rank)
                    return least;
            }

            FindLeast();
        }
    }

    private void FindLeast()
    {
        if (_inherited.Length < _rowCount)
            Array.Resize(ref _inherited, _rowCount);
        if (_ranked.Length < KeyCount)
            _ranked = new Ranked[KeyCount];
        Span<Ranked> all = _ranked.AsSpan(0, KeyCount);
        for (int i = 0; i < all.Length; i++)
            all[i] = new Ranked(RankOf(i + 1), i + 1);
        _leastCount = Math.Max(1, all.Length / KeysPerLeast);
        Ranked.Select(all, _leastCount);
        all[.._leastCount].Sort();
        _nextLeast = 0;
    }

    private double RankOf(int row)
    {
        double inherited = _inherited[row];
        if (_layout.RankOffset < 0)
            return inherited;
        double value = CellAt(row, _layout.RankOffset);
        return value > 0 ? inherited + value : inherited;
    }

    private void FoldIntoTotals(ReadOnlySpan<double> cells)
    {
        foreach (CellLayout.Cell cell in _layout.Cells)
        {
            if (cell.Type == MeterType.None)
                continue;
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
        while (slots[hole].RowPlusOne != row + 1)
            hole = (hole + 1) & mask;
        for (int i = (hole + 1) & mask; slots[i].RowPlusOne != 0; i = (i + 1) & mask)
        {
            int home = (int)slots[i].Tag & mask;
            if (((i - home) & mask) < ((i - hole) & mask))
                continue;
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
        _ranked = [];
        _nextLeast = _leastCount = 0;
        _inherited = [];
        EvictedKeys = 0;
        MaxShortfall = 0;
    }
}
