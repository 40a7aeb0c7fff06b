namespace Spillway.Questions;

/// <summary>The part of a long text around what was searched for.</summary>
public static class TextExcerpt
{
    private const int Before = 16,
        Length = 160;

    /// <summary>One line: line ends become blanks, and dots stand for what is left out.</summary>
    public static string Around(string text, string wanted)
    {
        int at = text.IndexOf(wanted, StringComparison.OrdinalIgnoreCase);
        int start = Math.Max(0, at - Before);
        int end = Math.Min(text.Length, start + Length);
        if (start > 0 && char.IsLowSurrogate(text[start]))
            start++;
        if (end < text.Length && char.IsLowSurrogate(text[end]))
            end--;
        string part = text[start..end]
            .Replace("\r\n", " ", StringComparison.Ordinal)
            .Replace('\n', ' ')
            .Replace('\r', ' ')
            .Replace('\t', ' ');
        return (start > 0 ? "..." : "") + part + (end < text.Length ? "..." : "");
    }
}
