using System.Text;
using System.Text.RegularExpressions;

namespace Spillway.Scripting.Patterns;

/// <summary>Options of T.re2, as bits (script API, section 4.7).</summary>
[Flags]
internal enum PatternOptions
{
    None = 0,
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
/// The compiled patterns of T.re2, by number; they stay until the process ends. Matching takes time linear in the subject
/// (RegexOptions.NonBacktracking), as RE2 promises. Subjects are bytes: each becomes the character of the same value, so that offsets
/// agree.
/// Any thread.
/// </summary>
internal static class PatternTable
{
    /// <summary>The most patterns of a process: further ones are invalid.</summary>
    public const int MaxPatterns = 100_000;

    private const int FirstBuffer = 4096;

    private static readonly Lock Gate = new();
    private static readonly Dictionary<(string, PatternOptions), (int Id, string? Error)> Known = [];
    private static volatile CompiledPattern[] _patterns = new CompiledPattern[64];
    private static int _count;

    [ThreadStatic]
    private static char[]? _subject;

    /// <summary>Compiles a pattern; the same text gives the same number.</summary>
    /// <param name="error">Why the pattern is not valid; it then has the number 0, which never matches.</param>
    public static int Compile(ReadOnlySpan<byte> pattern, PatternOptions options, out string? error)
    {
        error = null;
        string text = Encoding.Latin1.GetString(pattern);
        options &= ~PatternOptions.LogErrors;
        lock (Gate)
        {
            if (Known.TryGetValue((text, options), out (int Id, string? Error) known))
            {
                error = known.Error;
                return known.Id;
            }

            if (Known.Count >= MaxPatterns)
            {
                error = $"T.re2: more than {MaxPatterns} different patterns: /{text}/ never matches";
                return 0;
            }

            int id = 0;
            try
            {
                id = Add(new CompiledPattern(text, options));
            }
            catch (Exception exception) when (exception is ArgumentException or NotSupportedException)
            {
                error = $"T.re2: invalid pattern /{text}/: {exception.Message}";
            }

            Known[(text, options)] = (id, error);
            return id;
        }
    }

    /// <summary>Matches; fills (begin, end) of the whole match and of each group, -1 for a group that took no part.</summary>
    /// <param name="spans">Empty to ask only whether there is a match: that is faster, and allocates nothing.</param>
    /// <returns>Number of groups with the whole match counted, at most what fits but at least 1; 0 for no match.</returns>
    public static int Match(int id, ReadOnlySpan<byte> subject, bool full, Span<int> spans)
    {
        if (Find(id) is not { } pattern)
            return 0;
        ReadOnlySpan<char> text = Widen(subject);
        Regex regex = full ? pattern.Full : pattern.Partial;
        if (!regex.IsMatch(text))
            return 0; // most subjects do not match, and this is much cheaper than to look for groups
        if (spans.IsEmpty)
            return 1;

        Match match = regex.Match(text.ToString());
        int count = Math.Min(match.Groups.Count, spans.Length / 2);
        for (int i = 0; i < count; i++)
        {
            Group group = match.Groups[i];
            spans[2 * i] = group.Success ? group.Index : -1;
            spans[(2 * i) + 1] = group.Success ? group.Index + group.Length : -1;
        }

        return count;
    }

    private static CompiledPattern? Find(int id)
    {
        CompiledPattern[] patterns = _patterns;
        return id > 0 && id <= patterns.Length ? patterns[id - 1] : null;
    }

    private static int Add(CompiledPattern pattern)
    {
        if (_count == _patterns.Length)
        {
            var larger = new CompiledPattern[_count * 2];
            _patterns.CopyTo(larger, 0);
            _patterns = larger;
        }

        _patterns[_count++] = pattern;
        return _count;
    }

    private static ReadOnlySpan<char> Widen(ReadOnlySpan<byte> subject)
    {
        char[]? buffer = _subject;
        if (buffer is null || buffer.Length < subject.Length)
            _subject = buffer = new char[Math.Max(FirstBuffer, subject.Length)];
        return buffer.AsSpan(0, Encoding.Latin1.GetChars(subject, buffer));
    }

    private sealed class CompiledPattern
    {
        private readonly string _text;
        private Regex? _full;

        public CompiledPattern(string text, PatternOptions options)
        {
            _text = Re2Syntax.ToDotNet(text, options);
            Partial = Create(_text);
        }

        public Regex Partial { get; }

        /// <summary>Made when it is first asked for: few patterns are used both ways.</summary>
        public Regex Full => _full ??= Create(@"\A(?:" + _text + @")\z");

        private static Regex Create(string text) => new(text, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
    }
}
