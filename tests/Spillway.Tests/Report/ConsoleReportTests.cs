using System.Runtime.CompilerServices;
using Spectre.Console;
using Spillway.Report;

namespace Spillway.Tests.Report;

/// <summary>
/// Golden texts lie beside this file. To rewrite them: <c>SPILLWAY_UPDATE_GOLDEN=1 dotnet run --project tests/Spillway.Tests</c>,
/// from the repository's root, then look at the difference.
/// </summary>
public class ConsoleReportTests
{
    [Theory]
    [InlineData(80)]
    [InlineData(120)]
    [InlineData(160)]
    public void Write_FullRun_IsTheGoldenText(int width) => AssertGolden($"report-{width}.txt", Render(SampleRun.Create(), width));

    [Theory]
    [InlineData(40)]
    [InlineData(80)]
    [InlineData(100)]
    [InlineData(160)]
    public void Write_AnyWidth_NoLineIsLonger(int width)
    {
        foreach (string line in Render(SampleRun.Create(), width).Split('\n'))
            Assert.InRange(line.Length, 0, width);
    }

    [Fact]
    public void Write_EmptyRun_ShowsOnlyTheOverview()
    {
        string text = Render(new RunSummary { Version = "0.1.0" }, 80);

        Assert.Equal(
            ["Spillway 0.1.0", "Traffic   0 packets, 0 B, 0 flows"],
            text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
        );
    }

    [Fact]
    public void Write_HostileTexts_ReachNoTerminal()
    {
        foreach (bool hasColors in (bool[])[false, true])
        {
            string text = Render(SampleRun.Create(), 120, hasColors);

            Assert.DoesNotContain("\u001b]", text, StringComparison.Ordinal);
            Assert.DoesNotContain("\u001b[2J", text, StringComparison.Ordinal);
            Assert.DoesNotContain('\u0007', text);
            Assert.DoesNotContain('\u202E', text);
            Assert.Contains(@"evil\x1B[2J", text, StringComparison.Ordinal);
            Assert.Contains("[red]", text, StringComparison.Ordinal);
            if (!hasColors)
                Assert.DoesNotContain('\u001b', text);
        }
    }

    [Fact]
    public void Write_WideOutput_HasWholeHashes() =>
        Assert.Contains("0009a3ee5e6b4b0d3255bfef95601890afd80709", Render(SampleRun.Create(), 120), StringComparison.Ordinal);

    [Fact]
    public void Write_AsyncTrouble_HasAColumnForEachKindThatOccurred()
    {
        var tasks = new AsyncSummary
        {
            Workers = 1,
            Submitted = 100,
            Completed = 90,
            TimedOut = 3,
            Retried = 4,
            Spilled = 5,
            Dropped = 6,
            Pending = 7,
            Replaced = 8,
            OldestWaiting = TimeSpan.FromSeconds(9),
        };
        var calm = new AsyncSummary
        {
            Workers = 1,
            Submitted = 1,
            Completed = 1,
        };
        string all = Render(
            new RunSummary
            {
                Version = "0.1.0",
                Scripts = [new ScriptSummary { Name = "a.lua", Async = tasks }, new ScriptSummary { Name = "b.lua", Async = calm }],
            },
            160
        );
        string none = Render(new RunSummary { Version = "0.1.0", Scripts = [new ScriptSummary { Name = "b.lua", Async = calm }] }, 160);

        Assert.Matches(
            "Script +Workers +Tasks +Failed +Timed out +Retried +Spilled +Dropped +Unfinished +Workers replaced +Oldest +Wait",
            all
        );
        Assert.Matches("a.lua +1 +100 +0 +3 +4 +5 +6 +7 +8 +9 s +0 s", all);
        Assert.Matches("Script +Workers +Tasks +Failed +Wait", none);
    }

    private static string Render(RunSummary summary, int width, bool hasColors = false)
    {
        using var writer = new StringWriter();
        IAnsiConsole console = ReportConsole.Create(writer, width, hasColors);
        if (hasColors)
        {
            console.Profile.Capabilities.Ansi = true;
            console.Profile.Capabilities.ColorSystem = ColorSystem.TrueColor;
        }

        ConsoleReport.Write(console, summary);
        string[] lines = writer.ToString().ReplaceLineEndings("\n").Split('\n');
        return string.Join('\n', lines.Select(line => line.TrimEnd()));
    }

    private static void AssertGolden(string name, string actual, [CallerFilePath] string source = "")
    {
        string golden = Path.Combine(AppContext.BaseDirectory, "Report", name);
        if (Environment.GetEnvironmentVariable("SPILLWAY_UPDATE_GOLDEN") == "1")
        {
            File.WriteAllText(golden, actual);
            File.WriteAllText(Path.Combine(Path.GetDirectoryName(source)!, name), actual);
        }

        Assert.Equal(File.ReadAllText(golden).ReplaceLineEndings("\n"), actual);
    }
}
