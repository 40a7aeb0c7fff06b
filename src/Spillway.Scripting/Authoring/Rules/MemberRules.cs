using Spillway.Scripting.Authoring.Syntax;
using Spillway.Scripting.Blocks;

namespace Spillway.Scripting.Authoring.Rules;

/// <summary>Uses of members that objects do not have, or not on this side, or not in this version.</summary>
internal static class MemberRules
{
    // Engine methods that take no argument are taken with a dot too (script API, section 4.1.4).
    private static readonly string[] WithoutArguments = ["instanceid", "id", "probeid", "timestamp"];

    public static IEnumerable<ScriptFinding> Check(CheckedScript script)
    {
        foreach (LuaAccess access in script.Chunk.Accesses)
        {
            if (access.IsTarget || script.Receiver(access) is not var (kind, at) || at >= access.Steps.Count)
                continue;
            foreach (ScriptFinding finding in CheckChain(script, access, kind, at))
                yield return finding;
        }
    }

    // layer:packet():flowid():id() is followed as far as it is known what the methods give.
    private static IEnumerable<ScriptFinding> CheckChain(CheckedScript script, LuaAccess access, string kind, int at)
    {
        for (string? current = kind; current is not null && at < access.Steps.Count; at++)
        {
            LuaStep step = access.Steps[at];
            if (CheckMember(script, access, current, step) is { } finding)
            {
                yield return finding;
                yield break;
            }

            if (at == 0 && IsWrongDot(current, access, step))
            {
                yield return new ScriptFinding(
                    FindingSeverity.Warning,
                    step.Line,
                    $"{access.Name}.{step.Name}(...) is called with a dot: its first argument is taken for the object",
                    $"write {access.Name}:{step.Name}(...)"
                );
            }

            current = step.IsCalled ? ApiMembers.ResultOf(current, step.Name) : null;
        }
    }

    private static ScriptFinding? CheckMember(CheckedScript script, LuaAccess access, string kind, LuaStep step)
    {
        bool isLibrary = IsLibrary(kind);
        if (isLibrary && script.Assigned.Contains($"{kind}.{step.Name}"))
            return null; // the script's own
        if (kind == "engine" && CheckSide(access, step) is { } wrongSide)
            return wrongSide;
        if (script.Api.Has(kind, step.Name))
            return null;
        string name = isLibrary ? $"{kind}.{step.Name}" : $"{kind}:{step.Name}";
        if (ApiMembers.IsPublished(kind, step.Name))
        {
            // Objects of the other pipeline, and tables of groups, which are nil on this one by definition.
            bool isAbsentHere = !script.Api.Present.ContainsKey(kind) || (kind == "T" && !step.IsCalled);
            if (isAbsentHere)
                return null;

            // In a block that does not run it is no news.
            bool runs = CheckedScript.SurroundingCallback(access.Function) is not { } callback || BlockTypes.Runs(callback.Block.Name);
            return new ScriptFinding(
                runs ? FindingSeverity.Warning : FindingSeverity.Note,
                step.Line,
                $"{name} is in the API, but not in this version",
                "do without it here"
            );
        }

        // T is also where scripts keep their own: an unknown field that is only read is nil, as it should be.
        if (kind == "T" && (!step.IsCalled || IsAskedFor(script, step.Name)))
            return null;
        string? nearest = Spelling.Nearest(step.Name, script.Api.NamesOf(kind));
        if (kind == "T" && nearest is null && RequiresModules(script))
            return null;
        string what =
            !isLibrary ? $"{kind} has no method '{step.Name}'"
            : step.IsCalled ? $"there is no function {name}"
            : $"there is no {name}";
        return new ScriptFinding(
            FindingSeverity.Warning,
            step.Line,
            what,
            nearest is not null ? $"did you mean {nearest}?" : $"{kind} has {string.Join(", ", script.Api.NamesOf(kind))}"
        );
    }

    private static ScriptFinding? CheckSide(LuaAccess access, LuaStep step) =>
        ApiMembers.FrontendMethods.Contains(step.Name)
        && CheckedScript.SurroundingCallback(access.Function) is { Block: { Side: ScriptSide.Backend } block }
            ? new ScriptFinding(
                FindingSeverity.Warning,
                step.Line,
                $"engine:{step.Name} is not available for backend scripts such as {block.Name}: it raises ERR_NOTAVAIL",
                "call it from a block of the packet path, to which engine:post_message_frontend brings messages"
            )
            : null;

    private static bool IsWrongDot(string kind, LuaAccess access, LuaStep step) =>
        step is { IsCalled: true, WithColon: false }
        && access.Steps.Count == 1
        && !IsLibrary(kind)
        && access.FirstName != access.Name
        && !(kind == "engine" && WithoutArguments.Contains(step.Name));

    private static bool IsLibrary(string kind) => kind == "T" || kind.StartsWith("T.", StringComparison.Ordinal);

    // if T.mine then T.mine() end: somebody else may set it.
    private static bool IsAskedFor(CheckedScript script, string name) =>
        script.Chunk.Accesses.Exists(access =>
            access is { Name: "T", IsTarget: false, Steps: [{ IsCalled: false } step] } && step.Name == name
        );

    private static bool RequiresModules(CheckedScript script) =>
        script.Chunk.Accesses.Exists(access => access is { Name: "require" or "dofile" or "loadfile", Variable: null });
}
