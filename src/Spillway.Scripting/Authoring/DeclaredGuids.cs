using System.Text;
using Spillway.Scripting.Authoring.Syntax;

namespace Spillway.Scripting.Authoring;

/// <summary>GUIDs that scripts declare (<c>guid = "{...}"</c>), read from sources without running them.</summary>
internal static class DeclaredGuids
{
    // A directory of thousands of scripts is searched in part: what is missed costs a warning too many.
    private const int MaxFiles = 1000;
    private const long MaxFileBytes = 4 << 20;

    /// <summary>Adds those of a file, and of files beside it.</summary>
    public static void AddAround(string path, HashSet<string> guids, HashSet<string> seen)
    {
        string directory = Path.GetDirectoryName(Path.GetFullPath(path)) ?? "/";
        if (!seen.Add(directory))
            return;
        try
        {
            foreach (string file in Directory.EnumerateFiles(directory, "*.lua").Order(StringComparer.Ordinal).Take(MaxFiles).Prepend(path))
                AddFrom(file, guids);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // What cannot be read declares nothing.
        }
    }

    /// <summary>Adds those of one file.</summary>
    private static void AddFrom(string file, HashSet<string> guids)
    {
        if (new FileInfo(file).Length > MaxFileBytes)
            return;
        List<LuaToken> tokens = LuaLexer.Read(Encoding.UTF8.GetString(File.ReadAllBytes(file)));
        bool isPlugin = tokens.Exists(token => token is { Kind: LuaTokenKind.Name, Text: "TrisulPlugin" });
        for (int i = 0; i + 2 < tokens.Count && isPlugin; i++)
        {
            if (tokens[i] is not { Kind: LuaTokenKind.Name, Text: "guid" } || !tokens[i + 1].Is("="))
                continue;
            if (tokens[i + 2].Kind == LuaTokenKind.String)
                guids.Add(tokens[i + 2].Text.ToUpperInvariant());
            else if (tokens[i + 2].Kind == LuaTokenKind.Name)
                AddConstant(tokens, tokens[i + 2].Text, guids);
        }
    }

    // local GROUP = "{...}" ... guid = GROUP
    private static void AddConstant(List<LuaToken> tokens, string name, HashSet<string> guids)
    {
        for (int i = 0; i + 2 < tokens.Count; i++)
        {
            if (tokens[i].Text == name && tokens[i + 1].Is("=") && tokens[i + 2].Kind == LuaTokenKind.String)
                guids.Add(tokens[i + 2].Text.ToUpperInvariant());
        }
    }
}
