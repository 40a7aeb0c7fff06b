namespace Spillway.Questions;

/// <summary>The keys of a counter group with the largest values of a meter, or the smallest.</summary>
public static class TopQuestion
{
    private const long NsPerSecond = 1_000_000_000;

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
        AnswerColumn value = ValueOf(meter);
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

    /// <summary>Asks it for each step of time.</summary>
    public static Answer AskBy(
        QuestionStore store,
        QuestionScope scope,
        string groupText,
        string? meterText,
        bool isBottom,
        QuestionStep step
    )
    {
        StoredGroup group = StoredGroup.Find(store, "counter", groupText);
        StoredMeter meter = StoredMeter.Find(store, group, meterText);
        string order = isBottom ? "ASC" : "DESC";
        Query query = CounterRows
            .Steps($"{step.BeginOf("s")}, v.key_id, {meter.TotalColumns}", scope, group, meter, step)
            .Where("v.key_id <> 0")
            .Then("GROUP BY 1, 2")
            .Around(
                "WITH sums (begin, key_id, value, rest) AS (",
                $"""
                ), placed AS (
                    SELECT begin, key_id, value, row_number() OVER (PARTITION BY begin ORDER BY value {order}, key_id) AS place FROM sums
                ) SELECT begin, key_id, value FROM placed WHERE place <= $most ORDER BY begin, place
                """
            )
            .With("$most", (long)(scope.Limit ?? int.MaxValue));
        Dictionary<long, double> wholes = meter.IsSum ? Wholes(store, scope, group, meter, step) : [];
        return new Answer(
            [
                new AnswerColumn("time", "From", ValueKind.Window),
                new AnswerColumn("key", "Key", ValueKind.Text) { Place = ColumnPlace.Data },
                new AnswerColumn("name", "Key", ValueKind.Text) { MinWidth = 16 },
                new AnswerColumn("label", "Label", ValueKind.Text) { MinWidth = 8 },
                ValueOf(meter),
                new AnswerColumn("share", "Share", ValueKind.Share) { Spare = 1 },
            ],
            store.Read(
                query,
                row =>
                {
                    (string key, double sum) = (KeyFinder.KeyOf(store, row.Number(1)), row.Real(2));
                    return new object?[]
                    {
                        row.Number(0) * NsPerSecond,
                        key,
                        group.Readable(key),
                        KeyFinder.LabelOf(store, group, key),
                        sum,
                        wholes.TryGetValue(row.Number(0), out double whole) && whole > 0 ? sum / whole : null,
                    };
                }
            )
        )
        {
            Title =
                $"{group.Name} by {meter.Name}{(isBottom ? ", the smallest first" : "")}, each {step.Text}"
                + (scope.Limit is { } most ? $", {most} of each" : ""),
            WhenEmpty = () => $"{group.Name} has no values of {meter.Name} in that range; {scope.TellRange()}",
        };
    }

    private static Dictionary<long, double> Wholes(
        QuestionStore store,
        QuestionScope scope,
        StoredGroup group,
        StoredMeter meter,
        QuestionStep step
    )
    {
        var wholes = new Dictionary<long, double>();
        Query query = CounterRows
            .Steps($"{step.BeginOf("s")}, sum(v.value)", scope, group, meter, step)
            .Where("v.key_id = 0")
            .Then("GROUP BY 1");
        foreach (object[] row in store.Read(query, row => new object[] { row.Number(0), row.Real(1) }))
            wholes[(long)row[0]] = (double)row[1];
        return wholes;
    }

    private static AnswerColumn ValueOf(StoredMeter meter) =>
        new("value", meter.Name, meter.TotalUnits == "B" ? ValueKind.Bytes : ValueKind.Number)
        {
            Unit = meter.TotalUnits == "B" ? "" : meter.TotalUnits,
        };

    private static double? Whole(QuestionStore store, QuestionScope scope, StoredGroup group, StoredMeter meter) =>
        store.ReadReal(CounterRows.Values("sum(v.value)", scope, group, meter).Where("v.key_id = 0"));
}
