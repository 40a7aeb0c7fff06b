namespace Spillway.Questions;

/// <summary>The keys of a counter group with the largest values of a meter, or the smallest.</summary>
internal static class TopQuestion
{
    /// <summary>Asks it.</summary>
    public static Answer Ask(QuestionStore store, QuestionScope scope, string groupText, string? meterText, bool isBottom = false)
    {
        StoredGroup group = StoredGroup.Find(store, "counter", groupText);
        StoredMeter meter = StoredMeter.Find(store, group, meterText);
        // Keys are spelled out for the rows that are shown only. The sum of the group is a key of its own.
        Query query = CounterRows
            .Values($"v.key_id, {meter.Total}", scope, group, meter)
            .Where("v.key_id <> 0")
            .Then($"GROUP BY v.key_id ORDER BY 2 {(isBottom ? "ASC" : "DESC")}, v.key_id")
            .Limit(scope);
        HostPlaces? places = HostPlaces.AreKeysOf(group) ? HostPlaces.In(store) : null;
        double? whole = meter.IsSum ? Whole(store, scope, group, meter) : null;
        IEnumerable<object?[]> rows = store.Read(
            query,
            row =>
            {
                (string key, double sum) = (KeyFinder.KeyOf(store, row.Number(0)), row.Real(1));
                StoredPlace? place = places?.OfKey(key);
                return (object?[])
                    [
                        key,
                        group.Readable(key),
                        KeyFinder.LabelOf(store, group, key),
                        place?.Text,
                        sum,
                        whole > 0 ? sum / whole : null,
                        .. place is null ? [] : HostPlaces.Values(place),
                    ];
            }
        );
        var value = new AnswerColumn("value", meter.Name, meter.TotalUnits == "B" ? ValueKind.Bytes : ValueKind.Number)
        {
            Unit = meter.TotalUnits == "B" ? "" : meter.TotalUnits,
        };
        string order = isBottom ? ", the smallest first" : "";
        string total = whole is { } sum ? $", {AnswerText.ForPeople(value, sum, scope.IsUtc)} in all" : "";
        return new Answer(
            [
                new AnswerColumn("key", "Key", ValueKind.Text) { Place = ColumnPlace.Data },
                new AnswerColumn("name", "Key", ValueKind.Text) { MinWidth = 16 },
                new AnswerColumn("label", "Label", ValueKind.Text) { MinWidth = 8 },
                HostPlaces.Shown,
                value,
                new AnswerColumn("share", "Share", ValueKind.Share) { Spare = 1 },
                .. places is null ? [] : HostPlaces.Columns(),
            ],
            rows
        )
        {
            Title = $"{group.Name} by {meter.Name}{order}{total}",
            Limit = scope.Limit,
            Next = $"over time: spillway series {Nearest.Typed(group.Name)} KEY{(meterText is null ? "" : $" --meter {meter.Id}")}",
            WhenEmpty = () => $"{group.Name} has no values of {meter.Name} in that range; {scope.TellRange()}",
        };
    }

    private static double? Whole(QuestionStore store, QuestionScope scope, StoredGroup group, StoredMeter meter) =>
        store.ReadReal(CounterRows.Values("sum(v.value)", scope, group, meter).Where("v.key_id = 0"));
}
