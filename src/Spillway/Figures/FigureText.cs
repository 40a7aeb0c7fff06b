using System.Globalization;
using System.Text;

namespace Spillway.Figures;

/// <summary>Writes figures in Prometheus's text format 0.0.4.</summary>
internal static class FigureText
{
    /// <summary>What stands before each name.</summary>
    public const string Prefix = "spillway_";

    /// <summary>The media type.</summary>
    public const string MediaType = "text/plain; version=0.0.4; charset=utf-8";

    /// <summary>Writes them.</summary>
    public static string Write(IEnumerable<Figure> figures)
    {
        var text = new StringBuilder();
        foreach (Figure figure in figures)
        {
            if (figure.Samples.Count == 0)
                continue;
            text.Append("# HELP ").Append(Prefix).Append(figure.Name).Append(' ').Append(Escape(figure.Help, quotes: false)).Append('\n');
            text.Append("# TYPE ").Append(Prefix).Append(figure.Name).Append(figure.Kind == FigureKind.Counter ? " counter\n" : " gauge\n");
            foreach (FigureSample sample in figure.Samples)
            {
                text.Append(Prefix).Append(figure.Name);
                for (int i = 0; i < sample.Labels.Length; i++)
                {
                    (string name, string value) = sample.Labels[i];
                    text.Append(i == 0 ? '{' : ',').Append(name).Append("=\"").Append(Escape(value, quotes: true)).Append('"');
                }

                text.Append(sample.Labels.Length > 0 ? "} " : " ")
                    .Append(sample.Value.ToString("R", CultureInfo.InvariantCulture))
                    .Append('\n');
            }
        }

        return text.ToString();
    }

    private static string Escape(string text, bool quotes)
    {
        string escaped = text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
        return quotes ? escaped.Replace("\"", "\\\"", StringComparison.Ordinal) : escaped;
    }
}
