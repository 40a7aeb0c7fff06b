using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using Spillway.Configuration;

namespace Spillway.CommandLine;

/// <summary>
/// Help as the library writes it, but the options of commands that take packets stand under headings: what one needs first comes first. A
/// command that has few options keeps its one list. Of the commands of a command, only what each does is told: examples are in its own
/// help.
/// </summary>
/// <param name="inner">Writes the library's help.</param>
internal sealed class SectionedHelp(SynchronousCommandLineAction inner) : SynchronousCommandLineAction
{
    private const string OptionsTitle = "Options:";
    private const string CommandsTitle = "Commands:";
    private const int FewestOptions = 20;

    /// <summary>The help option with these headings.</summary>
    public static HelpOption Option()
    {
        var option = new HelpOption();
        if (option.Action is SynchronousCommandLineAction action)
            option.Action = new SectionedHelp(action);
        return option;
    }

    /// <inheritdoc/>
    public override bool ClearsParseErrors => inner.ClearsParseErrors;

    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        Command command = parseResult.CommandResult.Command;
        if (command.Options.Count < FewestOptions && command.Subcommands.Count == 0)
            return inner.Invoke(parseResult);
        TextWriter output = parseResult.InvocationConfiguration.Output;
        var text = new StringWriter { NewLine = "\n" };
        parseResult.InvocationConfiguration.Output = text;
        try
        {
            int code = inner.Invoke(parseResult);
            string[] lines = text.ToString().ReplaceLineEndings("\n").Split('\n');
            foreach (string line in command.Options.Count < FewestOptions ? WithoutExamples(lines) : Arrange(lines))
                output.WriteLine(line);
            return code;
        }
        finally
        {
            parseResult.InvocationConfiguration.Output = output;
        }
    }

    /// <summary>The lines of a help text with the options under their headings.</summary>
    internal static IEnumerable<string> Arrange(IReadOnlyList<string> lines)
    {
        int start = lines.ToList().FindIndex(line => line.TrimEnd() == OptionsTitle);
        if (start < 0)
            return lines;
        int end = start + 1;
        while (end < lines.Count && lines[end].StartsWith(' '))
            end++;
        List<(string Name, List<string> Lines)> options = [];
        foreach (string line in lines.Skip(start + 1).Take(end - start - 1))
        {
            // An option begins in the third column; what is further in belongs to the one before.
            if (line.StartsWith("  -", StringComparison.Ordinal))
                options.Add((NameIn(line), [line]));
            else if (options.Count > 0)
                options[^1].Lines.Add(line);
        }

        return
        [
            .. lines.Take(start),
            .. OptionSections
                .Of(options.Select(option => option.Name))
                .SelectMany(section => Section(section.Title + ":", section.Options, options)),
            .. lines.Skip(end).SkipWhile(line => line.Length == 0),
        ];
    }

    // What a command does ends at the first empty line of its description.
    private static IEnumerable<string> WithoutExamples(IReadOnlyList<string> lines)
    {
        bool isOfCommands = false,
            isExample = false;
        foreach (string line in lines)
        {
            if (line.Length > 0 && line[0] != ' ')
                (isOfCommands, isExample) = (line.TrimEnd() == CommandsTitle, false);
            else if (line is [' ', ' ', not ' ', ..])
                isExample = false;
            else if (isOfCommands && string.IsNullOrWhiteSpace(line))
                isExample = true;
            if (!isExample)
                yield return line;
        }
    }

    private static IEnumerable<string> Section(string title, IReadOnlyList<string> names, List<(string Name, List<string> Lines)> options)
    {
        List<string> lines = [.. names.SelectMany(name => options.Where(option => option.Name == name).SelectMany(option => option.Lines))];
        return lines.Count == 0 ? [] : [title, .. lines, ""];
    }

    // "  -r, --read <FILE> (REQUIRED)   Capture files ..." is --read.
    private static string NameIn(string line) =>
        line.Split([' ', ','], StringSplitOptions.RemoveEmptyEntries)
            .FirstOrDefault(word => word.StartsWith("--", StringComparison.Ordinal))
        ?? "";
}
