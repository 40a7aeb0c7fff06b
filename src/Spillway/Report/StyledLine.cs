using System.Text;
using Spectre.Console;

namespace Spillway.Report;

/// <summary>
/// A line of texts, some of which look different. One without colours goes straight to the console's writer: most lines of most tables do.
/// </summary>
internal sealed class StyledLine
{
    private readonly StringBuilder _text = new();
    private readonly List<StyledPart> _styled = [];

    /// <summary>Adds text that is harmless already.</summary>
    public void Append(string text, Style? style = null)
    {
        if (style is not null)
            _styled.Add(new StyledPart(_text.Length, text.Length, style));
        _text.Append(text);
    }

    /// <summary>Writes the line with its end, cut to the console's width.</summary>
    public void Write(IAnsiConsole console)
    {
        string text = _text.ToString();
        if (_styled.Count > 0 && console.Profile.Capabilities.Ansi)
            console.Write(Paragraph(text));
        else
            console.Profile.Out.Writer.Write(CellText.Fit(text, console.Profile.Width, keepsEnd: false) + "\n");
    }

    private Paragraph Paragraph(string text)
    {
        var line = new Paragraph { Overflow = Overflow.Ellipsis };
        int at = 0;
        foreach (StyledPart part in _styled)
        {
            line.Append(text[at..part.Start]);
            at = part.Start + part.Length;
            line.Append(text[part.Start..at], part.Style);
        }

        return line.Append(text[at..] + "\n");
    }

    private sealed record StyledPart(int Start, int Length, Style Style);
}
