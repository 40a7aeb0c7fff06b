namespace Spillway.Metrics.Groups;

/// <summary>
/// The text form of GUIDs: compared in any case, written in upper case with braces. Published scripts make GUIDs of their own by hand,
/// so nothing but the length is checked.
/// </summary>
public static class GroupGuid
{
    /// <summary>Longest text taken as a GUID; the regular form has 38 characters.</summary>
    public const int MaxLength = 64;

    /// <summary>Writes the canonical form of a GUID as a script spells it.</summary>
    /// <returns>Number of characters; 0 if the text is empty, too long, or not ASCII.</returns>
    public static int Canonicalize(ReadOnlySpan<byte> text, Span<char> destination)
    {
        text = text.Trim(" \t\r\n\0"u8);
        if (text.IsEmpty || text.Length > MaxLength || !System.Text.Ascii.IsValid(text))
            return 0;
        for (int i = 0; i < text.Length; i++)
            destination[i] = char.ToUpperInvariant((char)text[i]);
        return text.Length;
    }

    /// <summary>The canonical form of a GUID.</summary>
    /// <exception cref="ArgumentException">The text is empty or longer than <see cref="MaxLength"/>.</exception>
    public static string Canonical(string text)
    {
        string canonical = text.Trim().ToUpperInvariant();
        return canonical.Length is > 0 and <= MaxLength
            ? canonical
            : throw new ArgumentException(
                $"\"{text}\" is no GUID: a group's guid looks like {{12345678-ABCD-4321-ABCD-123456789ABC}}.",
                nameof(text)
            );
    }
}
