using Spillway.Scripting.Blocks;

namespace Spillway.Scripting.Authoring;

/// <summary>What a Lua file is to the program.</summary>
public enum ScriptFileKind
{
    /// <summary>A plugin: it has a TrisulPlugin table.</summary>
    Plugin,

    /// <summary>A module or a tool that lies among plugins; it is not loaded.</summary>
    Helper,

    /// <summary>A plugin that cannot be loaded.</summary>
    Broken,
}

/// <summary>A file among scripts, as <c>spillway scripts list</c> shows it.</summary>
public sealed record ScriptListing
{
    /// <summary>The file.</summary>
    public required string Path { get; init; }

    /// <summary>What it is.</summary>
    public required ScriptFileKind Kind { get; init; }

    /// <summary><c>id.name</c>.</summary>
    public string Title { get; init; } = "";

    /// <summary><c>id.description</c>.</summary>
    public string Description { get; init; } = "";

    /// <summary>Its blocks, in the order of <see cref="BlockTypes.All"/>, each with whether this version runs it.</summary>
    public IReadOnlyList<(BlockType Type, bool IsRun)> Blocks { get; init; } = [];

    /// <summary>What is wrong, a line each.</summary>
    public IReadOnlyList<string> Problems { get; init; } = [];
}
