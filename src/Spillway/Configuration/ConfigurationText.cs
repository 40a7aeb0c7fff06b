using System.Text;

namespace Spillway.Configuration;

/// <summary>Writes what can be configured: a file that teaches, and the page of the documentation, from the options themselves.</summary>
internal static class ConfigurationText
{
    private const int Width = 100;

    /// <summary>A configuration file with each key, its description and its default, all as comments.</summary>
    public static string ToFile(OptionCatalog catalog)
    {
        var text = new StringBuilder(
            """
            # Configuration of Spillway. Each key is an option of 'spillway run'; remove the # in front of those you set.
            # What the environment says (SPILLWAY_OUTPUT=/var/lib/spillway) goes before this file, and the command line before both.
            #   spillway config check FILE    what is wrong with it
            #   spillway config show -c FILE  what holds, and why
            #   spillway serve -c FILE        run with it

            """
        );
        foreach ((OptionSection section, OptionEntry[] entries) in catalog.Sections)
        {
            text.Append('\n').Append(section.Key).Append(":\n");
            foreach (OptionEntry entry in entries)
            {
                text.Append('\n');
                foreach (string line in Wrap(entry.Description, Width))
                    text.Append("  # ").Append(line).Append('\n');
                text.Append("  # ").Append(entry.Key).Append(": ").Append(Example(entry)).Append('\n');
            }
        }

        return text.ToString();
    }

    /// <summary>The tables of docs/configuration.md.</summary>
    public static string ToMarkdown(OptionCatalog catalog)
    {
        var text = new StringBuilder();
        foreach ((OptionSection section, OptionEntry[] entries) in catalog.Sections)
        {
            text.Append("### ").Append(section.Key).Append("\n\n| key | value | default | what it does |\n| --- | --- | --- | --- |\n");
            foreach (OptionEntry entry in entries)
            {
                string value = entry.IsFlag ? "true, false" : entry.Option.HelpName + (entry.IsList ? ", or a list" : "");
                string usual = entry.Default.Length > 0 ? entry.Default : "none";
                text.Append($"| `{entry.Key}` | {Cell(value)} | {Cell(usual)} | {Cell(entry.Description)} |\n");
            }

            text.Append('\n');
        }

        return text.ToString();
    }

    private static string Cell(string text) => text.ReplaceLineEndings(" ").Replace("|", "\\|", StringComparison.Ordinal);

    // Some defaults are words about what happens, and no values.
    private static string Example(OptionEntry entry) =>
        entry.Default.Length > 0 && !entry.Default.Contains(' ', StringComparison.Ordinal) && entry.Accepts([entry.Default])
            ? Quoted(entry.Default)
        : entry.IsList ? $"[{entry.Option.HelpName}]"
        : entry.Option.HelpName ?? "";

    // What YAML would read as something else.
    private static string Quoted(string text) =>
        text.IndexOfAny([':', '#', '{', '[', '*', '&', '!', '|', '>', '%', '@']) >= 0 ? $"'{text}'" : text;

    private static IEnumerable<string> Wrap(string text, int width)
    {
        var line = new StringBuilder();
        foreach (string word in text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.Length > 0 && line.Length + 1 + word.Length > width)
            {
                yield return line.ToString();
                line.Clear();
            }

            line.Append(line.Length > 0 ? " " : "").Append(word);
        }

        if (line.Length > 0)
            yield return line.ToString();
    }
}
