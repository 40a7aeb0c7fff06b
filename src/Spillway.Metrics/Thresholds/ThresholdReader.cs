using System.Globalization;

namespace Spillway.Metrics.Thresholds;

/// <summary>
/// Reads files of thresholds. A line is a kind and what belongs to it: <c>bytes id 1001, above 10M, clear 5M, hosts 10.0.0.0/8</c>;
/// <c>#</c> begins a comment. docs/thresholds.md explains it.
/// </summary>
public static class ThresholdReader
{
    private const int MostSeconds = 7 * 86_400;

    private static readonly string[] Common = ["id", "hosts", "not", "priority", "name"];

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="windowSeconds">Length of a window, of which periods are multiples.</param>
    /// <param name="rules">Gets the rules; has those of other files.</param>
    /// <param name="flaws">Gets what is wrong, a line for the user each, with <c>file:line</c> and remedy.</param>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static void Read(string path, int windowSeconds, List<ThresholdRule> rules, List<string> flaws)
    {
        ArgumentNullException.ThrowIfNull(rules);
        ArgumentNullException.ThrowIfNull(flaws);
        int number = 0;
        foreach (string line in File.ReadLines(path))
        {
            number++;
            string text = WithoutComment(line).Trim();
            if (text.Length == 0)
                continue;
            string place = string.Create(CultureInfo.InvariantCulture, $"{path}:{number}");
            if (!TryRead(text, windowSeconds, out ThresholdRule rule, out string flaw))
                flaws.Add($"{place}: {flaw}");
            else if (rules.Find(other => other.Id == rule.Id) is { } other)
                flaws.Add($"{place}: the id {rule.Id} is {other.Place}'s already: give each line an id of its own");
            else
                rules.Add(rule with { Place = place });
        }
    }

    /// <summary>Reads a line.</summary>
    /// <param name="text">The line without comment.</param>
    /// <param name="windowSeconds">Length of a window.</param>
    /// <param name="rule">The rule.</param>
    /// <param name="flaw">What is wrong, with the remedy; empty if nothing is.</param>
    internal static bool TryRead(string text, int windowSeconds, out ThresholdRule rule, out string flaw)
    {
        rule = new ThresholdRule(text);
        int blank = text.IndexOfAny([' ', '\t']);
        string kind = blank < 0 ? text : text[..blank];
        if (KindOf(kind) is not { } known)
        {
            flaw = $"'{kind}' is no kind of threshold: begin with bytes, connections, new-host or nxdomain";
            return false;
        }

        rule = rule with { Kind = known, Priority = known == ThresholdKind.NewHost ? 3 : 2 };
        double? clear = null;
        var given = new HashSet<string>(StringComparer.Ordinal);
        foreach (string part in Parts(blank < 0 ? "" : text[blank..]))
        {
            int end = part.IndexOfAny([' ', '\t']);
            (string name, string value) = end < 0 ? (part, "") : (part[..end], part[end..].Trim());
            if (!Names(known).Contains(name))
                flaw = $"'{name}' is not known of {kind}: it takes {string.Join(", ", Names(known))}, separated by commas";
            else if (!given.Add(name))
                flaw = $"'{name}' is given twice";
            else if (value.Length == 0)
                flaw = $"'{name}' has no value: write '{name} VALUE'";
            else
                flaw = Set(ref rule, ref clear, name, value, windowSeconds);
            if (flaw.Length > 0)
                return false;
        }

        flaw =
            rule.Id == 0 ? $"it has no id: add 'id NUMBER', which its alerts have as their signature"
            : known != ThresholdKind.NewHost && rule.Above == 0 ? $"it has no mark: add 'above {ThresholdNumber.Usual(known)}'"
            : clear > rule.Above ? "'clear' is above 'above': an alert would be cleared while it is raised; give a lower mark"
            : "";
        if (flaw.Length > 0)
            return false;
        rule = rule with { Clear = clear ?? rule.Above * 0.8, Seconds = rule.Seconds == 0 ? windowSeconds : rule.Seconds };
        if (rule.Name.Length == 0)
            rule = rule with { Name = NameOf(rule) };
        return true;
    }

    private static ThresholdKind? KindOf(string text) =>
        text switch
        {
            "bytes" => ThresholdKind.Bytes,
            "connections" => ThresholdKind.Connections,
            "new-host" => ThresholdKind.NewHost,
            "nxdomain" => ThresholdKind.NoSuchName,
            _ => null,
        };

    private static string[] Names(ThresholdKind kind) =>
        kind switch
        {
            ThresholdKind.NewHost => [.. Common, "learn"],
            ThresholdKind.Bytes => [.. Common, "above", "clear", "windows", "seconds", "direction"],
            ThresholdKind.NoSuchName => [.. Common, "above", "clear", "windows", "seconds", "least"],
            _ => [.. Common, "above", "clear", "windows", "seconds"],
        };

