using System.Globalization;
using Spillway.Questions;
using Spillway.Web.Html;

namespace Spillway.Web.Pages;

/// <summary>One flow: all that is known of it, what was asked in it, its files and alerts, and its packets.</summary>
internal static class FlowPage
{
    private const long NsPerSecond = 1_000_000_000;

    /// <summary>Makes it.</summary>
    public static Page Make(View view)
    {
        string id = view.Get("id") ?? "";
        var only = AlertsPage.Terms(id);
        // Ports are used again: each flow of this id has its own time, in which its events are looked for.
        List<Row> rows = [];
        Answer? answer = null;
        Markup flows = view.Panel(
            "flow",
            KeyText.ReadableFlow(id),
            () =>
            {
                answer = FlowsQuestion.Ask(view.Store, view.Scope(10), new FlowFilter { Id = only });
                Answer all = answer;
                List<object?[]> values = [.. all.Rows.Take(10)];
                if (values.Count == 0)
                    return View.Empty("No flow of this id in this time.");
                Dictionary<string, int> places = Row.PlacesOf(all);
                rows = [.. values.Select(value => new Row(places, value))];
                return Markup.Each(
                    values,
                    value =>
                        AnswerTable.Facts(
                            all.Columns.Select((column, i) => (column with { Place = ColumnPlace.Everywhere }, value[i]))
                                .Where(fact => fact.Item1.Name is not ("client_and_port" or "server_and_port")),
                            name => name is "client" or "server" ? Keys.Host(view, new Row(places, value).Text(name)) : null
                        )
                );
            },
            Packets(view, id),
            size: "wide"
        );
        string? from = rows.Count == 0 ? null : Seconds(rows.Min(row => row.Number("start")) - NsPerSecond),
            to = rows.Count == 0 ? null : Seconds(rows.Max(row => row.Number("start") + row.Number("duration")) + (2 * NsPerSecond));
        var transactions = new TransactionFilter { Flow = only };
        return new Page(
            "Flow",
            Markup.Of(
                $"""
                {flows}
                {Part(
                    view,
                    "alerts",
                    "Alerts",
                    () => AlertsPage.Each(view, AlertsQuestion.Ask(view.Store, Within(), new EventFilter { Flow = only }), null)
                )}
                {Part(view, "http", "HTTP", () => NamesPage.Table(view, "http", HttpQuestion.Ask(view.Store, Within(), transactions)))}
                {Part(view, "dns", "DNS", () => NamesPage.Table(view, "dns", DnsQuestions.Ask(view.Store, Within(), transactions)))}
                {Part(view, "tls", "TLS", () => NamesPage.Table(view, "tls", TlsQuestion.Ask(view.Store, Within(), transactions)))}
                {Part(
                    view,
                    "files",
                    "Files",
                    () => FilesPage.Table(view, FilesQuestion.Ask(view.Store, Within(), new FileFilter { Flow = only }), null)
                )}
                """
            )
        );

        QuestionScope Within() => view.Scope(50, from: from, to: to);
    }

    private static Markup Part(View view, string id, string title, Func<Markup> make) => view.Panel(id, title, make, size: "wide");

    private static Markup Packets(View view, string id)
    {
        if (view.Around.Options.Packets is null)
            return Markup.Of($"<span class=\"hint\">packets were not stored: run with --packets DIR</span>");
        string to = Link.To("/api/v1/flow-packets", ("id", id), ("from", view.Get("from")), ("to", view.Get("to")));
        return Markup.Of($"<a href=\"{to}\" download>packets (pcap)</a>");
    }

    private static string Seconds(long ns) => (ns / NsPerSecond).ToString(CultureInfo.InvariantCulture);
}
