using System.Globalization;
using Spillway.Questions;
using Spillway.Web.Html;

namespace Spillway.Web.Pages;

/// <summary>An answer as a table of a page.</summary>
internal static class AnswerTable
{
    /// <summary>Makes the table, or says what there is instead.</summary>
    /// <param name="view">The page.</param>
    /// <param name="answer">The answer.</param>
    /// <param name="cell">Makes a cell of a column by its name; null for the usual.</param>
    /// <param name="hidden">Columns that are not shown.</param>
    /// <param name="api">The path below <c>/api/v1</c> that gives the same, with its query; null shows no links to it.</param>
    public static Markup Of(View view, Answer answer, Func<string, Row, Markup?>? cell = null, string[]? hidden = null, string? api = null)
    {
        List<object?[]> rows = [.. answer.Limit is { } limit ? answer.Rows.Take(limit + 1) : answer.Rows];
        if (rows.Count == 0)
            return View.Empty(Sentence(View.Words(answer.WhenEmpty?.Invoke() ?? "Nothing.")));
        bool isCut = answer.Limit < rows.Count;
        if (isCut)
            rows.RemoveRange(answer.Limit!.Value, rows.Count - answer.Limit.Value);
        Dictionary<string, int> places = Row.PlacesOf(answer);
        // A column without a value anywhere takes no room.
        int[] shown =
        [
            .. answer
                .ColumnsExcept(ColumnPlace.Data)
                .Where(i => hidden?.Contains(answer.Columns[i].Name) != true)
                .Where(i => rows.Any(row => row[i] is not (null or ""))),
        ];
        Markup head = Markup.Each(
            shown,
            i => Markup.Of($"<th scope=\"col\" class=\"{Class(answer.Columns[i])}\"><button>{answer.Columns[i].Title}</button></th>")
        );
        Markup body = Markup.Each(
            rows,
            values =>
            {
                var row = new Row(places, values);
                Markup cells = Markup.Each(shown, i => Cell(answer.Columns[i], values[i], cell?.Invoke(answer.Columns[i].Name, row)));
                return Markup.Of($"<tr>{cells}</tr>");
            }
        );
        return Markup.Of(
            $"""
            <div class="scroll"><table data-sort><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>{Foot(
                view,
                isCut,
                rows.Count,
                api
            )}
            """
        );
    }

    /// <summary>A value as a page has it.</summary>
    public static Markup Value(AnswerColumn column, object? value) =>
        (column.Kind, value) switch
        {
            (_, null) => Markup.Empty,
            (ValueKind.Time, long ns) => TimeText.Of(ns),
            (ValueKind.Window, long ns) => TimeText.Second(ns),
            _ => Markup.Of($"{AnswerText.ForPeople(column, value, isUtc: true)}"),
        };

    /// <summary>What there is once, a line each.</summary>
    public static Markup Facts(IEnumerable<(AnswerColumn Column, object? Value)> facts, Func<string, Markup?>? make = null)
    {
        Markup lines = Markup.Each(
            facts.Where(fact => fact.Column.Place != ColumnPlace.Data && fact.Value is not (null or "")),
            fact => Markup.Of($"<dt>{fact.Column.Title}</dt><dd>{make?.Invoke(fact.Column.Name) ?? Value(fact.Column, fact.Value)}</dd>")
        );
        return Markup.Of($"<dl class=\"facts\">{lines}</dl>");
    }

    /// <summary>Links to the same answer for programs.</summary>
    public static Markup Exports(string api)
    {
        string separator = api.Contains('?', StringComparison.Ordinal) ? "&" : "?";
        (string csv, string json) = ($"/api/v1/{api}{separator}format=csv", $"/api/v1/{api}{separator}format=json");
        return Markup.Of($"<a href=\"{csv}\" download>CSV</a> <a href=\"{json}\">JSON</a>");
    }

    private static Markup Cell(AnswerColumn column, object? value, Markup? own)
    {
        Markup content = own ?? Value(column, value);
        string kind = Class(column);
        return value switch
        {
            long number => Markup.Of($"<td class=\"{kind}\" data-v=\"{number}\">{content}</td>"),
            double number => Markup.Of(
                $"<td class=\"{kind}\" data-v=\"{number.ToString("R", CultureInfo.InvariantCulture)}\">{content}</td>"
            ),
            _ => Markup.Of($"<td class=\"{kind}\">{content}</td>"),
        };
    }

    private static string Class(AnswerColumn column) =>
        column.IsTime ? "time"
        : column.Kind is ValueKind.Text or ValueKind.Lines or ValueKind.Json
            ? column.MinWidth is null ? "word"
                : "text"
        : "number";

    private static Markup Foot(View view, bool isCut, int count, string? api)
    {
        Markup exports = api is null ? Markup.Empty : Exports(api);
        if (!isCut)
            return api is null
                ? Markup.Empty
                : Markup.Of($"<p class=\"foot\">{Units.Count(count, "row")} <span class=\"tools\">{exports}</span></p>");
        string more = view.Here(("limit", Math.Min(View.MaxRows, count * 4).ToString(CultureInfo.InvariantCulture)));
        Markup next = Markup.If(count < View.MaxRows, () => Markup.Of($"<a href=\"{more}\">more</a>"));
        return Markup.Of(
            $"<p class=\"foot\"><span>The first {Units.Count(count)} are shown; {next}</span> <span class=\"tools\">{exports}</span></p>"
        );
    }

    /// <summary>A message as a sentence of its own.</summary>
    public static string Sentence(string text) =>
        text.Length == 0 ? text : char.ToUpperInvariant(text[0]) + text[1..] + (text.EndsWith('.') ? "" : ".");
}
