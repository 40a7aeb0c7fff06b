using Spillway.Scripting.Authoring.Syntax;

namespace Spillway.Scripting.Blocks;

/// <summary>Fields of TrisulPlugin and of its blocks that nobody looks at, and that look as if somebody should.</summary>
internal static class FieldRules
{
    private const string Root = "TrisulPlugin";
    private const string Suggestion = "did you mean ";

    private static readonly string[] PluginFields =
    [
        "id",
        "onload",
        "onunload",
        "onmessage",
        "message_subscriptions",
        "request_async_workers",
    ];
    private static readonly string[] IdFields = ["name", "description", "author", "version_major", "version_minor", "clsid"];
    private static readonly string[] LifeCycle = ["onload", "onunload"];
    private static readonly string[] AllCallbacks = [.. BlockTypes.All.SelectMany(type => type.Callbacks).Distinct(StringComparer.Ordinal)];
    private static readonly string[] BlockNames = [.. BlockTypes.All.SelectMany(type => type.Aliases.Prepend(type.Name))];

    /// <summary>Names that nobody looks at and that are near one that somebody does: what a run tells too.</summary>
    public static IEnumerable<ScriptFinding> CheckSpelling(PluginShape shape, LuaChunk chunk) =>
        Check(shape, chunk)
            .Where(finding =>
                finding.Severity == FindingSeverity.Warning && finding.Remedy.StartsWith(Suggestion, StringComparison.Ordinal)
            );

    /// <summary>All that can be said of the fields.</summary>
    public static IEnumerable<ScriptFinding> Check(PluginShape shape, LuaChunk script)
    {
        foreach ((string name, ShapeValue value) in shape.FieldsOf(Root))
        {
            if (PluginFields.Contains(name))
                continue;
            if (BlockTypes.Find(name) is not { } block)
            {
                if (CheckPluginField(script, name, value) is { } finding)
                    yield return finding;
            }
            else if (value.Type != "table")
            {
                yield return Warning(LineOf(script, name, value), $"{name} is a {value.Type}: a block is a table", $"{name} = {{ ... }}");
            }
            else
            {
                foreach (ScriptFinding finding in CheckBlock(shape, script, name, block))
                    yield return finding;
            }
        }

        foreach ((string name, _) in shape.FieldsOf(Root + ".id"))
        {
            if (!IdFields.Contains(name) && Spelling.Nearest(name, IdFields) is { } nearest)
                yield return Warning(LineOf(script, "id." + name), $"id.{name} is not looked at", Suggestion + $"{nearest}?");
        }
    }

    private static ScriptFinding? CheckPluginField(LuaChunk script, string name, ShapeValue value)
    {
        int line = LineOf(script, name, value);
        if (value.Type == "table" && Spelling.Nearest(name, BlockNames) is { } block)
        {
            // Scripts switch a block off by a letter before its name.
            return name.EndsWith(block, StringComparison.Ordinal)
                ? new ScriptFinding(
                    FindingSeverity.Note,
                    line,
                    $"block '{name}' is switched off by its name",
                    $"named {block} it would run"
                )
                : Warning(line, $"there is no block type '{name}': the block is not run", Suggestion + $"{block}?");
        }

        if (Spelling.Nearest(name, PluginFields) is { } field)
            return Warning(line, $"TrisulPlugin.{name} is not looked at", Suggestion + $"{field}?");
        return value.Type == "function" && AllCallbacks.Contains(name)
            ? Warning(
                line,
                $"TrisulPlugin.{name} is never called: it stands outside of its block",
                $"move it into {OwnerOf(name)} = {{ ... }}"
            )
            : null;
    }

    private static IEnumerable<ScriptFinding> CheckBlock(PluginShape shape, LuaChunk script, string table, BlockType block)
    {
        bool hasCallback = block.IsDeclaration;
        foreach ((string name, ShapeValue value) in shape.FieldsOf($"{Root}.{table}"))
        {
            int line = LineOf(script, $"{table}.{name}", value);
            if (block.Callbacks.Contains(name))
            {
                hasCallback = true;
                if (value.Type != "function")
                    yield return Warning(line, $"{table}.{name} is a {value.Type} and cannot be called", $"{name} = function(...) ... end");
            }
            else if (block.Name == "reassembly_handler" && name == "onterminate")
            {
                hasCallback = true;
                yield return Warning(
                    line,
                    "reassembly_handler.onterminate is no callback of the API; here it is called in place of onterminateflow",
                    "name it onterminateflow"
                );
            }
            else if (
                !block.Fields.Contains(name)
                && !LifeCycle.Contains(name)
                && CheckBlockField(table, block, name, value, line) is { } finding
            )
            {
                yield return finding;
            }
        }

        if (!hasCallback)
            yield return Warning(LineOf(script, table), $"block '{table}' has no callback: it does nothing", Offer(block));
    }

    private static ScriptFinding? CheckBlockField(string table, BlockType block, string name, ShapeValue value, int line)
    {
        if (value.Type == "function" && AllCallbacks.Contains(name))
            return Warning(
                line,
                $"{table}.{name} is never called: {block.Name} has no such callback",
                $"{name} belongs to {OwnerOf(name)}; {Offer(block)}"
            );
        IEnumerable<string> known = value.Type == "function" ? block.Callbacks.Concat(LifeCycle) : block.Fields;
        if (Spelling.Nearest(name, known) is { } nearest)
            return Warning(line, $"{table}.{name} is not looked at", Suggestion + $"{nearest}?");

        // May well be a helper of the script's own; only the name makes one wonder.
        return value.Type == "function" && name.StartsWith("on", StringComparison.Ordinal)
            ? new ScriptFinding(
                FindingSeverity.Note,
                line,
                $"{table}.{name} is no callback: only the script itself can call it",
                Offer(block)
            )
            : null;
    }

    private static string Offer(BlockType block) =>
        block.IsDeclaration ? $"{block.Name} only declares" : $"{block.Name} has {string.Join(", ", block.Callbacks)}";

    private static string OwnerOf(string callback) =>
        string.Join(" or ", BlockTypes.All.Where(type => type.Callbacks.Contains(callback)).Select(type => type.Name).Take(3));

    private static int LineOf(LuaChunk script, string path, ShapeValue value = default)
    {
        int line = script.LineOf($"{Root}.{path}");
        if (line == 0)
            line = script.LineOf(path);
        return line > 0 || value.Type is null ? line : value.Line;
    }

    private static ScriptFinding Warning(int line, string message, string remedy) => new(FindingSeverity.Warning, line, message, remedy);
}
