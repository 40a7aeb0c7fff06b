namespace Spillway.Questions;

/// <summary>Names that somebody may have meant.</summary>
public static class Nearest
{
    /// <summary>The names that are like a text, the likest first: those that hold it, then those that differ by few letters.</summary>
    public static IReadOnlyList<string> To(string text, IEnumerable<string> names, int most)
    {
        string wanted = Plain(text);
        return
        [
            .. names
                .Distinct()
                .Select(name => (Name: name, Rank: Rank(wanted, Plain(name))))
                .Where(pair => pair.Rank < 1)
                .OrderBy(pair => pair.Rank)
                .Take(most)
                .Select(pair => pair.Name),
        ];
    }

    /// <summary>A name without what people leave out when they type: case, blanks, hyphens, underscores.</summary>
    public static string Plain(string text) => string.Concat(text.Where(char.IsLetterOrDigit)).ToUpperInvariant();

    /// <summary>A name as one word that can be typed: <c>http-hosts</c>.</summary>
    public static string Typed(string name) => string.Join('-', name.Split(' ', StringSplitOptions.RemoveEmptyEntries)).ToLowerInvariant();

    private static double Rank(string wanted, string name)
    {
        if (wanted.Length == 0 || name.Length == 0)
            return 1;
        if (name.Contains(wanted, StringComparison.Ordinal) || wanted.Contains(name, StringComparison.Ordinal))
            return 0;
        double part = (double)Distance(wanted, name) / Math.Max(wanted.Length, name.Length);
        return part <= 0.5 ? part : 1;
    }

    // Letters that are too many, too few, others, or two in the wrong order (optimal string alignment).
    private static int Distance(string a, string b)
    {
        int[,] edits = new int[a.Length + 1, b.Length + 1];
        for (int j = 1; j <= b.Length; j++)
            edits[0, j] = j;
        for (int i = 1; i <= a.Length; i++)
        {
            edits[i, 0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int other = edits[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                edits[i, j] = Math.Min(Math.Min(edits[i - 1, j], edits[i, j - 1]) + 1, other);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                    edits[i, j] = Math.Min(edits[i, j], edits[i - 2, j - 2] + 1);
            }
        }

        return edits[a.Length, b.Length];
    }
}
