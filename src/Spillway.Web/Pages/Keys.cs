using Spillway.Questions;
using Spillway.Web.Html;

namespace Spillway.Web.Pages;

/// <summary>Where things that stand in tables lead: a host to its story, all else to the flows that have it.</summary>
internal static class Keys
{
    /// <summary>A host: its story by click, and its flows by the plus sign beside it.</summary>
    public static Markup Host(View view, string? address)
    {
        if (string.IsNullOrEmpty(address))
            return Markup.Empty;
        string story = view.To("/host", ("address", address));
        return Markup.Of($"<a href=\"{story}\">{address}</a>");
    }

    /// <summary>A flow.</summary>
    public static Markup Flow(View view, string? id, string? text) =>
        string.IsNullOrEmpty(id) ? Markup.Of($"{text}") : view.Link("/flow", text, ("id", id));

    /// <summary>A key of a counter group.</summary>
    public static Markup Of(View view, string group, Row row)
    {
        (string name, string label) = (row.Text("name"), row.Text("label"));
        string plain = Nearest.Plain(group);
        Markup link = plain switch
        {
            "HOSTS" or "HOSTSIPV6" or "EXTERNALHOSTS" or "INTERNALHOSTS" or "WEBHOSTS" or "DNSSERVERS" or "DNSCLIENTS" => Host(view, name),
            "APPS" when name.All(char.IsAsciiDigit) => view.Link("/flows", name, ("q", $"port:{name}")),
            "HTTPHOSTS" => view.Link("/flows", name, ("q", $"host:{name}")),
            "BASEDOMAINS" or "DNSDOMAINS" => view.Link("/names", name, ("name", name)),
            "COUNTRY" => view.Link("/flows", name, ("q", $"country:{row.Text("key")}")),
            "ASNUMBER" => view.Link("/flows", name, ("q", $"as:{row.Text("key")}")),
            _ => view.Link("/counters", name, ("group", group), ("key", row.Text("key"))),
        };
        return label.Length > 0 && label != name ? Markup.Of($"{link} <span class=\"label\">{label}</span>") : link;
    }
}
