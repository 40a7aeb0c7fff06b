using Spectre.Console;
using Spillway.Questions;
using Spillway.Report;

namespace Spillway.Answers;

/// <summary>How an answer is written.</summary>
internal enum AnswerFormat
{
    /// <summary>A table for people.</summary>
    Table,

    /// <summary>One JSON object a line.</summary>
    Json,

    /// <summary>CSV with a line of names (RFC 4180).</summary>
    Csv,
}

/// <summary>Writes answers: tables that fit the terminal, or rows for other programs as they come.</summary>
/// <param name="output">Where the answer goes.</param>
/// <param name="notes">Where a person reads what is no part of the answer.</param>
internal sealed class AnswerWriter(TextWriter output, TextWriter notes)
{
    /// <summary>Times in UTC.</summary>
    public bool IsUtc { get; init; }

    /// <summary>The console that tables go to; it decides the width.</summary>
    public IAnsiConsole? Console { get; init; }

    /// <summary>Whether block characters can be shown.</summary>
    public bool HasBlocks { get; init; }

    /// <summary>Whether a person reads along who may want to know what else can be asked.</summary>
    public bool TellsNext { get; init; }

    /// <summary>Writes an answer.</summary>
    /// <returns>The number of rows.</returns>
    public long Write(Answer answer, AnswerFormat format)
    {
        var data = new AnswerData(output, IsUtc);
        long count = format switch
        {
            AnswerFormat.Json => data.WriteJson(answer),
            AnswerFormat.Csv => data.WriteCsv(answer),
            _ => WriteTable(answer),
        };
        output.Flush();
        if (count == 0 && answer.WhenEmpty is { } tell)
            notes.WriteLine(SafeText.Clean(tell()));
        return count;
    }

    /// <summary>Writes a story: its chapters as tables one below the other, or all of it as one JSON object.</summary>
    public void Write(Story story, string scope, AnswerFormat format)
    {
        if (format == AnswerFormat.Json)
        {
            new AnswerData(output, IsUtc).WriteJson(story);
        }
        else
        {
            var table = new AnswerTable(Console ?? ReportConsole.ForStandardOutput(), IsUtc);
            table.WriteFacts($"{story.Title} ({scope})", story.Facts);
            foreach (StoryPart part in story.Parts)
                WriteChapter(part.Answer);
        }

        output.Flush();
        if (story.WhenEmpty is { } empty)
            notes.WriteLine(SafeText.Clean(empty));
    }

    private void WriteChapter(Answer answer)
    {
        using IEnumerator<object?[]> rows = answer.Rows.GetEnumerator();
        if (!rows.MoveNext())
            return;
        output.Flush();
        var all = new List<object?[]> { rows.Current };
        while (rows.MoveNext())
            all.Add(rows.Current);
        string title = answer.Title;
        if (answer.Limit is { } limit && all.Count > limit)
        {
            all.RemoveRange(limit, all.Count - limit);
            title += $" (the first {limit}, all with -n 0)";
        }

        IAnsiConsole console = Console ?? ReportConsole.ForStandardOutput();
        console.WriteLine();
        var table = new AnswerTable(console, IsUtc);
        answer = answer with { Title = title, Rows = all };
        table.WriteHead(answer, all);
        table.Write(answer, all);
    }

    private long WriteTable(Answer answer)
    {
        IAnsiConsole console = Console ?? ReportConsole.ForStandardOutput();
        // A picture is of all rows, whatever the table is limited to.
        List<object?[]> rows = answer.Limit is { } limit && answer.Picture is null ? [.. answer.Rows.Take(limit + 1)] : [.. answer.Rows];
        if (rows.Count == 0)
            return 0;

        var table = new AnswerTable(console, IsUtc) { HasBlocks = HasBlocks };
        table.WriteHead(answer, rows);
        bool isCut = answer.Limit < rows.Count;
        if (isCut)
            rows.RemoveRange(answer.Limit!.Value, rows.Count - answer.Limit.Value);
        IReadOnlyList<string> leftOut = table.Write(answer, rows);
        // What is written to the other stream must not come before the table.
        output.Flush();
        if (isCut)
            notes.WriteLine($"the first {Units.Count(rows.Count)} are shown; more with -n, all with -n 0");
        if (leftOut.Count > 0)
            notes.WriteLine($"no room for {string.Join(", ", leftOut)}: --json and --csv have them, and a wider terminal");
        if (TellsNext && answer.Next.Length > 0)
            notes.WriteLine(answer.Next);
        return rows.Count;
    }
}
