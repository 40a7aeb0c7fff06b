using System.Text;
using Spillway.Async.Inspection;

namespace Spillway.Async.Tests;

/// <summary>Rules of YARA, with the real libyara.</summary>
public sealed class YaraTests : IDisposable
{
    private const string Rule = """
        rule First : red blue { meta: author = "me" score = -7 live = true author = "you" strings: $a = "needle" condition: $a }
        rule Second { condition: filesize > 5 and filename == "hay" and extension == "" }
        rule Never { strings: $a = "straw" condition: $a }
        """;

    private readonly string _directory = Directory.CreateTempSubdirectory("spillway-yara-").FullName;

    public YaraTests() => Assert.SkipWhen(YaraRules.FindFlaw() is not null, YaraRules.FindFlaw() ?? "");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void Scan_OfAFile_GivesRulesWithAllTheySay()
    {
        using YaraScanner scanner = Scanner(Rule);
        ScanResult result = scanner.Scan(FileWith("hay", "a needle in it"), new ScanLimits());

        Assert.Equal(ScanEnd.Complete, result.End);
        Assert.Equal(["First", "Second"], result.Matches.Select(match => match.Rule));
        Assert.Equal("default", result.Matches[0].Namespace);
        Assert.Equal(["red", "blue"], result.Matches[0].Tags);
        Assert.Equal(
            [new RuleMeta("author", "me"), new RuleMeta("score", -7L), new RuleMeta("live", true), new RuleMeta("author", "you")],
            result.Matches[0].Meta
        );
        Assert.Empty(result.Matches[1].Tags);
        Assert.Empty(result.Matches[1].Meta);
    }

    [Fact]
    public void Scan_OneFileAfterTheOther_EachHasItsOwnMatches()
    {
        using YaraScanner scanner = Scanner(Rule);
        Assert.Single(scanner.Scan(FileWith("one", "needle"), new ScanLimits()).Matches);
        Assert.Empty(scanner.Scan(FileWith("two", ""), new ScanLimits()).Matches);
        Assert.Empty(scanner.Scan(FileWith("three", new string('x', 3 << 20)), new ScanLimits()).Matches);
        Assert.Single(scanner.Scan(FileWith("one", "needle"), new ScanLimits()).Matches);
    }

    [Theory]
    [InlineData("missing", ScanEnd.Unreadable, "no such file or directory")]
    [InlineData("directory", ScanEnd.Unreadable, "it is no regular file")]
    [InlineData("large", ScanEnd.TooLarge, "it has 5000 bytes, at most 4096 are scanned")]
    public void Scan_Impossible_SaysWhy(string name, ScanEnd end, string reason)
    {
        Directory.CreateDirectory(Path.Combine(_directory, "directory"));
        FileWith("large", new string('x', 5000));
        using YaraScanner scanner = Scanner(Rule);

        ScanResult result = scanner.Scan(Encoding.UTF8.GetBytes(Path.Combine(_directory, name)), new ScanLimits { MaxBytes = 4096 });
        Assert.Equal((end, reason), (result.End, result.Reason));
    }

    [Fact]
    public void Scan_RuleThatTakesForEver_IsStoppedAndTheNextFileIsScanned()
    {
        using YaraScanner scanner = Scanner(
            """
            rule Quick { strings: $a = "needle" condition: $a }
            rule Slow { strings: $a = /(a+)+b/ condition: $a }
            """
        );
        var limits = new ScanLimits { Timeout = TimeSpan.FromSeconds(1) };
        ScanResult slow = scanner.Scan(FileWith("slow", new string('a', 3_000_000)), limits);
        ScanResult next = scanner.Scan(FileWith("next", "needle"), limits);

        Assert.Equal((ScanEnd.TimedOut, "it took longer than 1 s"), (slow.End, slow.Reason));
        Assert.Equal((ScanEnd.Complete, "Quick"), (next.End, Assert.Single(next.Matches).Rule));
    }

    [Fact]
    public void Compile_WithErrors_TellsFileAndLineOfEachFilesFirst()
    {
        YaraSource[] files =
        [
            Rules("good.yar", "rule Good { condition: true }"),
            Rules("one.yar", "rule A { condition: true }\nrule B {\n  condition: nonsense }\n"),
            Rules("fine.yar", "rule Good { condition: true }"),
            Rules("two.yar", "rule C { strings: $a = \"x\" condition: true }"),
            new YaraSource(Path.Combine(_directory, "gone.yar"), "gone"),
        ];

        Assert.Null(YaraRules.Compile(files, out IReadOnlyList<YaraMessage> messages));
        Assert.Equal(
            [
                $"{files[1].Path}:3: undefined identifier \"nonsense\"",
                $"{files[3].Path}:1: unreferenced string \"$a\"",
                $"{files[4].Path}: no such file or directory",
            ],
            messages.Where(message => message.IsError).Select(message => message.ToString())
        );
    }

    [Fact]
    public void Compile_SameNamesInSeveralFiles_AreInNamespacesOfTheirOwn()
    {
        Directory.CreateDirectory(Path.Combine(_directory, "rules/below"));
        Rules("rules/one.yar", "include \"below/part.inc\"\nrule Same { condition: Part }");
        Rules("rules/below/two.yara", "rule Same { condition: true }");
        Rules("rules/below/part.inc", "rule Part { condition: true }");
        Rules("rules/below/read.me", "no rules");
        IReadOnlyList<YaraSource> files = YaraFiles.Find(Path.Combine(_directory, "rules"));
        using var scanner = new YaraScanner(YaraRules.Compile(files, out _)!);

        Assert.Equal(
            ["below/two:Same", "one:Part", "one:Same"],
            scanner.Scan(FileWith("file", "x"), new ScanLimits()).Matches.Select(match => $"{match.Namespace}:{match.Rule}").Order()
        );
    }

    private static YaraScanner Scanner(string rules) => new(YaraRules.Compile(rules, out _)!);

    private YaraSource Rules(string name, string text)
    {
        string path = Path.Combine(_directory, name);
        File.WriteAllText(path, text);
        return new YaraSource(path, Path.GetFileNameWithoutExtension(name));
    }

    private byte[] FileWith(string name, string content)
    {
        File.WriteAllText(Path.Combine(_directory, name), content);
        return Encoding.UTF8.GetBytes(Path.Combine(_directory, name));
    }
}
