using Spillway.Web.Html;
using Spillway.Web.Security;

namespace Spillway.Web.Pages;

/// <summary>A page: what its heading says, and what is in it.</summary>
internal sealed record Page(string Title, Markup Body);

/// <summary>What is around every page: the search box, the way to the others, the time that is looked at.</summary>
internal static class Layout
{
    private static readonly (string Path, string Title)[] Pages =
    [
        ("/", "Overview"),
        ("/flows", "Flows"),
        ("/alerts", "Alerts"),
        ("/files", "Files"),
        ("/names", "Names"),
        ("/certificates", "Certificates"),
        ("/counters", "Counters"),
        ("/scripts", "Scripts"),
        ("/health", "Health"),
    ];

    private static readonly (string Text, string? From)[] Spans =
    [
        ("all", null),
        ("15 min", "-15m"),
        ("1 h", "-1h"),
        ("24 h", "-1d"),
        ("7 d", "-1w"),
    ];

    /// <summary>The document of a page.</summary>
    public static Markup Document(Page page, View? view, Session session, string path, string assets)
    {
        Markup links = Markup.Each(
            Pages,
            each =>
            {
                string to = view?.To(each.Path) ?? each.Path;
                return each.Path == path
                    ? Markup.Of($"<a href=\"{to}\" aria-current=\"page\">{each.Title}</a>")
                    : Markup.Of($"<a href=\"{to}\">{each.Title}</a>");
            }
        );
        string search = view?.Get("search") ?? "";
        Markup kept = view is null ? Markup.Empty : Hidden(view, "run", "from", "to");
        return Markup.Of(
            $"""
            <!DOCTYPE html>
            <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark"><title>{page.Title} - Spillway</title>
            <link rel="icon" href="/assets/{assets}/icon.svg"><link rel="stylesheet" href="/assets/{assets}/app.css">
            <script src="/assets/{assets}/app.js" defer></script></head>
            <body><a class="skip" href="#main">To the content</a>
            <header class="bar"><a class="brand" href="/">Spillway</a>
            <form class="search" action="/search" role="search">{kept}<input name="search" type="search" value="{search}" aria-label="Search"
             placeholder="Address, name, hash, port, flow id, text" autocomplete="off" data-complete="any"><kbd>/</kbd></form>
            <span class="state" data-live="state" hidden></span>
            <button class="theme" type="button" aria-label="Light or dark"></button>{Who(session)}</header>
            <nav aria-label="Pages">{links}</nav>
            {(view is null ? Markup.Empty : Time(view))}
            <main id="main"><h1>{page.Title}</h1>{page.Body}</main></body></html>
            """
        );
    }

    /// <summary>A document without the pages: for strangers.</summary>
    public static Markup Bare(string title, Markup body, string assets) =>
        Markup.Of(
            $"""
            <!DOCTYPE html>
            <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark"><title>{title} - Spillway</title>
            <link rel="icon" href="/assets/{assets}/icon.svg"><link rel="stylesheet" href="/assets/{assets}/app.css">
            <script src="/assets/{assets}/app.js" defer></script></head>
            <body class="bare"><main id="main"><h1>{title}</h1>{body}</main></body></html>
            """
        );

    /// <summary>A document that goes to another page by itself: so the browser sends the cookie, which only our own pages get.</summary>
    public static Markup GoOn(string to, string assets) =>
        Markup.Of(
            $"""
            <!DOCTYPE html>
            <html lang="en"><head><meta charset="utf-8"><title>Spillway</title><meta http-equiv="refresh" content="0;url={to}">
            <link rel="icon" href="/assets/{assets}/icon.svg"></head>
            <body><p><a href="{to}">Go on</a></p></body></html>
            """
        );

    /// <summary>Fields that carry values of the query along with a form.</summary>
    public static Markup Hidden(View view, params string[] names) =>
        Markup.Each(
            names.Where(name => view.Get(name) is not null),
            name => Markup.Of($"<input type=\"hidden\" name=\"{name}\" value=\"{view.Get(name)}\">")
        );

    private static Markup Who(Session session) =>
        Markup.If(
            session.User.Length > 0,
            () =>
                Markup.Of(
                    $"""
                    <form class="who" method="post" action="/logout"><input type="hidden" name="form" value="{session.FormToken}"><span>{session.User}</span>
                    <button>Log out</button></form>
                    """
                )
        );

    private static Markup Time(View view)
    {
        Markup spans = Markup.Each(
            Spans,
            span =>
            {
                string to = view.Here(("from", span.From), ("to", null), ("limit", null));
                bool isHere = view.Get("from") == span.From && view.Get("to") is null;
                return isHere
                    ? Markup.Of($"<a href=\"{to}\" aria-current=\"true\">{span.Text}</a>")
                    : Markup.Of($"<a href=\"{to}\">{span.Text}</a>");
            }
        );
        string[] others = [.. view.Query.Keys.Where(name => name is not ("from" or "to" or "panel"))];
        return Markup.Of(
            $"""
            <form class="range" action="{view.Path}">{Hidden(view, others)}<span class="spans">{spans}</span>
            <label>from <input name="from" value="{view.Get("from")}" placeholder="-15m, 08:00, 2026-01-31T08:00Z" size="22"></label>
            <label>to <input name="to" value="{view.Get("to")}" placeholder="end" size="22"></label><button>Show</button>
            <span class="hint">UTC; the end is the last packet</span></form>
            """
        );
    }
}
