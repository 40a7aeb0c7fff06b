using System.Buffers;
using System.Globalization;
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
    private static readonly Style TitleStyle = new(decoration: Decoration.Dim);

    private static readonly JsonWriterOptions JsonOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Times in UTC.</summary>
    public bool IsUtc { get; init; }

    /// <summary>The console that tables go to; it decides the width.</summary>
    public IAnsiConsole? Console { get; init; }

    /// <summary>Whether block characters can be shown.</summary>
    public bool HasBlocks { get; init; }

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
        if (count == 0 && answer.WhenEmpty is { } tell) notes.WriteLine(SafeText.Clean(tell()));
        return count;
    }

    private static IEnumerable<object?[]> Limited(Answer answer) => answer.Limit is { } limit ? answer.Rows.Take(limit) : answer.Rows;

    private long WriteTable(Answer answer)
    {
        IAnsiConsole console = Console ?? ReportConsole.ForStandardOutput();
        List<object?[]> rows = answer.Limit is { } limit ? [.. answer.Rows.Take(limit + 1)] : [.. answer.Rows];
        bool isCut = answer.Limit < rows.Count;
        if (isCut) rows.RemoveAt(rows.Count - 1);
        if (rows.Count == 0) return 0;

        if (answer.Title.Length > 0) Line(answer.Title);
        foreach (string line in answer.Picture?.Invoke(rows, console.Profile.Width, HasBlocks) ?? []) Line(line);
        var table = new TextTable();
        int[] shown = [.. Enumerable.Range(0, answer.Columns.Count).Where(i => answer.Columns[i].Place != ColumnPlace.Data)];
        foreach (int i in shown)
        {
            AnswerColumn column = answer.Columns[i];
            // A column without a value anywhere takes no room, its title included.
            string title = rows.Exists(row => row[i] is not (null or "")) ? TitleOf(column) : "";
            if (column.MinWidth is { } min) table.Text(title, min);
            else table.Fixed(title, alignRight: column.Kind is not (ValueKind.Text or ValueKind.Time));
        }

        foreach (object?[] row in rows) table.Row([.. shown.Select(i => new TextTable.Cell(ForPeople(answer.Columns[i], row[i])))]);
        table.Write(console, TitleStyle);
        if (isCut) notes.WriteLine($"the first {Units.Count(rows.Count)} are shown; more with -n, all with -n 0");
        return rows.Count;

        void Line(string text) => console.Write(new Text(SafeText.Clean(text) + "\n") { Overflow = Overflow.Ellipsis });
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
            json.WriteStartObject();
            for (int i = 0; i < row.Length; i++)
            {
                if (answer.Columns[i].Place == ColumnPlace.Table) continue;
                json.WritePropertyName(answer.Columns[i].Name);
                Write(json, answer.Columns[i], row[i]);
            }

            json.WriteEndObject();
            json.Flush();
            output.Write(Encoding.UTF8.GetString(buffer.WrittenSpan));
            output.Write('\n');
            count++;
        }

        return count;
    }

    private long WriteCsv(Answer answer)
    {
        int[] shown = [.. Enumerable.Range(0, answer.Columns.Count).Where(i => answer.Columns[i].Place != ColumnPlace.Table)];
        output.Write(string.Join(',', shown.Select(i => answer.Columns[i].Name)) + "\r\n");
        long count = 0;
        foreach (object?[] row in Limited(answer))
        {
            output.Write(string.Join(',', shown.Select(i => Csv(ForPrograms(answer.Columns[i], row[i])))) + "\r\n");
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
            case (ValueKind.Time, _) or (_, string):
                json.WriteStringValue(ForPrograms(column, value));
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

    private string ForPrograms(AnswerColumn column, object? value) => (column.Kind, value) switch
    {
        (_, null) => "",
        (ValueKind.Time, long ns) => QuestionTime.ToIso(ns, IsUtc),
        (ValueKind.Duration, long ns) => (ns / 1e9).ToString("0.#########", CultureInfo.InvariantCulture),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    private string ForPeople(AnswerColumn column, object? value) => (column.Kind, value) switch
    {
        (_, null) => "",
        (ValueKind.Time, long ns) => QuestionTime.ToText(ns, IsUtc),
        (ValueKind.Duration, long ns) => Units.Duration(TimeSpan.FromTicks(ns / TimeSpan.NanosecondsPerTick)),
        (ValueKind.Count, long number) => Units.Count(number),
        (ValueKind.Bytes, IConvertible number) => Units.Bytes(number.ToDouble(CultureInfo.InvariantCulture)),
        (ValueKind.Number, double number) => Units.Value(number, column.Unit),
        (ValueKind.Share, double share) => share.ToString("0.0 %", CultureInfo.InvariantCulture),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    private string TitleOf(AnswerColumn column) => column.Kind == ValueKind.Time && IsUtc ? column.Title + " (UTC)" : column.Title;

    private static string Csv(string text) =>
        text.AsSpan().ContainsAny(",\"\r\n") ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;
}
