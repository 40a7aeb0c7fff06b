using System.Globalization;

namespace Spillway.Questions;

/// <summary>
/// A span of time into which an answer is cut: an hour, a day. Steps begin at full ones of the zone that times are shown in.
/// </summary>
/// <param name="Text">As it was given.</param>
/// <param name="Seconds">Its length.</param>
/// <param name="OffsetSeconds">What the zone is ahead of UTC.</param>
public sealed record QuestionStep(string Text, long Seconds, long OffsetSeconds)
{
    private const long NsPerSecond = 1_000_000_000;

    /// <summary>Forms that are read.</summary>
    public const string Examples = "1h, 15m or 1d";

    /// <summary>What is said of a text that is none; null if it is one.</summary>
    public static string? Complaint(string text) =>
        QuestionTime.TryParseSpan(text) is >= NsPerSecond and var ns && ns % NsPerSecond == 0
            ? null
            : $"'{text}' is no step of time: give one such as {Examples}";

    /// <summary>Reads it.</summary>
    /// <param name="text">Such as <c>1h</c>; not wrong.</param>
    /// <param name="option">Where it was given.</param>
    /// <param name="scope">Has the windows' length and the zone.</param>
    /// <exception cref="QuestionException">It is shorter than a window.</exception>
    public static QuestionStep Of(string text, string option, QuestionScope scope)
    {
        long seconds = QuestionTime.TryParseSpan(text)!.Value / NsPerSecond;
        if (seconds < scope.WindowSeconds)
            throw new QuestionException(
                $"{option} {text} is shorter than the windows of this run, which are {scope.WindowSeconds} s: give a longer one"
            );
        long offset = 0;
        if (!scope.IsUtc)
        {
            DateTimeOffset end = DateTimeOffset.UnixEpoch.AddTicks(scope.LastNs / TimeSpan.NanosecondsPerTick).ToLocalTime();
            offset = (long)end.Offset.TotalSeconds;
        }

        return new QuestionStep(text, seconds, offset);
    }

    /// <summary>SQL for the second in which the step of a slice begins.</summary>
    public string BeginOf(string slice) =>
        string.Create(CultureInfo.InvariantCulture, $"(({slice}.start + {OffsetSeconds}) / {Seconds} * {Seconds} - {OffsetSeconds})");

    /// <summary>SQL for whether all of a slice is in one step. A window that is not belongs to the step in which it begins.</summary>
    public string Holds(string slice) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"""
            ({slice}.level = 0 OR ({slice}.start + {OffsetSeconds}) / {Seconds}
                = ({slice}.start + {slice}.seconds - 1 + {OffsetSeconds}) / {Seconds})
            """
        );
}
