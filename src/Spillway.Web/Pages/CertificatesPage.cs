using Spillway.Questions;
using Spillway.Web.Html;

namespace Spillway.Web.Pages;

/// <summary>Certificates that servers have shown.</summary>
internal static class CertificatesPage
{
    /// <summary>Makes it.</summary>
    public static Page Make(View view)
    {
        string? only = view.Get("only");
        Markup form = Markup.Of(
            $"""
            <form class="filter" action="/certificates">{Layout.Hidden(view, "run", "from", "to")}
            <label>name <input name="name" value="{view.Get("name")}" data-complete="any"></label><label>only <select name="only">{Option("", "any", only)}{Option(
                "expired",
                "not valid in time",
                only
            )}{Option("self-signed", "self-signed", only)}</select></label>
            <button>Filter</button> <a href="{view.To("/certificates")}">clear</a></form>
            """
        );
        var filter = new TransactionFilter
        {
            Name = AlertsPage.Terms(view.Get("name")),
            IsExpired = only == "expired" ? AlertsPage.Terms("") : FilterTerms.Empty,
            IsSelfSigned = only == "self-signed" ? AlertsPage.Terms("") : FilterTerms.Empty,
        };
        string api = Link.To(
            "certificates",
            ("name", view.Get("name")),
            ("only", only),
            ("run", view.Get("run")),
            ("from", view.Get("from")),
            ("to", view.Get("to"))
        );
        return new Page("Certificates", Markup.Of($"{form}{view.Panel("certificates", "Certificates", Ask, size: "wide")}"));

        Markup Ask() => Table(view, CertificatesQuestion.Ask(view.Store, view.Scope(), filter), api);
    }

    private static Markup Table(View view, Answer answer, string api) =>
        AnswerTable.Of(
            view,
            answer,
            (column, row) =>
                column switch
                {
                    "state" => Markup.Of($"<span class=\"{(row.Text("state") == "valid" ? "good" : "bad")}\">{row.Text("state")}</span>"),
                    "subject" => view.Link("/names", row.Text("subject"), ("kind", "tls"), ("name", row.Text("server_name"))),
                    _ => null,
                },
            api: api
        );

    private static Markup Option(string value, string text, string? chosen) =>
        value == (chosen ?? "")
            ? Markup.Of($"<option value=\"{value}\" selected>{text}</option>")
            : Markup.Of($"<option value=\"{value}\">{text}</option>");
}
