using System.CommandLine;
using Spillway.Life;

namespace Spillway.CommandLine;

/// <summary><c>spillway completion</c>: a shell's completion of command lines, from the commands themselves.</summary>
internal static class CompletionCommand
{
    private const string Bash = """
        _spillway() {
          local IFS=$'\n'
          COMPREPLY=($(compgen -W "$(spillway completion --position "$COMP_POINT" --line "$COMP_LINE" 2>/dev/null)" -- "${COMP_WORDS[COMP_CWORD]}"))
        }
        complete -o default -F _spillway spillway
        """;

    private static readonly Option<string?> Line = new("--line")
    {
        Description = "Print the words that may stand in this command line instead",
        HelpName = "TEXT",
    };

    private static readonly Option<int?> Position = new("--position")
    {
        Description = "At this place of the line [default: its end]",
        HelpName = "N",
    };

    /// <summary>Builds the command.</summary>
    public static Command Create()
    {
        var command = new Command("completion", "Print what makes bash complete command lines of spillway") { Line, Position };
        command.SetAction(result => Execute(result.GetValue(Line), result.GetValue(Position)));
        return command;
    }

    private static int Execute(string? line, int? position)
    {
        if (line is null)
        {
            Console.Out.WriteLine(Bash);
            return ExitCodes.Good;
        }

        // The parser wants the words after the program's name, and a position among them.
        int start = Math.Max(0, line.IndexOf(' ', StringComparison.Ordinal) + 1);
        string words = start == 0 ? "" : line[start..];
        int at = Math.Clamp((position ?? line.Length) - start, 0, words.Length);
        foreach (string label in SpillwayCommand.Create().Parse(words).GetCompletions(at).Select(item => item.Label))
            Console.Out.WriteLine(label);
        return ExitCodes.Good;
    }
}
