namespace Spillway.Scripting.Blocks;

/// <summary>Finds what may have been meant by a misspelt name.</summary>
internal static class Spelling
{
    /// <summary>The known name that is nearest, if it is near enough: one slip in short names, two in longer ones.</summary>
    public static string? Nearest(string name, IEnumerable<string> known)
    {
        int limit =
            name.Length < 4 ? 0
            : name.Length < 8 ? 1
            : 2;
        string? nearest = null;
        foreach (string candidate in known)
        {
            int distance = Distance(name, candidate, limit);
            if (distance > limit || name == candidate)
                continue;
            (nearest, limit) = (candidate, distance - 1);
        }

        return nearest;
    }

    /// <summary>
    /// Edits from one text to another in any case: insertions, deletions, substitutions, swaps of neighbours (optimal string alignment).
    /// </summary>
    /// <returns>The number; more than <paramref name="limit"/> if it is more.</returns>
    public static int Distance(string a, string b, int limit)
    {
        if (Math.Abs(a.Length - b.Length) > limit)
            return limit + 1;
        int[] before = new int[b.Length + 1],
            last = new int[b.Length + 1],
            row = new int[b.Length + 1];
        for (int j = 0; j <= b.Length; j++)
            last[j] = j;
        for (int i = 1; i <= a.Length; i++)
        {
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int same = Same(a[i - 1], b[j - 1]) ? 0 : 1;
                row[j] = Math.Min(Math.Min(row[j - 1], last[j]) + 1, last[j - 1] + same);
                if (i > 1 && j > 1 && Same(a[i - 1], b[j - 2]) && Same(a[i - 2], b[j - 1]))
                    row[j] = Math.Min(row[j], before[j - 2] + 1);
            }

            (before, last, row) = (last, row, before);
        }

        return last[b.Length];
    }

    private static bool Same(char a, char b) => char.ToUpperInvariant(a) == char.ToUpperInvariant(b);
}
