using Spillway.Questions;

namespace Spillway.Web.Pages;

/// <summary>A row of an answer, by the names of its columns.</summary>
internal readonly struct Row(IReadOnlyDictionary<string, int> places, object?[] values)
{
    /// <summary>A value; null if the answer has no such column.</summary>
    public object? this[string name] => places.TryGetValue(name, out int at) ? values[at] : null;

    /// <summary>A value as text, empty without one.</summary>
    public string Text(string name) => this[name] as string ?? (this[name]?.ToString() ?? "");

    /// <summary>A whole number, 0 without one.</summary>
    public long Number(string name) => this[name] is long number ? number : 0;

    /// <summary>Where the columns of an answer stand.</summary>
    public static Dictionary<string, int> PlacesOf(Answer answer)
    {
        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int i = 0; i < answer.Columns.Count; i++)
            places.TryAdd(answer.Columns[i].Name, i);
        return places;
    }

    /// <summary>All rows of an answer, up to its limit.</summary>
    public static List<Row> All(Answer answer)
    {
        Dictionary<string, int> places = PlacesOf(answer);
        IEnumerable<object?[]> rows = answer.Limit is { } limit ? answer.Rows.Take(limit) : answer.Rows;
        return [.. rows.Select(row => new Row(places, row))];
    }
}
