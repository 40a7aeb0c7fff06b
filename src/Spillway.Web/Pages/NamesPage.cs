using Spillway.Questions;
using Spillway.Web.Html;

namespace Spillway.Web.Pages;

/// <summary>What clients asked for by name: DNS, HTTP, TLS.</summary>
internal static class NamesPage
{
    private static readonly (string Kind, string Title)[] Kinds = [("dns", "DNS"), ("http", "HTTP"), ("tls", "TLS")];

    /// <summary>Makes it.</summary>
    public static Page Make(View view)
    {
        string kind = Kinds.Any(each => each.Kind == view.Get("kind")) ? view.Get("kind")! : "dns";
        Markup tabs = Markup.Each(
            Kinds,
            each =>
            {
                string to = view.Here(("kind", each.Kind), ("limit", null));
                return each.Kind == kind
                    ? Markup.Of($"<a href=\"{to}\" aria-current=\"true\">{each.Title}</a>")
                    : Markup.Of($"<a href=\"{to}\">{each.Title}</a>");
            }
        );
        Markup form = Markup.Of(
            $"""
            <p class="tabs">{tabs}</p><form class="filter" action="/names">{Layout.Hidden(view, "run", "from", "to", "kind")}
            <label>name <input name="name" value="{view.Get("name")}" data-complete="any"></label>
            <label>host <input name="host" value="{view.Get("host")}" data-complete="any"></label>
            <label>{(kind == "dns" ? "code" : "status")} <input name="outcome" value="{view.Get("outcome")}" size="10"
             placeholder="{(kind == "dns" ? "NXDOMAIN" : "4xx")}"></label><button>Filter</button> <a href="{view.To(
                "/names",
                ("kind", kind)
            )}">clear</a></form>
            """
        );
        var filter = new TransactionFilter
        {
            Name = AlertsPage.Terms(view.Get("name")),
            Host = AlertsPage.Terms(view.Get("host")),
            Outcome = kind == "tls" ? FilterTerms.Empty : AlertsPage.Terms(view.Get("outcome")),
        };
        string api = Link.To(
            kind,
            ("name", view.Get("name")),
            ("host", view.Get("host")),
            ("outcome", view.Get("outcome")),
            ("run", view.Get("run")),
            ("from", view.Get("from")),
            ("to", view.Get("to"))
        );
        return new Page(
            "Names",
            Markup.Of($"{form}{view.Panel("names", Kinds.First(each => each.Kind == kind).Title, Ask, size: "wide")}")
        );

        Markup Ask()
        {
            QuestionScope scope = view.Scope(isReversed: true);
            return Table(
                view,
                kind,
                kind switch
                {
                    "http" => HttpQuestion.Ask(view.Store, scope, filter),
                    "tls" => TlsQuestion.Ask(view.Store, scope, filter),
                    _ => DnsQuestions.Ask(view.Store, scope, filter),
                },
                api
            );
        }
    }

    /// <summary>Transactions as a table.</summary>
    public static Markup Table(View view, string kind, Answer answer, string? api = null) =>
        AnswerTable.Of(
            view,
            answer,
            (column, row) =>
                column switch
                {
                    "time" => Markup.Of(
                        $"<a class=\"plain\" href=\"{view.To("/flow", ("id", row.Text("flow_id")))}\">{TimeText.Of(row.Number("time"))}</a>"
                    ),
                    "client" or "server" => Keys.Host(view, row.Text(column)),
                    "query" or "sni" when row.Text(column).Length > 0 => view.Link(
                        "/names",
                        row.Text(column),
                        ("kind", kind),
                        ("name", row.Text(column))
                    ),
                    "host" when row.Text("host").Length > 0 => view.Link(
                        "/names",
                        row.Text("host"),
                        ("kind", kind),
                        ("name", row.Text("host"))
                    ),
                    "rcode" when row.Text("rcode").Length > 0 => view.Link(
                        "/names",
                        row.Text("rcode"),
                        ("kind", kind),
                        ("outcome", row.Text("rcode"))
                    ),
                    "uri" when row["file"] is string file && file.Length > 0 => view.Link("/file", row.Text("uri"), ("name", file)),
                    _ => null,
                },
            api: api
        );
}
