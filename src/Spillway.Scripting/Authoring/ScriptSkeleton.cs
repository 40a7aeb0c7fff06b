using System.Text.RegularExpressions;
using Spillway.Scripting.Blocks;

namespace Spillway.Scripting.Authoring;

/// <summary>Scripts to begin with: one for each block type, with comments, that loads and does something small.</summary>
public static partial class ScriptSkeleton
{
    /// <summary>The script of a type, with GUIDs of its own in place of the marks in the text.</summary>
    /// <param name="newGuid">Gives GUIDs with braces.</param>
    public static string Create(BlockType type, Func<string> newGuid)
    {
        ArgumentNullException.ThrowIfNull(type);
        ArgumentNullException.ThrowIfNull(newGuid);
        using Stream stream =
            typeof(ScriptSkeleton).Assembly.GetManifestResourceStream($"skeletons/{type.Name}.lua")
            ?? throw new ArgumentException($"no skeleton for {type.Name}", nameof(type));
        using var reader = new StreamReader(stream);
        var guids = new Dictionary<string, string>();
        return Mark()
            .Replace(reader.ReadToEnd(), mark => guids.TryGetValue(mark.Value, out string? guid) ? guid : guids[mark.Value] = newGuid());
    }

    [GeneratedRegex(@"\{NEW-GUID-\d\}")]
    private static partial Regex Mark();
}
