using System.CommandLine;
using System.Globalization;
using System.Text;
using Spillway.Answers;
using Spillway.Life;
using Spillway.Questions;
using Spillway.Report;

namespace Spillway.CommandLine;

/// <summary>The options of every question, and how one is answered.</summary>
internal static class QuestionCommandLine
{
    private const int UsualLimit = 50;
    private const int UsualChapter = 15;

    private static readonly string[] LocaleVariables = ["LC_ALL", "LC_CTYPE", "LANG"];

    private static readonly Option<string?> Place = new("--output", "-o")
    {
        Description = "Output directory of the run that is asked about, or its spillway.db [default: the newest here]",
        HelpName = "DIR",
    };

    private static readonly Option<string?> Run = new("--run")
    {
        Description = "Number of the run, if the store has several; all for all together [default: the last]",
        HelpName = "N",
    };

    private static readonly Option<string?> From = new("--from")
    {
        Description = $"From this time on: {QuestionTime.Examples}",
        HelpName = "TIME",
    };

    private static readonly Option<string?> To = new("--to") { Description = "Up to this time, with it", HelpName = "TIME" };

    private static readonly Option<bool> Utc = new("--utc")
    {
        Description = "Times without a zone are UTC, and shown so; else they are this machine's",
    };

    private static readonly Option<bool> Json = new("--json") { Description = "One JSON object a line" };

    private static readonly Option<bool> Csv = new("--csv") { Description = "CSV with a line of names" };

    private static readonly Option<int?> Limit = new("--limit", "-n")
    {
        Description = $"Most rows; 0 for all [default: {UsualLimit}, all with --json and --csv]",
        HelpName = "N",
        CustomParser = WholeNumber.Between(0, int.MaxValue, "0 (all rows) or more"),
    };

    private static readonly Option<int?> ChapterLimit = new("--limit", "-n")
    {
        Description = $"Most rows of each part; 0 for all [default: {UsualChapter}, all with --json]",
        HelpName = "N",
        CustomParser = WholeNumber.Between(0, int.MaxValue, "0 (all rows) or more"),
    };

    private static readonly Option<string?> Fields = new("--fields")
    {
        Description = "Only these fields, in this order, by the names that --json has: start,client,server",
        HelpName = "NAMES",
    };

    /// <summary>Turns the order of rows round; of questions that have an order.</summary>
    public static Option<bool> Reverse { get; } = new("--reverse") { Description = "The other way round: the last row first" };

