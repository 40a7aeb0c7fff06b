using System.CommandLine;
using System.CommandLine.Parsing;
using Spillway.Questions;

namespace Spillway.CommandLine;

/// <summary>
/// Filters of questions: each may be given again, then one of its values must match, and <c>--not</c> negates the one that follows.
/// </summary>
internal static class FilterCommandLine
{
    /// <summary>Negates the filter behind it.</summary>
    public static Option<bool> Not { get; } =
        new("--not")
        {
            Description = "What the next filter describes is left out: --not --port 443; may be given before each filter",
            Arity = ArgumentArity.Zero,
        };

    /// <summary>Makes a filter with a value.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="description">What it keeps.</param>
    /// <param name="helpName">What its value is.</param>
    /// <param name="complaint">Says what is wrong with a value; null takes all.</param>
    public static Option<string[]> Create(string name, string description, string helpName, Func<string, string?>? complaint = null)
    {
        var option = new Option<string[]>(name)
        {
            Description = description,
            HelpName = helpName,
            Arity = ArgumentArity.OneOrMore,
            AllowMultipleArgumentsPerToken = false,
        };
        if (complaint is not null)
            option.Validators.Add(result =>
            {
                foreach (Token token in result.Tokens)
                {
                    if (complaint(token.Value) is { } wrong)
                        result.AddError($"{name} {wrong}");
                }
            });
        return option;
    }

    /// <summary>Makes a filter without a value.</summary>
    public static Option<bool> Create(string name, string description) =>
        new(name) { Description = description, Arity = ArgumentArity.Zero };

    /// <summary>Whether each <c>--not</c> stands before a filter; before anything else is done.</summary>
    /// <exception cref="UsageException">One does not.</exception>
    public static void Check(ParseResult result)
    {
        bool isNegated = false;
        foreach (Token token in result.Tokens.Where(token => token.Type == TokenType.Option))
        {
            if (token.Value == Not.Name && isNegated)
                throw new UsageException("--not is given twice in a row: give it once before a filter");
            if (token.Value != Not.Name && isNegated && !IsFilter(result, token.Value))
                throw new UsageException($"--not stands before a filter, and {token.Value} is none: it negates {FiltersOf(result)}");
            isNegated = token.Value == Not.Name;
        }

        if (isNegated)
            throw new UsageException($"--not has no filter behind it: it negates the next of {FiltersOf(result)}");
    }

    /// <summary>What was given for a filter.</summary>
    public static FilterTerms Terms(this ParseResult result, Option option)
    {
        string[] values = option is Option<string[]> texts ? result.GetValue(texts) ?? [] : [];
        List<string> any = [],
            none = [];
        bool isNegated = false;
        int given = 0;
        foreach (Token token in result.Tokens.Where(token => token.Type == TokenType.Option))
        {
            if (token.Value == option.Name)
            {
                (isNegated ? none : any).Add(given < values.Length ? values[given] : "");
                given++;
            }

            isNegated = token.Value == Not.Name;
        }

        return given == 0 ? FilterTerms.Empty : new FilterTerms(any, none);
    }

    private static bool IsFilter(ParseResult result, string name) => Filters(result).Any(option => option.Name == name);

    private static string FiltersOf(ParseResult result) => string.Join(", ", Filters(result).Select(option => option.Name));

    // They stand before --not in the command.
    private static IEnumerable<Option> Filters(ParseResult result) =>
        result.CommandResult.Command.Options.TakeWhile(option => !ReferenceEquals(option, Not));
}

/// <summary>A command line that is wrong in a way that shows only when all of it is read; with the remedy.</summary>
internal sealed class UsageException(string message) : Exception(message);
