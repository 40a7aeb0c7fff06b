namespace Spillway.Metrics.Counters;

/// <summary>A row and its rank at some time. Of equal ranks the earlier row comes first, so that no two are equal.</summary>
internal readonly record struct Ranked(double Rank, int Row) : IComparable<Ranked>
{
    /// <inheritdoc/>
    public int CompareTo(Ranked other) =>
        Precedes(other) ? -1
        : other.Precedes(this) ? 1
        : 0;

    /// <summary>
    /// Brings the least of a number of rows to the front, in no order among themselves: FIND (C. A. R. Hoare, "Algorithm 65", CACM 4,
    /// 1961). Linear time on the average, for any order of the rows: where it parts them is not for the rows to choose.
    /// </summary>
    /// <param name="rows">The rows, all different.</param>
    /// <param name="count">How many of the least; at least 1.</param>
    public static void Select(Span<Ranked> rows, int count)
    {
        uint random = 0x9E3779B9;
        int low = 0,
            high = rows.Length - 1,
            last = count - 1;
        while (low < high)
        {
            random = (random * 1664525) + 1013904223;
            Ranked pivot = rows[low + (int)(random % (uint)(high - low + 1))];
            int i = low,
                j = high;
            while (i <= j)
            {
                while (rows[i].Precedes(pivot))
                    i++;
                while (pivot.Precedes(rows[j]))
                    j--;
                if (i > j)
                    break;
                (rows[i], rows[j]) = (rows[j], rows[i]);
                i++;
                j--;
            }

            if (last <= j)
                high = j;
            else if (last >= i)
                low = i;
            else
                return;
        }
    }

    private bool Precedes(Ranked other) => Rank < other.Rank || (Rank == other.Rank && Row < other.Row);
}
