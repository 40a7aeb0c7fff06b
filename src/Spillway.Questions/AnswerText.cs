using System.Globalization;

namespace Spillway.Questions;

/// <summary>Values of an answer as text.</summary>
public static class AnswerText
{
    /// <summary>As a table has it.</summary>
    /// <param name="column">Its column.</param>
    /// <param name="value">The value.</param>
    /// <param name="isUtc">Times in UTC.</param>
    /// <param name="withDays">False for times of day without the day.</param>
    /// <param name="withZone">Whether times say their zone: those of one table may have two, and the same time twice.</param>
    public static string ForPeople(AnswerColumn column, object? value, bool isUtc, bool withDays = true, bool withZone = false) =>
        (column.Kind, value) switch
        {
            (_, null) => "",
            (ValueKind.Time or ValueKind.Window, long ns) when withZone =>
                $"{ForPeople(column, value, isUtc, withDays)} {QuestionTime.ZoneOf(ns)}",
            (ValueKind.Time, long ns) => QuestionTime.ToText(ns, isUtc)[(withDays ? 0 : QuestionTime.DayLength + 1)..],
            (ValueKind.Window, long ns) => QuestionTime.ToText(ns, isUtc)[
                (withDays ? 0 : QuestionTime.DayLength + 1)..QuestionTime.SecondLength
            ],
            (ValueKind.Duration, long ns) => Units.Duration(TimeSpan.FromTicks(ns / TimeSpan.NanosecondsPerTick)),
            (ValueKind.Count, long number) => Units.Count(number),
            (ValueKind.Bytes, IConvertible number) => Units.Bytes(number.ToDouble(CultureInfo.InvariantCulture)) + column.Unit,
            (ValueKind.Number, double number) => Units.Value(number, column.Unit),
            (ValueKind.Share, double share) => share.ToString("0.0 %", CultureInfo.InvariantCulture),
            (ValueKind.Lines, string text) => OneLine(text),
            _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
        };

    /// <summary>As CSV has it, and JSON where it is a text.</summary>
    public static string ForPrograms(AnswerColumn column, object? value, bool isUtc) =>
        (column.Kind, value) switch
        {
            (_, null) => "",
            (ValueKind.Time or ValueKind.Window, long ns) => QuestionTime.ToIso(ns, isUtc),
            (ValueKind.Duration, long ns) => (ns / 1e9).ToString("0.#########", CultureInfo.InvariantCulture),
            _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
        };

    /// <summary>A text in one line: what separates lines and columns becomes a blank.</summary>
    public static string OneLine(string text) =>
        text.AsSpan().ContainsAny('\n', '\r', '\t')
            ? string.Join(' ', text.Split(['\n', '\r', '\t'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            : text;
}
