using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Spillway.Questions;

/// <summary>Writes answers for programs, row by row as they come: JSON, one object a line, or CSV (RFC 4180).</summary>
/// <param name="output">Where the answer goes.</param>
/// <param name="isUtc">Times in UTC, else in this machine's zone.</param>
public sealed class AnswerData(TextWriter output, bool isUtc)
{
    // With their wide forms, which spreadsheets take as well.
    private const string BeginsFormula = "=+-@\t\r\uFF1D\uFF0B\uFF0D\uFF20";

    private static readonly JsonWriterOptions JsonOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes a story as one JSON object in one line.</summary>
    public void WriteJson(Story story)
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

    /// <summary>Writes an answer, one JSON object a line.</summary>
    /// <returns>The number of rows.</returns>
    public long WriteJson(Answer answer)
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

    /// <summary>Writes a row as a JSON object.</summary>
    public void WriteObject(Utf8JsonWriter json, Answer answer, object?[] row)
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

    /// <summary>Writes an answer as CSV with a line of names.</summary>
    /// <returns>The number of rows.</returns>
    public long WriteCsv(Answer answer)
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
                cells[i] = Csv(AnswerText.ForPrograms(answer.Columns[shown[i]], row[shown[i]], isUtc), row[shown[i]] is string);
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
                json.WriteStringValue(AnswerText.ForPrograms(column, value, isUtc));
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

    private static IEnumerable<object?[]> Limited(Answer answer) => answer.Limit is { } limit ? answer.Rows.Take(limit) : answer.Rows;
}
