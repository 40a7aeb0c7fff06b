using System.Globalization;
using System.Text;
using Spillway.Web.Html;

namespace Spillway.Web.Charts;

/// <summary>A value at a time.</summary>
/// <param name="Ns">When, nanoseconds since 1970 UTC.</param>
/// <param name="Value">The value.</param>
internal readonly record struct Point(long Ns, double Value);

/// <summary>
/// Values over time as an SVG that takes the width it is given; what is written stands beside it as text, so that a phone shows it well.
/// </summary>
internal static class SeriesChart
{
    private const int Width = 1000,
        Height = 100,
        MaxColumns = 400;

    /// <summary>Draws it.</summary>
    /// <param name="name">What is shown, for those who do not see it.</param>
    /// <param name="points">The values, in order.</param>
    /// <param name="before">Those of the span before, moved to the same times; empty for none.</param>
    /// <param name="fromNs">Begin.</param>
    /// <param name="toNs">End.</param>
    /// <param name="stepNs">Length of a step: where there is no value for longer, there is none.</param>
    /// <param name="write">Writes a value with its unit.</param>
    public static Markup Draw(
        string name,
        IReadOnlyList<Point> points,
        IReadOnlyList<Point> before,
        long fromNs,
        long toNs,
        long stepNs,
        Func<double, string> write
    )
    {
        if (toNs <= fromNs)
            toNs = fromNs + stepNs;
        int columns = (int)Math.Clamp((toNs - fromNs + stepNs - 1) / stepNs, 1, MaxColumns);
        double[] now = Columns(points, fromNs, toNs, columns),
            then = Columns(before, fromNs, toNs, columns);
        double top = Math.Max(now.DefaultIfEmpty().Max(), then.DefaultIfEmpty().Max());
        string area = Area(now, top);
        Markup past = Markup.If(
            before.Count > 0,
            () => Markup.Of($"<path class=\"before\" d=\"{Line(then, top)}\" vector-effect=\"non-scaling-stroke\"/>")
        );
        string values = string.Join(',', now.Select(value => value.ToString("G6", CultureInfo.InvariantCulture)));
        string texts = string.Join('|', now.Select(write));
        return Markup.Of(
            $"""
            <figure class="chart" data-from="{TimeText.Iso(fromNs)}" data-to="{TimeText.Iso(
                toNs
            )}" data-values="{values}" data-texts="{texts}">
            <div class="plot"><span class="top">{write(top)}</span><span class="zero">0</span>
            <svg viewBox="0 0 {Width} {Height}" preserveAspectRatio="none" role="img" aria-label="{name}, highest {write(top)}"><path
             class="now" d="{area}"/>{past}<line class="cursor" x1="-9" x2="-9" y1="0" y2="{Height}" vector-effect="non-scaling-stroke"/></svg></div>
            <figcaption>{TimeText.Second(fromNs)}<output></output>{TimeText.Second(toNs)}</figcaption></figure>
            """
        );
    }

    /// <summary>A bar for a share of the largest.</summary>
    public static Markup Bar(double share)
    {
        int width = (int)Math.Round(Math.Clamp(share, 0, 1) * 100);
        return Markup.Of(
            $"""
            <svg class="bar" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true"><rect width="{width}" height="4"/></svg>
            """
        );
    }

    // The highest of each column, so that no peak is lost.
    private static double[] Columns(IReadOnlyList<Point> points, long fromNs, long toNs, int columns)
    {
        double[] highest = new double[columns];
        foreach (Point point in points)
        {
            int at = (int)((double)(point.Ns - fromNs) / (toNs - fromNs) * columns);
            if (at >= 0 && at < columns)
                highest[at] = Math.Max(highest[at], point.Value);
        }

        return highest;
    }

    private static string Area(double[] values, double top)
    {
        var path = new StringBuilder("M0 100");
        for (int i = 0; i < values.Length; i++)
        {
            double y = YOf(values[i], top);
            path.Append(CultureInfo.InvariantCulture, $"L{XOf(i, values.Length):0.#} {y:0.#}L{XOf(i + 1, values.Length):0.#} {y:0.#}");
        }

        return path.Append("L1000 100Z").ToString();
    }

    private static string Line(double[] values, double top)
    {
        var path = new StringBuilder();
        for (int i = 0; i < values.Length; i++)
        {
            double y = YOf(values[i], top);
            path.Append(
                CultureInfo.InvariantCulture,
                $"{(i == 0 ? 'M' : 'L')}{XOf(i, values.Length):0.#} {y:0.#}L{XOf(i + 1, values.Length):0.#} {y:0.#}"
            );
        }

        return path.ToString();
    }

    private static double XOf(int column, int columns) => (double)column / columns * Width;

    private static double YOf(double value, double top) => top > 0 ? Height - (Math.Max(0, value) / top * (Height - 2)) : Height;
}
