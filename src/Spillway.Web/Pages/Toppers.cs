using Spillway.Questions;
using Spillway.Web.Charts;
using Spillway.Web.Html;

namespace Spillway.Web.Pages;

/// <summary>The largest keys of a counter group, as a short list with bars.</summary>
internal static class Toppers
{
    /// <summary>Makes it.</summary>
    public static Markup Of(View view, string group, string? meter, int rows)
    {
        Answer answer = TopQuestion.Ask(view.Store, view.Scope(rows), group, meter, isBottom: false);
        List<Row> all = Row.All(answer);
        if (all.Count == 0)
            return View.Empty(View.Words(answer.WhenEmpty?.Invoke() ?? ""));
        AnswerColumn value = answer.Columns.First(column => column.Name == "value");
        double most = all.Max(row => row["value"] as double? ?? 0);
        Markup lines = Markup.Each(
            all,
            row =>
                Markup.Of(
                    $"""
                    <tr><td class="text">{Keys.Of(view, group, row)}</td><td class="number">{AnswerTable.Value(value, row["value"])}</td><td
                     class="share">{SeriesChart.Bar(most > 0 ? (row["value"] as double? ?? 0) / most : 0)}</td></tr>
                    """
                )
        );
        return Markup.Of($"<table class=\"toppers\"><tbody>{lines}</tbody></table>");
    }

    /// <summary>A panel of it, with a way to all of the group; nothing if the store does not have the group.</summary>
    public static Markup Panel(View view, string id, string title, string group, string? meter = null, int rows = 8)
    {
        if (StoredGroup.All(view.Store, "counter").All(each => Nearest.Plain(each.Name) != Nearest.Plain(group)))
            return Markup.Empty;
        return view.Panel(
            id,
            title,
            () => Of(view, group, meter, rows),
            view.Link("/counters", "all", ("group", group), ("meter", meter)),
            isLive: true
        );
    }
}
