using Spectre.Console;
using Spillway.Report;

namespace Spillway.Questions;

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
        string[] lines = heading.GetCellWidth() <= console.Profile.Width ? [heading] : [title, answer.Scope];
        foreach (string line in lines.Where(line => line.Length > 0)) Line(line);
        foreach (string line in answer.Picture?.Invoke(rows, console.Profile.Width, HasBlocks) ?? []) Line(line);
    }

    /// <summary>Writes the table.</summary>
    /// <param name="answer">The answer.</param>
    /// <param name="rows">The rows that are shown.</param>
    /// <returns>Titles of columns that were left out for want of room.</returns>
    public IReadOnlyList<string> Write(Answer answer, IReadOnlyList<object?[]> rows)
    {
        int[] shown = [.. Enumerable.Range(0, answer.Columns.Count).Where(i => answer.Columns[i].Place != ColumnPlace.Data)];
        TextTable table = Fill(answer, rows, shown, day: null);
        // Times of one day need not say it in each row.
        if (table.LeastWidth() > console.Profile.Width && DayOf(answer, rows, shown) is { } day) table = Fill(answer, rows, shown, day);
        return [.. table.Write(console, TitleStyle).Select(i => answer.Columns[shown[i]].Title).Where(title => title.Length > 0)];
    }

    private TextTable Fill(Answer answer, IReadOnlyList<object?[]> rows, int[] shown, string? day)
    {
        var table = new TextTable();
        foreach (int i in shown)
        {
            AnswerColumn column = answer.Columns[i];
            // A column without a value anywhere takes no room, its title included.
            bool hasValue = rows.Any(row => row[i] is not (null or ""));
            string title = !hasValue ? "" : !column.IsTime ? column.Title : day ?? (isUtc ? column.Title + " (UTC)" : column.Title);
            int spare = hasValue ? column.Spare : 0;
            if (column.MinWidth is { } min) table.Text(title, min, spare, column.KeepsEnd);
            else table.Fixed(title, alignRight: !(column.IsTime || column.Kind is ValueKind.Text or ValueKind.Lines), spare);
        }

        foreach (object?[] row in rows) table.Row([.. shown.Select(i => new TextTable.Cell(AnswerText.ForPeople(answer.Columns[i], row[i], isUtc, withDays: day is null)))]);
        return table;
    }

    // The day of all times, if they are of one.
    private string? DayOf(Answer answer, IReadOnlyList<object?[]> rows, int[] shown)
    {
        List<string> days = [.. shown.Where(i => answer.Columns[i].IsTime)
            .SelectMany(i => rows.Select(row => row[i]).OfType<long>()).Select(ns => QuestionTime.ToText(ns, isUtc)[..QuestionTime.DayLength]).Distinct().Take(2)];
        return days.Count == 1 ? days[0] : null;
    }

    private void Line(string text) => console.Write(new Text(SafeText.Fit(text, console.Profile.Width) + "\n") { Overflow = Overflow.Ellipsis });
}