    // Returns what is wrong; empty if nothing is.
    private static string Set(ref ThresholdRule rule, ref double? clear, string name, string value, int windowSeconds)
    {
        switch (name)
        {
            case "above" or "clear":
                if (ThresholdNumber.TryParse(rule.Kind, value) is not { } mark)
                    return $"'{name} {value}' is no mark: give {ThresholdNumber.Examples(rule.Kind)}";
                if (name == "clear")
                    clear = mark;
                else if (mark <= 0)
                    return $"'above {value}' is always reached: give more than 0";
                else
                    rule = rule with { Above = mark, AboveText = value };
                return "";
            case "hosts" or "not":
                return SetHosts(ref rule, name, value);
            case "direction":
                if (!Enum.TryParse(value, ignoreCase: true, out ThresholdDirection direction) || !char.IsAsciiLetter(value[0]))
                    return $"'direction {value}' is none: give total, sent or received";
                rule = rule with { Direction = direction };
                return "";
            case "name":
                rule = rule with { Name = value.Trim('"') };
                return "";
        }

        long most = name switch
        {
            "id" => int.MaxValue,
            "seconds" or "learn" => MostSeconds,
            "windows" => 10_000,
            "priority" => 255,
            _ => int.MaxValue,
        };
        long factor = 1;
        if (name is "seconds" or "learn" && value.Length > 1)
            factor = value[^1] switch
            {
                's' => 1,
                'm' => 60,
                'h' => 3600,
                'd' => 86_400,
                _ => 0,
            };
        bool hasUnit = name is "seconds" or "learn" && !char.IsAsciiDigit(value[^1]);
        if (!hasUnit)
            factor = 1;
        if (
            !long.TryParse(hasUnit ? value[..^1] : value, NumberStyles.None, CultureInfo.InvariantCulture, out long number)
            || factor == 0
            || number < 1
            || number > most / factor
        )
            return $"'{name} {value}' must be a whole number from 1 to {most}"
                + (name is "seconds" or "learn" ? ", or one such as 10m or 1h" : "");
        number *= factor;
        if (name == "seconds" && number % windowSeconds != 0)
            return $"'seconds {value}' is no multiple of the windows, which are {windowSeconds} s: give one that is";
        rule = name switch
        {
            "id" => rule with { Id = number },
            "seconds" => rule with { Seconds = (int)number },
            "learn" => rule with { LearnSeconds = (int)number },
            "windows" => rule with { CalmPeriods = (int)number },
            "priority" => rule with { Priority = (int)number },
            _ => rule with { Least = number },
        };
        return "";
    }

    private static string SetHosts(ref ThresholdRule rule, string name, string value)
    {
        if (name == "hosts" && value is "home" or "external" or "all")
        {
            rule = rule with { AreHome = value == "all" ? null : value == "home" };
            return "";
        }

        if (AddressList.TryParse(value) is not { } list)
            return $"'{name} {value}' is no list of hosts: give addresses and networks with blanks between them"
                + (name == "hosts" ? ", or home, external or all" : "");
        rule = name == "hosts" ? rule with { Hosts = list } : rule with { Except = list };
        return "";
    }

    private static string NameOf(ThresholdRule rule)
    {
        string period = string.Create(CultureInfo.InvariantCulture, $"in {rule.Seconds} s");
        return rule.Kind switch
        {
            ThresholdKind.Bytes => rule.Direction switch
            {
                ThresholdDirection.Sent => $"Host sends more than {rule.AboveText} bytes {period}",
                ThresholdDirection.Received => $"Host receives more than {rule.AboveText} bytes {period}",
                _ => $"Host moves more than {rule.AboveText} bytes {period}",
            },
            ThresholdKind.Connections => $"Host has more than {rule.AboveText} new connections {period}",
            ThresholdKind.NewHost => "Host is seen for the first time",
            _ => $"More than {rule.AboveText} of a client's names do not exist {period}",
        };
    }

    private static string WithoutComment(string line)
    {
        bool isQuoted = false;
        for (int i = 0; i < line.Length; i++)
        {
            if (line[i] == '"')
                isQuoted = !isQuoted;
            else if (line[i] == '#' && !isQuoted)
                return line[..i];
        }

        return line;
    }

    // Commas within quotes separate nothing.
    private static List<string> Parts(string text)
    {
        var parts = new List<string>();
        bool isQuoted = false;
        int begin = 0;
        for (int i = 0; i <= text.Length; i++)
        {
            if (i < text.Length && text[i] == '"')
                isQuoted = !isQuoted;
            if (i < text.Length && (text[i] != ',' || isQuoted))
                continue;
            if (text[begin..i].Trim() is { Length: > 0 } part)
                parts.Add(part);
            begin = i + 1;
        }

        return parts;
    }
}
