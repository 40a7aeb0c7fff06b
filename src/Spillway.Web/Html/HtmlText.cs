using System.Text;

namespace Spillway.Web.Html;

/// <summary>Text as HTML has it, within elements and within quoted attributes.</summary>
internal static class HtmlText
{
    /// <summary>
    /// Appends a text: the five characters of markup become entities, and what a screen does not show but obeys (controls, marks that turn
    /// the direction of writing) is spelled out.
    /// </summary>
    public static void Append(StringBuilder to, string? text)
    {
        if (string.IsNullOrEmpty(text))
            return;
        foreach (char c in SafeText.CleanLines(text))
        {
            _ = c switch
            {
                '<' => to.Append("&lt;"),
                '>' => to.Append("&gt;"),
                '&' => to.Append("&amp;"),
                '"' => to.Append("&quot;"),
                '\'' => to.Append("&#39;"),
                _ => to.Append(c),
            };
        }
    }
}
