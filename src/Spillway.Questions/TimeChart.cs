using System.Text;

namespace Spillway.Questions;

/// <summary>
/// Columns over time, drawn with characters: eighths of a block where the terminal has them, else number signs. A column of several windows
/// shows the highest of them, so that no peak is lost.
/// </summary>
/// <param name="firstNs">Begin of the first window.</param>
/// <param name="endNs">End of the last.</param>
/// <param name="stepNs">Length of a window.</param>
public sealed class TimeChart(long firstNs, long endNs, long stepNs)
{
    private const string Eighths = " \u2581\u2582\u2583\u2584\u2585\u2586\u2587\u2588";
    private const int Margin = 2,
        MinColumns = 8,
        MaxColumns = 512;

    private readonly List<(long TimeNs, double Value)> _values = [];

    /// <summary>Lines of the columns.</summary>
    public int Height { get; init; } = 8;

    /// <summary>Writes a value with its unit.</summary>
    public Func<double, string> Name { get; init; } = value => value.ToString("G4", System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Times in UTC.</summary>
    public bool IsUtc { get; init; }

    /// <summary>Adds the value of the window that begins at a time.</summary>
    public void Add(long timeNs, double value) => _values.Add((timeNs, value));

    /// <summary>The lines, none wider than a width. Below zero nothing is drawn.</summary>
    public IEnumerable<string> Draw(int width, bool hasBlocks)
    {
        double highest = _values.Count == 0 ? 0 : _values.Max(value => value.Value);
        string top = Name(highest),
            zero = Name(0);
        int labels = Math.Max(top.Length, zero.Length);
        long windows = Math.Max(1, (endNs - firstNs) / stepNs);
        int room = Math.Min(MaxColumns, width - Margin - labels - 2);
        if (room < MinColumns || highest <= 0)
            yield break;

        // Few windows get several characters each; many share one.
        int each = windows >= room ? 1 : (int)Math.Max(1, Math.Min(8, room / windows));
        int columns = windows >= room ? room : (int)windows;
        double[] heights = new double[columns];
        foreach ((long timeNs, double value) in _values)
        {
            int column = (int)((Int128)((timeNs - firstNs) / stepNs) * columns / windows);
            if ((uint)column < (uint)columns)
                heights[column] = Math.Max(heights[column], value);
        }

        for (int line = Height - 1; line >= 0; line--)
        {
            string label =
                line == Height - 1 ? top
                : line == 0 ? zero
                : "";
            var text = new StringBuilder().Append(' ', Margin).Append(label.PadLeft(labels)).Append(hasBlocks ? " \u2502" : " |");
            foreach (double height in heights)
                text.Append(Cell(height / highest * Height - line, hasBlocks), each);
            yield return text.ToString().TrimEnd();
        }

        string begin = QuestionTime.ToText(firstNs, IsUtc)[..19],
            end = QuestionTime.ToText(endNs, IsUtc)[..19];
        int span = columns * each;
        string axis =
            span >= begin.Length + end.Length + 2 ? begin + new string(' ', span - begin.Length - end.Length) + end : $"{begin} .. {end}";
        yield return new string(' ', Margin + labels + 2) + axis;
    }

    // What has a value at all is seen.
    private static char Cell(double fill, bool hasBlocks)
    {
        if (!hasBlocks)
            return fill >= 0.5 ? '#'
                : fill > 0 ? '.'
                : ' ';
        return fill <= 0 ? ' ' : Eighths[(int)Math.Clamp(Math.Ceiling(fill * 8), 1, 8)];
    }
}
