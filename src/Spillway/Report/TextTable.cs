using Spectre.Console;

namespace Spillway.Report;

/// <summary>
/// A table without lines that fits its width: columns are as wide as what is in them, and when that is too much, the widest of those
/// that may shrink gives way first. Cells are made harmless by <see cref="SafeText"/>.
/// </summary>
internal sealed class TextTable
{
    private const int Indent = 2;
    private const int Gap = 2;
    private const int MaxCells = 200;

    private readonly List<Column> _columns = [];
    private readonly List<Cell[]> _rows = [];

    /// <summary>True if there is a row.</summary>
    public bool HasRows => _rows.Count > 0;

    /// <summary>Adds a column of text that may shrink to a number of cells.</summary>
    public TextTable Text(string title, int minWidth)
    {
        _columns.Add(new Column(title, false, minWidth));
        return this;
    }

    /// <summary>Adds a column of short text or a number that never shrinks.</summary>
    public TextTable Fixed(string title, bool alignRight = false)
    {
        _columns.Add(new Column(title, alignRight, null));
        return this;
    }

    /// <summary>Adds a row, one cell per column.</summary>
    public void Row(params ReadOnlySpan<Cell> cells) => _rows.Add(cells.ToArray());

    /// <summary>Writes the table; the titles only if there are any.</summary>
    public void Write(IAnsiConsole console, Style titleStyle)
    {
        int[] widths = Fit(console.Profile.Width);
        if (_columns.Exists(column => column.Title.Length > 0))
            console.Write(Line([.. _columns.Select(column => new Cell(column.Title, titleStyle))], widths));
        foreach (Cell[] row in _rows) console.Write(Line(row, widths));
    }

    private int[] Fit(int available)
    {
        int[] widths = [.. _columns.Select((column, i) => _rows.Select(row => Natural(row[i].Text)).Append(Natural(column.Title)).Max())];
        // An empty column takes no room at all.
        int used = Indent - Gap + widths.Sum(width => width == 0 ? 0 : width + Gap);
        while (used > available)
        {
            int widest = -1;
            for (int i = 0; i < widths.Length; i++)
            {
                if (_columns[i].MinWidth is { } min && widths[i] > min && (widest < 0 || widths[i] > widths[widest])) widest = i;
            }

            if (widest < 0) break;
            widths[widest]--;
            used--;
        }

        return widths;
    }

    private static int Natural(string text) => Math.Min(MaxCells, SafeText.Fit(text, MaxCells).GetCellWidth());

    private Paragraph Line(ReadOnlySpan<Cell> cells, int[] widths)
    {
        var line = new Paragraph { Overflow = Overflow.Ellipsis };
        int blanks = Indent;
        for (int i = 0; i < cells.Length; i++)
        {
            if (widths[i] == 0) continue;
            string text = SafeText.Fit(cells[i].Text, widths[i]);
            int rest = widths[i] - text.GetCellWidth();
            line.Append(new string(' ', blanks + (_columns[i].AlignRight ? rest : 0)));
            line.Append(text, cells[i].Style ?? Style.Plain);
            blanks = Gap + (_columns[i].AlignRight ? 0 : rest);
        }

        return line.Append("\n");
    }

    /// <summary>Text, and how it looks.</summary>
    internal readonly record struct Cell(string Text, Style? Style = null)
    {
        public static implicit operator Cell(string text) => new(text);
    }

    private sealed record Column(string Title, bool AlignRight, int? MinWidth);
}
