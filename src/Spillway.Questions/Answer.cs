namespace Spillway.Questions;

/// <summary>What a column holds, which decides how it looks in a table, in JSON and in CSV.</summary>
public enum ValueKind
{
    /// <summary>Text.</summary>
    Text,

    /// <summary>A whole number.</summary>
    Count,

    /// <summary>Bytes; tables scale them.</summary>
    Bytes,

    /// <summary>A number in the column's unit.</summary>
    Number,

    /// <summary>Nanoseconds since 1970 UTC.</summary>
    Time,

    /// <summary>As <see cref="Time"/>, of whole seconds.</summary>
    Window,

    /// <summary>A span of time in nanoseconds; seconds in JSON and CSV.</summary>
    Duration,

    /// <summary>A part of the whole, 0 to 1.</summary>
    Share,

    /// <summary>Text of several lines, of which a table makes one.</summary>
    Lines,

    /// <summary>A JSON text: an object or null in JSON, the text itself elsewhere.</summary>
    Json,
}

/// <summary>Where a column is shown.</summary>
public enum ColumnPlace
{
    /// <summary>Everywhere.</summary>
    Everywhere,

    /// <summary>In tables only: what is made for reading.</summary>
    Table,

    /// <summary>In JSON and CSV only: what is made for programs.</summary>
    Data,
}

/// <summary>A column of an answer.</summary>
/// <param name="Name">Its name in JSON and CSV: lower case, words joined by underscores.</param>
/// <param name="Title">Its title in a table.</param>
/// <param name="Kind">What it holds.</param>
public sealed record AnswerColumn(string Name, string Title, ValueKind Kind)
{
    /// <summary>
    /// Unit of a <see cref="ValueKind.Number"/>; what follows the unit of <see cref="ValueKind.Bytes"/>, such as <c>/s</c>; or empty.
    /// </summary>
    public string Unit { get; init; } = "";

    /// <summary>Whether it holds moments.</summary>
    public bool IsTime => Kind is ValueKind.Time or ValueKind.Window;

    /// <summary>Cells to which a table may shrink it; null never shrinks it.</summary>
    public int? MinWidth { get; init; }

    /// <summary>Whether a text that is too long for its table is cut in the middle, else at its end.</summary>
    public bool KeepsEnd { get; init; } = true;

    /// <summary>A table that is too wide leaves out the column with the highest number first; 0 is never left out.</summary>
    public int Spare { get; init; }

    /// <summary>Where it is shown.</summary>
    public ColumnPlace Place { get; init; }
}

/// <summary>
/// An answer: columns and rows of string, long, double or null. Rows come one by one as the store gives them, and are read once.
/// </summary>
/// <param name="Columns">The columns.</param>
/// <param name="Rows">The rows, a value for each column.</param>
public sealed record Answer(IReadOnlyList<AnswerColumn> Columns, IEnumerable<object?[]> Rows)
{
    /// <summary>What is told above the table.</summary>
    public string Title { get; init; } = "";

    /// <summary>Which run and time it is about, told behind the title.</summary>
    public string Scope { get; init; } = "";

    /// <summary>A question that somebody may ask next; empty for none. Told on terminals only.</summary>
    public string Next { get; init; } = "";

    /// <summary>
    /// Lines above the table once the rows are known, such as a chart; given the rows, the width and whether block characters can be shown.
    /// </summary>
    public Func<IReadOnlyList<object?[]>, int, bool, IEnumerable<string>>? Picture { get; init; }

    /// <summary>What a person is told who gets no row: what there is instead.</summary>
    public Func<string>? WhenEmpty { get; init; }

    /// <summary>Most rows that the question was to bring; null for all. One row more is read to know whether there are more.</summary>
    public int? Limit { get; init; }

    /// <summary>The same with some columns only, which are then shown everywhere.</summary>
    /// <param name="fields">Their names, joined by commas, in the order in which they are shown.</param>
    /// <exception cref="QuestionException">There is no such column.</exception>
    public Answer Only(string fields)
    {
        string[] names = [.. fields.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Distinct()];
        int[] chosen = [.. names.Select(NumberOf)];
        if (chosen.Length == 0)
            throw new QuestionException($"--fields names no field: it takes some of {AllNames()}, joined by commas");
        return this with
        {
            Columns = [.. chosen.Select(i => Columns[i] with { Place = ColumnPlace.Everywhere, Spare = 0 })],
            Rows = Rows.Select(row => Array.ConvertAll(chosen, i => row[i])),
            Picture = null,
        };
    }

    private int NumberOf(string name)
    {
        for (int i = 0; i < Columns.Count; i++)
        {
            if (Columns[i].Name == name)
                return i;
        }

        string near = string.Join(", ", Nearest.To(name, Columns.Select(column => column.Name), most: 3));
        throw new QuestionException(
            $"--fields: there is no field '{name}'{(near.Length > 0 ? $", did you mean {near}?" : "")}; there are {AllNames()}"
        );
    }

    private string AllNames() =>
        string.Join(", ", Columns.Where(column => column.Place != ColumnPlace.Table).Select(column => column.Name));

    /// <summary>The numbers of the columns, except those of a place.</summary>
    public int[] ColumnsExcept(ColumnPlace place)
    {
        var shown = new List<int>();
        for (int i = 0; i < Columns.Count; i++)
        {
            if (Columns[i].Place != place)
                shown.Add(i);
        }

        return shown.ToArray();
    }
}
