namespace Spillway.Tests.Questions;

public sealed class LocalClockTests
{
    // An hour ahead of UTC, two from the last Sunday of March to that of October.
    private static readonly TimeZoneInfo Zone = TimeZoneInfo.CreateCustomTimeZone(
        "test",
        TimeSpan.FromHours(1),
        "test",
        "test",
        "test",
        [
            TimeZoneInfo.AdjustmentRule.CreateAdjustmentRule(
                DateTime.MinValue.Date,
                DateTime.MaxValue.Date,
                TimeSpan.FromHours(1),
                TimeZoneInfo.TransitionTime.CreateFloatingDateRule(new DateTime(1, 1, 1, 2, 0, 0), 3, 5, DayOfWeek.Sunday),
                TimeZoneInfo.TransitionTime.CreateFloatingDateRule(new DateTime(1, 1, 1, 3, 0, 0), 10, 5, DayOfWeek.Sunday)
            ),
        ]
    );

    [Theory]
    [InlineData("2025-10-26 02:30", false, "2025-10-26T00:30:00Z")]
    [InlineData("2025-10-26 02:30", true, "2025-10-26T01:30:00Z")]
    [InlineData("2025-10-26 01:30", true, "2025-10-25T23:30:00Z")]
    [InlineData("2025-10-26 03:00", false, "2025-10-26T02:00:00Z")]
    [InlineData("2025-03-30 01:59", true, "2025-03-30T00:59:00Z")]
    [InlineData("2025-03-30 03:00", false, "2025-03-30T01:00:00Z")]
    public void At_AroundAChange_IsTheMomentThatTheClockShows(string clock, bool isEnd, string expected) =>
        Assert.Equal(
            DateTimeOffset.Parse(expected, System.Globalization.CultureInfo.InvariantCulture),
            LocalClock.At(DateTime.Parse(clock, System.Globalization.CultureInfo.InvariantCulture), isEnd, Zone)
        );

    [Theory]
    [InlineData("2025-03-30 02:00")]
    [InlineData("2025-03-30 02:30")]
    public void At_ATimeThatClocksSkip_IsNone(string clock) =>
        Assert.Null(LocalClock.At(DateTime.Parse(clock, System.Globalization.CultureInfo.InvariantCulture), isEnd: false, Zone));

    [Fact]
    public void BeginOf_ADayWithoutMidnight_IsItsFirstMoment()
    {
        TimeZoneInfo skipsMidnight = TimeZoneInfo.CreateCustomTimeZone(
            "test",
            TimeSpan.FromHours(-3),
            "test",
            "test",
            "test",
            [
                TimeZoneInfo.AdjustmentRule.CreateAdjustmentRule(
                    DateTime.MinValue.Date,
                    DateTime.MaxValue.Date,
                    TimeSpan.FromHours(1),
                    TimeZoneInfo.TransitionTime.CreateFloatingDateRule(new DateTime(1, 1, 1, 0, 0, 0), 10, 3, DayOfWeek.Sunday),
                    TimeZoneInfo.TransitionTime.CreateFloatingDateRule(new DateTime(1, 1, 1, 0, 0, 0), 2, 3, DayOfWeek.Sunday)
                ),
            ]
        );

        Assert.Equal(
            new DateTimeOffset(2017, 10, 15, 1, 0, 0, TimeSpan.FromHours(-2)),
            LocalClock.BeginOf(new DateTime(2017, 10, 15), skipsMidnight)
        );
    }

    [Fact]
    public void Complaint_OnlyOfATimeThatIsSkipped()
    {
        Assert.Null(LocalClock.Complaint("t", isUtc: false, _ => 1));
        Assert.Null(LocalClock.Complaint("t", isUtc: false, _ => null));
        Assert.Null(LocalClock.Complaint("t", isUtc: true, isUtc => isUtc ? 1 : null));
        Assert.StartsWith(
            "'t' does not exist",
            LocalClock.Complaint("t", isUtc: false, isUtc => isUtc ? 1 : null),
            StringComparison.Ordinal
        );
    }
}
