using System.Buffers;
using System.CommandLine;
using System.Text;
using System.Text.Json;
using Spillway.Life;
using Spillway.Net.Capture;
using Spillway.Report;

namespace Spillway.CommandLine;

/// <summary><c>spillway interfaces</c>: what can be captured, and why not.</summary>
internal static class InterfacesCommand
{
    private const int WidestNameCells = 32;

    private static readonly Option<bool> Json = new("--json") { Description = "An array of objects, for programs" };

    /// <summary>Builds the command.</summary>
    public static Command Create()
    {
        var command = new Command("interfaces", "List the interfaces of this machine, and whether packets can be captured from them");
        command.Options.Add(Json);
        command.SetAction(result => List(result.GetValue(Json)));
        return command;
    }

    private static int List(bool isJson)
    {
        try
        {
            IEnumerable<CaptureInterface> all = CaptureInterface.All().Where(one => one.IsNetwork);
            if (isJson)
                WriteJson(all);
            else
                all.ToList().ForEach(Write);
            return ExitCodes.Good;
        }
        catch (CaptureException exception)
        {
            Console.Error.WriteLine("error: " + exception.Message);
            return ExitCodes.Failed;
        }
    }

    private static void WriteJson(IEnumerable<CaptureInterface> all)
    {
        var text = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(text, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartArray();
            foreach (CaptureInterface one in all)
                WriteJson(json, one);
            json.WriteEndArray();
        }

        Console.Out.WriteLine(Encoding.UTF8.GetString(text.WrittenSpan));
    }

    private static void WriteJson(Utf8JsonWriter json, CaptureInterface one)
    {
        string? reason = one.WhyNot();
        json.WriteStartObject();
        json.WriteString("name", one.Name);
        json.WriteString("state", one.State);
        json.WriteString("kind", one.Kind.Length > 0 ? one.Kind : null);
        json.WriteString("description", one.Description.Length > 0 ? one.Description : null);
        json.WriteBoolean("can_be_captured", reason is null);
        json.WriteString("reason", reason?.ReplaceLineEndings(" "));
        WriteTexts(json, "addresses", one.Addresses);
        WriteTexts(json, "joins_segments", one.Kind == CaptureInterface.Loopback ? [] : one.Offloads);
        json.WriteEndObject();
    }

    private static void WriteTexts(Utf8JsonWriter json, string name, IReadOnlyList<string> texts)
    {
        json.WriteStartArray(name);
        foreach (string text in texts)
            json.WriteStringValue(text);
        json.WriteEndArray();
    }

    private static void Write(CaptureInterface one)
    {
        string[] facts =
        [
            one.State,
            one.Kind,
            one.WhyNot() is { } reason ? "cannot be captured: " + reason.ReplaceLineEndings(" ") : "can be captured",
            string.Join(' ', one.Addresses),
            one.Description,
            one.Offloads is { Count: > 0 } joining && one.Kind != CaptureInterface.Loopback
                ? "joins segments: " + string.Join(' ', joining)
                : "",
        ];
        Console.Out.WriteLine(
            $"{CellText.Fit(one.Name, WidestNameCells), -16} {SafeText.Clean(string.Join(", ", facts.Where(fact => fact.Length > 0)))}"
        );
    }
}
