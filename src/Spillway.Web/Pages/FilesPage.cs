using Spillway.Questions;
using Spillway.Web.Html;

namespace Spillway.Web.Pages;

/// <summary>Files that were carried.</summary>
internal static class FilesPage
{
    /// <summary>Makes it.</summary>
    public static Page Make(View view)
    {
        Markup form = Markup.Of(
            $"""
            <form class="filter" action="/files">{Layout.Hidden(view, "run", "from", "to")}
            <label>type <input name="type" value="{view.Get("type")}" placeholder="programs, pdf, image/"></label>
            <label>host <input name="host" value="{view.Get("host")}" data-complete="any"></label>
            <label>hash <input name="hash" value="{view.Get("hash")}" placeholder="first digits"></label>
            <button>Filter</button> <a href="{view.To("/files")}">clear</a></form>
            """
        );
        string api = Link.To(
            "files",
            ("type", view.Get("type")),
            ("host", view.Get("host")),
            ("hash", view.Get("hash")),
            ("run", view.Get("run")),
            ("from", view.Get("from")),
            ("to", view.Get("to"))
        );
        return new Page("Files", Markup.Of($"{form}{view.Panel("files", "Files", Ask, size: "wide")}"));

        Markup Ask() => Table(view, FilesQuestion.Ask(view.Store, view.Scope(isReversed: true), Filter(view)), api);
    }

    /// <summary>Files as a table.</summary>
    public static Markup Table(View view, Answer answer, string? api) =>
        AnswerTable.Of(
            view,
            answer,
            (column, row) =>
                column switch
                {
                    "uri" => view.Link(
                        "/file",
                        row.Text("uri") is { Length: > 0 } uri ? uri : row.Text("name"),
                        ("name", row.Text("name"))
                    ),
                    "host" when row.Text("host").Length > 0 => view.Link("/files", row.Text("host"), ("host", row.Text("host"))),
                    "content_type" or "mime_type" when row.Text(column).Length > 0 => view.Link(
                        "/files",
                        row.Text(column),
                        ("type", row.Text(column))
                    ),
                    "sha1" or "md5" or "sha256" when row.Text(column).Length > 0 => Markup.Of(
                        $"<a class=\"hash\" href=\"{view.To("/files", ("hash", row.Text(column)))}\">{row.Text(column)}</a>"
                    ),
                    _ => null,
                },
            hidden: ["direction"],
            api
        );

    private static FileFilter Filter(View view) =>
        new()
        {
            Type = AlertsPage.Terms(view.Get("type")),
            Host = AlertsPage.Terms(view.Get("host")),
            Hash = AlertsPage.Terms(view.Get("hash")),
        };
}
