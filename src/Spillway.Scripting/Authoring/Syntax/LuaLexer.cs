using System.Collections.Frozen;

namespace Spillway.Scripting.Authoring.Syntax;

/// <summary>
/// Cuts a Lua source into tokens (Lua 5.1 reference manual, section 2.1, with LuaJIT's additions: goto labels, \z, number suffixes).
/// It is for sources that LuaJIT has compiled: what is no Lua ends the last token early, and never raises.
/// </summary>
internal static class LuaLexer
{
    private static readonly FrozenSet<string> Keywords = new[]
    {
        "and",
        "break",
        "do",
        "else",
        "elseif",
        "end",
        "false",
        "for",
        "function",
        "if",
        "in",
        "local",
        "nil",
        "not",
        "or",
        "repeat",
        "return",
        "then",
        "true",
        "until",
        "while",
    }.ToFrozenSet();

    // Longest first.
    private static readonly string[] Symbols = ["...", "..", "==", "~=", "<=", ">=", "::"];

    /// <summary>All tokens, the last of them <see cref="LuaTokenKind.End"/>.</summary>
    public static List<LuaToken> Read(string source)
    {
        var tokens = new List<LuaToken>(source.Length / 4);
        int at = source.StartsWith('#') ? EndOfLine(source, 0) : 0;
        int line = 1;
        while (true)
        {
            at = SkipBlanks(source, at, ref line);
            if (at >= source.Length)
                break;
            int start = line;
            char c = source[at];
            if (IsNameStart(c))
            {
                string name = Take(source, ref at, static d => IsNameStart(d) || char.IsAsciiDigit(d));
                tokens.Add(new LuaToken(Keywords.Contains(name) ? LuaTokenKind.Keyword : LuaTokenKind.Name, name, start));
            }
            else if (char.IsAsciiDigit(c) || (c == '.' && at + 1 < source.Length && char.IsAsciiDigit(source[at + 1])))
            {
                tokens.Add(new LuaToken(LuaTokenKind.Number, ReadNumber(source, ref at), start));
            }
            else if (c is '"' or '\'')
            {
                tokens.Add(new LuaToken(LuaTokenKind.String, ReadQuoted(source, ref at, ref line), start));
            }
            else if (c == '[' && LongBracket(source, at) is >= 0 and int level)
            {
                tokens.Add(new LuaToken(LuaTokenKind.String, ReadLong(source, ref at, level, ref line), start));
            }
            else
            {
                string symbol =
                    Array.Find(Symbols, candidate => string.CompareOrdinal(source, at, candidate, 0, candidate.Length) == 0)
                    ?? c.ToString();
                at += symbol.Length;
                tokens.Add(new LuaToken(LuaTokenKind.Symbol, symbol, start));
            }
        }

        tokens.Add(new LuaToken(LuaTokenKind.End, "", line));
        return tokens;
    }

    private static int SkipBlanks(string source, int at, ref int line)
    {
        while (at < source.Length)
        {
            if (source[at] == '\n')
                line++;
            if (char.IsWhiteSpace(source[at]))
            {
                at++;
            }
            else if (source[at] == '-' && at + 1 < source.Length && source[at + 1] == '-')
            {
                at += 2;
                if (LongBracket(source, at) is >= 0 and int level)
                    ReadLong(source, ref at, level, ref line);
                else
                    at = EndOfLine(source, at);
            }
            else
            {
                break;
            }
        }

        return at;
    }

    // The number of '=' between the brackets that open a long string; -1 if there is none.
    private static int LongBracket(string source, int at)
    {
        if (at >= source.Length || source[at] != '[')
            return -1;
        int end = at + 1;
        while (end < source.Length && source[end] == '=')
            end++;
        return end < source.Length && source[end] == '[' ? end - at - 1 : -1;
    }

    private static string ReadLong(string source, ref int at, int level, ref int line)
    {
        int start = at + level + 2;
        string close = $"]{new string('=', level)}]";
        int end = source.IndexOf(close, start, StringComparison.Ordinal);
        at = end < 0 ? source.Length : end + close.Length;
        string text = source[start..(end < 0 ? source.Length : end)];
        line += text.AsSpan().Count('\n');
        return text;
    }

    private static string ReadQuoted(string source, ref int at, ref int line)
    {
        char quote = source[at++];
        int start = at;
        while (at < source.Length && source[at] != quote)
        {
            if (source[at] == '\\')
                at++;
            if (at < source.Length && source[at] == '\n')
                line++;
            at++;
        }

        int end = Math.Min(at, source.Length);
        at = Math.Min(at + 1, source.Length);
        return source[start..end];
    }

    // A sign belongs to a number only after its exponent: 1e-5, 0x1p+3.
    private static string ReadNumber(string source, ref int at)
    {
        int start = at;
        bool isHex = source[at] == '0' && at + 1 < source.Length && source[at + 1] is 'x' or 'X';
        while (at < source.Length)
        {
            char c = source[at];
            if (c == '.' && at + 1 < source.Length && source[at + 1] == '.')
                break; // 1..x joins two
            bool isSign = c is '+' or '-' && at > start && (isHex ? source[at - 1] is 'p' or 'P' : source[at - 1] is 'e' or 'E');
            if (!isSign && c != '.' && !char.IsAsciiLetterOrDigit(c))
                break;
            at++;
        }

        return source[start..at];
    }

    private static string Take(string source, ref int at, Func<char, bool> belongs)
    {
        int start = at;
        while (at < source.Length && belongs(source[at]))
            at++;
        return source[start..at];
    }

    // LuaJIT takes all bytes above ASCII for letters.
    private static bool IsNameStart(char c) => char.IsAsciiLetter(c) || c == '_' || c >= '\x80';

    private static int EndOfLine(string source, int at)
    {
        int end = source.IndexOf('\n', at);
        return end < 0 ? source.Length : end;
    }
}
