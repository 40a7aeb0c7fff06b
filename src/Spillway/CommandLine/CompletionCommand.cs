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

    // $BUFFER and $CURSOR are not there while completing: the words are put together again up to the cursor.
    private const string Zsh = """
        #compdef spillway
        _spillway() {
          local -a words_found
          words_found=("${(@f)$(spillway completion --line "${(j: :)words[1,CURRENT]}" 2>/dev/null)}")
          words_found=("${(@)words_found:#}")
          if (( ${#words_found} )); then compadd -a words_found; fi
          _files
        }
        if [ "$funcstack[1]" = _spillway ]; then _spillway "$@"; else compdef _spillway spillway; fi
        """;

    private const string Fish = """
        function __spillway_complete
          spillway completion --line (commandline --cut-at-cursor | string collect --allow-empty) 2>/dev/null
        end
        complete -c spillway -a '(__spillway_complete)'
        """;

    private static readonly Argument<string> Shell = new Argument<string>("SHELL")
    {
        Description = "bash, zsh or fish",
        DefaultValueFactory = _ => "bash",
    }.AcceptOnlyFromAmong("bash", "zsh", "fish");

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
        var command = new Command(
            "completion",
            """
            Print what makes a shell complete command lines of spillway

              bash   eval "$(spillway completion)"               in ~/.bashrc
              zsh    eval "$(spillway completion zsh)"           in ~/.zshrc, after compinit
              fish   spillway completion fish | source           in ~/.config/fish/config.fish
            """
        )
        {
            Shell,
            Line,
            Position,
        };
        command.SetAction(result => Execute(result.GetValue(Shell)!, result.GetValue(Line), result.GetValue(Position)));
        return command;
    }

    private static int Execute(string shell, string? line, int? position)
    {
        if (line is null)
        {
            Console.Out.WriteLine(
                shell switch
                {
                    "zsh" => Zsh,
                    "fish" => Fish,
                    _ => Bash,
                }
            );
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
