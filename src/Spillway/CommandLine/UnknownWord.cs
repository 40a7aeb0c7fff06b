using System.CommandLine;
using System.CommandLine.Parsing;
using Spillway.Questions;

namespace Spillway.CommandLine;

/// <summary>What is said of a word that no command has, with the one that may have been meant.</summary>
internal static class UnknownWord
{
    /// <summary>Of an option.</summary>
    /// <param name="word">What was typed.</param>
    /// <param name="command">The command that it was typed after.</param>
    public static string Option(string word, CommandResult? command)
    {
        string typed = word.Split('=')[0];
        IEnumerable<string> options = command?.Command.Options.Where(option => !option.Hidden).Select(option => option.Name) ?? [];
        return $"unknown option '{typed}'{Meant(typed, options)}";
    }

    /// <summary>Of a command.</summary>
    /// <param name="word">What was typed.</param>
    /// <param name="parent">The command whose commands there are.</param>
    public static string Command(string word, Command parent) =>
        $"unknown command '{word}'{Meant(word, parent.Subcommands.Where(command => !command.Hidden).Select(command => command.Name))}";

    // One letter too many or too few is meant to be what it is like; a short word is like too many.
    private static string Meant(string typed, IEnumerable<string> names) =>
        Nearest.Plain(typed).Length >= 2 && Nearest.To(typed, names, most: 1) is [var name] ? $"; did you mean {name}?" : "";
}
