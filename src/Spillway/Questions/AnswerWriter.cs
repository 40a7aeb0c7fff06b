using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Spectre.Console;
using Spillway.Report;

namespace Spillway.Questions;

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
/// <param name="notes">Where a person is told what is no part of the answer.</param>
internal sealed class AnswerWriter(TextWriter output, TextWriter notes)
{
    // With their wide forms, which spreadsheets take as well.
    private const string BeginsFormula = "=+-@\t\r\uFF1D\uFF0B\uFF0D\uFF20";

    private static readonly JsonWriterOptions JsonOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

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
        long count = format switch
        {
            AnswerFormat.Json => WriteJson(answer),
            AnswerFormat.Csv => WriteCsv(answer),
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
            WriteJson(story);
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

    private void WriteJson(Story story)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, JsonOptions))
        {
            json.WriteStartObject();
            foreach ((AnswerColumn column, object? value) in story.Facts)
            {
                if (column.Place == ColumnPlace.Table)
                    continue;
                json.WritePropertyName(column.Name);
                Write(json, column, value);
            }

            foreach (StoryPart part in story.Parts)
            {
                json.WriteStartArray(part.Name);
                foreach (object?[] row in Limited(part.Answer))
                    WriteObject(json, part.Answer, row);
                json.WriteEndArray();
            }

            json.WriteEndObject();
        }

        output.Write(SafeText.InJson(Encoding.UTF8.GetString(buffer.WrittenSpan)));
        output.Write('\n');
    }

    private static IEnumerable<object?[]> Limited(Answer answer) => answer.Limit is { } limit ? answer.Rows.Take(limit) : answer.Rows;

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

    private long WriteJson(Answer answer)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(buffer, JsonOptions);
        long count = 0;
        foreach (object?[] row in Limited(answer))
        {
            buffer.ResetWrittenCount();
            json.Reset();
            WriteObject(json, answer, row);
            json.Flush();
            output.Write(SafeText.InJson(Encoding.UTF8.GetString(buffer.WrittenSpan)));
            output.Write('\n');
            count++;
        }

        return count;
    }

    private void WriteObject(Utf8JsonWriter json, Answer answer, object?[] row)
    {
        json.WriteStartObject();
        for (int i = 0; i < row.Length; i++)
        {
            if (answer.Columns[i].Place == ColumnPlace.Table)
                continue;
            json.WritePropertyName(answer.Columns[i].Name);
            Write(json, answer.Columns[i], row[i]);
        }

        json.WriteEndObject();
    }

    private long WriteCsv(Answer answer)
    {
        int[] shown = answer.ColumnsExcept(ColumnPlace.Table);
        string[] cells = new string[shown.Length];
        for (int i = 0; i < cells.Length; i++)
            cells[i] = answer.Columns[shown[i]].Name;
        output.Write(string.Join(',', cells) + "\r\n");
        long count = 0;
        foreach (object?[] row in Limited(answer))
        {
            for (int i = 0; i < cells.Length; i++)
                cells[i] = Csv(AnswerText.ForPrograms(answer.Columns[shown[i]], row[shown[i]], IsUtc), row[shown[i]] is string);
            output.Write(string.Join(',', cells) + "\r\n");
            count++;
        }

        return count;
    }

    private void Write(Utf8JsonWriter json, AnswerColumn column, object? value)
    {
        switch (column.Kind, value)
        {
            case (_, null):
                json.WriteNullValue();
                break;
            case (ValueKind.Json, string text):
                json.WriteRawValue(text);
                break;
            case (ValueKind.Time or ValueKind.Window, _) or (_, string):
                json.WriteStringValue(AnswerText.ForPrograms(column, value, IsUtc));
                break;
            case (ValueKind.Duration, long ns):
                json.WriteNumberValue(ns / 1e9);
                break;
            case (_, long number):
                json.WriteNumberValue(number);
                break;
            case (_, double number) when double.IsFinite(number):
                json.WriteNumberValue(number);
                break;
            default:
                json.WriteNullValue();
                break;
        }
    }

    // Texts come off the wire: nothing in them acts on a terminal, and a spreadsheet takes none for a formula.
    private static string Csv(string text, bool isText)
    {
        if (isText)
            text = SafeText.CleanLines(text);
        if (isText && text.Length > 0 && BeginsFormula.Contains(text[0]))
            text = "'" + text;
        return text.AsSpan().ContainsAny(",\"\r\n") ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;
    }
}
