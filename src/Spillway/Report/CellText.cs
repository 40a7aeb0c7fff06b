using System.Text;
using Spectre.Console;

namespace Spillway.Report;

/// <summary>Text in the cells of a terminal: how many it takes, and what fits.</summary>
internal static class CellText
{
    private const string Ellipsis = "...";

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
        string clean = SafeText.Clean(text);
        if (Width(clean) <= cells)
            return clean;
        int tail = keepsEnd && cells > 24 ? (cells - Ellipsis.Length) / 3 : 0;
        return Take(clean, cells - Ellipsis.Length - tail) + Ellipsis + TakeLast(clean, tail);
    }

    /// <summary>Terminal cells that a text takes.</summary>
    public static int Width(string text) => SafeText.IsPlain(text) ? text.Length : text.GetCellWidth();

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
}
