using System.Globalization;
using System.Text;

namespace Spillway.Scripting.Patterns;

/// <summary>
/// Turns a pattern of RE2 (https://github.com/google/re2/wiki/Syntax) into one of .NET's that means the same over bytes, each byte being
/// the character of its value. All that the two read differently is spelled out, so that no option of .NET's is left to matter: flags,
/// classes (ASCII only), anchors, case (ASCII letters only), the order of groups. A literal beyond ASCII stands for its bytes in UTF-8.
/// </summary>
internal ref struct Re2Syntax
{
    private const int MaxRepeat = 1000;
    private const int MaxDepth = 500; // groups in groups

    private readonly ReadOnlySpan<char> _text;
    private readonly PatternOptions _options;
    private readonly StringBuilder _out = new();
    private int _at;
    private int _depth;
    private Flags _flags;

    private Re2Syntax(ReadOnlySpan<char> text, PatternOptions options)
    {
        _text = text;
        _options = options;
        _flags = options.HasFlag(PatternOptions.CaseSensitive) ? Flags.None : Flags.IgnoreCase;
    }

    [Flags]
    private enum Flags
    {
        None = 0,
        IgnoreCase = 1,
        MultiLine = 2,
        DotAll = 4,
        Ungreedy = 8,
    }

    /// <summary>Translates.</summary>
    /// <param name="pattern">The pattern's bytes as characters.</param>
    /// <exception cref="ArgumentException">It is no pattern of RE2; the message says what is wrong with it.</exception>
    public static string ToDotNet(ReadOnlySpan<char> pattern, PatternOptions options)
    {
        var syntax = new Re2Syntax(pattern, options);
        if (options.HasFlag(PatternOptions.Literal))
            syntax.WriteLiterals(pattern);
        else
            syntax.Alternation();
        if (syntax._at < pattern.Length && !options.HasFlag(PatternOptions.Literal))
            throw new ArgumentException("unexpected )");
        return syntax._out.ToString();
    }

    private readonly bool More => _at < _text.Length;

    private readonly bool Has(Flags flag) => (_flags & flag) != 0;

    private bool TryTake(string expected)
    {
        if (!_text[_at..].StartsWith(expected, StringComparison.Ordinal))
            return false;
        _at += expected.Length;
        return true;
    }

    // Flags that are set within a group hold to its end.
    private void Alternation()
    {
        if (++_depth > MaxDepth)
            throw new ArgumentException("nested too deep");
        Flags before = _flags;
        while (More && _text[_at] != ')')
        {
            if (TryTake("|"))
                _out.Append('|');
            else
                Repeated();
        }

        _flags = before;
        _depth--;
    }

    private void Repeated()
    {
        int start = _at;
        if (!Atom())
            return;
        if (!TryRepetition(out string operation))
            return;
        _out.Append(operation);
        bool lazy = TryTake("?") != Has(Flags.Ungreedy);
        if (lazy)
            _out.Append('?');
        if (More && (_text[_at] is '*' or '+' or '?' || TryRepetition(out _)))
            throw new ArgumentException($"bad repetition operator after {_text[start.._at]}");
    }

    private bool TryRepetition(out string operation)
    {
        operation = "";
        if (!More)
            return false;
        if (_text[_at] is '*' or '+' or '?')
        {
            operation = _text[_at++].ToString();
            return true;
        }

        if (_text[_at] != '{')
            return false;
        int end = _text[_at..].IndexOf('}');
        if (end < 0 || !TryRange(_text.Slice(_at + 1, end - 1), out int low, out int high))
            return false; // a brace that is just a brace
        if (low > MaxRepeat || high > MaxRepeat || (high >= 0 && high < low))
            throw new ArgumentException($"bad repetition operator {_text.Slice(_at, end + 1)}");
        operation = _text.Slice(_at, end + 1).ToString();
        _at += end + 1;
        return true;
    }

    private static bool TryRange(ReadOnlySpan<char> range, out int low, out int high)
    {
        high = -1;
        int comma = range.IndexOf(',');
        if (!int.TryParse(comma < 0 ? range : range[..comma], NumberStyles.None, CultureInfo.InvariantCulture, out low))
            return false;
        if (comma < 0)
            high = low;
        return comma < 0
            || comma == range.Length - 1
            || int.TryParse(range[(comma + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out high);
    }

    // False for what cannot be repeated, as it stands for nothing itself.
    private bool Atom()
    {
        char c = _text[_at++];
        switch (c)
        {
            case '(':
                return Group();
            case '[':
                _at--;
                _out.Append(ByteSet.Parse(_text, ref _at, Has(Flags.IgnoreCase)));
                return true;
            case '.':
                _out.Append(Has(Flags.DotAll) ? @"[\x00-\xFF]" : @"[^\n]");
                return true;
            case '^':
                _out.Append(Has(Flags.MultiLine) ? "(?m:^)" : @"\A");
                return true;
            case '$':
                _out.Append(Has(Flags.MultiLine) ? "(?m:$)" : @"\z");
                return true;
            case '*' or '+' or '?':
                throw new ArgumentException($"no argument for repetition operator: {c}");
            case '\\':
                return Escape();
            default:
                Literal(c);
                return true;
        }
    }

    private bool Group()
    {
        string open = "(";
        if (TryTake("?"))
        {
            if (TryTake("P<") || (TryTake("<") && More && _text[_at] is not ('=' or '!')))
            {
                int end = _text[_at..].IndexOf('>');
                if (end <= 0)
                    throw new ArgumentException("invalid named capture group");
                _at += end + 1; // .NET would number it behind the nameless ones
            }
            else
            {
                Flags before = _flags;
                if (!TakeFlags())
                    return false; // for the rest of the group that is open
                Inner("(?:");
                _flags = before;
                return true;
            }
        }

        if (_options.HasFlag(PatternOptions.NeverCapture))
            open = "(?:";
        Inner(open);
        return true;
    }

    private void Inner(string open)
    {
        _out.Append(open);
        Alternation();
        if (!TryTake(")"))
            throw new ArgumentException("missing )");
        _out.Append(')');
    }

    // imsU-imsU and a colon (true) or the parenthesis (false).
    private bool TakeFlags()
    {
        bool on = true;
        while (More)
        {
            char c = _text[_at++];
            Flags flag = c switch
            {
                'i' => Flags.IgnoreCase,
                'm' => Flags.MultiLine,
                's' => Flags.DotAll,
                'U' => Flags.Ungreedy,
                _ => Flags.None,
            };
            if (flag != Flags.None)
                _flags = on ? _flags | flag : _flags & ~flag;
            else if (c == '-' && on)
                on = false;
            else if (c == ':')
                return true;
            else if (c == ')')
                return false;
            else
                break;
        }

        throw new ArgumentException("invalid group syntax, such as RE2 has none (look-around, atomic groups, comments)");
    }

    private bool Escape()
    {
        if (!More)
            throw new ArgumentException(@"trailing \");
        char c = _text[_at];
        switch (c)
        {
            case 'A' or 'z' or 'b' or 'B':
                _at++;
                _out.Append('\\').Append(c);
                return true;
            case 'C':
                _at++;
                _out.Append(@"[\x00-\xFF]");
                return true;
            case 'Q':
                _at++;
                int end = _text[_at..].IndexOf(@"\E", StringComparison.Ordinal);
                ReadOnlySpan<char> quoted = end < 0 ? _text[_at..] : _text.Slice(_at, end);
                WriteLiterals(quoted);
                _at += end < 0 ? quoted.Length : end + 2;
                return quoted.Length > 0;
            default:
                _at--;
                if (ByteSet.TryParseClassEscape(_text, ref _at, out ByteSet set))
                    _out.Append(set);
                else
                    WriteCodePoint(ByteSet.ParseCharacterEscape(_text, ref _at));
                return true;
        }
    }

    // A character beyond ASCII is several bytes in UTF-8, which a repetition after it must take as one.
    private void Literal(char c)
    {
        int more = !_options.HasFlag(PatternOptions.Utf8)
            ? 0
            : c switch
            {
                >= '\xC2' and <= '\xDF' => 1,
                >= '\xE0' and <= '\xEF' => 2,
                >= '\xF0' and <= '\xF4' => 3,
                _ => 0,
            };
        if (more == 0 || _at + more > _text.Length || _text.Slice(_at, more).ContainsAnyExceptInRange('\x80', '\xBF'))
        {
            WriteByte(c);
            return;
        }

        _out.Append("(?:");
        WriteByte(c);
        for (; more > 0; more--)
            WriteByte(_text[_at++]);
        _out.Append(')');
    }

    private readonly void WriteCodePoint(int codePoint)
    {
        if (codePoint <= 0xFF)
        {
            WriteByte((char)codePoint); // \xHH is taken for the byte: subjects are bytes
            return;
        }

        Span<byte> utf8 = stackalloc byte[4];
        int length = new Rune(codePoint).EncodeToUtf8(utf8);
        _out.Append("(?:");
        foreach (byte b in utf8[..length])
            WriteByte((char)b);
        _out.Append(')');
    }

    private readonly void WriteLiterals(ReadOnlySpan<char> text)
    {
        foreach (char c in text)
            WriteByte(c);
    }

    private readonly void WriteByte(char c)
    {
        if (Has(Flags.IgnoreCase) && char.IsAsciiLetter(c))
            _out.Append('[').Append(char.ToUpperInvariant(c)).Append(char.ToLowerInvariant(c)).Append(']');
        else if (char.IsAsciiLetterOrDigit(c))
            _out.Append(c);
        else
            _out.Append(CultureInfo.InvariantCulture, $@"\x{(int)c:X2}");
    }
}
