using System.CommandLine;
using Spillway.Life;
using Spillway.Scripting.Authoring;
using Spillway.Scripting.Blocks;

namespace Spillway.CommandLine;

/// <summary><c>spillway scripts new</c>: a script to begin with.</summary>
internal static class ScriptsNewCommand
{
    private static readonly Argument<string> Type = new("TYPE") { Description = "Block type", HelpName = "TYPE" };

    private static readonly Option<string?> Output = new("--output", "-o")
    {
        Description = "Write to this file, which must not exist yet [default: standard output]",
        HelpName = "FILE",
    };

    /// <summary>Builds the command.</summary>
    public static Command Create()
    {
        string types = string.Join("\n", BlockTypes.All.Select(type => $"  {type.Name, -20}{type.Purpose}"));
        var command = new Command("new", $"Begin a script of a type, with comments and new GUIDs\n\nTypes:\n{types}") { Type, Output };
        Type.CompletionSources.Add([.. BlockTypes.All.Select(type => type.Name)]);
        Type.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && BlockTypes.Find(result.Tokens[0].Value) is null)
                result.AddError(
                    $"'{result.Tokens[0].Value}' is no block type: {string.Join(", ", BlockTypes.All.Select(type => type.Name))}"
                );
        });
        command.SetAction(result => Execute(BlockTypes.Find(result.GetValue(Type)!)!, result.GetValue(Output)));
        return command;
    }

    private static int Execute(BlockType type, string? output)
    {
        string text = ScriptSkeleton.Create(type, GuidCommand.NewGuid);
        if (output is null)
        {
            Console.Out.Write(text);
            return ExitCodes.Good;
        }

        try
        {
            using var file = new StreamWriter(new FileStream(output, FileMode.CreateNew, FileAccess.Write));
            file.Write(text);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"error: {output} cannot be written: {exception.Message}");
            return ExitCodes.Failed;
        }

        string attempt = type.Name == "inputfilter" ? $"spillway input {output} DATA" : $"spillway test -r YOUR.pcap -s {output}";
        Console.Error.WriteLine($"{output} is there; try it: {attempt}");
        return ExitCodes.Good;
    }
}
