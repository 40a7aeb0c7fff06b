using System.Text;

namespace Spillway.Web.Html;

/// <summary>Addresses of pages: a path of ours, and a query in which each value is escaped.</summary>
internal static class Link
{
    /// <summary>A path with a query; pairs without a value are left out.</summary>
    public static string To(string path, params ReadOnlySpan<(string Name, string? Value)> query)
    {
        var text = new StringBuilder(path);
        char separator = '?';
        foreach ((string name, string? value) in query)
        {
            if (string.IsNullOrEmpty(value))
                continue;
            text.Append(separator).Append(name).Append('=').Append(Uri.EscapeDataString(value));
            separator = '&';
        }

        return text.ToString();
    }

    /// <summary>A link whose text is what it leads to.</summary>
    public static Markup Of(string path, string? text, params ReadOnlySpan<(string Name, string? Value)> query)
    {
        string to = To(path, query);
        return Markup.Of($"<a href=\"{to}\">{text}</a>");
    }
}
