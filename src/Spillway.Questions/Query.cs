using System.Globalization;
using System.Text;

namespace Spillway.Questions;

/// <summary>An SQL text that grows by conditions, with its parameters. Nothing that a user types becomes part of the text.</summary>
/// <param name="text">The query up to its conditions.</param>
internal sealed class Query(string text)
{
    private readonly StringBuilder _text = new(text);
    private readonly List<(string Name, object Value)> _parameters = [];
    private bool _hasConditions;

    /// <summary>The SQL.</summary>
    public string Text => _text.ToString();

    /// <summary>What is bound.</summary>
    public IReadOnlyList<(string Name, object Value)> Parameters => _parameters;

    /// <summary>Binds a parameter.</summary>
    public Query With(string name, object value)
    {
        _parameters.Add((name, value));
        return this;
    }

    /// <summary>Binds a value to a parameter of its own.</summary>
    /// <returns>The parameter.</returns>
    public string Bind(object value)
    {
        string name = string.Create(CultureInfo.InvariantCulture, $"$value{_parameters.Count}");
        With(name, value);
        return name;
    }

    /// <summary>
    /// Keeps rows that match one of the values that were given as they are, and none of those that were negated. What a row does not have
    /// is not equal to anything.
    /// </summary>
    /// <param name="terms">The values.</param>
    /// <param name="condition">The condition of a value, with what it needs bound to this query.</param>
    public Query Matching(FilterTerms terms, Func<string, string> condition)
    {
        if (terms.Any.Count > 0)
            Where($"({string.Join(" OR ", terms.Any.Select(condition))})");
        foreach (string value in terms.None)
            Where($"NOT coalesce(({condition(value)}), 0)");
        return this;
    }

    /// <summary>The condition that one of some columns holds a text, bound to this query.</summary>
    public string Holds(string text, params ReadOnlySpan<string> columns)
    {
        string pattern = Bind(Containing(text)),
            condition = "";
        foreach (string column in columns)
            condition += $"{(condition.Length == 0 ? "" : " OR ")}{column} LIKE {pattern} ESCAPE '\\'";
        return $"({condition})";
    }

    /// <summary>Adds a condition.</summary>
    public Query Where(string condition)
    {
        _text.Append(_hasConditions ? " AND " : " WHERE ").Append(condition);
        _hasConditions = true;
        return this;
    }

    /// <summary>Adds a condition with a parameter.</summary>
    public Query Where(string condition, string name, object value) => Where(condition).With(name, value);

    /// <summary>Adds a condition if there is a value for it.</summary>
    public Query WhereIf(string condition, string name, object? value) => value is null ? this : Where(condition, name, value);

    /// <summary>Adds conditions that keep a time within the scope.</summary>
    public Query Within(QuestionScope scope, string firstColumn, string lastColumn)
    {
        if (scope.FromNs != long.MinValue)
            Where($"{lastColumn} >= $from", "$from", scope.FromNs);
        if (scope.ToNs != long.MaxValue)
            Where($"{firstColumn} <= $to", "$to", scope.ToNs);
        return this;
    }

    /// <summary>Adds what follows the conditions: grouping, order.</summary>
    public Query Then(string rest)
    {
        _text.Append(' ').Append(rest);
        return this;
    }

    /// <summary>Puts a query around this one.</summary>
    public Query Around(string before, string after)
    {
        _text.Insert(0, before).Append(after);
        return this;
    }

    /// <summary>Limits the rows to one more than are shown, so that the reader knows whether there are more.</summary>
    public Query Limit(QuestionScope scope) => scope.Limit is { } limit ? Then("LIMIT $limit").With("$limit", limit + 1L) : this;

    /// <summary>A text as part of a LIKE pattern with the escape character <c>\</c>.</summary>
    public static string Containing(string text) => $"%{Escaped(text, '\\', '%', '_')}%";

    /// <summary>A text as a LIKE pattern for what begins with it, with the escape character <c>\</c>.</summary>
    public static string BeginningWith(string text) => $"{Escaped(text, '\\', '%', '_')}%";

    private static string Escaped(string text, params ReadOnlySpan<char> special)
    {
        foreach (char one in special)
            text = text.Replace($"{one}", $"\\{one}", StringComparison.Ordinal);
        return text;
    }
}
