using Spillway.Scripting.Authoring.Syntax;
using Spillway.Scripting.Blocks;

namespace Spillway.Scripting.Authoring.Rules;

/// <summary>GUIDs that mean nothing, or something else than they must where they stand.</summary>
internal static class GuidRules
{
    private const string Catalogue = "spillway scripts guids lists those that are known";

    // Where the GUID of what kind is wanted.
    private static readonly (string Path, string Kind)[] Fields =
    [
        ("simplecounter.protocol_guid", "protocol"),
        ("protocol_handler.control.host_protocol_guid", "protocol"),
        ("countergroup.control.resolver_guid", "counter"),
        ("cg_monitor.counter_guid", "counter"),
        ("sg_monitor.session_guid", "session"),
        ("alert_monitor.alert_guid", "alert"),
        ("resource_monitor.resource_guid", "resource"),
        ("fts_monitor.fts_guid", "fts"),
    ];

    private static readonly string[] Declarations = ["countergroup", "alertgroup", "resourcegroup", "protocol_handler"];

    private static readonly Dictionary<string, string> KindOfMethod = new()
    {
        ["update_counter"] = "counter",
        ["update_counter_bytes"] = "counter",
        ["update_counter_raw"] = "counter",
        ["update_key_info"] = "counter",
        ["set_key_attribute"] = "counter",
        ["add_alert"] = "alert",
        ["add_alert_full"] = "alert",
        ["add_alert_ids"] = "alert",
        ["add_alert_tca"] = "alert",
        ["add_resource"] = "resource",
    };

    public static IEnumerable<ScriptFinding> Check(CheckedScript script)
    {
        var told = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach ((string table, string path, string kind) in AttachedFields(script))
        {
            foreach (ScriptFinding finding in CheckField(script, table, path, kind, told))
                yield return finding;
        }

        foreach (ScriptFinding finding in CheckDeclarations(script, told).Concat(CheckArguments(script, told)))
            yield return finding;
        foreach ((string text, int line) in script.Chunk.Strings)
        {
            if (LooksLikeGuid(text) && !KnownGuids.IsGuid(text) && told.Add(text))
                yield return Malformed(line, text);
        }
    }

    // A block may be there by one of its other names.
    private static IEnumerable<(string Table, string Path, string Kind)> AttachedFields(CheckedScript script)
    {
        foreach ((string path, string kind) in Fields)
        {
            int dot = path.IndexOf('.', StringComparison.Ordinal);
            BlockType block = BlockTypes.Find(path[..dot])!;
            foreach (string name in block.Aliases.Prepend(block.Name))
            {
                if (script.Probed.Shape?.Find("TrisulPlugin." + name) is { Type: "table" })
                    yield return (name, name + path[dot..], kind);
            }
        }
    }

    private static IEnumerable<ScriptFinding> CheckField(CheckedScript script, string table, string path, string kind, HashSet<string> told)
    {
        PluginShape shape = script.Probed.Shape!;
        string full = "TrisulPlugin." + path;
        string field = path[(path.LastIndexOf('.') + 1)..];
        int line = LineOf(script, path);
        if (field == "protocol_guid" && shape.Find(full) is null)
        {
            yield return new ScriptFinding(
                FindingSeverity.Warning,
                LineOf(script, table),
                "simplecounter has no protocol_guid: onpacket is never called",
                "protocol_guid = \"{0A2C724B-5B9F-4BA6-9C97-B05080558574}\" is IPv4; " + Catalogue
            );
        }

        IEnumerable<ShapeValue?> values = shape.RowsOf(full).Select(row => shape.Find($"{full}[{row}]")).Prepend(shape.Find(full));
        foreach (ShapeValue? value in values)
        {
            if (value is { Type: "string" } guid && CheckOne(script, kind, guid.Text, line, field, told, isAttached: true) is { } finding)
                yield return finding;
        }
    }

    private static IEnumerable<ScriptFinding> CheckDeclarations(CheckedScript script, HashSet<string> told)
    {
        foreach (BlockType block in script.Probed.Blocks.Where(block => Declarations.Contains(block.Name)))
        {
            foreach (string name in block.Aliases.Prepend(block.Name))
            {
                string path = $"{name}.control.guid";
                if (script.Probed.Shape?.Find("TrisulPlugin." + name) is null)
                    continue;
                if (script.Probed.Shape.Find("TrisulPlugin." + path) is not { Type: "string" } guid)
                    yield return new ScriptFinding(
                        FindingSeverity.Warning,
                        LineOf(script, name),
                        $"{path} is missing: nothing is declared",
                        "spillway guid makes one"
                    );
                else if (!KnownGuids.IsGuid(guid.Text) && told.Add(guid.Text))
                    yield return Malformed(LineOf(script, path), guid.Text);
            }
        }
    }

    private static IEnumerable<ScriptFinding> CheckArguments(CheckedScript script, HashSet<string> told)
    {
        foreach (LuaAccess access in script.Chunk.Accesses)
        {
            if (access.Steps is not [{ IsCalled: true } call] || access.Variable is null || script.KindOf(access.Variable) != "engine")
                continue;
            if (!KindOfMethod.TryGetValue(call.Name, out string? kind) || access.FirstString is not { } guid)
                continue;
            if (CheckOne(script, kind, guid, call.Line, $"engine:{call.Name}", told, isAttached: false) is { } finding)
                yield return finding;
        }
    }

    private static ScriptFinding? CheckOne(
        CheckedScript script,
        string kind,
        string guid,
        int line,
        string where,
        HashSet<string> told,
        bool isAttached
    )
    {
        if (!KnownGuids.IsGuid(guid))
            return told.Add(guid) ? Malformed(line, guid) : null;
        if (script.Guids.TitleOf(kind, guid) is not null || script.Declared.Contains(guid.ToUpperInvariant()) || !told.Add(guid))
            return null;
        string what = KnownGuids.Describe(kind);
        if (script.Guids.OtherMeaning(guid) is { } other)
            return new ScriptFinding(
                FindingSeverity.Warning,
                line,
                $"{where}: {guid} is {other}, and the GUID of a {what} is wanted",
                Catalogue
            );
        if (script.Guids.Nearest(kind, guid) is var (nearest, name))
            return new ScriptFinding(
                FindingSeverity.Warning,
                line,
                $"{where}: no {what} has the GUID {guid}",
                $"did you mean {nearest}, {name}?"
            );
        return new ScriptFinding(
            isAttached ? FindingSeverity.Warning : FindingSeverity.Note,
            line,
            $"{where}: {guid} is no {what} that is known, and no script beside this one declares it",
            isAttached
                ? "check it together with the script that declares it; " + Catalogue
                : "without a script that declares it the call has no effect"
        );
    }

    private static int LineOf(CheckedScript script, string path) =>
        script.Chunk.LineOf("TrisulPlugin." + path) is > 0 and int line ? line : script.Chunk.LineOf(path);

    private static bool LooksLikeGuid(string text) =>
        text.Length is > 30 and < 45
        && text[0] == '{'
        && text[^1] == '}'
        && text.Count(c => c == '-') is > 2 and < 6
        && text[1..^1].All(c => c == '-' || char.IsAsciiLetterOrDigit(c));

    private static ScriptFinding Malformed(int line, string text) =>
        new(
            FindingSeverity.Warning,
            line,
            $"'{text}' is no GUID",
            "a GUID is {8-4-4-4-12} hexadecimal digits, braces included; spillway guid makes one"
        );
}
