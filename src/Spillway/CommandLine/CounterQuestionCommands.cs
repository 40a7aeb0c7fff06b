using System.CommandLine;
using Spillway.Questions;

namespace Spillway.CommandLine;

/// <summary>Questions to counter groups: <c>spillway top</c>, <c>series</c>, <c>keys</c>.</summary>
internal static class CounterQuestionCommands
{
    private const string GroupText = "Counter group: its name, the begin of it, or its GUID; case, blanks and hyphens do not matter";

    private static readonly Argument<string?> GroupOrNone = new("GROUP")
    {
        Description = GroupText + "; without one, the groups are listed",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private static readonly Argument<string> Group = new("GROUP") { Description = GroupText };

    private static readonly Argument<string> Key = new("KEY")
    {
        Description =
            "Key as scripts know it (0A.01.02.03, p-01BB), as people write it (10.1.2.3, 443), or by its label "
            + "(https); total for the whole group",
    };

    private static readonly Argument<string?> Pattern = new("PATTERN")
    {
        Description = "Part of a key or label; with * and ?, the whole of it",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private static readonly Option<string?> Meter = new("--meter", "-m")
    {
        Description = "Meter: its number, its name, or a part of it [default: the group's first]",
        HelpName = "METER",
    };

    private static readonly Option<bool> Bottom = new("--bottom", "-b")
    {
        Description = "The smallest values, the smallest first; a key without a value is not among them",
    };

    /// <summary><c>spillway top</c>.</summary>
    public static Command Top() =>
        new Command(
            "top",
            """
            The keys of a counter group with the largest values, or the smallest

            Examples:
              spillway top                                   which groups there are
              spillway top hosts                             most bytes
              spillway top hosts --meter new-conns -n 5      by another meter: its name, a part of it, or its number
              spillway top apps --from 23:00 --to 23:15
              spillway top dns-servers --meter average --bottom   the quickest
              spillway top http-hosts --json | jq -r .key
              spillway top country --meter download          if the run had --geoip; also asnumber, city, prefix
            """
        )
        {
            GroupOrNone,
            Meter,
            Bottom,
        }.Asks(
            (result, store, scope) =>
                result.GetValue(GroupOrNone) is { } group
                    ? TopQuestion.Ask(store, scope, group, result.GetValue(Meter), result.GetValue(Bottom))
                    : GroupsQuestion.Ask(store, scope)
        );

    /// <summary><c>spillway series</c>.</summary>
    public static Command Series() =>
        new Command(
            "series",
            """
            The values of one key by window, with a chart

            Examples:
              spillway series aggregates TOTALBW
              spillway series hosts 10.1.2.3 --meter received --from -1h
              spillway series apps https --csv > https.csv
            """
        )
        {
            Group,
            Key,
            Meter,
        }.Asks(
            (result, store, scope) =>
                SeriesQuestion.Ask(store, scope, result.GetValue(Group)!, result.GetValue(Key)!, result.GetValue(Meter))
        );

    /// <summary><c>spillway keys</c>.</summary>
    public static Command Keys() =>
        new Command(
            "keys",
            """
            The keys of a counter group

            Examples:
              spillway keys hosts
              spillway keys http-hosts '*.example.com'
              spillway keys hosts 192.168.
            """
        )
        {
            Group,
            Pattern,
        }.Asks((result, store, scope) => KeysQuestion.Ask(store, scope, result.GetValue(Group)!, result.GetValue(Pattern)));
}
