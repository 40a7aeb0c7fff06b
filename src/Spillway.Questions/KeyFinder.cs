using Spillway.Metrics.Groups;
using Spillway.Net.Flows;

namespace Spillway.Questions;

/// <summary>Finds the key that a text stands for: as stored, as people write it, or by its label.</summary>
internal static class KeyFinder
{
    private const int MostNamed = 6;

    /// <summary>The key that is meant.</summary>
    /// <returns>Its number in the store, and itself.</returns>
    /// <exception cref="QuestionException">The group has none such.</exception>
    public static (long Id, string Key) Find(QuestionStore store, StoredGroup group, string text)
    {
        foreach (string candidate in KeyText.Candidates(text))
        {
            if (candidate == KeyText.GroupTotals)
                return (0, candidate);
            if (IdOf(store, group, candidate) is { } id)
                return (id, candidate);
        }

        // A label may have been lent by another group: what counts is the key in this one.
        List<string> labelled =
        [
            .. store
                .Read(Labels(group).Where("label = $label COLLATE NOCASE", "$label", text), row => row.Text(0))
                .Distinct()
                .Where(key => IdOf(store, group, key) is not null),
        ];
        if (labelled.Count == 1)
            return (IdOf(store, group, labelled[0])!.Value, labelled[0]);
        if (labelled.Count > 1)
            throw new QuestionException($"'{text}' is the name of several keys: {Listed(group, labelled)}");

        List<string> near =
        [
            .. store.Read(
                new Query("SELECT key FROM keys")
                    .Where("group_id = $group", "$group", group.Id)
                    .Where("(key LIKE $part ESCAPE '\\' OR label LIKE $part ESCAPE '\\')", "$part", Query.Containing(text))
                    .Then("LIMIT 6"),
                row => row.Text(0)
            ),
        ];
        throw new QuestionException(
            $"{group.Name} has no key '{text}'; "
                + $"{(near.Count > 0 ? $"near it: {Listed(group, near)}" : $"'spillway keys \"{group.Name}\"' lists what there is")}"
        );
    }

    /// <summary>A key by its number.</summary>
    public static string KeyOf(QuestionStore store, long id) =>
        store.Read(new Query("SELECT key FROM keys").Where("key_id = $id", "$id", id), row => row.Text(0)).FirstOrDefault() ?? "";

    /// <summary>Keys with their labels, the group's own and those of the group that it borrows from.</summary>
    public static Query Labels(StoredGroup group) =>
        new Query("SELECT key, label FROM key_labels")
            .Where("group_id IN ($own, $lent)")
            .With("$own", group.Id)
            .With("$lent", group.Resolver ?? group.Id);

    /// <summary>The label of one key; empty if it has none.</summary>
    public static string LabelOf(QuestionStore store, StoredGroup group, string key)
    {
        // Groups with hosts of both versions borrow from both groups of hosts.
        long? lent =
            group.ResolverGuid == WellKnownGuids.Hosts && key.Length == FlowId.Ipv6KeyLength
                ? store.ReadNumber(
                    new Query("SELECT group_id FROM groups")
                        .Where("kind = 'counter'")
                        .Where("guid = $guid", "$guid", WellKnownGuids.HostsIPv6)
                )
                : group.Resolver;
        // The group's own goes before what it borrows.
        Query labels = new Query("SELECT label FROM key_labels")
            .Where("group_id IN ($own, $lent)")
            .With("$own", group.Id)
            .With("$lent", lent ?? group.Id)
            .Where("key = $key", "$key", key)
            .Then("ORDER BY group_id <> $own");
        return store.Read(labels, row => row.Text(0)).FirstOrDefault(label => label.Length > 0) ?? "";
    }

    private static long? IdOf(QuestionStore store, StoredGroup group, string key) =>
        store.ReadNumber(
            new Query("SELECT key_id FROM keys").Where("key = $key", "$key", key).Where("group_id = $group", "$group", group.Id)
        );

    private static string Listed(StoredGroup group, IEnumerable<string> keys) =>
        string.Join(", ", keys.Take(MostNamed).Select(key => group.Readable(key)));
}
