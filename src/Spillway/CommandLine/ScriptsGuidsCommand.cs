using System.CommandLine;
using Spillway.Life;
using Spillway.Report;
using Spillway.Scripting.Authoring;

namespace Spillway.CommandLine;

/// <summary><c>spillway scripts guids</c>: the GUIDs that scripts may name.</summary>
internal static class ScriptsGuidsCommand
{
    private static readonly Argument<string?> Text = new("TEXT")
    {
        Description = "Only those whose kind, title or GUID holds this text, in any case",
        Arity = ArgumentArity.ZeroOrOne,
    };

    /// <summary>Builds the command.</summary>
    public static Command Create()
    {
        var command = new Command("guids", "List the GUIDs of protocols and groups that scripts may name") { Text };
        command.SetAction(result => Execute(result.GetValue(Text) ?? ""));
        return command;
    }

    private static int Execute(string text)
    {
        TextTable table = new TextTable().Fixed("kind").Fixed("GUID").Text("title", 20);
        foreach ((string kind, string guid, string name) in new KnownGuids().All)
        {
            if ($"{kind} {guid} {name}".Contains(text, StringComparison.OrdinalIgnoreCase))
                table.Row(kind, guid, name);
        }

        if (!table.HasRows)
        {
            Console.Error.WriteLine($"error: nothing that is known has '{text}' in its title or GUID");
            return ExitCodes.Failed;
        }

        table.Write(ReportConsole.ForStandardOutput(), new Spectre.Console.Style(decoration: Spectre.Console.Decoration.Dim));
        return ExitCodes.Good;
    }
}
