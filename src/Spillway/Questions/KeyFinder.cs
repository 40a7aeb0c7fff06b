namespace Spillway.Questions;

/// <summary>Finds the key that a text stands for: as stored, as people write it, or by its label.</summary>
internal static class KeyFinder
{
    private const int MostNamed = 6;

    /// <summary>The key.</summary>
    /// <exception cref="QuestionException">The group has none such.</exception>
    public static string Find(QuestionStore store, QuestionScope scope, StoredGroup group, StoredMeter meter, string text)
    {
        foreach (string candidate in KeyText.Candidates(text))
        {
            Query query = new Query("SELECT count(*) FROM (SELECT 1 FROM counters").Where("group_id = $group", "$group", group.Id)
                .Where("meter = $meter", "$meter", meter.Id).Where("key = $key", "$key", candidate).WhereIf("run_id = $run", "$run", scope.Run).Then("LIMIT 1)");
            if (store.ReadNumber(query) > 0) return candidate;
        }

        List<string> labelled = [.. store.Read(Labels(group).Where("label = $label COLLATE NOCASE", "$label", text), row => row.GetString(0)).Distinct()];
        if (labelled.Count == 1) return labelled[0];
        if (labelled.Count > 1) throw new QuestionException($"'{text}' is the name of several keys: {string.Join(", ", labelled.Take(MostNamed).Select(key => KeyText.Readable(group, key)))}");

        List<string> near = [.. store.Read(
            new Query("SELECT DISTINCT key FROM counters").Where("group_id = $group", "$group", group.Id).Where("meter = $meter", "$meter", meter.Id)
                .WhereIf("run_id = $run", "$run", scope.Run).Where("key LIKE $part ESCAPE '\\'", "$part", Query.Containing(text)).Then("LIMIT 6"),
            row => KeyText.Readable(group, row.GetString(0)))];
        string hint = near.Count > 0 ? $"near it: {string.Join(", ", near)}" : $"'spillway keys \"{group.Name}\"' lists what there is";
        throw new QuestionException($"{group.Name} has no key '{text}' with a value for {meter.Name}; {hint}");
    }

    /// <summary>Keys with their labels, the group's own and those of the group that it borrows from.</summary>
    public static Query Labels(StoredGroup group) =>
        new Query("SELECT key, label FROM key_labels").Where("group_id IN ($own, $lent)").With("$own", group.Id).With("$lent", group.Resolver ?? group.Id);

    /// <summary>The label of one key; empty if it has none.</summary>
    public static string LabelOf(QuestionStore store, StoredGroup group, string key)
    {
        List<(long Group, string Label)> labels = [.. store.Read(
            new Query("SELECT group_id, label FROM key_labels").Where("group_id IN ($own, $lent)").With("$own", group.Id).With("$lent", group.Resolver ?? group.Id).Where("key = $key", "$key", key),
            row => (row.GetInt64(0), row.GetString(1)))];
        return labels.OrderBy(label => label.Group == group.Id ? 0 : 1).Select(label => label.Label).FirstOrDefault(label => label.Length > 0) ?? "";
    }
}
