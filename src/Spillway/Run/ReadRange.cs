using Spillway.Questions;

namespace Spillway.Run;

/// <summary>The packet times that a run takes, both ends included.</summary>
/// <param name="FromNs">Nanoseconds since 1970; <see cref="long.MinValue"/> from the begin.</param>
/// <param name="ToNs">Nanoseconds since 1970; <see cref="long.MaxValue"/> to the end.</param>
/// <param name="IsUtc">Whether times are shown in UTC, else in this machine's zone.</param>
internal sealed record ReadRange(long FromNs = long.MinValue, long ToNs = long.MaxValue, bool IsUtc = false)
{
    /// <summary>Whether it holds all times.</summary>
    public bool IsAll => FromNs == long.MinValue && ToNs == long.MaxValue;

    /// <summary>A time as it is shown.</summary>
    public string TextOf(long ns) => $"{QuestionTime.ToText(ns, IsUtc)} {(IsUtc ? "UTC" : QuestionTime.ZoneOf(ns))}";
}
