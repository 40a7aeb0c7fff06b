using System.Text;

namespace Spillway.Scripting.Backend;

/// <summary>The tags of a flow as one text, joined by vertical bars and below 64 bytes (script API, section 4.1.3).</summary>
internal static class TagText
{
    private const int Limit = 64;

    /// <summary>The text with a tag added, unless it is there already or does not fit.</summary>
    public static string Add(string tags, string tag)
    {
        if (tag.Length == 0 || (tags.Length > 0 && tags.Split('|').Contains(tag, StringComparer.Ordinal)))
            return tags;
        string joined = tags.Length == 0 ? tag : $"{tags}|{tag}";
        return Encoding.UTF8.GetByteCount(joined) < Limit ? joined : tags;
    }

    /// <summary>The text with the tags of another.</summary>
    public static string Join(string tags, string others)
    {
        if (others.Length == 0)
            return tags;
        if (tags.Length == 0)
            return others;
        foreach (string tag in others.Split('|'))
            tags = Add(tags, tag);
        return tags;
    }
}
