using System.Collections;
using Spillway.Metrics.Groups;

namespace Spillway.Metrics.Counters;

// What monitors may change in a window that is closed and not stored yet.
public sealed partial class CounterTable
{
    private BitArray? _dropped;

    /// <summary>Whether the row is kept out of the store and the totals of the run.</summary>
    public bool IsDropped(int row) => _dropped is { } dropped && row < dropped.Length && dropped[row];

    /// <summary>Keeps a row out of the store and the totals of the run. The group's totals of the window stay what they are.</summary>
    public void Drop(int row)
    {
        _dropped ??= new BitArray(_rowCount);
        if (_dropped.Length < _rowCount)
            _dropped.Length = _rowCount;
        _dropped[row] = true;
    }

    /// <summary>Gives a meter of a row another value; meters that the group lacks, and numbers that are not finite, are ignored.</summary>
    /// <param name="row">Row number.</param>
    /// <param name="meter">Meter id.</param>
    /// <param name="value">As <see cref="TryGetValue"/> gives it: for rates the sum, not divided by seconds.</param>
    public void SetValue(int row, int meter, double value)
    {
        if (
            !double.IsFinite(value)
            || (uint)meter >= (uint)_layout.Cells.Length
            || _layout.Cells[meter] is not { Type: not MeterType.None } cell
        )
            return;
        Span<double> cells = CellsAt(row, cell.Offset);
        switch (cell.Type)
        {
            case MeterType.Average:
                cells[0] = value;
                cells[1] = 1;
                break;
            case MeterType.DeltaRateCounter:
                cells[2] = value;
                break;
            default:
                cells[0] = value;
                break;
        }
    }
}
