using System.Globalization;
using System.Text;
using Spillway.Questions;

namespace Spillway.Web.Data;

/// <summary>
/// The filter language of flows: words such as <c>host:10.1.2.3 port:443 -service:dns sort:bytes</c>. Different names must all match, of
/// one name that comes again one value, and a hyphen negates. A word without a name is a host. Values with blanks stand in quotes.
/// </summary>
internal sealed class FlowFilterText
{
    /// <summary>Longest text, in characters.</summary>
    public const int MaxText = 4000;

    /// <summary>The names, with what their values are, for completion and help.</summary>
    public static IReadOnlyList<(string Name, string Help, string[] Values)> Names { get; } =
    [
        ("host", "address, network or name at either end", []),
        ("client", "the end that began", []),
        ("server", "the other end", []),
        ("port", "443, 1-1023, 80,443", ["443", "80", "53", "22", "1-1023"]),
        ("proto", "IP protocol", ["tcp", "udp", "icmp", "icmpv6"]),
        ("service", "what it carries", ["http", "tls", "dns", "ssh", "smtp", "imap", "pop3", "ftp", "ftp-data"]),
        ("state", "how it ended", ["closed", "half-closed", "reset", "timed-out", "open", "syn-ack", "syn"]),
        ("minbytes", "at least so many bytes", ["1M", "10M", "100M", "1G"]),
        ("country", "two letters", []),
        ("as", "AS number", []),
        ("vlan", "VLAN id", []),
        ("tag", "a script's tag", []),
        ("attribute", "NAME or NAME=TEXT", ["SNI=", "Host=", "JA4="]),
        ("id", "flow id of scripts", []),
        ("sort", "order", [.. FlowsQuestion.Orders.Keys]),
    ];

    private readonly Dictionary<string, (List<string> Any, List<string> None)> _terms = new(StringComparer.Ordinal);

    /// <summary>Reads a text.</summary>
    /// <exception cref="QuestionException">A word is wrong.</exception>
    public FlowFilterText(string? text)
    {
        if (text is { Length: > MaxText })
            throw new QuestionException($"the filter has more than {MaxText} characters");
        foreach (string word in Words(text ?? ""))
            Add(word);
        string sort = One("sort") ?? "";
        if (sort.Length > 0 && !FlowsQuestion.Orders.ContainsKey(sort))
            throw new QuestionException($"sort: there is no order '{sort}'; there are {string.Join(", ", FlowsQuestion.Orders.Keys)}");
        Filter = new FlowFilter
        {
            Host = Of("host"),
            Client = Of("client"),
            Server = Of("server"),
            Port = Of("port", PortRanges.Complaint),
            Protocol = Of("proto"),
            Service = Of("service"),
            State = Of("state", FlowStates.Complaint),
            MinBytes = Of("minbytes", text => Size(text) is null ? $"'{text}' is no size: give one such as 5M" : null).Select(Bytes),
            Country = Of("country", text => text.Length == 2 ? null : $"'{text}' is no country: give two letters, such as FR"),
            AsNumber = Of("as", text => AsNumber(text) is null ? $"'{text}' is no AS number" : null).Select(text => AsNumber(text)!),
            Vlan = Of("vlan"),
            Tag = Of("tag"),
            Attribute = Of("attribute"),
            Id = Of("id"),
            Sort = sort.Length > 0 ? sort : "start",
        };
    }

    /// <summary>The filter.</summary>
    public FlowFilter Filter { get; }

