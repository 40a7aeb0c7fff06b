using Spectre.Console;
using Spillway.Questions;
using Spillway.Report;

namespace Spillway.Answers;

/// <summary>An answer as a table for people: it fits its console, and nothing in it acts on a terminal.</summary>
/// <param name="console">Where it goes; its width is what the table fits.</param>
/// <param name="isUtc">Times in UTC.</param>
internal sealed class AnswerTable(IAnsiConsole console, bool isUtc)
{
    private static readonly Style TitleStyle = new(decoration: Decoration.Dim);

    /// <summary>Whether block characters can be shown.</summary>
    public bool HasBlocks { get; init; }

    /// <summary>Writes what stands above the table: the heading and the picture.</summary>
    /// <param name="answer">The answer.</param>
    /// <param name="rows">All its rows.</param>
    public void WriteHead(Answer answer, IReadOnlyList<object?[]> rows)
    {
        string title = SafeText.Clean(answer.Title);
        string heading = answer.Scope.Length > 0 && title.Length > 0 ? $"{title} ({answer.Scope})" : title + answer.Scope;
        string[] lines = CellText.Width(heading) <= console.Profile.Width ? [heading] : [title, answer.Scope];
        foreach (string line in lines.Where(line => line.Length > 0))
            Line(line);
        foreach (string line in answer.Picture?.Invoke(rows, console.Profile.Width, HasBlocks) ?? [])
            Line(line);
    }

    /// <summary>Writes what there is once, a line each; what is unknown is left out.</summary>
    public void WriteFacts(string title, IReadOnlyList<(AnswerColumn Column, object? Value)> facts)
    {
        Line(SafeText.Clean(title));
        int width = facts.Max(fact => fact.Column.Title.Length);
        foreach ((AnswerColumn column, object? value) in facts)
        {
            string text =
                value is null || column.Place == ColumnPlace.Data
                    ? ""
                    : AnswerText.ForPeople(column, value, isUtc, withDays: true, withZone: column.IsTime);
            if (text.Length > 0)
                Line($"  {column.Title.PadRight(width)}  {SafeText.Clean(text)}");
        }
    }

    /// <summary>Writes the table.</summary>
    /// <param name="answer">The answer.</param>
    /// <param name="rows">The rows that are shown.</param>
    /// <returns>Titles of columns that were left out for want of room.</returns>
    public IReadOnlyList<string> Write(Answer answer, IReadOnlyList<object?[]> rows)
    {
        int[] shown = answer.ColumnsExcept(ColumnPlace.Data);
        TextTable table = Fill(answer, rows, shown, day: null);
        // Times of one day need not say it in each row.
        if (table.LeastWidth() > console.Profile.Width && DayOf(answer, rows, shown) is { } day)
            table = Fill(answer, rows, shown, day);
        var leftOut = new List<string>();
        foreach (int i in table.Write(console, TitleStyle))
        {
            if (answer.Columns[shown[i]].Title is { Length: > 0 } title)
                leftOut.Add(title);
        }

        return leftOut;
    }

    private TextTable Fill(Answer answer, IReadOnlyList<object?[]> rows, int[] shown, string? day)
    {
        var table = new TextTable();
        foreach (int i in shown)
        {
            AnswerColumn column = answer.Columns[i];
            // A column without a value anywhere takes no room, its title included.
            bool hasValue = rows.Any(row => row[i] is not (null or ""));
            string title =
                !hasValue ? ""
                : !column.IsTime ? column.Title
                : day ?? (isUtc ? column.Title + " (UTC)" : column.Title);
            int spare = hasValue ? column.Spare : 0;
            if (column.MinWidth is { } min)
                table.Text(title, min, spare, column.KeepsEnd);
            else
                table.Fixed(title, alignRight: !(column.IsTime || column.Kind is ValueKind.Text or ValueKind.Lines), spare);
        }

        bool withZone = HasSeveralZones(answer, rows, shown);
        foreach (object?[] row in rows)
        {
            var cells = new TextTable.Cell[shown.Length];
            for (int i = 0; i < cells.Length; i++)
                cells[i] = AnswerText.ForPeople(answer.Columns[shown[i]], row[shown[i]], isUtc, withDays: day is null, withZone);
            table.Row(cells);
        }

        return table;
    }

    // Across a change of the clocks a time without its zone may be either of two.
    private bool HasSeveralZones(Answer answer, IReadOnlyList<object?[]> rows, int[] shown)
    {
        if (isUtc)
            return false;
        string? zone = null;
        foreach (int i in shown)
        {
            if (!answer.Columns[i].IsTime)
                continue;
            foreach (object?[] row in rows)
            {
                if (row[i] is not long ns)
                    continue;
                string its = QuestionTime.ZoneOf(ns);
                if ((zone ??= its) != its)
                    return true;
            }
        }

        return false;
    }

    // The day of all times, if they are of one.
    private string? DayOf(Answer answer, IReadOnlyList<object?[]> rows, int[] shown)
    {
        string? day = null;
        foreach (int i in shown)
        {
            if (!answer.Columns[i].IsTime)
                continue;
            foreach (object?[] row in rows)
            {
                if (row[i] is not long ns)
                    continue;
                string its = QuestionTime.ToText(ns, isUtc)[..QuestionTime.DayLength];
                if ((day ??= its) != its)
                    return null;
            }
        }

        return day;
    }

    private void Line(string text)
    {
        var line = new StyledLine();
        line.Append(SafeText.Clean(text));
        line.Write(console);
    }
}
