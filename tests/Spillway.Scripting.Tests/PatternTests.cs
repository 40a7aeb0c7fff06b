using System.Text;
using Spillway.Scripting.Patterns;

namespace Spillway.Scripting.Tests;

/// <summary>T.re2 reads RE2's syntax, over bytes.</summary>
public sealed class PatternTests
{
    private const PatternOptions Usual = PatternOptions.Utf8 | PatternOptions.CaseSensitive | PatternOptions.LogErrors;

    private static string? Find(string pattern, string subject, PatternOptions options = Usual)
    {
        int id = PatternTable.Compile(Encoding.Latin1.GetBytes(pattern), options, out string? error);
        Assert.Null(error);
        Span<int> spans = stackalloc int[64];
        byte[] bytes = Encoding.Latin1.GetBytes(subject);
        int groups = PatternTable.Match(id, bytes, full: false, spans);
        Assert.Equal(groups > 0, PatternTable.Match(id, bytes, full: false, default) > 0);
        if (groups == 0)
            return null;
        var texts = new List<string>();
        for (int i = 0; i < groups; i++)
            texts.Add(spans[2 * i] < 0 ? "-" : subject[spans[2 * i]..spans[(2 * i) + 1]]);
        return string.Join('|', texts);
    }

    [Theory]
    [InlineData("b+", "abbc", "bb")]
    [InlineData("(?P<x>a)(b)(?P<y>c)", "abc", "abc|a|b|c")] // groups count from left to right, named or not
    [InlineData("(?i)MiXed", "a mIxED b", "mIxED")]
    [InlineData("a(?i)b(?-i)c", "aBc", "aBc")]
    [InlineData("a(?i:b)c", "aBC", null)]
    [InlineData("((?i)a)b", "AB", null)] // the flag ends with its group
    [InlineData("(?U)a+", "aaa", "a")]
    [InlineData("(?U)a+?", "aaa", "aaa")]
    [InlineData("a+?", "aaa", "a")]
    [InlineData("^b", "a\nb", null)]
    [InlineData("(?m)^b$", "a\nb\nc", "b")]
    [InlineData("a$", "a\n", null)] // the end is the end, not the line's
    [InlineData("a.c", "a\nc", null)]
    [InlineData("(?s)a.c", "a\nc", "a\nc")]
    [InlineData(@"\d+", "x\u00b2\u00b312", "12")]
    [InlineData(@"\w+", "\u00e9abc\u00ff", "abc")]
    [InlineData(@"\s", "\u00a0\u0085", null)]
    [InlineData(@"[^\d]", "1\xff", "\u00ff")]
    [InlineData("[[:alpha:][:^space:]]+", "ab 1", "ab")]
    [InlineData("[]a]+", "x]a", "]a")]
    [InlineData("[a-]+", "-a", "-a")]
    [InlineData("[a-c-[b]+", "[-", "[-")] // no subtraction
    [InlineData("[a-z&&[aeiou]]+", "&&]", "&]")]
    [InlineData(@"\Qa.b*\E+", "a.b**", "a.b**")]
    [InlineData(@"\x41\101\x{42}", "AAB", "AAB")]
    [InlineData(@"\x{20AC}+", "x\xe2\x82\xac\xe2\x82\xac", "\xe2\x82\xac\xe2\x82\xac")]
    [InlineData("\xc3\xa9+", "\xc3\xa9\xc3\xa9", "\xc3\xa9\xc3\xa9")]
    [InlineData(@"\xff\x00", "a\xff\0", "\xff\0")]
    [InlineData("a{2}", "aaa", "aa")]
    [InlineData("a{,2}", "a{,2}", "a{,2}")]
    [InlineData("x*", "", "")]
    [InlineData("(a)|(b)", "b", "b|-|b")]
    [InlineData("(a|ab)(c|bcd)", "abcd", "abcd|a|bcd")]
    [InlineData(@"\bfoo\b", "a foo.", "foo")]
    [InlineData(@"\C\n", "\xe9\n", "\xe9\n")]
    [InlineData("(?i)\xe9", "\xc9", null)] // case is ASCII's
    [InlineData("a#b c", "a#b c", "a#b c")]
    public void Pattern_MeansWhatItMeansInRe2(string pattern, string subject, string? expected) =>
        Assert.Equal(expected, Find(pattern, subject));

    [Theory]
    [InlineData("(?=a)")]
    [InlineData("(?<!a)b")]
    [InlineData("(?>a)")]
    [InlineData("(?#c)")]
    [InlineData(@"(a)\1")]
    [InlineData("a**")]
    [InlineData("a+*")]
    [InlineData("*a")]
    [InlineData("a{1001}")]
    [InlineData("a{3,2}")]
    [InlineData("(a")]
    [InlineData("a)")]
    [InlineData("[a")]
    [InlineData("[z-a]")]
    [InlineData("[[:nope:]]")]
    [InlineData(@"\k")]
    [InlineData("a\\")]
    [InlineData(@"\x{110000}")]
    [InlineData("(?Pa)")]
    [InlineData("(?z)")]
    public void Pattern_ThatRe2DoesNotHave_IsInvalidAndNeverMatches(string pattern)
    {
        Assert.Equal(0, PatternTable.Compile(Encoding.Latin1.GetBytes(pattern), Usual, out string? error));
        Assert.StartsWith($"T.re2: invalid pattern /{pattern}/: ", error, StringComparison.Ordinal);
        Assert.Equal(0, PatternTable.Match(0, "a"u8, full: false, default));
    }

    [Theory]
    [InlineData("a.b", "xa.bx", 16 | 128, "a.b")]
    [InlineData("a.b", "A.B", 16, "A.B")]
    [InlineData("(a)(b)", "ab", 64 | 128, "ab")]
    [InlineData("ABC", "abc", 0, "abc")]
    public void Options_AreHeeded(string pattern, string subject, int options, string expected) =>
        Assert.Equal(expected, Find(pattern, subject, (PatternOptions)options));

    // A pattern that takes a backtracking matcher exponential time.
    [Fact]
    public void Match_TakesLinearTime() => Assert.Null(Find("(x+x+)+y", new string('x', 20_000)));

    [Fact]
    public void AnyBytes_AsPattern_AreAnsweredOrRefused()
    {
        const int Seed = 4_242;
        var random = new Random(Seed);
        string[] pieces =
        [
            "(",
            ")",
            "[",
            "]",
            "{",
            "}",
            "?",
            "*",
            "+",
            "|",
            "^",
            "$",
            "\\",
            ".",
            "-",
            ":",
            "P<n>",
            "i",
            "[:alpha:]",
            "a",
            "\xff",
            "\0",
            "1",
            ",",
            "Q",
            "E",
        ];
        for (int i = 0; i < 5_000; i++)
        {
            string pattern = string.Concat(Enumerable.Range(0, random.Next(1, 9)).Select(_ => pieces[random.Next(pieces.Length)]));
            int id = PatternTable.Compile(Encoding.Latin1.GetBytes(pattern), Usual, out string? error);
            Assert.True(id > 0 == error is null, $"seed {Seed}: /{pattern}/");
            PatternTable.Match(id, "aaa-1[]\xff\0"u8, full: true, new int[8]);
        }
    }
}
