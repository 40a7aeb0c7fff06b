using Spillway.Questions;
using Spillway.Web.Data;
using Spillway.Web.Html;

namespace Spillway.Web.Pages;

/// <summary>Flows by the filter language, with columns one can choose; what stands in a cell becomes a filter by a click.</summary>
internal static class FlowsPage
{
    private static readonly string[] UsualColumns =
    [
        "start",
        "duration",
        "protocol",
        "service",
        "client",
        "client_port",
        "server",
        "server_port",
        "name",
        "bytes_to_server",
        "bytes_to_client",
        "state",
        "tags",
    ];

    /// <summary>Makes it.</summary>
    public static Page Make(View view)
    {
        string text = view.Get("q") ?? "";
        string words = string.Join(' ', FlowFilterText.Names.Select(each => $"{each.Name}={string.Join(',', each.Values)}"));
        Markup form = Markup.Of(
            $"""
            <form class="filter flows" action="/flows">{Layout.Hidden(view, "run", "from", "to", "cols", "reverse")}
            <input name="q" value="{text}" aria-label="Filter" placeholder="host:10.1.2.3 port:443 -service:dns minbytes:1M sort:bytes"
             autocomplete="off" spellcheck="false" data-complete="flows" data-words="{words}"><button>Filter</button>
            <a href="{view.To("/flows")}">clear</a></form>
            {Sorts(view, text)}
            """
        );
        return new Page("Flows", Markup.Of($"{form}{view.Panel("flows", "Flows", () => Table(view, text), size: "wide")}"));
    }

    private static Markup Table(View view, string text)
    {
        FlowFilter filter = new FlowFilterText(text).Filter;
        bool isStart = filter.Sort == "start";
        // Those that began last are what one looks for.
        bool isReversed = isStart != (view.Get("reverse") == "1");
        Answer all = FlowsQuestion.Ask(view.Store, view.Scope(isReversed: isReversed), filter);
        string[] names = (view.Get("cols") ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries);
        string[] known = [.. all.Columns.Where(column => column.Place != ColumnPlace.Table).Select(column => column.Name)];
        string[] shown = names.Length > 0 ? names : [.. UsualColumns.Where(known.Contains), .. Place(known)];
        Answer answer = all.Only(string.Join(',', [.. shown, .. (shown.Contains("flow_id") ? [] : new[] { "flow_id" })]));
        string api = Link.To(
            "flows",
            ("q", text),
            ("run", view.Get("run")),
            ("from", view.Get("from")),
            ("to", view.Get("to")),
            ("reverse", isReversed ? "1" : null)
        );
        Markup table = AnswerTable.Of(
            view,
            answer,
            (column, row) => Cell(view, text, column, row),
            hidden: shown.Contains("flow_id") ? [] : ["flow_id"],
            api
        );
        return Markup.Of($"{table}{Columns(view, all, shown)}");
    }

    private static string[] Place(string[] known) => known.Contains("server_country") ? ["server_country", "server_as_org"] : [];

    /// <summary>A cell of a flow: hosts lead to their story, all else narrows the filter.</summary>
    public static Markup? Cell(View view, string text, string column, Row row) =>
        column switch
        {
            "start" => Markup.Of(
                $"<a class=\"plain\" href=\"{view.To("/flow", ("id", row.Text("flow_id")))}\">{TimeText.Of(row.Number("start"))}</a>"
            ),
            "client" or "server" => Markup.Of($"{Keys.Host(view, row.Text(column))}{Plus(view, text, column, row.Text(column))}"),
            "client_port" or "server_port" => Pivot(view, text, "port", row.Text(column)),
            "protocol" => Pivot(view, text, "proto", row.Text(column)),
            "service" => Pivot(view, text, "service", row.Text(column)),
            "state" => Pivot(view, text, "state", row.Text(column).Replace(' ', '-')),
            "name" => Pivot(view, text, "server", row.Text(column)),
            "client_country" or "server_country" => Pivot(view, text, "country", row.Text(column)),
            "tags" => Markup.Join(row.Text("tags").Split('|').Select(tag => Pivot(view, text, "tag", tag))),
            "flow_id" => Keys.Flow(view, row.Text("flow_id"), row.Text("flow_id")),
            _ => null,
        };

    private static Markup Pivot(View view, string text, string name, string value)
    {
        if (value.Length == 0)
            return Markup.Empty;
        string to = view.To("/flows", ("q", FlowFilterText.With(text, name, value)), ("cols", view.Get("cols")));
        return Markup.Of($"<a class=\"pivot\" href=\"{to}\" title=\"only {name}:{value}\">{value}</a>");
    }

    private static Markup Plus(View view, string text, string name, string value)
    {
        if (value.Length == 0)
            return Markup.Empty;
        string to = view.To("/flows", ("q", FlowFilterText.With(text, name, value)), ("cols", view.Get("cols")));
        return Markup.Of($"<a class=\"plus\" href=\"{to}\" title=\"only {name}:{value}\" aria-label=\"only {name} {value}\">+</a>");
    }

    private static Markup Sorts(View view, string text) =>
        Markup.Of(
            $"""
            <p class="sorts">by {Markup.Each(
                FlowsQuestion.Orders.Keys,
                order => Markup.Of($"<a href=\"{view.Here(("q", FlowFilterText.With(text, "sort", order)))}\">{order}</a> ")
            )}<a href="{view.Here(("reverse", view.Get("reverse") == "1" ? null : "1"))}">other way round</a></p>
            """
        );

    private static Markup Columns(View view, Answer answer, string[] shown)
    {
        Markup boxes = Markup.Each(
            answer.Columns.Where(column => column.Place != ColumnPlace.Table),
            column =>
                shown.Contains(column.Name)
                    ? Markup.Of($"<label><input type=\"checkbox\" value=\"{column.Name}\" checked> {column.Name}</label>")
                    : Markup.Of($"<label><input type=\"checkbox\" value=\"{column.Name}\"> {column.Name}</label>")
        );
        return Markup.Of(
            $"""
            <details class="columns"><summary>Columns</summary><form action="/flows" data-columns>{Layout.Hidden(
                view,
                "q",
                "run",
                "from",
                "to",
                "reverse"
            )}
            <input type="hidden" name="cols" value="{string.Join(',', shown)}"><div class="boxes">{boxes}</div><button>Show these</button>
            <a href="{view.Here(("cols", null))}">the usual</a></form></details>
            """
        );
    }
}
