using Spillway.Questions;

namespace Spillway.Tests.Questions;

public sealed class QuestionTimeTests
{
    private const long Second = 1_000_000_000;

    // 2023-11-14 22:13:20 UTC
    private const long End = 1_700_000_000 * Second;

    [Theory]
    [InlineData("-15m", 1_700_000_000 - 900)]
    [InlineData("-30s", 1_700_000_000 - 30)]
    [InlineData("-1.5h", 1_700_000_000 - 5400)]
    [InlineData("-1d", 1_700_000_000 - 86_400)]
    [InlineData("-1w", 1_700_000_000 - 604_800)]
    [InlineData("22:00", 1_700_000_000 - 800)]
    [InlineData("22:00:05", 1_700_000_000 - 795)]
    [InlineData("9:30", 1_699_954_200)]
    [InlineData("2023-11-14T22:13:20Z", 1_700_000_000)]
    [InlineData("2023-11-14T23:13:20+01:00", 1_700_000_000)]
    [InlineData("2023-11-14 22:13", 1_700_000_000 - 20)]
    [InlineData("2023-11-14", 1_699_920_000)]
    [InlineData("1700000000", 1_700_000_000)]
    public void Time_InEveryForm_IsRead(string text, long seconds)
    {
        Assert.True(QuestionTime.IsTime(text));
        Assert.Equal(seconds * Second, QuestionTime.TryParse(text, End, isUtc: true));
    }

    [Theory]
    [InlineData("")]
    [InlineData("-")]
    [InlineData("-m")]
    [InlineData("-5y")]
    [InlineData("--5m")]
    [InlineData("25:00")]
    [InlineData("12:60")]
    [InlineData("yesterday")]
    [InlineData("2023-13-01")]
    [InlineData("-99999999999999999w")]
    public void Text_ThatIsNoTime_IsNone(string text) => Assert.Null(QuestionTime.TryParse(text, End, isUtc: true));

    [Fact]
    public void Times_ForProgramsAndPeople_KeepTheirDigits()
    {
        Assert.Equal("2023-11-14T22:13:20.123456Z", QuestionTime.ToIso(End + 123_456_789, isUtc: true));
        Assert.Equal("2023-11-14 22:13:20.123", QuestionTime.ToText(End + 123_456_789, isUtc: true));
        Assert.Equal(End + 123_456_000, QuestionTime.TryParse(QuestionTime.ToIso(End + 123_456_789, isUtc: false), End, isUtc: true));
    }
}
