using Spillway.Questions;
using Spillway.Web.Html;
using Spillway.Web.Live;

namespace Spillway.Web.Pages;

/// <summary>The first screen: what goes on now, how it was before, who moves it, and what is wrong.</summary>
internal static class OverviewPage
{
    /// <summary>Makes it.</summary>
    public static Page Make(View view)
    {
        IProbe? probe = view.Around.Probe();
        Markup now = Markup.If(probe is { IsRunning: true } && view.OnlyPanel is null, Now);
        Markup traffic = view.Panel(
            "traffic",
            "Traffic",
            () => Series.Of(view, "Aggregates", "TOTALBW", null, asBits: true),
            view.Link("/counters", "all counters"),
            isLive: true,
            size: "wide"
        );
        return new Page(
            "Overview",
            Markup.Of(
                $"""
                {now}{view.Panel("totals", "In this time", () => Totals(view), isLive: true, size: "wide plain")}
                {traffic}
                {view.Panel(
                    "alerts",
                    "Alerts",
                    () => AlertsPage.Short(view, view.Scope(8)),
                    view.Link("/alerts", "all"),
                    isLive: true
                )}
                {Toppers.Panel(view, "hosts", "Hosts", "Hosts")}
                {Toppers.Panel(view, "apps", "Applications", "Apps")}
                {Toppers.Panel(view, "names", "Names", "Base Domains")}
                {Toppers.Panel(view, "directions", "In, out, between", "Aggregates")}
                {Toppers.Panel(view, "countries", "Countries", "Country")}
                {Toppers.Panel(view, "hosts6", "IPv6 hosts", "HostsIPv6")}
                {Markup.If(probe is not null, () => view.Panel("tasks", "Slow work (T.async)", () => ScriptsPage.Tasks(probe!), view.Link("/scripts", "scripts"), true, "wide"))}
                """
            )
        );
    }

    private static Markup Now() =>
        Markup.Of(
            $"""
            <section class="panel wide plain now" aria-label="Now"><dl class="cards">
            <div><dt>Packets</dt><dd data-live="packet_rate">-</dd></div><div><dt>Traffic</dt><dd data-live="bit_rate">-</dd></div>
            <div><dt>Lost</dt><dd data-live="lost_share">-</dd></div><div><dt>Open flows</dt><dd data-live="flows_open">-</dd></div>
            <div><dt>Tasks running</dt><dd data-live="tasks_running">-</dd></div><div><dt>Tasks waiting</dt><dd data-live="tasks_waiting">-</dd></div>
            <div><dt>Tasks failed</dt><dd data-live="tasks_failed">-</dd></div><div><dt>Memory</dt><dd data-live="memory">-</dd></div>
            </dl></section>
            """
        );

    private static Markup Totals(View view)
    {
        QuestionScope scope = view.Scope();
        Answer answer = TotalsQuestion.Ask(view.Store, scope);
        object?[] row = answer.Rows.First();
        Markup cards = Markup.Each(
            Enumerable.Range(0, row.Length).Where(i => row[i] is not null),
            i => Markup.Of($"<div><dt>{answer.Columns[i].Title}</dt><dd>{Linked(view, answer.Columns[i], row[i])}</dd></div>")
        );
        return Markup.Of($"<p class=\"hint\">{scope.Heading}</p><dl class=\"cards\">{cards}</dl>");
    }

    private static Markup Linked(View view, AnswerColumn column, object? value)
    {
        string text = AnswerText.ForPeople(column, value, isUtc: true);
        return column.Name switch
        {
            "flows" => view.Link("/flows", text),
            "alerts" => view.Link("/alerts", text),
            "urgent_alerts" => view.Link("/alerts", text, ("priority", "1")),
            "files" => view.Link("/files", text),
            "requests" => view.Link("/names", text, ("kind", "http")),
            "questions" => view.Link("/names", text, ("kind", "dns")),
            "handshakes" => view.Link("/names", text, ("kind", "tls")),
            _ => Markup.Of($"{text}"),
        };
    }
}
