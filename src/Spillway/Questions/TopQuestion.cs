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
        Query query = scope.Windows(new Query($"SELECT key, {meter.Total} AS total{(meter.IsLast ? ", max(window_start)" : "")} FROM counters")
            .Where("group_id = $group", "$group", group.Id).Where("meter = $meter", "$meter", meter.Id)).Then("GROUP BY key ORDER BY total DESC, key");
        // The sum of the group is one of the keys: one row more, and one more to know whether there are more.
        if (limit < int.MaxValue - 2) query.Then("LIMIT $limit").With("$limit", limit + 2L);

        double? whole = meter.IsSum ? Whole(store, scope, group, meter) : null;
        var columns = new List<AnswerColumn>
        {
            new("key", "Key", ValueKind.Text) { Place = ColumnPlace.Data },
            new("name", "Key", ValueKind.Text) { MinWidth = 16 },
            new("label", "Label", ValueKind.Text) { MinWidth = 8 },
            meter.TotalUnits == "B" ? new("value", meter.Name, ValueKind.Bytes) : new("value", meter.Name, ValueKind.Number) { Unit = meter.TotalUnits },
            new("share", "Share", ValueKind.Share),
        };
        IEnumerable<object?[]> rows = store.Read(query, row => (Key: row.GetString(0), Value: row.GetDouble(1))).Where(row => row.Key != KeyText.GroupTotals)
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
        scope.Windows(new Query("SELECT sum(value) FROM counters").Where("group_id = $group", "$group", group.Id).Where("meter = $meter", "$meter", meter.Id)
            .Where("key = $key", "$key", KeyText.GroupTotals)),
        row => row.IsDBNull(0) ? (double?)null : row.GetDouble(0)).FirstOrDefault();
}
