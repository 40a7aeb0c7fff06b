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

    private static int Distance(string a, string b)
    {
        int[] last = [.. Enumerable.Range(0, b.Length + 1)];
        foreach (char x in a)
        {
            int diagonal = last[0]++;
            for (int j = 1; j <= b.Length; j++)
            {
                int edit = Math.Min(Math.Min(last[j], last[j - 1]) + 1, diagonal + (x == b[j - 1] ? 0 : 1));
                (diagonal, last[j]) = (last[j], edit);
            }
        }

        return last[^1];
    }
}
