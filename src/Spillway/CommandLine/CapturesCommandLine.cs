using System.CommandLine;
using System.CommandLine.Parsing;

namespace Spillway.CommandLine;

/// <summary>Which captures are read: with <c>-r</c>, or as they stand after the command.</summary>
internal static class CapturesCommandLine
{
    /// <summary>The option.</summary>
    public static readonly Option<string[]> Read = new("--read", "-r")
    {
        DefaultValueFactory = _ => [],
        Description =
            "Captures to read, one after the other, also without -r: files of pcap or pcapng, plain or compressed (gzip, xz, zstd, "
            + "bzip2, lz4), or a directory, whose captures come in the order of their time; - is standard input",
        HelpName = "FILE",
        AllowMultipleArgumentsPerToken = true,
        Arity = ArgumentArity.OneOrMore,
    };

    private static readonly Argument<string[]> Standing = new("CAPTURE")
    {
        Description = "As -r",
        Arity = ArgumentArity.ZeroOrMore,
        DefaultValueFactory = _ => [],
    };

    /// <summary>Adds both.</summary>
    public static void AddTo(Command command)
    {
        command.Arguments.Add(Standing);
        command.Options.Add(Read);
        Read.Validators.Clear();
        Read.Validators.Add(PipelineCommandLine.RefuseOptions);
        Standing.Validators.Clear();
        Standing.Validators.Add(RefuseWhatIsNone);
    }

    /// <summary>Whether captures were given.</summary>
    public static bool AreGiven(CommandResult result) =>
        result.GetResult(Read) is { Implicit: false } || result.GetResult(Standing) is { Tokens.Count: > 0 };

    /// <summary>The captures, with directories as the captures in them.</summary>
    /// <exception cref="UsageException">A directory has none.</exception>
    public static IReadOnlyList<string> Of(ParseResult result) =>
        [.. (result.GetValue(Standing) ?? []).Concat(result.GetValue(Read) ?? []).SelectMany(CaptureDirectory.Expand)];

    // A mistyped option would pass for a capture, and a script that is forgotten -s of.
    private static void RefuseWhatIsNone(ArgumentResult result)
    {
        foreach (Token token in result.Tokens)
        {
            if (token.Value is ['-', _, ..] && !Path.Exists(token.Value))
                result.AddError(UnknownWord.Option(token.Value, result.Parent as CommandResult));
            else if (token.Value.EndsWith(".lua", StringComparison.OrdinalIgnoreCase))
                result.AddError($"'{token.Value}' is a script, and captures stand here: give scripts with -s");
        }
    }
}
