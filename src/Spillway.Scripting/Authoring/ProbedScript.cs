using System.Text;
using Spillway.Scripting.Blocks;
using Spillway.Scripting.Loading;

namespace Spillway.Scripting.Authoring;

/// <summary>What was seen of a script in its throw-away state.</summary>
/// <param name="MainError">Why the main chunk did not compile or run; null if it did.</param>
/// <param name="Description">What it declares; null without a TrisulPlugin table.</param>
/// <param name="LoadError">What onload raised.</param>
/// <param name="UnloadError">What onunload raised.</param>
/// <param name="Vetoed">Whether onload refused to run, or raised.</param>
internal sealed record ProbedScript(
    string Path,
    byte[] Source,
    string? MainError,
    ScriptDescription? Description,
    PluginShape? Shape,
    string? LoadError,
    string? UnloadError,
    bool Vetoed
)
{
    /// <summary>The source as text.</summary>
    public string Text { get; } = Encoding.UTF8.GetString(Source);

    /// <summary>The file's own name.</summary>
    public string Name => System.IO.Path.GetFileName(Path);

    /// <summary>The blocks.</summary>
    public IEnumerable<BlockType> Blocks => Description?.Blocks.Select(BlockTypes.Find).OfType<BlockType>() ?? [];

    /// <summary>What the file is. A file that does not run is a plugin if it names the table, as the loader has it.</summary>
    public ScriptFileKind Kind =>
        MainError is not null
            ? Text.Contains("TrisulPlugin", StringComparison.Ordinal)
                ? ScriptFileKind.Broken
                : ScriptFileKind.Helper
            : Description switch
            {
                null => ScriptFileKind.Helper,
                { Fatal: null } => ScriptFileKind.Plugin,
                _ => ScriptFileKind.Broken,
            };

    /// <summary>The row or rows of <c>scripts list</c>.</summary>
    public ScriptListing ToListing() =>
        new()
        {
            Path = Path,
            Kind = Kind,
            Title = Description?.Title ?? "",
            Description = Description?.Description ?? "",
            Blocks = [.. Blocks.Select(type => (type, type.IsDeclaration || BlockTypes.Runs(type.Name)))],
            Problems = [.. Problems()],
        };

    private IEnumerable<string> Problems()
    {
        if (Kind == ScriptFileKind.Broken)
            yield return FirstLine(MainError ?? Description!.Fatal!);
        foreach (string problem in Description?.Problems ?? [])
            yield return problem;
    }

    private static string FirstLine(string text) => text.Split('\n', 2)[0];
}