    /// <summary>A word of the language, with quotes if the value needs them.</summary>
    public static string Word(string name, string value) =>
        value.AsSpan().ContainsAny(" \t\"") ? $"{name}:\"{value.Replace("\"", "", StringComparison.Ordinal)}\"" : $"{name}:{value}";

    /// <summary>A text with a word more; without what it replaces, if the name can come once only.</summary>
    public static string With(string? text, string name, string value)
    {
        string word = Word(name, value);
        IEnumerable<string> words = Words(text ?? "").Select(Quoted);
        if (name == "sort")
            words = words.Where(each => !each.StartsWith("sort:", StringComparison.Ordinal));
        string[] all = [.. words];
        return string.Join(' ', all.Contains(word) ? all : [.. all, word]);
    }

    private static string Quoted(string word)
    {
        int colon = word.IndexOf(':', StringComparison.Ordinal);
        return colon < 0 ? word : Word(word[..colon], word[(colon + 1)..]);
    }

    private static List<string> Words(string text)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        bool isQuoted = false;
        foreach (char c in text)
        {
            if (c == '"')
            {
                isQuoted = !isQuoted;
            }
            else if (char.IsWhiteSpace(c) && !isQuoted)
            {
                if (word.Length > 0)
                    words.Add(word.ToString());
                word.Clear();
            }
            else
            {
                word.Append(c);
            }
        }

        if (word.Length > 0)
            words.Add(word.ToString());
        return words;
    }

    private void Add(string word)
    {
        bool isNegated = word.Length > 1 && word[0] is '-' or '!';
        string rest = isNegated ? word[1..] : word;
        int colon = rest.IndexOf(':', StringComparison.Ordinal);
        string name = colon < 0 ? "host" : rest[..colon].ToLowerInvariant(),
            value = rest[(colon + 1)..];
        // 2001:db8::1 has colons and is a host.
        if (colon > 0 && Names.All(each => each.Name != name) && System.Net.IPAddress.TryParse(rest.Split('/')[0], out _))
            (name, value) = ("host", rest);
        if (Names.All(each => each.Name != name))
        {
            string near = string.Join(", ", Nearest.To(name, Names.Select(each => each.Name), most: 2));
            throw new QuestionException(
                $"there is no filter '{name}'{(near.Length > 0 ? $", did you mean {near}?" : "")}; there are "
                    + string.Join(", ", Names.Select(each => each.Name))
            );
        }

        if (value.Length == 0)
            throw new QuestionException($"{name}: has no value: give one, such as {name}:{Example(name)}");
        if (!_terms.TryGetValue(name, out (List<string> Any, List<string> None) terms))
            _terms[name] = terms = ([], []);
        (isNegated ? terms.None : terms.Any).Add(value);
    }

    private static string Example(string name) =>
        Names.First(each => each.Name == name).Values is [var first, ..] ? first
        : name is "host" or "client" or "server" ? "10.1.2.3"
        : "1";

    private string? One(string name) =>
        _terms.TryGetValue(name, out (List<string> Any, List<string> None) terms) ? terms.Any.LastOrDefault() : null;

    private FilterTerms Of(string name, Func<string, string?>? complaint = null)
    {
        if (!_terms.TryGetValue(name, out (List<string> Any, List<string> None) terms))
            return FilterTerms.Empty;
        foreach (string value in terms.Any.Concat(terms.None))
        {
            if (complaint?.Invoke(value) is { } wrong)
                throw new QuestionException($"{name}: {wrong}");
        }

        return new FilterTerms(terms.Any, terms.None);
    }

    private static string Bytes(string text) => Size(text)!.Value.ToString(CultureInfo.InvariantCulture);

    private static long? Size(string text)
    {
        long unit =
            text.Length == 0
                ? 0
                : char.ToUpperInvariant(text[^1]) switch
                {
                    'K' => 1 << 10,
                    'M' => 1 << 20,
                    'G' => 1 << 30,
                    'T' => 1L << 40,
                    _ => 1,
                };
        string number = unit > 1 ? text[..^1] : text;
        return
            unit > 0
            && long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out long count)
            && count < long.MaxValue / unit
            ? count * unit
            : null;
    }

    private static string? AsNumber(string text)
    {
        string number = text.StartsWith("AS", StringComparison.OrdinalIgnoreCase) ? text[2..] : text;
        return uint.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out uint value)
            ? value.ToString(CultureInfo.InvariantCulture)
            : null;
    }
}
