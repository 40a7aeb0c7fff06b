using Spillway.Metrics.Groups;

namespace Spillway.Metrics.Counters;

// How tables meet: parts of one window from several lanes, then windows one after the other.
public sealed partial class CounterTable
{
    /// <summary>
    /// Adds another table of the same group: another lane's part of the same window, or (<paramref name="successive"/>) the next window.
    /// The difference: a running total of a later window replaces the earlier one, while parts of one window add up.
    /// </summary>
    /// <returns>The number of keys that had to make room.</returns>
    internal int Merge(CounterTable other, bool successive, int maxKeys)
    {
        long before = EvictedKeys;
        MaxKeys = maxKeys;
        // Successive windows bring totals that hold every key already.
        _foldsEvicted = !successive;
        ReserveSlots(Math.Min(other._rowCount, maxKeys));
        for (int row = 0; row < other._rowCount; row++)
        {
            if (other.IsDropped(row))
                continue;
            int target = row == TotalsRow ? TotalsRow : RowOf(other.KeyAt(row));
            MergeRow(target, other, row, successive);
        }

        _foldsEvicted = true;
        return (int)(EvictedKeys - before);
    }

    /// <summary>
    /// Ends the window: computes the group's totals and lets meters that never reset continue from what was carried over.
    /// Totals are the sum over the keys, but the largest and smallest sample and the mean over all samples for those types.
    /// </summary>
    /// <param name="carried">Totals and readings of earlier windows, which this call brings up to date; null if no meter of the group needs
    /// them.</param>
    /// <param name="maxCarriedKeys">Keys beyond this number start anew in each window.</param>
    internal void Close(CounterTable? carried, int maxCarriedKeys)
    {
        foreach (CellLayout.Cell cell in _layout.Cells)
        {
            if (cell.Type == MeterType.None)
                continue;
            bool isDelta = cell.Type == MeterType.DeltaRateCounter;
            if (!isDelta)
                AddUpTotals(cell);
            if (carried is not null && cell.Type is MeterType.RunningCounter or MeterType.DeltaRateCounter)
                Carry(cell, carried, maxCarriedKeys);
            if (isDelta)
                AddUpTotals(cell with { Type = MeterType.Counter, Offset = (byte)(cell.Offset + 2) });
        }
    }

    /// <summary>True if some meter of the group goes on from window to window.</summary>
    internal bool NeedsCarry
    {
        get
        {
            foreach (CellLayout.Cell cell in _layout.Cells)
            {
                if (cell.Type is MeterType.RunningCounter or MeterType.DeltaRateCounter)
                    return true;
            }

            return false;
        }
    }

    private void AddUpTotals(CellLayout.Cell cell)
    {
        ref double total = ref CellAt(TotalsRow, cell.Offset);
        for (int row = TotalsRow + 1; row < _rowCount; row++)
        {
            double value = CellAt(row, cell.Offset);
            if (double.IsNaN(value))
                continue;
            switch (cell.Type)
            {
                case MeterType.Maximum or MeterType.Minimum:
                    AddSample(CellsAt(TotalsRow, cell.Offset), cell.Type, value);
                    break;
                case MeterType.Average:
                    Accumulate(ref total, value);
                    Accumulate(ref CellAt(TotalsRow, cell.Offset + 1), CellAt(row, cell.Offset + 1));
                    break;
                default:
                    Accumulate(ref total, value);
                    break;
            }
        }
    }

    private void Carry(CellLayout.Cell cell, CounterTable carried, int maxCarriedKeys)
    {
        for (int row = 0; row < _rowCount; row++)
        {
            ref double value = ref CellAt(row, cell.Offset);
            if (double.IsNaN(value))
                continue;
            ReadOnlySpan<byte> key = KeyAt(row);
            ulong hash = KeyHash.Compute(key);
            int source = carried.Find(key, hash);
            if (source < 0 && carried.KeyCount >= maxCarriedKeys)
                continue;
            if (source < 0)
                source = carried.AddRow(key, hash);
            ref double before = ref carried.CellAt(source, cell.Offset);
            if (cell.Type == MeterType.RunningCounter)
            {
                Accumulate(ref before, value);
                value = before;
            }
            else
            {
                if (value >= before)
                    Accumulate(ref CellAt(row, cell.Offset + 2), value - before);
                before = CellAt(row, cell.Offset + 1);
            }
        }
    }

    private void MergeRow(int target, CounterTable other, int row, bool successive)
    {
        ReadOnlySpan<CellLayout.Cell> theirs = other._layout.Cells;
        int meters = Math.Min(_layout.Cells.Length, theirs.Length);
        for (int meter = 0; meter < meters; meter++)
        {
            // Of two layouts of one group, one has all the meters of the other, though at other places.
            CellLayout.Cell cell = _layout.Cells[meter];
            CellLayout.Cell from = theirs[meter];
            if (cell.Type == MeterType.None || from.Type == MeterType.None)
                continue;
            double value = other.CellAt(row, from.Offset);
            ref double mine = ref CellAt(target, cell.Offset);
            if (cell.Type == MeterType.DeltaRateCounter)
            {
                // The totals have an increase without readings.
                Accumulate(ref CellAt(target, cell.Offset + 2), other.CellAt(row, from.Offset + 2));
                if (double.IsNaN(value))
                    continue;
                if (double.IsNaN(mine))
                    mine = value;
                CellAt(target, cell.Offset + 1) = other.CellAt(row, from.Offset + 1);
                continue;
            }

            if (double.IsNaN(value))
                continue;
            switch (cell.Type)
            {
                case MeterType.RunningCounter when successive:
                    mine = value;
                    break;
                case MeterType.Average:
                    Accumulate(ref mine, value);
                    Accumulate(ref CellAt(target, cell.Offset + 1), other.CellAt(row, from.Offset + 1));
                    break;
                default:
                    AddSample(CellsAt(target, cell.Offset), cell.Type, value);
                    break;
            }
        }
    }

    private static void Accumulate(ref double sum, double value)
    {
        if (double.IsNaN(value))
            return;
        sum = double.IsNaN(sum) ? value : sum + value;
    }
}
