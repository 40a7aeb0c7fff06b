using Spillway.Figures;

namespace Spillway.Tests.Figures;

public class FigureTextTests
{
    [Fact]
    public void Write_LabelsFromScripts_AreEscaped()
    {
        var figure = new Figure(
            "tasks_waiting",
            FigureKind.Gauge,
            "A\nB",
            [new FigureSample(1.5, ("script", "a\"b\\c\nd.lua"), ("lane", "0"))]
        );

        Assert.Equal(
            """
            # HELP spillway_tasks_waiting A\nB
            # TYPE spillway_tasks_waiting gauge
            spillway_tasks_waiting{script="a\"b\\c\nd.lua",lane="0"} 1.5

            """.ReplaceLineEndings("\n"),
            FigureText.Write([figure])
        );
    }

    [Fact]
    public void Write_FigureWithoutValues_IsLeftOut() =>
        Assert.Equal("", FigureText.Write([new Figure("x", FigureKind.Counter, "X.", [])]));

    [Fact]
    public void Write_LargeCount_KeepsEachDigit() =>
        Assert.Contains(
            "spillway_bytes_total 9007199254740991\n",
            FigureText.Write([new Figure("bytes_total", FigureKind.Counter, "Bytes.", 9_007_199_254_740_991)]),
            StringComparison.Ordinal
        );
}
