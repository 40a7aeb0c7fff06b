namespace Spillway.Scripting.Authoring.Syntax;

/// <summary>Kinds of tokens.</summary>
internal enum LuaTokenKind
{
    End,
    Name,
    Keyword,
    String,
    Number,
    Symbol,
}

/// <summary>A word of a Lua source.</summary>
/// <param name="Text">As written; for a string its content, with escapes other than those of quotes left as they are.</param>
/// <param name="Line">Line of its first character, from 1.</param>
internal readonly record struct LuaToken(LuaTokenKind Kind, string Text, int Line)
{
    /// <summary>Whether it is this keyword or symbol.</summary>
    public bool Is(string text) => Kind is LuaTokenKind.Keyword or LuaTokenKind.Symbol && Text == text;
}
