using System.CommandLine;
using Spillway.Questions;

namespace Spillway.CommandLine;

/// <summary>Questions to counter groups: <c>spillway top</c>, <c>series</c>, <c>keys</c>.</summary>
internal static class CounterQuestionCommands
{
    private const int UsualRows = 50,
        UsualRowsOfAStep = 10;

    private const string GroupText = "Counter group: its name, the beginning of it, or its GUID; case, blanks and hyphens do not matter";

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

    private static readonly Option<string?> By = StepOption("--by", "The largest of each step of time: " + QuestionStep.Examples);

    private static readonly Option<string?> Step = StepOption("--step", "Put windows together to steps of time: " + QuestionStep.Examples);

    /// <summary><c>spillway top</c>.</summary>
    public static Command Top()
    {
        Command command = TopCommand();
        command.Validators.Add(result =>
        {
            if (result.GetResult(By) is { Implicit: false } && result.GetValue(GroupOrNone) is null)
                result.AddError("--by needs a group: give one, such as hosts; spillway top lists them");
        });
        return command;
    }

    private static Command TopCommand() =>
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
              spillway top hosts --by 1h -n 3                the three largest of each hour
              spillway top country --meter download          if the run had --geoip; also asnumber, city, prefix
            """
        )
        {
            GroupOrNone,
            Meter,
            Bottom,
            By,
        }.Asks(AskTop, result => result.GetValue(By) is null ? UsualRows : UsualRowsOfAStep);

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
              spillway series hosts 10.1.2.3 --step 1h
            """
        )
        {
            Group,
            Key,
            Meter,
            Step,
        }.Asks(
            (result, store, scope) =>
                SeriesQuestion.Ask(
                    store,
                    scope,
                    result.GetValue(Group)!,
                    result.GetValue(Key)!,
                    result.GetValue(Meter),
                    result.GetValue(Step) is { } step ? QuestionStep.Of(step, Step.Name, scope) : null
                )
        );

    private static Answer AskTop(ParseResult result, QuestionStore store, QuestionScope scope)
    {
        (string? meter, bool isBottom) = (result.GetValue(Meter), result.GetValue(Bottom));
        string? by = result.GetValue(By);
        if (result.GetValue(GroupOrNone) is not { } group)
            return GroupsQuestion.Ask(store, scope);
        return by is null
            ? TopQuestion.Ask(store, scope, group, meter, isBottom)
            : TopQuestion.AskBy(store, scope, group, meter, isBottom, QuestionStep.Of(by, By.Name, scope));
    }

    private static Option<string?> StepOption(string name, string description)
    {
        var option = new Option<string?>(name) { Description = description, HelpName = "STEP" };
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && QuestionStep.Complaint(result.Tokens[0].Value) is { } wrong)
                result.AddError($"{name} {wrong}");
        });
        return option;
    }

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
