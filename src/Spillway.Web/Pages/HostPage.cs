using Spillway.Questions;
using Spillway.Web.Html;

namespace Spillway.Web.Pages;

/// <summary>The story of a host.</summary>
internal static class HostPage
{
    /// <summary>Makes it.</summary>
    public static Page Make(View view)
    {
        string host = view.Get("address") ?? "";
        if (host.Length == 0)
            return new Page("Host", View.Empty("Type an address or a name into the search box."));
        string api = Link.To("host", ("address", host), ("run", view.Get("run")), ("from", view.Get("from")), ("to", view.Get("to")));
        Story? story = null;
        Markup facts = view.Panel(
            "facts",
            host,
            () =>
            {
                story = HostStory.Tell(view.Store, view.Scope(15), host);
                return story.WhenEmpty is { } empty ? View.Empty(View.Words(empty)) : AnswerTable.Facts(story.Facts);
            },
            Markup.Of(
                $"""
                {view.Link("/flows", "flows", ("q", $"host:{host}"))} {view.Link("/alerts", "alerts", ("host", host))}
                {view.Link("/files", "files", ("host", host))} <a href="/api/v1/{api}">JSON</a>
                """
            ),
            size: "wide"
        );
        Markup traffic = view.Panel("series", "Traffic", () => Traffic(view, host), size: "wide");
        // A part alone is asked for when its turn came too late: the story is asked for again, and its other parts are not read.
        if (story is null && view.OnlyPanel is not (null or "series" or "facts"))
            _ = view.Guarded(() =>
            {
                story = HostStory.Tell(view.Store, view.Scope(15), host);
                return Markup.Empty;
            });
        Markup parts = story is null or { WhenEmpty: not null }
            ? Markup.Empty
            : Markup.Each(
                story.Parts.Where(part => part.Name != "hours"),
                part => view.Panel(part.Name, part.Answer.Title, () => Part(view, part), size: "wide")
            );
        return new Page($"Host {host}", Markup.Of($"{facts}{traffic}{parts}"));
    }

    private static Markup Traffic(View view, string host)
    {
        string group = host.Contains(':', StringComparison.Ordinal) ? "HostsIPv6" : "Hosts";
        return Series.Of(view, group, host, null, asBits: true);
    }

    private static Markup Part(View view, StoryPart part)
    {
        Answer answer = part.Answer with { WhenEmpty = () => "Nothing in this time." };
        return AnswerTable.Of(
            view,
            answer,
            (column, row) =>
                column switch
                {
                    "peer" or "server" => Keys.Host(view, row.Text(column)),
                    "query" or "sni" => view.Link("/names", row.Text(column), ("name", row.Text(column))),
                    "host" when row.Text("host").Length > 0 => view.Link("/flows", row.Text("host"), ("q", $"host:{row.Text("host")}")),
                    "signature" => view.Link("/alerts", row.Text("signature"), ("signature", row.Text("signature"))),
                    "uri" when row["name"] is string name && name.Length > 0 => view.Link("/file", row.Text("uri"), ("name", name)),
                    _ => null,
                }
        );
    }
}
