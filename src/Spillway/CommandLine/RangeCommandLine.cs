using System.CommandLine;
using System.CommandLine.Parsing;
using Spillway.Net.Capture;
using Spillway.Questions;
using Spillway.Run;

namespace Spillway.CommandLine;

/// <summary>The options that keep a run to the packets between two times: in the forms that questions take.</summary>
internal static class RangeCommandLine
{
    private static readonly Option<string?> From = new("--from")
    {
        Description = $"Take packets from this time on: {QuestionTime.Examples}",
        HelpName = "TIME",
    };

    private static readonly Option<string?> To = new("--to") { Description = "Take packets up to this time, with it", HelpName = "TIME" };

    private static readonly Option<bool> Utc = new("--utc")
    {
        Description = "Times of --from and --to without a zone are UTC; else they are this machine's",
    };

    /// <summary>Adds the options.</summary>
    public static void AddTo(Command command)
    {
        foreach (Option option in new Option[] { From, To, Utc })
            command.Options.Add(option);
        foreach (Option<string?> option in new[] { From, To })
        {
            option.Validators.Add(result =>
            {
                if (result.GetValue(option) is { } text && !QuestionTime.IsTime(text))
                    result.AddError($"{option.Name} '{text}' is no time: give one such as {QuestionTime.Examples}");
            });
        }
    }

    /// <summary>Adds an error if a range was given and no capture.</summary>
    public static void Validate(CommandResult result, bool listens)
    {
        foreach (Option<string?> option in new[] { From, To })
        {
            if (listens && result.GetResult(option) is { Implicit: false })
                result.AddError($"{option.Name} is for captures: leave it out with -i, or see --duration");
        }
    }

    /// <summary>Reads the times. Those that are meant from the end of the captures have these read once.</summary>
    /// <param name="result">What was given.</param>
    /// <param name="captures">What is read.</param>
    /// <exception cref="UsageException">A time has no meaning, or there are none between the two.</exception>
    public static ReadRange ToRange(ParseResult result, IReadOnlyList<string> captures)
    {
        bool isUtc = result.GetValue(Utc);
        long? end = null;
        var range = new ReadRange(
            Time(From, result.GetValue(From), isEnd: false) ?? long.MinValue,
            Time(To, result.GetValue(To), isEnd: true) ?? long.MaxValue,
            isUtc
        );
        return range.FromNs <= range.ToNs ? range : throw new UsageException("--from is later than --to: no packet can be in between");

        long? Time(Option option, string? text, bool isEnd)
        {
            if (text is null)
                return null;
            long? ns =
                PacketTime.TryParse(text, isUtc, isEnd) ?? QuestionTime.TryParse(text, end ??= EndOf(captures, option, text), isUtc, isEnd);
            return ns
                ?? throw new UsageException(
                    $"{option.Name}: "
                        + (
                            LocalClock.Complaint(text, isUtc, utc => QuestionTime.TryParse(text, end ?? 0, utc))
                            ?? $"'{text}' is no time: give one such as {QuestionTime.Examples}"
                        )
                );
        }
    }

    // What cannot be opened is reported by the run.
    private static long EndOf(IReadOnlyList<string> captures, Option option, string text)
    {
        long last = 0;
        foreach (string path in captures)
        {
            if (path != "-" && !File.Exists(path))
                continue;
            if (path == "-" || !IsFile(path))
                throw new UsageException(
                    $"{option.Name} {text} is meant from the last packet, and the end of '{path}' is not known before it is read: "
                        + "give a date with the time"
                );
            try
            {
                using PacketSource source = PacketSource.Open(path);
                while (source.Read(out CapturedPacket packet) is not SourceEvent.End)
                    last = Math.Max(last, packet.TimestampNs);
            }
            catch (CaptureException)
            {
                continue;
            }
        }

        return last;
    }

    private static bool IsFile(string path)
    {
        var file = new FileInfo(File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path);
        return file.Exists && file.Length > 0;
    }
}
