using Spillway.Questions;

namespace Spillway.Tests.Questions;

public sealed class TimeChartTests
{
    private const long Minute = 60_000_000_000;

    [Fact]
    public void Chart_OfAFewWindows_ShowsEachInProportion()
    {
        string[] lines = Draw([8, 4, 0, 1], width: 40, hasBlocks: true);

        Assert.Equal(5, lines.Length);
        Assert.Equal("  8 │████████", lines[0]);
        Assert.Equal("    │████████", lines[1]);
        Assert.Equal("    │████████████████", lines[2]);
        Assert.Equal("  0 │████████████████        ▄▄▄▄▄▄▄▄", lines[3]);
        Assert.EndsWith("1970-01-01 00:00:00 .. 1970-01-01 00:04:00", lines[4], StringComparison.Ordinal);
    }

    [Fact]
    public void Chart_WithoutBlocks_IsAscii() =>
        Assert.All(Draw([8, 4, 0, 1], width: 60, hasBlocks: false), line => Assert.All(line, c => Assert.InRange(c, ' ', '~')));

    [Fact]
    public void Chart_OfManyWindows_KeepsThePeak()
    {
        double[] values = new double[10_000];
        values[7777] = 100;
        string[] lines = Draw(values, width: 80, hasBlocks: true);

        Assert.Contains('█', lines[0]);
        Assert.All(lines[..^1], line => Assert.InRange(line.Length, 0, 80));
    }

    [Theory]
    [InlineData(10, 1.0)]
    [InlineData(80, 0.0)]
    [InlineData(80, -1.0)]
    public void Chart_WithoutRoomOrHeight_IsNone(int width, double value) => Assert.Empty(Draw([value, value], width, hasBlocks: true));

    private static string[] Draw(double[] values, int width, bool hasBlocks)
    {
        var chart = new TimeChart(0, values.Length * Minute, Minute) { Height = 4, IsUtc = true };
        for (int i = 0; i < values.Length; i++)
            chart.Add(i * Minute, values[i]);
        return [.. chart.Draw(width, hasBlocks)];
    }
}
