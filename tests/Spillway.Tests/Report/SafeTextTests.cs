using Spectre.Console;
using Spillway.Report;

namespace Spillway.Tests.Report;

public class SafeTextTests
{
    [Theory]
    [InlineData("plain /path?a=b&c", "plain /path?a=b&c")]
    [InlineData("caf\u00E9 \u4F60\u597D", "caf\u00E9 \u4F60\u597D")]
    [InlineData("\u001b[31m", "\\x1B[31m")]
    [InlineData("a\r\nb\tc", "a\\x0D\\x0Ab\\x09c")]
    [InlineData("\u009b31m", "\\x9B31m")]
    [InlineData("\u007f", "\\x7F")]
    [InlineData("\u202Eexe.txt", "\\u{202E}exe.txt")]
    [InlineData("a\u200Bb\uFEFF", "a\\u{200B}b\\u{FEFF}")]
    [InlineData("\u2028", "\\u{2028}")]
    [InlineData("\uE000", "\\u{E000}")]
    [InlineData("\U000E0041", "\\u{E0041}")]
    public void Clean_EscapesWhatATerminalCouldActOn(string text, string expected) => Assert.Equal(expected, SafeText.Clean(text));

    [Theory]
    [InlineData("a\tb\nc\r\nd", "a\tb\nc\r\nd")]
    [InlineData("over\rwritten", "over\\x0Dwritten")]
    [InlineData("\u001b]0;title\u0007\n", "\\x1B]0;title\\x07\n")]
    [InlineData("\u202Eexe.txt\n", "\\u{202E}exe.txt\n")]
    public void CleanLines_LeavesTheLayoutOnly(string text, string expected) => Assert.Equal(expected, SafeText.CleanLines(text));

    [Fact]
    public void ForTerminal_BytesOffTheWire_AreSpelledOut() =>
        Assert.Equal("h\\x1B[2J\\xFF\u00E9\n"u8, Spillway.Run.ScriptConsole.ForTerminal([.. "h\e[2J"u8, 0xFF, .. "\u00E9\n"u8]));

    [Fact]
    public void Clean_HalfACharacter_IsEscaped() => Assert.Equal("x\\u{D800}y", SafeText.Clean($"x{(char)0xD800}y"));

    [Theory]
    [InlineData("short", 10, "short")]
    [InlineData("0123456789", 10, "0123456789")]
    [InlineData("0123456789a", 10, "0123456...")]
    [InlineData("/a/very/long/path/that/does/not/fit/index.html", 30, "/a/very/long/path/...ndex.html")]
    [InlineData("\u4F60\u597D\u4F60\u597D\u4F60\u597D", 10, "\u4F60\u597D\u4F60...")]
    public void Fit_CutsToCells(string text, int cells, string expected) => Assert.Equal(expected, CellText.Fit(text, cells));

    [Fact]
    public void Fit_RandomText_IsNeverTooWideAndNeverUnsafe()
    {
        const int seed = 20;
        var random = new Random(seed);
        for (int i = 0; i < 2000; i++)
        {
            var text = new string([.. Enumerable.Range(0, random.Next(60)).Select(_ => (char)random.Next(0x3000))]);
            int cells = random.Next(4, 50);

            string fit = CellText.Fit(text, cells);

            Assert.True(fit.GetCellWidth() <= cells, $"seed {seed}, round {i}");
            Assert.DoesNotContain(fit, char.IsControl);
        }
    }

    [Theory]
    [InlineData(0, "0 B")]
    [InlineData(999, "999 B")]
    [InlineData(447.77, "448 B")]
    [InlineData(67.07, "67.1 B")]
    [InlineData(2.883, "2.88 B")]
    [InlineData(1000, "1 kB")]
    [InlineData(1234, "1.23 kB")]
    [InlineData(12_345, "12.3 kB")]
    [InlineData(999_499, "999 kB")]
    [InlineData(999_500, "1 MB")]
    [InlineData(1.5e18, "1.5 EB")]
    [InlineData(2.5e21, "2500 EB")]
    [InlineData(-2500, "-2.5 kB")]
    public void Bytes_HaveThreeDigits(double bytes, string expected) => Assert.Equal(expected, Units.Bytes(bytes));

    [Theory]
    [InlineData(0, "0 s")]
    [InlineData(0.0000351, "35.1 us")]
    [InlineData(0.25, "250 ms")]
    [InlineData(1.25, "1.25 s")]
    [InlineData(0.0009999, "1 ms")]
    [InlineData(0.99981, "1 s")]
    [InlineData(59.97, "1 min 0 s")]
    [InlineData(754, "12 min 34 s")]
    [InlineData(7260, "2 h 1 min")]
    [InlineData(180_000, "2 d 2 h")]
    public void Duration_IsReadable(double seconds, string expected) =>
        Assert.Equal(expected, Units.Duration(TimeSpan.FromSeconds(seconds)));

    [Theory]
    [InlineData(1234567, "", "1,234,567")]
    [InlineData(12.34567, "ms", "12.346 ms")]
    [InlineData(1e20, "", "1E+20")]
    [InlineData(5e6, "B", "5 MB")]
    public void Value_HasItsUnit(double value, string units, string expected) => Assert.Equal(expected, Units.Value(value, units));
}
