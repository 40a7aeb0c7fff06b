using System.Globalization;

namespace Spillway.Scripting.Blocks;

/// <summary>A value in a script's tables.</summary>
/// <param name="Type">Its Lua type.</param>
/// <param name="Text">A scalar's text; a function's line.</param>
internal readonly record struct ShapeValue(string Type, string Text)
{
    /// <summary>Line of a function; 0 for anything else.</summary>
    public int Line => Type == "function" ? int.Parse(Text, CultureInfo.InvariantCulture) : 0;
}

/// <summary>What <c>TrisulPlugin</c> holds after the main chunk has run, read from the Lua state by <c>reflect.lua</c>.</summary>
internal sealed class PluginShape
{
    private readonly Dictionary<string, ShapeValue> _values = [];

    private PluginShape() { }

    /// <summary>Parses the records.</summary>
    public static PluginShape Parse(string text)
    {
        var shape = new PluginShape();
        foreach (string record in text.Split('\u001e', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] fields = record.Split('\u001f');
            if (fields.Length == 3)
                shape._values[fields[0]] = new ShapeValue(fields[1], fields[2]);
        }

        return shape;
    }

    /// <summary>The value at a path such as <c>TrisulPlugin.simplecounter.protocol_guid</c>; null if there is none.</summary>
    public ShapeValue? Find(string path) => _values.TryGetValue(path, out ShapeValue value) ? value : null;

    /// <summary>The fields of a table, in the order of their names.</summary>
    public IEnumerable<(string Name, ShapeValue Value)> FieldsOf(string path)
    {
        string start = path + ".";
        return _values
            .Where(pair => pair.Key.StartsWith(start, StringComparison.Ordinal) && pair.Key.AsSpan(start.Length).IndexOfAny('.', '[') < 0)
            .Select(pair => (pair.Key[start.Length..], pair.Value))
            .OrderBy(pair => pair.Item1, StringComparer.Ordinal);
    }

    /// <summary>The indexes of a table's rows, in order.</summary>
    public IEnumerable<int> RowsOf(string path)
    {
        string start = path + "[";
        return _values
            .Keys.Where(key => key.StartsWith(start, StringComparison.Ordinal) && key.IndexOf(']', start.Length) == key.Length - 1)
            .Select(key => int.TryParse(key[start.Length..^1], CultureInfo.InvariantCulture, out int index) ? index : 0)
            .Order();
    }
}
