using System.CommandLine;
using System.CommandLine.Parsing;
using Spillway.Life;

namespace Spillway.CommandLine;

/// <summary>The root of the command line.</summary>
internal static class SpillwayCommand
{
    private const string Name = "spillway";

    // Our own failures shall be seen with all they have to say.
    private static readonly InvocationConfiguration Invocation = new() { EnableDefaultExceptionHandler = false };

    private static readonly (string Name, Func<Command> Create)[] Commands =
    [
        ("run", RunCommand.Create),
        ("serve", ServeCommand.Create),
        ("open", OpenCommand.Create),
        ("config", ConfigCommand.Create),
        ("input", InputCommand.Create),
        ("interfaces", InterfacesCommand.Create),
        ("doctor", DoctorCommand.Create),
        ("packets", PacketsCommand.Create),
        ("runs", RunsCommand.Create),
        ("top", CounterQuestionCommands.Top),
        ("series", CounterQuestionCommands.Series),
        ("keys", CounterQuestionCommands.Keys),
        ("flows", EventQuestionCommands.Flows),
        ("http", TransactionQuestionCommands.Http),
        ("dns", TransactionQuestionCommands.Dns),
        ("tls", TransactionQuestionCommands.Tls),
        ("certs", TransactionQuestionCommands.Certificates),
        ("host", TransactionQuestionCommands.OfHost),
        ("tracked", EventQuestionCommands.Tracked),
        ("alerts", EventQuestionCommands.Alerts),
        ("resources", EventQuestionCommands.Resources),
        ("files", EventQuestionCommands.Files),
        ("search", EventQuestionCommands.Search),
        ("demo", DemoCommand.Create),
        ("test", TestCommand.Create),
        ("scripts", ScriptsCommand.Create),
        ("web-user", WebUserCommand.Create),
        ("guid", GuidCommand.Create),
        ("completion", CompletionCommand.Create),
    ];

    /// <summary>Does what a command line asks for.</summary>
    /// <returns>The exit code, see <see cref="ExitCodes"/>.</returns>
    public static int Invoke(string[] args)
    {
        args = Plain(args);
        Command root = Create(forLine: args);
        if (args.Length == 0)
        {
            root.Parse("--help").Invoke(Invocation);
            return ExitCodes.Usage;
        }

        ParseResult result = root.Parse(args);
        if (ConfigurationCommandLine.Expand(args, result) is not { } whole)
            return ExitCodes.Usage;
        if (whole.Length > args.Length)
            result = root.Parse(whole);
        if (result.Errors.Count == 0)
            return result.Invoke(Invocation);
        Console.Error.WriteLine("error: " + SafeText.Clean(Explain(result)));
        return ExitCodes.Usage;
    }

    // "spillway help run" is what many type first.
    private static string[] Plain(string[] args) =>
        args switch
        {
            ["help"] => ["--help"],
            ["help", .. var command] => [.. command, "--help"],
            _ => args,
        };

    /// <summary>
    /// Builds the command. No RootCommand: that one is named after the file of the program, not after what users type.
    /// </summary>
    /// <param name="forLine">
    /// A command line. If it begins with a sub-command, only this one is built: to build all takes as long as a question. Null builds all.
    /// </param>
    public static Command Create(string[]? forLine = null)
    {
        Command root = CreateRoot();
        foreach ((string name, Func<Command> create) in Commands)
        {
            if (forLine is [var first, ..] && first == name)
            {
                root.Subcommands.Add(create());
                return root;
            }
        }

        foreach ((_, Func<Command> create) in Commands)
            root.Subcommands.Add(create());
        return root;
    }

    private static Command CreateRoot() =>
        new(
            Name,
            """
            Spillway: a network traffic analytics probe.
            Packets go in; Lua scripts written for Trisul's API look at them and act; metrics, alerts and extracted files come out.
            What blocks (commands, files, look-ups) runs beside the packet path by T.async.

            Try it:              spillway demo
            In a browser:        spillway open YOUR.pcap
            Your own capture:    spillway run YOUR.pcap -s YOUR.lua
            What a run found:    spillway top hosts; spillway flows --sort bytes; spillway http; spillway alerts
            What a host did:     spillway host ADDRESS
            A script of yours:   spillway scripts new simplecounter -o mine.lua
                                 spillway scripts check mine.lua
                                 spillway test YOUR.pcap -s mine.lua
            Scripts you have:    spillway scripts list DIRECTORY
            Completion:          eval "$(spillway completion)"; the same with zsh, or fish
            """
        )
        {
            SectionedHelp.Option(),
            ProgramVersion.Option(),
        };

    // One line: what is wrong first, and where help is. The library's own messages may have several lines.
    private static string Explain(ParseResult result)
    {
        bool isRoot = result.CommandResult.Parent is null;
        string command = isRoot ? Name : $"{Name} {NameOf(result.CommandResult)}";
        string problem =
            result.UnmatchedTokens is not [string token, ..] ? result.Errors[0].Message
            : result.CommandResult.Command.Subcommands.Count > 0 && !token.StartsWith('-')
                ? UnknownWord.Command(token, result.CommandResult.Command)
            : UnknownWord.Option(token, result.CommandResult);
        return $"{string.Join(' ', problem.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).TrimEnd('.')}; see "
            + $"{command} --help";
    }

    // "scripts check" for a command of a command.
    private static string NameOf(CommandResult command) =>
        command.Parent is CommandResult { Parent: not null } parent
            ? $"{parent.Command.Name} {command.Command.Name}"
            : command.Command.Name;
}
