using System.Globalization;
using System.Text;
using Spectre.Console;

namespace Spillway.Report;

/// <summary>
/// Makes text that came off the wire harmless for a terminal: control characters, escape sequences, characters that change the direction
/// of writing, and invisible ones are shown as <c>\xHH</c> or <c>\u{HHHH}</c>.
/// </summary>
internal static class SafeText
{
    private const string Ellipsis = "...";

    /// <summary>Escapes what a terminal could act on.</summary>
    public static string Clean(string text) => Clean(text, keepsLines: false);

    /// <summary>The same, but tabs and the ends of lines stay: LF, and CR before it.</summary>
    public static string CleanLines(string text) => Clean(text, keepsLines: true);

    /// <summary>
    /// The same for JSON: the encoder leaves characters in that a terminal does not show but obeys, such as those that turn the direction
    /// of writing.
    /// </summary>
    public static string InJson(string json)
    {
        if (Ascii.IsValid(json))
            return json;
        var clean = new StringBuilder(json.Length + 16);
        foreach (char c in json)
        {
            bool isHarmless = c <= '~' || char.GetUnicodeCategory(c) is not (UnicodeCategory.Format or UnicodeCategory.Control);
            if (isHarmless)
                clean.Append(c);
            else
                clean.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:X4}");
        }

        return clean.ToString();
    }

    private static string Clean(string text, bool keepsLines)
    {
        if (IsPlain(text))
            return text;
        var clean = new StringBuilder(text.Length + 16);
        int at = 0;
        while (at < text.Length)
        {
            if (Rune.TryGetRuneAt(text, at, out Rune rune))
            {
                if (IsHarmless(rune) || (keepsLines && IsLayout(text, at)))
                    clean.Append(rune);
                else
                    Escape(clean, rune.Value);
                at += rune.Utf16SequenceLength;
            }
            else
            {
                Escape(clean, text[at++]);
            }
        }

        return clean.ToString();
    }

    /// <summary>
    /// Escapes, and cuts to a number of terminal cells; what is cut in the middle is replaced by dots, for the end of a path tells much.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <param name="cells">Terminal cells.</param>
    /// <param name="keepsEnd">False cuts at the end.</param>
    public static string Fit(string text, int cells, bool keepsEnd = true)
    {
        // Nothing that long fits on a screen: hostile texts are not measured to their end.
        if (text.Length > 4096)
            text = string.Concat(text.AsSpan(0, 2048), text.AsSpan(text.Length - 2048));
        string clean = Clean(text);
        if (Width(clean) <= cells)
            return clean;
        int tail = keepsEnd && cells > 24 ? (cells - Ellipsis.Length) / 3 : 0;
        return Take(clean, cells - Ellipsis.Length - tail) + Ellipsis + TakeLast(clean, tail);
    }

    /// <summary>Terminal cells that a text takes.</summary>
    public static int Width(string text) => IsPlain(text) ? text.Length : text.GetCellWidth();

    private static bool IsPlain(string text)
    {
        foreach (char c in text)
        {
            if (c is < ' ' or > '~')
                return false;
        }

        return true;
    }

    private static bool IsLayout(string text, int at) =>
        text[at] is '\n' or '\t' || (text[at] == '\r' && at + 1 < text.Length && text[at + 1] == '\n');

    private static bool IsHarmless(Rune rune) =>
        Rune.GetUnicodeCategory(rune)
            is not (
                UnicodeCategory.Control
                or UnicodeCategory.Format
                or UnicodeCategory.Surrogate
                or UnicodeCategory.PrivateUse
                or UnicodeCategory.OtherNotAssigned
                or UnicodeCategory.LineSeparator
                or UnicodeCategory.ParagraphSeparator
                or UnicodeCategory.EnclosingMark
            );

    private static void Escape(StringBuilder text, int value)
    {
        if (value <= 0xFF)
            text.Append(CultureInfo.InvariantCulture, $"\\x{value:X2}");
        else
            text.Append(CultureInfo.InvariantCulture, $"\\u{{{value:X4}}}");
    }

    private static string Take(string text, int cells)
    {
        int end = 0;
        foreach (Rune rune in text.EnumerateRunes())
        {
            cells -= rune.ToString().GetCellWidth();
            if (cells < 0)
                break;
            end += rune.Utf16SequenceLength;
        }

        return text[..end];
    }

    private static string TakeLast(string text, int cells)
    {
        int start = text.Length;
        while (start > 0)
        {
            int length = start > 1 && char.IsLowSurrogate(text[start - 1]) ? 2 : 1;
            cells -= text.AsSpan(start - length, length).ToString().GetCellWidth();
            if (cells < 0)
                break;
            start -= length;
        }

        return text[start..];
    }

    /// <summary>What stands before the first line feed: a message without its traceback.</summary>
    public static string FirstLine(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        int end = text.IndexOf('\n', StringComparison.Ordinal);
        return end < 0 ? text : text[..end];
    }
}
