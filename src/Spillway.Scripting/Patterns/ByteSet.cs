using System.Globalization;
using System.Text;

namespace Spillway.Scripting.Patterns;

/// <summary>A set of byte values: what a class of RE2 (<c>[a-z]</c>, <c>\d</c>, <c>[[:alpha:]]</c>) stands for.</summary>
internal struct ByteSet
{
    private const int MaxRune = 0x10FFFF;

    private UInt128 _low;
    private UInt128 _high;

    /// <summary>Reads a class in brackets.</summary>
    /// <param name="at">At the opening bracket; behind the closing one afterwards.</param>
    /// <exception cref="ArgumentException">It is none.</exception>
    public static ByteSet Parse(ReadOnlySpan<char> text, ref int at, bool ignoreCase)
    {
        int start = at++;
        var set = default(ByteSet);
        bool negated = at < text.Length && text[at] == '^';
        if (negated)
            at++;
        for (bool first = true; ; first = false)
        {
            if (at >= text.Length)
                throw new ArgumentException($"missing ]: {text[start..]}");
            if (text[at] == ']' && !first)
                break;
            if (TryParsePosixClass(text, ref at, out ByteSet named) || TryParseClassEscape(text, ref at, out named))
            {
                set.Add(named);
                continue;
            }

            int low = ParseCharacter(text, ref at);
            int high = low;
            if (at + 1 < text.Length && text[at] == '-' && text[at + 1] != ']')
            {
                at++;
                high = ParseCharacter(text, ref at);
                if (high < low)
                    throw new ArgumentException($"invalid character class range: {text[start..at]}");
            }

            set.AddRange(low, high);
        }

        at++;
        if (ignoreCase)
            set.AddOtherCase();
        if (negated)
            set.Negate();
        return set;
    }

    /// <summary>Reads <c>\d \D \s \S \w \W</c>.</summary>
    public static bool TryParseClassEscape(ReadOnlySpan<char> text, ref int at, out ByteSet set)
    {
        set = default;
        if (at + 1 >= text.Length || text[at] != '\\')
            return false;
        char c = text[at + 1];
        if (c is 'p' or 'P')
            throw new ArgumentException("Unicode classes are not for bytes: write the bytes, or a class of ASCII");
        string? ranges = char.ToLowerInvariant(c) switch
        {
            'd' => "09",
            's' => "\t\n\f\r  ",
            'w' => "09AZaz__",
            _ => null,
        };
        if (ranges is null)
            return false;
        set.AddRanges(ranges);
        if (char.IsAsciiLetterUpper(c))
            set.Negate();
        at += 2;
        return true;
    }

    /// <summary>Reads an escape that stands for one character, the backslash first.</summary>
    public static int ParseCharacterEscape(ReadOnlySpan<char> text, ref int at)
    {
        if (at + 1 >= text.Length)
            throw new ArgumentException(@"trailing \");
        int start = at;
        char c = text[at + 1];
        at += 2;
        switch (c)
        {
            case 'a':
                return '\a';
            case 'f':
                return '\f';
            case 'n':
                return '\n';
            case 'r':
                return '\r';
            case 't':
                return '\t';
            case 'v':
                return '\v';
            case 'x':
                return ParseHex(text, ref at);
            case >= '0' and <= '7' when c == '0' || (at < text.Length && text[at] is >= '0' and <= '7'):
                return ParseOctal(text, ref at, c - '0');
            case < '\x80' when !char.IsAsciiLetterOrDigit(c):
                return c;
            default:
                throw new ArgumentException($"invalid escape sequence: {text[start..at]}");
        }
    }

    /// <summary>Whether a byte is in the set.</summary>
    public readonly bool Contains(int value) => ((value < 128 ? _low >> value : _high >> (value - 128)) & UInt128.One) != UInt128.Zero;

    /// <summary>The set as a class of .NET's.</summary>
    public override readonly string ToString()
    {
        var text = new StringBuilder("[");
        for (int value = 0; value < 256; value++)
        {
            if (!Contains(value))
                continue;
            int last = value;
            while (last < 255 && Contains(last + 1))
                last++;
            text.Append(CultureInfo.InvariantCulture, $@"\x{value:X2}-\x{last:X2}");
            value = last;
        }

        return text.Length == 1 ? @"[^\x00-\uFFFF]" : text.Append(']').ToString();
    }

    private static bool TryParsePosixClass(ReadOnlySpan<char> text, ref int at, out ByteSet set)
    {
        set = default;
        if (!text[at..].StartsWith("[:"))
            return false;
        int end = text[at..].IndexOf(":]");
        if (end < 0)
            return false;
        ReadOnlySpan<char> name = text.Slice(at + 2, end - 2);
        bool negated = name.StartsWith("^");
        string ranges = (negated ? name[1..] : name) switch
        {
            "alnum" => "09AZaz",
            "alpha" => "AZaz",
            "ascii" => "\0\x7F",
            "blank" => "\t\t  ",
            "cntrl" => "\0\x1F\x7F\x7F",
            "digit" => "09",
            "graph" => "!~",
            "lower" => "az",
            "print" => " ~",
            "punct" => "!/:@[`{~",
            "space" => "\t\r  ",
            "upper" => "AZ",
            "word" => "09AZaz__",
            "xdigit" => "09AFaf",
            _ => throw new ArgumentException($"invalid character class: {text.Slice(at, end + 2)}"),
        };
        set.AddRanges(ranges);
        if (negated)
            set.Negate();
        at += end + 2;
        return true;
    }

    private static int ParseCharacter(ReadOnlySpan<char> text, ref int at) =>
        text[at] == '\\' ? ParseCharacterEscape(text, ref at) : text[at++];

    private static int ParseHex(ReadOnlySpan<char> text, ref int at)
    {
        ReadOnlySpan<char> digits = at + 2 <= text.Length ? text.Slice(at, 2) : default;
        int next = at + 2;
        if (at < text.Length && text[at] == '{')
        {
            int end = text[at..].IndexOf('}');
            digits = end < 0 ? default : text.Slice(at + 1, end - 1);
            next = at + end + 1;
        }

        if (
            !int.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int value)
            || value is < 0 or > MaxRune or (>= 0xD800 and <= 0xDFFF)
        )
            throw new ArgumentException(@"invalid escape sequence: \x");
        at = next;
        return value;
    }

    private static int ParseOctal(ReadOnlySpan<char> text, ref int at, int value)
    {
        for (int i = 0; i < 2 && at < text.Length && text[at] is >= '0' and <= '7'; i++)
            value = (value * 8) + text[at++] - '0';
        return Math.Min(value, 0xFF);
    }

    private void Add(ByteSet other)
    {
        _low |= other._low;
        _high |= other._high;
    }

    // Characters beyond a byte have no byte of their own.
    private void AddRange(int low, int high)
    {
        for (int value = low; value <= Math.Min(high, 0xFF); value++)
        {
            if (value < 128)
                _low |= UInt128.One << value;
            else
                _high |= UInt128.One << (value - 128);
        }
    }

    private void AddRanges(string pairs)
    {
        for (int i = 0; i < pairs.Length; i += 2)
            AddRange(pairs[i], pairs[i + 1]);
    }

    private void AddOtherCase()
    {
        for (int upper = 'A'; upper <= 'Z'; upper++)
        {
            int lower = upper + ('a' - 'A');
            if (Contains(upper))
                AddRange(lower, lower);
            else if (Contains(lower))
                AddRange(upper, upper);
        }
    }

    private void Negate()
    {
        _low = ~_low;
        _high = ~_high;
    }
}
