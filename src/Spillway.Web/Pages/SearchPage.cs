using System.Net;
using Spillway.Questions;
using Spillway.Web.Data;
using Spillway.Web.Html;

namespace Spillway.Web.Pages;

/// <summary>The search box: what is surely an address, a hash, a port or a flow leads there; all else is looked for.</summary>
internal static class SearchPage
{
    /// <summary>Where a text leads without a search; null for a search.</summary>
    public static string? GoesTo(View view)
    {
        string text = (view.Get("search") ?? "").Trim();
        if (text.Length == 0)
            return view.To("/");
        if (IPAddress.TryParse(text, out _) && text.AsSpan().ContainsAny('.', ':'))
            return view.To("/host", ("address", text));
        if (text.Contains('/', StringComparison.Ordinal) && IPAddress.TryParse(text.Split('/')[0], out _))
            return view.To("/flows", ("q", FlowFilterText.Word("host", text)));
        if (text.Length is 32 or 40 or 64 && text.All(char.IsAsciiHexDigit))
            return view.To("/files", ("hash", text));
        if (ushort.TryParse(text, out _))
            return view.To("/flows", ("q", $"port:{text}"));
        if (KeyText.ReadableFlow(text) != text)
            return view.To("/flow", ("id", text));
        return FlowFilterText.Names.Any(name => text.StartsWith(name.Name + ":", StringComparison.OrdinalIgnoreCase))
            ? view.To("/flows", ("q", text))
            : null;
    }

    /// <summary>Makes it.</summary>
    public static Page Make(View view)
    {
        string text = (view.Get("search") ?? "").Trim();
        FilterTerms terms = AlertsPage.Terms(text);
        return new Page(
            $"Search: {text}",
            Markup.Of(
                $"""
                {view.Panel("host", "As a host", () => Host(view, text), size: "wide")}
                {view.Panel(
                    "dns",
                    "In DNS",
                    () => NamesPage.Table(view, "dns", DnsQuestions.Ask(view.Store, Few(), new TransactionFilter { Name = terms })),
                    size: "wide"
                )}
                {view.Panel(
                    "http",
                    "In HTTP",
                    () => NamesPage.Table(view, "http", HttpQuestion.Ask(view.Store, Few(), new TransactionFilter { Name = terms })),
                    size: "wide"
                )}
                {view.Panel(
                    "tls",
                    "In TLS",
                    () => NamesPage.Table(view, "tls", TlsQuestion.Ask(view.Store, Few(), new TransactionFilter { Name = terms })),
                    size: "wide"
                )}
                {view.Panel(
                    "alerts",
                    "In alerts",
                    () => AlertsPage.Each(view, AlertsQuestion.Ask(view.Store, Few(), new EventFilter { Text = terms }), null),
                    size: "wide"
                )}
                {view.Panel("documents", "In documents and resources", () => Documents(view, text), size: "wide")}
                """
            )
        );

        QuestionScope Few() => view.Scope(10, isReversed: true);
    }

    private static Markup Host(View view, string text)
    {
        IReadOnlyList<string> near = CompletionQuestion.Ask(view.Store, text, 20);
        if (near.Count == 0)
            return View.Empty("No host or name begins so.");
        return Markup.Of($"<p>{Markup.Each(near, name => Markup.Of($"{Keys.Host(view, name)} "))}</p>");
    }

    private static Markup Documents(View view, string text) =>
        AnswerTable.Of(
            view,
            SearchQuestion.Ask(view.Store, view.Scope(20), text, new EventFilter()),
            (column, row) => column == "flow" ? Keys.Flow(view, row.Text("flow_id"), row.Text("flow")) : null
        );
}
