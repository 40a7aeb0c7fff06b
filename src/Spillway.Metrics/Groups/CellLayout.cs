namespace Spillway.Metrics.Groups;

/// <summary>
/// Where the meters of a key lie in its row of cells. Most meters take one cell; an average takes two (sum, number of samples),
/// a delta rate three (first reading, last reading, increase). A cell that no sample has touched is NaN.
/// </summary>
internal sealed class CellLayout
{
    private readonly Cell[] _cells;

    private CellLayout(Cell[] cells, int width)
    {
        _cells = cells;
        Width = width;
        RankOffset = OffsetOfRank(cells);
    }

    /// <summary>Cells in a row; at least one, so that a row has an address.</summary>
    public int Width { get; }

    /// <summary>By meter id; type <see cref="MeterType.None"/> where an id has no meter.</summary>
    public ReadOnlySpan<Cell> Cells => _cells;

    /// <summary>
    /// The cell by which keys are ranked: the first meter that sums up, or the number of samples of an average; -1 if there is neither.
    /// </summary>
    public int RankOffset { get; }

    public static CellLayout Create(IReadOnlyList<Meter?> meters)
    {
        var cells = new Cell[meters.Count];
        byte offset = 0;
        for (int id = 0; id < cells.Length; id++)
        {
            if (meters[id] is not { } meter)
                continue;
            cells[id] = new Cell(meter.Type, offset);
            offset += meter.Type switch
            {
                MeterType.Average => 2,
                MeterType.DeltaRateCounter => 3,
                _ => 1,
            };
        }

        return new CellLayout(cells, Math.Max(1, (int)offset));
    }

    private static int OffsetOfRank(Cell[] cells)
    {
        foreach (Cell cell in cells)
        {
            if (cell.Type is MeterType.Counter or MeterType.RateCounter)
                return cell.Offset;
            if (cell.Type == MeterType.Average)
                return cell.Offset + 1;
        }

        return -1;
    }

    /// <summary>The first cell of a meter.</summary>
    public readonly record struct Cell(MeterType Type, byte Offset);
}
