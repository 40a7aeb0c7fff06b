using System.Globalization;
using Spillway.Questions;
using Spillway.Web.Data;
using Spillway.Web.Html;

namespace Spillway.Web.Pages;

/// <summary>Alerts by signature, with what was said of them, and one by one.</summary>
internal static class AlertsPage
{
    /// <summary>Makes it.</summary>
    public static Page Make(View view)
    {
        string? priority = view.Get("priority") is "1" or "2" or "3" ? view.Get("priority") : null;
        var filter = new EventFilter
        {
            Group = view.Get("group"),
            Host = Terms(view.Get("host")),
            Text = Terms(view.Get("match")),
            Priority = Terms(priority),
            Signature = Terms(view.Get("signature")),
        };
        string query = Link.To(
            "",
            ("group", filter.Group),
            ("host", view.Get("host")),
            ("match", view.Get("match")),
            ("priority", priority),
            ("signature", view.Get("signature")),
            ("run", view.Get("run")),
            ("from", view.Get("from")),
            ("to", view.Get("to"))
        );
        Markup form = Markup.Of(
            $"""
            <form class="filter" action="/alerts">{Layout.Hidden(view, "run", "from", "to", "group", "signature")}
            <label>text <input name="match" value="{view.Get("match")}"></label><label>host <input name="host" value="{view.Get("host")}"
             data-complete="any"></label><label>priority <select name="priority">{Option("", "any", priority)}{Option("1", "1 only", priority)}{Option(
                "2",
                "up to 2",
                priority
            )}{Option("3", "up to 3", priority)}</select></label>
            <button>Filter</button> <a href="{view.To("/alerts")}">clear</a></form>
            """
        );
        Markup signature = Markup.If(
            view.Get("signature") is not null && view.OnlyPanel is null,
            () => view.Panel("note", "Note", () => NoteForm(view), size: "wide")
        );
        return new Page(
            view.Get("signature") is { } key ? $"Alerts: {key}" : "Alerts",
            Markup.Of(
                $"""
                {form}{view.Panel("groups", "By signature", () => Groups(view, view.Scope(), filter), isLive: true, size: "wide")}
                {signature}{view.Panel(
                    "alerts",
                    "The last",
                    () => Each(view, AlertsQuestion.Ask(view.Store, view.Scope(isReversed: true), filter), "alerts" + query),
                    isLive: true,
                    size: "wide"
                )}
                """
            )
        );
    }

    /// <summary>Alerts by signature in little room.</summary>
    public static Markup Short(View view, QuestionScope scope)
    {
        Answer answer = AlertGroupsQuestion.Ask(view.Store, scope, new EventFilter());
        List<Row> rows = Row.All(answer);
        if (rows.Count == 0)
            return View.Empty(AnswerTable.Sentence(View.Words(answer.WhenEmpty!())));
        IReadOnlyDictionary<(string, string), AlertNote> notes = view.Around.Notes.All();
        Markup lines = Markup.Each(
            rows,
            row =>
                Markup.Of(
                    $"""
                    <tr><td>{Priority(row.Number("priority"))}</td>
                    <td class="text">{Message(view, row, notes.GetValueOrDefault((row.Text("group_guid"), row.Text("key"))))}
                    <span class="label">{Units.Count(row.Number("times"), "time")}, the last {TimeText.Second(
                        row.Number("last")
                    )}</span></td></tr>
                    """
                )
        );
        return Markup.Of($"<table class=\"toppers short\"><tbody>{lines}</tbody></table>");
    }

    /// <summary>Alerts by signature.</summary>
    public static Markup Groups(View view, QuestionScope scope, EventFilter filter)
    {
        Answer answer = AlertGroupsQuestion.Ask(view.Store, scope, filter);
        IReadOnlyDictionary<(string, string), AlertNote> notes = view.Around.Notes.All();
        return AnswerTable.Of(
            view,
            answer,
            (column, row) =>
                column switch
                {
                    "priority" => Priority(row.Number("priority")),
                    "message" => Message(view, row, notes.GetValueOrDefault((row.Text("group_guid"), row.Text("key")))),
                    _ => null,
                },
            api: Link.To("alert-groups", ("run", view.Get("run")), ("from", view.Get("from")), ("to", view.Get("to")))
        );
    }

