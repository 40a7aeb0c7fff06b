using System.Globalization;
using Spillway.Metrics.Groups;
using Spillway.Scripting.Blocks;

namespace Spillway.Scripting.Authoring.Rules;

/// <summary>What declarations get wrong: two blocks of one type, rows of meters, and blocks that this version does not run.</summary>
internal static class DeclarationRules
{
    private const string RowForm = "{ id, T.K.vartype.X, top count, bottom count, \"name\", \"description\", \"unit\" }";
    private const int MaxColumns = 7;
    private const int MinColumns = 5; // units are left out at times

    public static IEnumerable<ScriptFinding> Check(CheckedScript script) =>
        CheckTwice(script).Concat(CheckRun(script)).Concat(CheckMeters(script));

    private static IEnumerable<ScriptFinding> CheckTwice(CheckedScript script)
    {
        foreach ((string path, int first, int second) in script.Chunk.Duplicates)
        {
            string name = path[(path.LastIndexOf('.') + 1)..];
            bool isBlock = BlockTypes.Find(name) is not null;
            if (!isBlock && !path.StartsWith("TrisulPlugin.", StringComparison.Ordinal))
                continue;
            yield return new ScriptFinding(
                FindingSeverity.Warning,
                second,
                $"{(isBlock ? "block " : "")}'{name}' is there twice, first in line {first}: Lua keeps one of the two only",
                isBlock ? "put the second block into a file of its own" : "remove one of the two"
            );
        }

        foreach (BlockType type in BlockTypes.All)
        {
            string[] names =
            [
                .. type.Aliases.Prepend(type.Name).Where(name => script.Probed.Shape?.Find("TrisulPlugin." + name) is not null),
            ];
            if (names.Length < 2)
                continue;
            yield return new ScriptFinding(
                FindingSeverity.Warning,
                script.Chunk.LineOf("TrisulPlugin." + names[1]),
                $"{string.Join(" and ", names)} are names of one block type: only {names[0]} is run",
                "put the second block into a file of its own"
            );
        }
    }

    private static IEnumerable<ScriptFinding> CheckRun(CheckedScript script)
    {
        foreach (BlockType type in script.Probed.Blocks)
        {
            if (type.IsDeclaration || BlockTypes.Runs(type.Name))
                continue;
            yield return new ScriptFinding(
                FindingSeverity.Note,
                script.Chunk.LineOf("TrisulPlugin." + type.Name),
                $"block '{type.Name}' is not run by this version",
                "spillway scripts list shows what is run"
            );
        }
    }

    private static IEnumerable<ScriptFinding> CheckMeters(CheckedScript script)
    {
        foreach (string table in new[] { "countergroup", "counter_group" })
        {
            string path = $"TrisulPlugin.{table}.meters";
            if (script.Probed.Shape is not { } shape || shape.Find(path) is null)
                continue;
            var rowOfId = new Dictionary<string, int>();
            foreach (int row in shape.RowsOf(path))
            {
                int line = script.Chunk.LineOf($"{table}.meters[{row}]");
                foreach (string flaw in FlawsOf(shape, $"{path}[{row}]"))
                    yield return new ScriptFinding(FindingSeverity.Warning, line, $"row {row} of meters: {flaw}", $"a row is {RowForm}");
                if (shape.Find($"{path}[{row}][1]") is { Type: "number" } id && !rowOfId.TryAdd(id.Text, row))
                    yield return new ScriptFinding(
                        FindingSeverity.Warning,
                        line,
                        $"row {row} of meters: id {id.Text} is taken by row {rowOfId[id.Text]}",
                        "give each meter a number of its own, from 0"
                    );
            }

            if (!shape.RowsOf(path).Any())
                yield return new ScriptFinding(
                    FindingSeverity.Warning,
                    script.Chunk.LineOf($"{table}.meters"),
                    "meters has no rows: nothing can be counted",
                    $"a row is {RowForm}"
                );
        }
    }

    private static IEnumerable<string> FlawsOf(PluginShape shape, string row)
    {
        if (shape.Find(row) is not { Type: "table" })
        {
            yield return "it is no table";
            yield break;
        }

        if (Number(shape, row + "[1]") is not (>= 0 and <= Meter.MaxId))
            yield return $"the first column is the meter's id, a number from 0 to {Meter.MaxId}";
        if (Number(shape, row + "[2]") is not { } type || !MeterTypes.IsKnown(type))
            yield return "the second column is the type, one of T.K.vartype";
        int last = shape.RowsOf(row).LastOrDefault();
        if (last is > MaxColumns or < MinColumns)
            yield return $"it has {last} columns, not 6 or 7";
        int text = shape.Find(row + "[4]") is { Type: "number" } ? 5 : 4; // six columns have no bottom count
        for (int column = 3; column < text; column++)
        {
            if (shape.Find($"{row}[{column}]") is { Type: not "number" })
                yield return $"column {column} is a count, a number";
        }

        for (int column = text; column <= Math.Min(last, text + 2); column++)
        {
            if (shape.Find($"{row}[{column}]") is { Type: not "string" })
                yield return $"column {column} is text";
        }
    }

    private static int? Number(PluginShape shape, string path) =>
        shape.Find(path) is { Type: "number" } value && int.TryParse(value.Text, CultureInfo.InvariantCulture, out int number)
            ? number
            : null;
}
