namespace Spillway.Questions;

/// <summary>What was given for one filter, which may be given again and negated.</summary>
/// <param name="Any">One of these must match; empty asks for nothing.</param>
/// <param name="None">None of these may match: those behind <c>--not</c>.</param>
public sealed record FilterTerms(IReadOnlyList<string> Any, IReadOnlyList<string> None)
{
    /// <summary>Nothing was given.</summary>
    public static FilterTerms Empty { get; } = new([], []);

    /// <summary>Whether nothing was given.</summary>
    public bool IsEmpty => Any.Count + None.Count == 0;

    /// <summary>The same with other values.</summary>
    public FilterTerms Select(Func<string, string> change) => IsEmpty ? this : new([.. Any.Select(change)], [.. None.Select(change)]);
}
