using Spillway.Scripting.Authoring.Syntax;
using Spillway.Scripting.Blocks;

namespace Spillway.Scripting.Authoring.Rules;

/// <summary>
/// What <c>onexecute</c> uses and cannot have on a worker: objects of the packet path, and the script's globals (docs/t-async.md).
/// </summary>
internal static class WorkerRules
{
    private const string OwnState = "is nil in onexecute, which runs in a Lua state of its own";

    public static IEnumerable<ScriptFinding> Check(CheckedScript script)
    {
        var told = new HashSet<(LuaFunctionNode, string)>();
        foreach (LuaAccess access in script.Chunk.Accesses)
        {
            if (access.Function.Around(node => node.Key == "onexecute" && node.Parent is not null) is not { } execute)
                continue;
            ScriptFinding? finding = access.Variable is { } variable
                ? CheckUpvalue(script, access, variable, execute)
                : CheckGlobal(script, access, execute);
            if (finding is not null && told.Add((execute, access.Name)))
                yield return finding;
        }
    }

    private static ScriptFinding? CheckUpvalue(CheckedScript script, LuaAccess access, LuaVariable variable, LuaFunctionNode execute)
    {
        if (variable.Owner.IsWithin(execute) || script.KindOf(variable) is not { } kind || kind is "re2" or "ac")
            return null;
        return new ScriptFinding(
            FindingSeverity.Warning,
            access.Line,
            $"'{access.Name}' ({Describe(kind)} of line {variable.Line}) cannot cross into onexecute: touching it raises there",
            RemedyFor(kind, access.Name)
        );
    }

    // A global that is only passed on may be asked whether it is nil; one that is called or indexed is needed.
    private static ScriptFinding? CheckGlobal(CheckedScript script, LuaAccess access, LuaFunctionNode execute)
    {
        bool isNeeded = access.IsCalled || access.Steps.Count > 0 || access.GoesOn;
        if (!isNeeded || access.IsTarget)
            return null;
        if (access.Name == "TrisulPlugin")
            return new ScriptFinding(
                FindingSeverity.Warning,
                access.Line,
                $"TrisulPlugin {OwnState}",
                "take what is needed into a local before the call"
            );
        if (access.Name == "T")
            return CheckOwnOfT(script, access);
        LuaAccess[] assignments =
        [
            .. script.Chunk.Accesses.Where(other =>
                other is { IsTarget: true, Variable: null, Steps.Count: 0 } && other.Name == access.Name
            ),
        ];
        return assignments.Length > 0 && !Array.Exists(assignments, assignment => assignment.Function.IsWithin(execute))
            ? new ScriptFinding(
                FindingSeverity.Warning,
                access.Line,
                $"the global '{access.Name}' {OwnState}",
                "make it local: locals are copied into onexecute"
            )
            : null;
    }

    private static ScriptFinding? CheckOwnOfT(CheckedScript script, LuaAccess access)
    {
        if (
            access.Steps is not [var member, ..]
            || ApiMembers.IsPublished("T", member.Name)
            || !script.Assigned.Contains("T." + member.Name)
        )
            return null;
        return member.IsCalled || access.Steps.Count > 1 || access.GoesOn
            ? new ScriptFinding(
                FindingSeverity.Warning,
                access.Line,
                $"T.{member.Name} is the script's own and {OwnState}",
                $"local {member.Name} = T.{member.Name} before the call"
            )
            : null;
    }

    private static string Describe(string kind) =>
        kind switch
        {
            "engine" => "the engine",
            "flow" => "the flow id",
            "header" => "the HTTP header",
            _ => "the " + kind,
        };

    private static string RemedyFor(string kind, string name) =>
        kind switch
        {
            "engine" => "use the engine that onresult is given",
            "flow" => $"local id = {name}:id() before the call, or pass it in data",
            "buffer" => $"local bytes = {name}:tostring() before the call",
            "header" => $"take what is needed before the call: local host = {name}:get_value(\"Host\")",
            _ => $"take what is needed of {name} into locals before the call",
        };
}
