using Spectre.Console;

namespace Spillway.Report;

/// <summary>
/// A table without lines that fits its width: columns are as wide as what is in them, and when that is too much, the widest of those
/// that may shrink gives way first. If that is not enough, columns that can be spared are left out, and then all shrink. Cells are made
/// harmless by <see cref="SafeText"/>.
/// </summary>
internal sealed class TextTable
{
    private const int Indent = 2;
    private const int Gap = 2;
    private const int MaxCells = 200;
    private const int FewestCells = 6;

    private readonly List<Column> _columns = [];
    private readonly List<Cell[]> _rows = [];

    /// <summary>True if there is a row.</summary>
    public bool HasRows => _rows.Count > 0;

    /// <summary>Adds a column of text that may shrink to a number of cells.</summary>
    /// <param name="title">Its title.</param>
    /// <param name="minWidth">Cells.</param>
    /// <param name="spare">Of columns that do not fit, the one with the highest number is left out first; 0 is never left out.</param>
    /// <param name="keepsEnd">Whether what is too long is cut in the middle, else at its end.</param>
    public TextTable Text(string title, int minWidth, int spare = 0, bool keepsEnd = true)
    {
        _columns.Add(new Column(title, false, minWidth, spare) { KeepsEnd = keepsEnd });
        return this;
    }

    /// <summary>Adds a column of short text or a number that never shrinks.</summary>
    public TextTable Fixed(string title, bool alignRight = false, int spare = 0)
    {
        _columns.Add(new Column(title, alignRight, null, spare));
        return this;
    }

    /// <summary>Adds a row, one cell per column.</summary>
    public void Row(params ReadOnlySpan<Cell> cells) => _rows.Add(cells.ToArray());

    /// <summary>Writes the table; the titles only if there are any.</summary>
    /// <returns>Columns that were left out for want of room.</returns>
    public IReadOnlyList<int> Write(IAnsiConsole console, Style titleStyle)
    {
        int[] widths = Fit(console.Profile.Width, out List<int> leftOut);
        if (_columns.Exists(column => column.Title.Length > 0))
            Write(console, [.. _columns.Select(column => new Cell(column.Title, titleStyle))], widths);
        foreach (Cell[] row in _rows)
            Write(console, row, widths);
        return leftOut;
    }

    /// <summary>The width below which columns are left out.</summary>
    public int LeastWidth() => UsedAtLeast(Naturals());

    private int[] Fit(int available, out List<int> leftOut)
    {
        int[] widths = Naturals();
        leftOut = [];
        while (UsedAtLeast(widths) > available && Sparest(widths) is >= 0 and var spared)
        {
            widths[spared] = 0;
            leftOut.Add(spared);
        }

        Shrink(widths, available, i => _columns[i].MinWidth ?? int.MaxValue);
        Shrink(widths, available, _ => FewestCells); // a terminal too narrow for anything: no line may wrap
        return widths;
    }

    // Loops over numbers here and below: LINQ's code for them is not compiled ahead of time, and a question should not wait for it.
    private int[] Naturals()
    {
        int[] widths = new int[_columns.Count];
        for (int i = 0; i < widths.Length; i++)
        {
            widths[i] = Natural(_columns[i].Title);
            foreach (Cell[] row in _rows)
                widths[i] = Math.Max(widths[i], Natural(row[i].Text));
        }

        return widths;
    }

    // An empty column takes no room at all.
    private static int Used(int[] widths)
    {
        int used = Indent - Gap;
        foreach (int width in widths)
            used += width == 0 ? 0 : width + Gap;
        return used;
    }

    private int UsedAtLeast(int[] widths)
    {
        int[] least = new int[widths.Length];
        for (int i = 0; i < widths.Length; i++)
            least[i] = Math.Min(widths[i], _columns[i].MinWidth ?? int.MaxValue);
        return Used(least);
    }

    private int Sparest(int[] widths)
    {
        int sparest = -1;
        for (int i = 0; i < widths.Length; i++)
        {
            if (widths[i] > 0 && _columns[i].Spare > (sparest < 0 ? 0 : _columns[sparest].Spare))
                sparest = i;
        }

        return sparest;
    }

    private static void Shrink(int[] widths, int available, Func<int, int> least)
    {
        for (int over = Used(widths) - available; over > 0; over--)
        {
            int widest = -1;
            for (int i = 0; i < widths.Length; i++)
            {
                if (widths[i] > least(i) && (widest < 0 || widths[i] > widths[widest]))
                    widest = i;
            }

            if (widest < 0)
                return;
            widths[widest]--;
        }
    }

    private static int Natural(string text) => Math.Min(MaxCells, CellText.Width(CellText.Fit(text, MaxCells)));

    private void Write(IAnsiConsole console, Cell[] cells, int[] widths)
    {
        var line = new StyledLine();
        int blanks = Indent;
        for (int i = 0; i < cells.Length; i++)
        {
            if (widths[i] == 0)
                continue;
            string text = CellText.Fit(cells[i].Text, widths[i], _columns[i].KeepsEnd);
            int rest = widths[i] - CellText.Width(text);
            line.Append(new string(' ', blanks + (_columns[i].AlignRight ? rest : 0)));
            line.Append(text, cells[i].Style);
            blanks = Gap + (_columns[i].AlignRight ? 0 : rest);
        }

        line.Write(console);
    }

    /// <summary>Text, and how it looks.</summary>
    internal sealed record Cell(string Text, Style? Style = null)
    {
        public static implicit operator Cell(string text) => new(text);
    }

    private sealed record Column(string Title, bool AlignRight, int? MinWidth, int Spare)
    {
        public bool KeepsEnd { get; init; } = true;
    }
}
