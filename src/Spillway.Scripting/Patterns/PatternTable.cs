using System.Text;
using System.Text.RegularExpressions;

namespace Spillway.Scripting.Patterns;

/// <summary>Options of T.re2, as bits (script API, section 4.7).</summary>
[Flags]
internal enum PatternOptions
{
    Utf8 = 1,
    PosixSyntax = 2,
    LongestMatch = 4,
    LogErrors = 8,
    Literal = 16,
    NeverNewline = 32,
    NeverCapture = 64,
    CaseSensitive = 128,
}

/// <summary>
/// The compiled patterns of T.re2, by number. Matching takes time linear in the subject (RegexOptions.NonBacktracking), as RE2 promises.
/// Subjects are bytes: each becomes the character of the same value, so that offsets agree. Any thread.
/// </summary>
internal static class PatternTable
{
    private static readonly Lock Gate = new();
    private static readonly Dictionary<(string, PatternOptions), int> Known = [];
    private static volatile Compiled[] _patterns = [];

    /// <summary>Compiles a pattern; the same text gives the same number.</summary>
    /// <param name="error">Why the pattern is not valid; it then has the number 0, which never matches.</param>
    public static int Compile(ReadOnlySpan<byte> pattern, PatternOptions options, out string? error)
    {
        error = null;
        string text = Encoding.Latin1.GetString(pattern);
        lock (Gate)
        {
            if (Known.TryGetValue((text, options), out int id)) return id;
            try
            {
                var compiled = new Compiled(text, options);
                _patterns = [.. _patterns, compiled];
                id = _patterns.Length;
            }
            catch (Exception exception) when (exception is ArgumentException or NotSupportedException)
            {
                error = $"T.re2: invalid pattern /{text}/: {exception.Message}";
            }

            Known[(text, options)] = id;
            return id;
        }
    }

    /// <summary>Matches; fills (begin, end) of the whole match and of each group, -1 for a group that took no part.</summary>
    /// <returns>Number of groups with the whole match counted, at most what fits; 0 for no match.</returns>
    public static int Match(int id, ReadOnlySpan<byte> subject, bool full, Span<int> spans)
    {
        Compiled[] patterns = _patterns;
        if (id <= 0 || id > patterns.Length) return 0;
        Compiled pattern = patterns[id - 1];
        Match match = (full ? pattern.Full : pattern.Partial).Match(Encoding.Latin1.GetString(subject));
        if (!match.Success) return 0;
        int count = Math.Min(match.Groups.Count, spans.Length / 2);
        for (int i = 0; i < count; i++)
        {
            Group group = match.Groups[i];
            spans[2 * i] = group.Success ? group.Index : -1;
            spans[(2 * i) + 1] = group.Success ? group.Index + group.Length : -1;
        }

        return count;
    }

    private sealed class Compiled
    {
        public Compiled(string text, PatternOptions options)
        {
            if (options.HasFlag(PatternOptions.Literal)) text = Regex.Escape(text);
            text = ToDotNet(text);
            RegexOptions dotnet = RegexOptions.NonBacktracking | RegexOptions.CultureInvariant;
            if (!options.HasFlag(PatternOptions.CaseSensitive)) dotnet |= RegexOptions.IgnoreCase;
            if (options.HasFlag(PatternOptions.NeverCapture)) dotnet |= RegexOptions.ExplicitCapture;
            Partial = new Regex(text, dotnet);
            Full = new Regex(@"\A(?:" + text + @")\z", dotnet);
        }

        public Regex Partial { get; }

        public Regex Full { get; }

        // Where RE2's syntax has another spelling: (?P<name>...), \z and \C.
        private static string ToDotNet(string text) =>
            text.Replace("(?P<", "(?<", StringComparison.Ordinal).Replace(@"\C", @"[\s\S]", StringComparison.Ordinal);
    }
}
