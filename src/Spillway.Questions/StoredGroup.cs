namespace Spillway.Questions;

/// <summary>A group as the store knows it.</summary>
/// <param name="Id">Its number in the store.</param>
/// <param name="Guid">Its GUID.</param>
/// <param name="Name">Its name.</param>
/// <param name="Resolver">Number of the counter group whose key labels are used too; null for none.</param>
/// <param name="ResolverGuid">That group's GUID, known to the store or not.</param>
public sealed record StoredGroup(long Id, string Guid, string Name, long? Resolver, string? ResolverGuid)
{
    private const int MostNamed = 8;

    /// <summary>
    /// Finds a group by its GUID, its name, or a part at the beginning of the name that no other has; case, blanks and hyphens do not
    /// matter.
    /// </summary>
    /// <param name="store">The store.</param>
    /// <param name="kind">counter, alert, resource or fts.</param>
    /// <param name="text">What was asked for.</param>
    /// <exception cref="QuestionException">There is none, or there are several.</exception>
    public static StoredGroup Find(QuestionStore store, string kind, string text)
    {
        IReadOnlyList<StoredGroup> groups = All(store, kind);
        string wanted = Nearest.Plain(text);
        if (
            groups.FirstOrDefault(group =>
                Nearest.Plain(group.Guid) == wanted || string.Equals(group.Name, text, StringComparison.Ordinal)
            ) is
            { } exact
        )
            return exact;
        var named = groups.Where(group => Nearest.Plain(group.Name) == wanted).ToList();
        if (named.Count == 0)
            named = [.. groups.Where(group => wanted.Length > 0 && Nearest.Plain(group.Name).StartsWith(wanted, StringComparison.Ordinal))];
        if (named.Count == 1)
            return named[0];
        if (named.Count > 1)
            throw new QuestionException($"'{text}' may be {Listed(named.Select(group => group.Name))}: give more of the name");

        if (groups.Count == 0)
            throw new QuestionException(
                kind == "counter"
                    ? "the store has no counter group: nothing was counted in its runs, or they were killed before the end of a window"
                    : $"the store has no {kind} group: nothing was recorded in its runs"
            );
        IReadOnlyList<string> nearest = Nearest.To(text, groups.Select(group => group.Name), MostNamed);
        throw new QuestionException(
            nearest.Count > 0
                ? $"no {kind} group '{text}'; near it: {Listed(nearest)}"
                : $"no {kind} group '{text}'; there are {Listed(groups.Select(group => group.Name))}"
        );
    }

    /// <summary>All groups of a kind, by name.</summary>
    public static IReadOnlyList<StoredGroup> All(QuestionStore store, string kind)
    {
        Query query = new Query(
            """
            SELECT g.group_id, g.guid, g.name, r.group_id, g.resolver_guid
            FROM groups g LEFT JOIN groups r ON r.kind = 'counter' AND r.guid = g.resolver_guid
            """
        ).Where("g.kind = $kind", "$kind", kind).Then("ORDER BY g.name");
        return
        [
            .. store.Read(query, row => new StoredGroup(row.Number(0), row.Text(1), row.Text(2), row.NumberOrNull(3), row.TextOrNull(4))),
        ];
    }

    /// <summary>A key of the group for people.</summary>
    public string Readable(string key) => KeyText.Readable(Guid, key, ResolverGuid);

    private static string Listed(IEnumerable<string> names) =>
        string.Join(", ", names.Take(MostNamed)) + (names.Count() > MostNamed ? ", ..." : "");
}