    /// <summary>Alerts one by one.</summary>
    public static Markup Each(View view, Answer answer, string? api) =>
        AnswerTable.Of(
            view,
            answer,
            (column, row) =>
                column switch
                {
                    "priority" => Priority(row.Number("priority")),
                    "key" => view.Link("/alerts", row.Text("key"), ("signature", row.Text("key")), ("group", row.Text("group"))),
                    "flow" when row["flow_id"] is string id => Keys.Flow(view, id, row.Text("flow")),
                    "flow" => Keys.Host(view, row.Text("flow")),
                    _ => null,
                },
            api: api
        );

    private static Markup Priority(long priority) => Markup.Of($"<span class=\"priority p{Math.Clamp(priority, 1, 4)}\">{priority}</span>");

    private static Markup Message(View view, Row row, AlertNote? note)
    {
        Markup link = view.Link(
            "/alerts",
            row.Text("message") is { Length: > 0 } message ? message : row.Text("key"),
            ("signature", row.Text("key")),
            ("group", row.Text("group"))
        );
        if (note is null)
            return link;
        bool isOver = note.UntilNs >= row.Number("last");
        Markup mark = Markup.If(isOver, () => Markup.Of($"<span class=\"done\">acknowledged</span>"));
        Markup text = Markup.If(note.Note.Length > 0, () => Markup.Of($"<span class=\"label\">{note.Note}</span>"));
        return Markup.Of($"{link} {mark} {text}");
    }

    private static Markup NoteForm(View view)
    {
        string signature = view.Get("signature")!;
        var filter = new EventFilter { Signature = Terms(signature), Group = view.Get("group") };
        List<Row> groups = Row.All(AlertGroupsQuestion.Ask(view.Store, view.Scope(10), filter));
        if (groups.Count == 0)
            return View.Empty("No alert of this signature in this time.");
        IReadOnlyDictionary<(string, string), AlertNote> notes = view.Around.Notes.All();
        return Markup.Each(
            groups,
            row =>
            {
                string guid = row.Text("group_guid");
                AlertNote? note = notes.GetValueOrDefault((guid, signature));
                string last = row.Number("last").ToString(CultureInfo.InvariantCulture);
                Markup said = note is null
                    ? Markup.Empty
                    : Markup.Of(
                        $"""
                        <p>{(note.UntilNs >= row.Number("last") ? "Acknowledged" : "Not acknowledged since its last alert")}, {(
                            note.User.Length > 0 ? note.User : "the owner"
                        )}, {TimeText.Second(note.At.ToUnixTimeMilliseconds() * 1_000_000)}</p>
                        """
                    );
                if (!view.Session.IsAdmin)
                    return Markup.Of($"{said}<p>{note?.Note ?? "No note."}</p>");
                return Markup.Of(
                    $"""
                    {said}<form class="note" method="post" action="/alerts/note"><input type="hidden" name="form" value="{view.Session.FormToken}">
                    <input type="hidden" name="group" value="{guid}"><input type="hidden" name="signature" value="{signature}">
                    <input type="hidden" name="until" value="{last}"><input type="hidden" name="back" value="{view.Here()}">
                    <label>Note on {row.Text(
                        "group"
                    )} <textarea name="note" rows="2" maxlength="{AlertNotes.MaxNote}">{note?.Note}</textarea></label>
                    <button name="do" value="acknowledge">Acknowledge all up to now</button> <button name="do" value="note">Keep the note only</button>
                    <button name="do" value="open">Not acknowledged</button></form>
                    """
                );
            }
        );
    }

    private static Markup Option(string value, string text, string? chosen) =>
        value == (chosen ?? "")
            ? Markup.Of($"<option value=\"{value}\" selected>{text}</option>")
            : Markup.Of($"<option value=\"{value}\">{text}</option>");

    internal static FilterTerms Terms(string? value) => value is null ? FilterTerms.Empty : new FilterTerms([value], []);
}
