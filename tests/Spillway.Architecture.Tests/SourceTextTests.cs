using System.Text.RegularExpressions;

namespace Spillway.Architecture.Tests;

/// <summary>What can be said of every text a person wrote.</summary>
public sealed partial class SourceTextTests
{
    private const int MostLines = 450;
    private const int MostColumns = 140;

    private static readonly string[] Code = [".cs", ".lua", ".py", ".sh"];
    private static readonly string[] Text = [.. Code, ".csproj", ".json", ".md", ".props", ".slnx", ".targets", ".xml", ".yml"];
    private static readonly string[] Commands =
    [
        "spillway",
        "test",
        ".ci/run",
        "demo/record",
        "benchmarks/record-big",
        "benchmarks/peers",
        "benchmarks/callback-cost",
    ];

    [Fact]
    public void SourceFiles_HoldOneIdea() =>
        Assert.Empty(
            Repository
                .Files("", Code)
                .Concat(Commands)
                .Select(path => (path, lines: Repository.Lines(path).Length))
                .Where(file => file.lines > MostLines)
                .Select(file => $"{file.path} has {file.lines} lines, {MostLines} are allowed: a second idea usually hides in it")
        );

    // What stands in a raw string is another language (Lua, SQL, JSON) or an expected text, and keeps its own lines.
    [Fact]
    public void Lines_FitTheWidth() =>
        Assert.Empty(
            Repository
                .Files("", ".cs")
                .SelectMany(path => LinesOutsideRawStrings(Repository.Lines(path)).Select(line => (at: $"{path}:{line.Number}", line.Text)))
                .Where(line => line.Text.Length > MostColumns)
                .Select(line => $"{line.at} has {line.Text.Length} columns, {MostColumns} are allowed")
        );

    [Fact]
    public void Sources_HaveNothingUnfinished() =>
        Assert.Empty(
            Repository
                .Files("src", Code)
                .SelectMany(path => Repository.Lines(path).Select((line, index) => (at: $"{path}:{index + 1}", line)))
                .Where(line => UnfinishedWork().IsMatch(line.line))
                .Select(line => $"{line.at}: {line.line.Trim()}")
        );

    [Fact]
    public void Tests_DoNotSleepOrSkip() =>
        Assert.Empty(
            Repository
                .Files("tests", ".cs")
                .Where(path => !path.EndsWith("/SourceTextTests.cs", StringComparison.Ordinal))
                .SelectMany(path => Repository.Lines(path).Select((line, index) => (at: $"{path}:{index + 1}", line)))
                .Where(line => SleepOrSkip().IsMatch(line.line))
                .Select(line => $"{line.at}: {line.line.Trim()}")
        );

    [Fact]
    public void TextFiles_EndWithOneLineFeedAndHaveNoTrailingBlanks() =>
        Assert.Empty(
            Repository
                .Files("", Text)
                .Concat(Commands)
                .Select(path => (path, flaw: FlawOf(Repository.Text(path))))
                .Where(file => file.flaw is not null)
                .Select(file => $"{file.path}: {file.flaw}")
        );

    [Theory]
    [InlineData("a\nb\n", null)]
    [InlineData("", null)]
    [InlineData("a\r\n", "carriage return")]
    [InlineData("a \nb\n", "blank at the end of a line")]
    [InlineData("a", "no line feed at the end")]
    [InlineData("a\n\n", "empty lines at the end")]
    public void FlawOf_NamesTheFlaw(string text, string? expected) => Assert.Equal(expected, FlawOf(text));

    private static IEnumerable<(int Number, string Text)> LinesOutsideRawStrings(string[] lines)
    {
        bool isRaw = false;
        for (int number = 1; number <= lines.Length; number++)
        {
            string line = lines[number - 1];
            bool touchesRaw = RawQuotes().IsMatch(line);
            if (!isRaw && !touchesRaw)
                yield return (number, line);
            if (RawQuotes().Count(line) % 2 == 1)
                isRaw = !isRaw;
        }
    }

    private static string? FlawOf(string text) =>
        text switch
        {
            _ when text.Contains('\r') => "carriage return",
            _ when BlankAtEndOfLine().IsMatch(text) => "blank at the end of a line",
            "" => null,
            _ when !text.EndsWith('\n') => "no line feed at the end",
            _ when text.EndsWith("\n\n", StringComparison.Ordinal) => "empty lines at the end",
            _ => null,
        };

    [GeneratedRegex(@"\b(TODO|FIXME|HACK|XXX|NotImplementedException)\b")]
    private static partial Regex UnfinishedWork();

    [GeneratedRegex("\"{3,}")]
    private static partial Regex RawQuotes();

    [GeneratedRegex(@"Thread\.Sleep|\bSkip\s*=\s*""")]
    private static partial Regex SleepOrSkip();

    [GeneratedRegex(@"[ \t]+$", RegexOptions.Multiline)]
    private static partial Regex BlankAtEndOfLine();
}