    static QuestionCommandLine()
    {
        foreach (Option<string?> option in new[] { From, To })
        {
            option.Validators.Add(result =>
            {
                if (result.GetValue(option) is { } text && !QuestionTime.IsTime(text))
                    result.AddError($"{option.Name} '{text}' is no time: give one such as {QuestionTime.Examples}");
            });
        }

        Run.Validators.Add(result =>
        {
            if (
                result.GetValue(Run) is { } text
                && text != "all"
                && !long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out _)
            )
                result.AddError($"--run '{text}' is no run: give its number, or all");
        });
        Csv.Validators.Add(result =>
        {
            if (result.GetValue(Csv) && result.GetValue(Json))
                result.AddError("--json and --csv are two forms of one answer: give one of them");
        });
    }

    /// <summary>Makes a command a question.</summary>
    /// <param name="command">The command, with what is its own.</param>
    /// <param name="ask">Asks the store.</param>
    /// <param name="usualLimit">Most rows in a table if none are given; null for the usual number.</param>
    public static Command Asks(
        this Command command,
        Func<ParseResult, QuestionStore, QuestionScope, Answer> ask,
        Func<ParseResult, int>? usualLimit = null
    )
    {
        foreach (Option option in new Option[] { Place, Run, From, To, Utc, Json, Csv, Fields, Limit })
            command.Options.Add(option);
        command.SetAction(result =>
            Answer(
                result,
                result.GetValue(Limit) ?? (result.GetValue(Json) || result.GetValue(Csv) ? 0 : usualLimit?.Invoke(result) ?? UsualLimit),
                (writer, store, scope, format) =>
                {
                    Answer answer = ask(result, store, scope) with { Scope = scope.Heading };
                    writer.Write(result.GetValue(Fields) is { } fields ? answer.Only(fields) : answer, format);
                }
            )
        );
        return command;
    }

    /// <summary>Makes a command a question whose answer is a story.</summary>
    /// <param name="command">The command, with what is its own.</param>
    /// <param name="tell">Asks the store.</param>
    public static Command Tells(this Command command, Func<ParseResult, QuestionStore, QuestionScope, Story> tell)
    {
        foreach (Option option in new Option[] { Place, Run, From, To, Utc, Json, ChapterLimit })
            command.Options.Add(option);
        command.SetAction(result =>
            Answer(
                result,
                result.GetValue(ChapterLimit) ?? (result.GetValue(Json) ? 0 : UsualChapter),
                (writer, store, scope, format) => writer.Write(tell(result, store, scope), scope.Heading, format)
            )
        );
        return command;
    }

    private static int Answer(ParseResult result, int most, Action<AnswerWriter, QuestionStore, QuestionScope, AnswerFormat> write)
    {
        AnswerFormat format =
            result.GetValue(Json) ? AnswerFormat.Json
            : result.GetValue(Csv) ? AnswerFormat.Csv
            : AnswerFormat.Table;
        var request = new QuestionRequest
        {
            Place = result.GetValue(Place),
            AllRuns = result.GetValue(Run) == "all",
            Run = long.TryParse(result.GetValue(Run), NumberStyles.None, CultureInfo.InvariantCulture, out long run) ? run : null,
            From = result.GetValue(From),
            To = result.GetValue(To),
            IsUtc = result.GetValue(Utc),
            Limit = most > 0 ? most : null,
            IsReversed = result.GetValue(Reverse),
        };
        // Flushed with each answer and not disposed: what could not be written would be tried again. The stream is the process's own.
#pragma warning disable CA2000
        var output = new StreamWriter(StandardStreams.OpenOutput(), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), 1 << 16);
#pragma warning restore CA2000
        try
        {
            FilterCommandLine.Check(result);
            using QuestionStore store = QuestionStore.Open(request.Place);
            QuestionScope scope = QuestionScope.Of(store, request);
            var writer = new AnswerWriter(output, Console.Error)
            {
                IsUtc = request.IsUtc,
                Console = Console.IsOutputRedirected ? ReportConsole.Create(output, WidthOfPipe(), hasColors: false) : null,
                HasBlocks = HasBlocks(),
                TellsNext = !Console.IsOutputRedirected && !Console.IsErrorRedirected,
            };
            write(writer, store, scope, format);
            return ExitCodes.Good;
        }
        catch (UsageException exception)
        {
            Fail(exception.Message);
            return ExitCodes.Usage;
        }
        catch (QuestionException exception)
        {
            return Fail(exception.Message);
        }
        catch (StoreReadException exception)
        {
            return Fail($"the store cannot be read: {exception.Message}; is it damaged, or of another version of spillway?");
        }
        catch (IOException exception)
        {
            // Not for a reader that has seen enough, as head does: the console's stream ends in silence then.
            return Fail($"the answer cannot be written to standard output: {exception.Message}");
        }
    }

    // Programs that show what others write say how much room they have (watch does); else nothing is cut, for grep and less to have all of
    // it.
    private static int WidthOfPipe() =>
        int.TryParse(Environment.GetEnvironmentVariable("COLUMNS"), NumberStyles.None, CultureInfo.InvariantCulture, out int columns)
        && columns is >= 20 and <= 4096
            ? columns
            : 4096;

    private static int Fail(string message)
    {
        Console.Error.WriteLine("error: " + SafeText.Clean(message));
        return ExitCodes.Failed;
    }

    // The Linux console draws ASCII only, a dumb terminal too; else the locale's encoding decides, as for every program.
    private static bool HasBlocks()
    {
        if (Environment.GetEnvironmentVariable("TERM") is "dumb" or "linux")
            return false;
        string? locale = LocaleVariables.Select(Environment.GetEnvironmentVariable).FirstOrDefault(value => !string.IsNullOrEmpty(value));
        return locale is not null
            && (
                locale.Contains("UTF-8", StringComparison.OrdinalIgnoreCase) || locale.Contains("utf8", StringComparison.OrdinalIgnoreCase)
            );
    }
}
