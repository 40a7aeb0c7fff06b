using System.Globalization;
using Spillway.Questions;
using Spillway.Web.Html;

namespace Spillway.Web.Pages;

/// <summary>Any counter group by any of its meters: the largest keys, one key over time, two spans side by side.</summary>
internal static class CountersPage
{
    private const long NsPerSecond = 1_000_000_000;

    /// <summary>Makes it.</summary>
    public static Page Make(View view)
    {
        IReadOnlyList<StoredGroup> groups = StoredGroup.All(view.Store, "counter");
        string name = view.Get("group") ?? "";
        if (name.Length == 0)
        {
            return new Page(
                "Counters",
                view.Panel(
                    "groups",
                    "Groups",
                    () =>
                        AnswerTable.Of(
                            view,
                            GroupsQuestion.Ask(view.Store, view.Scope(View.MaxRows)),
                            (column, row) =>
                                column == "group" ? view.Link("/counters", row.Text("group"), ("group", row.Text("group"))) : null,
                            api: "groups"
                        ),
                    size: "wide"
                )
            );
        }

        string? key = view.Get("key"),
            meter = view.Get("meter");
        Markup form = view.Guarded(() => Form(view, groups, name, meter, key));
        Markup series = Markup.If(
            view.OnlyPanel is null or "series",
            () =>
                view.Panel(
                    "series",
                    key ?? "The whole group",
                    () => Series.Of(view, name, key ?? "total", meter),
                    AnswerTable.Exports(Api(view, "series", ("key", key ?? "total"))),
                    isLive: true,
                    size: "wide"
                )
        );
        bool compares = view.Get("compare") == "1";
        Markup keys = compares
            ? view.Panel("compare", "This time and as long before", () => Compare(view, name, meter), size: "wide")
            : view.Panel("top", "Largest keys", () => Top(view, name, meter), isLive: true, size: "wide");
        return new Page($"Counters: {name}", Markup.Of($"{form}{series}{keys}"));
    }

    private static Markup Form(View view, IReadOnlyList<StoredGroup> groups, string name, string? meterText, string? key)
    {
        StoredGroup group = StoredGroup.Find(view.Store, "counter", name);
        StoredMeter meter = StoredMeter.Find(view.Store, group, meterText);
        Markup options = Markup.Each(groups, each => Option(each.Name, each.Name, each.Id == group.Id));
        Markup meters = Markup.Each(
            StoredMeter.All(view.Store, group),
            each => Option(each.Id.ToString(CultureInfo.InvariantCulture), each.Name, each.Id == meter.Id)
        );
        bool compares = view.Get("compare") == "1";
        string other = view.Here(("compare", compares ? null : "1"));
        return Markup.Of(
            $"""
            <form class="filter" action="/counters">{Layout.Hidden(view, "run", "from", "to", "compare")}
            <label>group <select name="group">{options}</select></label><label>meter <select name="meter">{meters}</select></label>
            <label>key <input name="key" value="{key}" placeholder="the whole group"></label>
            <button>Show</button> <a href="{other}">{(compares ? "largest keys" : "compare with the time before")}</a> <a
             href="{view.To("/counters")}">all groups</a></form>
            """
        );
    }

    private static Markup Top(View view, string group, string? meter) =>
        AnswerTable.Of(
            view,
            TopQuestion.Ask(view.Store, view.Scope(), group, meter, isBottom: view.Get("bottom") == "1"),
            (column, row) => column == "name" ? Key(view, group, meter, row) : null,
            hidden: ["label"],
            api: Api(view, "top")
        );

    private static Markup Compare(View view, string group, string? meter)
    {
        QuestionScope scope = view.Scope();
        long first = Math.Max(scope.FirstNs, scope.FromNs),
            last = Math.Min(scope.LastNs, scope.ToNs),
            span = last - first;
        // Without a range, the second half of the time and the first.
        if (!scope.HasRange)
        {
            first += span / 2;
            span /= 2;
        }

        QuestionScope now = view.Scope(from: Seconds(first), to: Seconds(last)),
            before = view.Scope(from: Seconds(Math.Max(0, first - span)), to: Seconds(first - NsPerSecond));
        Markup table = AnswerTable.Of(
            view,
            CompareQuestion.Ask(view.Store, now, before, group, meter),
            (column, row) => column == "name" ? Key(view, group, meter, row) : null,
            hidden: ["label"]
        );
        return Markup.Of(
            $"""
            <p class="hint">now: {TimeText.Second(first)} to {TimeText.Second(last)}; before: {TimeText.Second(first - span)} to {TimeText.Second(first)}{(
                scope.HasRange ? "" : "; give a time above to compare others"
            )}</p>{table}
            """
        );
    }

    private static Markup Key(View view, string group, string? meter, Row row)
    {
        string series = view.To("/counters", ("group", group), ("meter", meter), ("key", row.Text("key")));
        return Markup.Of(
            $"{Keys.Of(view, group, row)} <a class=\"plus\" href=\"{series}\" title=\"over time\" aria-label=\"over time\">~</a>"
        );
    }

    private static string Api(View view, string what, params ReadOnlySpan<(string, string?)> more) =>
        Link.To(
            what,
            [
                ("group", view.Get("group")),
                ("meter", view.Get("meter")),
                ("run", view.Get("run")),
                ("from", view.Get("from")),
                ("to", view.Get("to")),
                .. more,
            ]
        );

    private static Markup Option(string value, string text, bool isChosen) =>
        isChosen
            ? Markup.Of($"<option value=\"{value}\" selected>{text}</option>")
            : Markup.Of($"<option value=\"{value}\">{text}</option>");

    private static string Seconds(long ns) => (ns / NsPerSecond).ToString(CultureInfo.InvariantCulture);
}
