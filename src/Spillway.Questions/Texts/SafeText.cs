using System.Globalization;
using System.Text;

namespace Spillway.Questions.Texts;

/// <summary>
/// Makes text that came off the wire harmless for a terminal: control characters, escape sequences, characters that change the direction
/// of writing, and invisible ones are shown as <c>\xHH</c> or <c>\u{HHHH}</c>.
/// </summary>
public static class SafeText
{
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

    /// <summary>Whether a text has nothing but printable ASCII.</summary>
    public static bool IsPlain(string text)
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

    /// <summary>What stands before the first line feed: a message without its traceback.</summary>
    public static string FirstLine(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        int end = text.IndexOf('\n', StringComparison.Ordinal);
        return end < 0 ? text : text[..end];
    }
}
