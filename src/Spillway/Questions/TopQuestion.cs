namespace Spillway.Questions;

/// <summary>The keys of a counter group with the largest values of a meter.</summary>
internal static class TopQuestion
{
    /// <summary>Asks it.</summary>
    public static Answer Ask(QuestionStore store, QuestionScope scope, string groupText, string? meterText)
    {
        StoredGroup group = StoredGroup.Find(store, "counter", groupText);
        StoredMeter meter = StoredMeter.Find(store, group, meterText);
        int limit = scope.Limit ?? int.MaxValue;
        // By the keys' numbers, over sums of hours and days: what millions of rows come to is known in milliseconds.
        Query query = scope.Slices(
                new Query($"WITH sums AS (SELECT v.key_id, {meter.Total} AS total{(meter.IsLast ? ", max(s.slice_id)" : "")} "
                    + "FROM counter_slices s JOIN counter_values v ON v.slice_id = s.slice_id AND v.meter = $meter").With("$meter", meter.Id)
                .Where("s.group_id = $group", "$group", group.Id)).Where("v.key_id <> 0")
            .Then("GROUP BY v.key_id ORDER BY total DESC, v.key_id");
        if (limit < int.MaxValue) query.Limit(scope);
        query.Then(") SELECT k.key, sums.total FROM sums JOIN keys k ON k.key_id = sums.key_id ORDER BY sums.total DESC, k.key");

        double? whole = meter.IsSum ? Whole(store, scope, group, meter) : null;
        var columns = new List<AnswerColumn>
        {
            new("key", "Key", ValueKind.Text) { Place = ColumnPlace.Data },
            new("name", "Key", ValueKind.Text) { MinWidth = 16 },
            new("label", "Label", ValueKind.Text) { MinWidth = 8 },
            meter.TotalUnits == "B" ? new("value", meter.Name, ValueKind.Bytes) : new("value", meter.Name, ValueKind.Number) { Unit = meter.TotalUnits },
            new("share", "Share", ValueKind.Share),
        };
        IEnumerable<object?[]> rows = store.Read(query, row => (Key: row.GetString(0), Value: row.GetDouble(1)))
            .Select(row => new object?[]
            {
                row.Key, KeyText.Readable(group, row.Key), KeyFinder.LabelOf(store, group, row.Key), row.Value, whole > 0 ? row.Value / whole : null,
            });
        return new Answer(columns, rows)
        {
            Title = $"{group.Name}, {meter.Name}",
            Limit = limit == int.MaxValue ? null : limit,
            WhenEmpty = () => $"{group.Name} has no values of {meter.Name} in that range; {scope.TellRange()}",
        };
    }

    private static double? Whole(QuestionStore store, QuestionScope scope, StoredGroup group, StoredMeter meter) => store.Read(
        scope.Slices(new Query("SELECT sum(v.value) FROM counter_slices s JOIN counter_values v ON v.slice_id = s.slice_id AND v.meter = $meter AND v.key_id = 0")
            .With("$meter", meter.Id).Where("s.group_id = $group", "$group", group.Id)),
        row => row.IsDBNull(0) ? (double?)null : row.GetDouble(0)).FirstOrDefault();
}
