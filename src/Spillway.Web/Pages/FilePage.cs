using System.Globalization;
using System.Text;
using Spillway.Questions;
using Spillway.Web.Data;
using Spillway.Web.Html;

namespace Spillway.Web.Pages;

/// <summary>One file: what is known of it, its first kilobyte, and the file itself behind a warning.</summary>
internal static class FilePage
{
    private const int Shown = 1024,
        BytesOfLine = 16;

    /// <summary>Makes it.</summary>
    public static Page Make(View view)
    {
        string name = view.Get("name") ?? "";
        Row? file = null;
        Markup facts = view.Panel(
            "facts",
            name,
            () =>
            {
                Answer answer = FilesQuestion.Ask(view.Store, view.Scope(1), new FileFilter { Name = AlertsPage.Terms(name) });
                object?[]? values = answer.Rows.FirstOrDefault();
                if (values is null)
                    return View.Empty("No file of this name in this time.");
                Row row = new(Row.PlacesOf(answer), values);
                file = row;
                return AnswerTable.Facts(
                    answer.Columns.Select(
                        (column, i) =>
                            (
                                column with
                                {
                                    Place = ColumnPlace.Everywhere,
                                    Title = column.Title.Length > 0 ? column.Title : "Direction",
                                },
                                values[i]
                            )
                    ),
                    column => column == "flow_id" ? Keys.Flow(view, row.Text("flow_id"), KeyText.ReadableFlow(row.Text("flow_id"))) : null
                );
            },
            size: "wide"
        );
        if (file is not { } found)
            return new Page("File", facts);
        var flow = AlertsPage.Terms(found.Text("flow_id"));
        Markup alerts = view.Panel(
            "alerts",
            "Alerts of its flow",
            () => AlertsPage.Each(view, AlertsQuestion.Ask(view.Store, view.Scope(20), new EventFilter { Flow = flow }), null),
            size: "wide"
        );
        return new Page("File", Markup.Of($"{facts}{view.Panel("content", "Content", () => Content(view, name), size: "wide")}{alerts}"));
    }

    private static Markup Content(View view, string name)
    {
        if (view.Around.Options.Files is null)
            return View.Empty("Files were not kept: run with --extract DIR.");
        if (KeptFile.Find(view.Around.Options.Files, name) is not { } path)
            return View.Empty("This file was not kept, or has been removed.");
        byte[] bytes = new byte[Shown];
        using FileStream content = KeptFile.Open(path);
        int length = content.ReadAtLeast(bytes, Shown, throwOnEndOfStream: false);
        string to = Link.To("/api/v1/file-content", ("name", name));
        return Markup.Of(
            $"""
            <p class="warning">This came from the network as it is. It may be malicious: do not open it on a machine that matters.
            <a class="button" href="{to}" download>Download {Units.Bytes(content.Length)} all the same</a></p><pre class="hex">{Hex(
                bytes.AsSpan(0, length)
            )}</pre>
            """
        );
    }

    private static string Hex(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder();
        for (int at = 0; at < bytes.Length; at += BytesOfLine)
        {
            ReadOnlySpan<byte> line = bytes.Slice(at, Math.Min(BytesOfLine, bytes.Length - at));
            text.Append(CultureInfo.InvariantCulture, $"{at:x4}  ");
            for (int i = 0; i < BytesOfLine; i++)
                text.Append(i < line.Length ? line[i].ToString("x2", CultureInfo.InvariantCulture) : "  ").Append(i == 7 ? "  " : " ");
            text.Append(' ');
            foreach (byte value in line)
                text.Append(value is >= 0x20 and < 0x7F ? (char)value : '.');
            text.Append('\n');
        }

        return text.ToString();
    }
}
