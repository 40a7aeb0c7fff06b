namespace Spillway.Scripting.Blocks;

/// <summary>The pipeline a block belongs to (script API, section 1.2).</summary>
public enum ScriptSide
{
    /// <summary>Packets, streams, contents.</summary>
    Frontend,

    /// <summary>Metrics, flows, alerts, resources, documents.</summary>
    Backend,
}

/// <summary>One kind of block that a TrisulPlugin table may hold (script API, section 1.11).</summary>
/// <param name="Name">The table's name.</param>
/// <param name="Side">Its pipeline.</param>
/// <param name="Purpose">What it is for, in a few words.</param>
/// <param name="Callbacks">Names of the functions that are called; none for a block that only declares.</param>
/// <param name="Fields">Names of the other fields that mean something.</param>
/// <param name="Aliases">Other names of the table that are taken.</param>
public sealed record BlockType(
    string Name,
    ScriptSide Side,
    string Purpose,
    IReadOnlyList<string> Callbacks,
    IReadOnlyList<string> Fields,
    IReadOnlyList<string> Aliases
)
{
    /// <summary>Whether it only declares something and is never called.</summary>
    public bool IsDeclaration => Callbacks.Count == 0;
}
