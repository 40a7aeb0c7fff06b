using Spillway.Scripting.Authoring.Syntax;
using Spillway.Scripting.Blocks;

namespace Spillway.Scripting.Authoring;

/// <summary>A script as the rules see it: what its state told, and what its source says.</summary>
internal sealed class CheckedScript
{
    // Chains of locals that are set to each other end in practice after a few; a loop of them must end too.
    private const int MaxResolutions = 16;

    private readonly Dictionary<LuaVariable, string?> _kinds = [];

    public CheckedScript(ProbedScript probed, ApiMembers api, KnownGuids guids, IReadOnlySet<string> declared)
    {
        Probed = probed;
        Api = api;
        Guids = guids;
        Declared = declared;
        Chunk = LuaParser.Parse(probed.Text);
        Assigned = [.. Chunk.Accesses.Where(access => access.IsTarget).Select(Resolve).OfType<string>()];
    }

    public ProbedScript Probed { get; }

    public LuaChunk Chunk { get; }

    public ApiMembers Api { get; }

    public KnownGuids Guids { get; }

    /// <summary>GUIDs that this script or one beside it declares, in upper case.</summary>
    public IReadOnlySet<string> Declared { get; }

    /// <summary>Names and fields that the source assigns, such as <c>T.flows</c>.</summary>
    public HashSet<string> Assigned { get; }

    /// <summary>The block type and callback that a function is, if it is one.</summary>
    public static (BlockType Block, string Callback)? CallbackOf(LuaFunctionNode function)
    {
        string[] parts = function.Path.Split('.');
        if (parts.Length < 2 || BlockTypes.Find(parts[^2]) is not { } block)
            return null;
        return block.Callbacks.Contains(parts[^1]) || CallbackSignature.Find(block.Name, parts[^1]) is not null ? (block, parts[^1]) : null;
    }

    /// <summary>The callback in whose code a function stands; null outside of callbacks, and in what runs on a worker.</summary>
    public static (BlockType Block, string Callback)? SurroundingCallback(LuaFunctionNode function) =>
        function.Around(node => node.Key == "onexecute" || CallbackOf(node) is not null) is { } found ? CallbackOf(found) : null;

    /// <summary>The kind of object that a variable holds (see <see cref="ApiMembers"/>); null if it is none, or not known.</summary>
    public string? KindOf(LuaVariable variable) => KindOf(variable, MaxResolutions);

    /// <summary>
    /// The dotted path of a chain from a global, with locals that stand for a global or a part of one put in: <c>T.async.copy</c> for
    /// <c>local A = T.async ... A:copy()</c>. Null if it begins with another local.
    /// </summary>
    public static string? Resolve(LuaAccess access)
    {
        string tail = string.Concat(access.Steps.Select(step => "." + step.Name));
        LuaAccess at = access;
        for (int i = 0; i < MaxResolutions && at.Variable is { } variable; i++)
        {
            if (
                variable.IsAssigned
                || variable.Initial is not { GoesOn: false } initial
                || initial.Steps.Exists(step => step.IsCalled)
                || initial.IsCalled
            )
                return null;
            tail = string.Concat(initial.Steps.Select(step => "." + step.Name)) + tail;
            at = initial;
        }

        return at.Variable is null ? at.Name + tail : null;
    }

    /// <summary>
    /// The object that the steps of a chain begin from: its kind, and how many steps lead to it; null if it is not known.
    /// </summary>
    public (string Kind, int Step)? Receiver(LuaAccess access)
    {
        if (access.Variable is { } variable && KindOf(variable) is { } kind)
            return (kind, 0);
        if (Resolve(access) is not { } path)
            return null;
        string[] parts = path.Split('.');
        if (parts[0] != "T")
            return null;
        int hidden = parts.Length - 1 - access.Steps.Count; // steps that stand in the local's declaration
        string library = "T";
        int taken = 0;
        while (taken + 1 < parts.Length && ApiMembers.IsKind($"{library}.{Canonical(parts[taken + 1])}"))
            library = $"{library}.{Canonical(parts[++taken])}";
        return taken >= hidden ? (library, taken - hidden) : null;
    }

    private static string Canonical(string part) => part == "vartypes" ? "vartype" : part;

    private string? KindOf(LuaVariable variable, int depth)
    {
        if (_kinds.TryGetValue(variable, out string? kind) || depth == 0)
            return kind;
        return _kinds[variable] =
            variable.IsAssigned ? null
            : variable.Parameter >= 0 ? KindOfParameter(variable)
            : variable.Initial is { GoesOn: false, IsCalled: false } initial ? KindOfValue(initial, depth - 1)
            : null;
    }

    private static string? KindOfParameter(LuaVariable variable)
    {
        if (CallbackOf(variable.Owner) is { } callback)
        {
            IReadOnlyList<string>? kinds = CallbackSignature.Find(callback.Block.Name, callback.Callback);
            return kinds is not null && variable.Parameter < kinds.Count && kinds[variable.Parameter] != "value"
                ? kinds[variable.Parameter]
                : null;
        }

        // By habit the engine goes first and by its name, to helpers and to onresult too.
        return variable is { Name: "engine", Parameter: 0 } ? "engine" : null;
    }

    private string? KindOfValue(LuaAccess initial, int depth)
    {
        string? kind;
        int at = 0;
        if (initial.Variable is { } variable)
        {
            kind = KindOf(variable, depth);
        }
        else if (initial.Name == "T" && initial.Steps is [{ IsCalled: true } first, ..])
        {
            kind = ApiMembers.ResultOf("T", first.Name);
            at = 1;
        }
        else
        {
            return null;
        }

        for (; at < initial.Steps.Count && kind is not null; at++)
            kind = initial.Steps[at].IsCalled ? ApiMembers.ResultOf(kind, initial.Steps[at].Name) : null;
        return kind;
    }
}
