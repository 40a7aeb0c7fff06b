using System.Diagnostics;
using System.Text.RegularExpressions;
using Spillway.Questions;
using Spillway.Web.Data;
using Spillway.Web.Html;
using Spillway.Web.Live;
using Spillway.Web.Security;

namespace Spillway.Web.Pages;

/// <summary>What pages stand on, of one server.</summary>
/// <param name="Options">What is served.</param>
/// <param name="Probe">The run in this process; null without one.</param>
/// <param name="Notes">Notes on alerts.</param>
internal sealed record Surroundings(WebOptions Options, Func<IProbe?> Probe, AlertNotes Notes);

/// <summary>A page that is being made: who asks, what for, and the store. One thread.</summary>
internal sealed partial class View(
    Surroundings around,
    Session session,
    string path,
    IReadOnlyDictionary<string, string> query,
    QuestionStore store
)
{
    /// <summary>Most rows of a table on a page.</summary>
    public const int MaxRows = 1000;

    private const int UsualRows = 50;

    private static readonly string[] Kept = ["run", "from", "to"];

    private readonly long _begun = Stopwatch.GetTimestamp();

    /// <summary>What pages stand on.</summary>
    public Surroundings Around => around;

    /// <summary>Who asks.</summary>
    public Session Session => session;

    /// <summary>The page's path.</summary>
    public string Path => path;

    /// <summary>The query as it was asked.</summary>
    public IReadOnlyDictionary<string, string> Query => query;

    /// <summary>The store.</summary>
    public QuestionStore Store => store;

    /// <summary>The only part that is wanted; null for all.</summary>
    public string? OnlyPanel => Get("panel");

    /// <summary>A value of the query; null if it is not there or empty.</summary>
    public string? Get(string name) => query.TryGetValue(name, out string? value) && value.Length > 0 ? value : null;

    /// <summary>Rows of a table that are asked for.</summary>
    public int Rows => int.TryParse(Get("limit"), out int rows) ? Math.Clamp(rows, 1, MaxRows) : UsualRows;

    /// <summary>The run and the time that the page is about.</summary>
    public QuestionScope Scope(int? limit = null, bool isReversed = false, string? from = null, string? to = null) =>
        QuestionScope.Of(store, Asked(query, limit ?? Rows, isReversed) with { From = from ?? Get("from"), To = to ?? Get("to") });

    /// <summary>What a query says about run and time.</summary>
    public static QuestionRequest Asked(IReadOnlyDictionary<string, string> query, int? limit, bool isReversed) =>
        new()
        {
            AllRuns = query.GetValueOrDefault("run") == "all",
            Run = long.TryParse(query.GetValueOrDefault("run"), out long run) ? run : null,
            From = query.GetValueOrDefault("from") is { Length: > 0 } from ? from : null,
            To = query.GetValueOrDefault("to") is { Length: > 0 } to ? to : null,
            Limit = limit,
            IsReversed = isReversed,
            IsUtc = true,
        };

    /// <summary>An address of a page about the same run and time.</summary>
    public string To(string page, params ReadOnlySpan<(string Name, string? Value)> more)
    {
        var pairs = new List<(string, string?)>();
        foreach (string name in Kept)
        {
            if (!Has(more, name))
                pairs.Add((name, Get(name)));
        }

        pairs.AddRange(more);
        return Html.Link.To(page, [.. pairs]);
    }

    /// <summary>This page with other values in its query.</summary>
    public string Here(params ReadOnlySpan<(string Name, string? Value)> changes)
    {
        var pairs = new List<(string, string?)>();
        foreach ((string name, string value) in query)
        {
            if (name != "panel" && !Has(changes, name))
                pairs.Add((name, value));
        }

        pairs.AddRange(changes);
        return Html.Link.To(path, [.. pairs]);
    }

    /// <summary>A link to a page about the same run and time.</summary>
    public Markup Link(string page, string? text, params ReadOnlySpan<(string Name, string? Value)> more)
    {
        string to = To(page, more);
        return Markup.Of($"<a href=\"{to}\">{text}</a>");
    }

    /// <summary>
    /// A part of a page, in a frame of its own. What the store does not answer in time is left for later: the page is shown, and app.js
    /// asks for the part alone.
    /// </summary>
    /// <param name="id">Its id in the page.</param>
    /// <param name="title">Its heading.</param>
    /// <param name="make">Makes what is in it.</param>
    /// <param name="tools">Links at the heading.</param>
    /// <param name="isLive">Whether it is asked for again when the store has something new.</param>
    /// <param name="size">A class that says how large it is.</param>
    public Markup Panel(string id, string title, Func<Markup> make, Markup tools = default, bool isLive = false, string size = "")
    {
        if (OnlyPanel is { } only && only != id)
            return Markup.Empty;
        string live = isLive ? "live" : "";
        Markup body;
        if (OnlyPanel is null && Stopwatch.GetElapsedTime(_begun) > around.Options.Patience * 0.4)
        {
            string later = Here(("panel", id));
            body = Markup.Of($"<p class=\"empty\" data-later=\"{later}\"><a href=\"{later}\">Load this part</a></p>");
        }
        else
        {
            body = Guarded(make);
        }

        return Markup.Of(
            $"""
            <section class="panel {size} {live}" id="{id}"><header><h2>{title}</h2><span class="tools">{tools}</span></header>{body}</section>
            """
        );
    }

    /// <summary>What the store answers, or what to say in its place.</summary>
    public Markup Guarded(Func<Markup> make)
    {
        try
        {
            store.GiveUpAfter(around.Options.Patience);
            return make();
        }
        catch (QuestionException exception)
        {
            return Empty(AnswerTable.Sentence(Words(exception.Message)));
        }
        catch (StoreReadException exception) when (exception.IsTooSlow)
        {
            return Empty($"This takes longer than {around.Options.Patience.TotalSeconds:0.#} s: narrow the time or the filter.");
        }
        catch (StoreReadException exception)
        {
            return Empty($"The store cannot be read: {exception.Message}");
        }
        finally
        {
            store.GiveUpAfter(null);
        }
    }

    /// <summary>Says what there is instead of an answer, and what to do.</summary>
    public static Markup Empty(string text) => Markup.Of($"<p class=\"empty\">{text}</p>");

    /// <summary>A message of a question without the hyphens that options have on the command line.</summary>
    public static string Words(string message) => OptionName().Replace(message, "$1");

    private static bool Has(ReadOnlySpan<(string Name, string? Value)> pairs, string name)
    {
        foreach ((string each, _) in pairs)
        {
            if (each == name)
                return true;
        }

        return false;
    }

    [GeneratedRegex(@"(?<![\w-])--(host|client|server|port|from|to|run|hash|status|protocol|fields|n)\b")]
    private static partial Regex OptionName();
}
