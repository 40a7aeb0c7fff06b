namespace Spillway.Scripting.Authoring.Syntax;

/// <summary>A function in a source, or the main chunk.</summary>
/// <param name="Path">Where it is kept, such as <c>TrisulPlugin.simplecounter.onpacket</c>; empty if that cannot be seen.</param>
internal sealed record LuaFunctionNode(LuaFunctionNode? Parent, string Path, int Line)
{
    /// <summary>The parameters.</summary>
    public List<LuaVariable> Parameters { get; } = [];

    /// <summary>The last part of the path.</summary>
    public string Key => Path[(Path.LastIndexOf('.') + 1)..];

    /// <summary>Whether it is this function, or stands in it.</summary>
    public bool IsWithin(LuaFunctionNode other)
    {
        for (LuaFunctionNode? at = this; at is not null; at = at.Parent)
        {
            if (ReferenceEquals(at, other))
                return true;
        }

        return false;
    }

    /// <summary>The nearest function around it, itself included, whose last part of the path this is; null if there is none.</summary>
    public LuaFunctionNode? Around(Func<LuaFunctionNode, bool> accepts)
    {
        for (LuaFunctionNode? at = this; at is not null; at = at.Parent)
        {
            if (accepts(at))
                return at;
        }

        return null;
    }
}

/// <summary>A local variable or parameter.</summary>
internal sealed class LuaVariable(string name, LuaFunctionNode owner, int parameter, int line)
{
    public string Name { get; } = name;

    /// <summary>The function whose local it is.</summary>
    public LuaFunctionNode Owner { get; } = owner;

    /// <summary>Its place among the parameters, from 0; -1 for another local.</summary>
    public int Parameter { get; } = parameter;

    /// <summary>Line of the declaration.</summary>
    public int Line { get; } = line;

    /// <summary>What it was declared to be, if that is a chain of names; null otherwise.</summary>
    public LuaAccess? Initial { get; set; }

    /// <summary>Whether something is assigned to it after its declaration.</summary>
    public bool IsAssigned { get; set; }
}

/// <summary>One step of a chain of names: <c>.name</c>, <c>:name(...)</c>, <c>["name"]</c>.</summary>
/// <param name="Name">The name.</param>
/// <param name="WithColon">Called with a colon.</param>
/// <param name="IsCalled">Called.</param>
internal readonly record struct LuaStep(string Name, bool WithColon, bool IsCalled, int Line);

/// <summary>
/// A use of a variable or global with what follows it: <c>engine:update_counter(...)</c>, <c>T.util.split(...)</c>, <c>x</c>.
/// </summary>
internal sealed class LuaAccess(string name, LuaVariable? variable, LuaFunctionNode function, int line)
{
    /// <summary>The first name.</summary>
    public string Name { get; } = name;

    /// <summary>The variable it means; null for a global.</summary>
    public LuaVariable? Variable { get; } = variable;

    /// <summary>The function it stands in.</summary>
    public LuaFunctionNode Function { get; } = function;

    /// <summary>Line of the first name.</summary>
    public int Line { get; } = line;

    /// <summary>What follows the name, up to the first index that is no plain name.</summary>
    public List<LuaStep> Steps { get; } = [];

    /// <summary>Whether the first name itself is called.</summary>
    public bool IsCalled { get; set; }

    /// <summary>Whether the chain is assigned to.</summary>
    public bool IsTarget { get; set; }

    /// <summary>Whether anything follows the chain that <see cref="Steps"/> does not tell, such as <c>[i]</c>.</summary>
    public bool GoesOn { get; set; }

    /// <summary>The first argument of the last call in the chain: text of a string literal, or null.</summary>
    public string? FirstString { get; set; }

    /// <summary>The first argument of the last call in the chain, if it is a plain name.</summary>
    public string? FirstName { get; set; }

    /// <summary>The names with dots, such as <c>TrisulPlugin.onload</c>.</summary>
    public string Path => Steps.Count == 0 ? Name : $"{Name}.{string.Join('.', Steps.Select(step => step.Name))}";
}

/// <summary>What is of interest in a source.</summary>
internal sealed class LuaChunk
{
    /// <summary>All functions; the first is the main chunk.</summary>
    public List<LuaFunctionNode> Functions { get; } = [];

    /// <summary>All uses of names.</summary>
    public List<LuaAccess> Accesses { get; } = [];

    /// <summary>All string literals with their lines.</summary>
    public List<(string Text, int Line)> Strings { get; } = [];

    /// <summary>Fields and rows of table constructors with their lines, by path; the last one of a path counts.</summary>
    public Dictionary<string, int> Fields { get; } = [];

    /// <summary>Fields that one constructor has twice, with both lines.</summary>
    public List<(string Path, int First, int Second)> Duplicates { get; } = [];

    /// <summary>The line of a field by the end of its path, such as <c>simplecounter.onpacket</c>; 0 if it cannot be seen.</summary>
    public int LineOf(string path)
    {
        if (Fields.TryGetValue(path, out int line))
            return line;
        string end = "." + path;
        foreach ((string field, int at) in Fields)
        {
            if (field.EndsWith(end, StringComparison.Ordinal))
                return at;
        }

        return 0;
    }
}
