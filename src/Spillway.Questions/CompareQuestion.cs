using Spillway.Metrics.Groups;

namespace Spillway.Questions;

/// <summary>A counter group in two spans of time, side by side: what grew and what shrank most comes first.</summary>
public static class CompareQuestion
{
    /// <summary>Asks it. Values of rates are of a second, so that spans of different lengths can be compared.</summary>
    /// <param name="store">The store.</param>
    /// <param name="scope">The later span.</param>
    /// <param name="before">The earlier span.</param>
    /// <param name="groupText">The group.</param>
    /// <param name="meterText">The meter; null for the first.</param>
    public static Answer Ask(QuestionStore store, QuestionScope scope, QuestionScope before, string groupText, string? meterText)
    {
        StoredGroup group = StoredGroup.Find(store, "counter", groupText);
        StoredMeter meter = StoredMeter.Find(store, group, meterText);
        Dictionary<long, double> now = Values(store, scope, group, meter),
            then = Values(store, before, group, meter);
        IEnumerable<object?[]> rows = now
            .Keys.Union(then.Keys)
            .Select(id => (Id: id, Now: now.GetValueOrDefault(id), Then: then.GetValueOrDefault(id)))
            .OrderByDescending(each => Math.Abs(each.Now - each.Then))
            .ThenBy(each => each.Id)
            .Take(scope.Limit is { } limit ? limit + 1 : int.MaxValue)
            .Select(each =>
            {
                string key = KeyFinder.KeyOf(store, each.Id);
                return new object?[]
                {
                    key,
                    group.Readable(key),
                    KeyFinder.LabelOf(store, group, key),
                    each.Now,
                    each.Then,
                    each.Now - each.Then,
                    each.Then > 0 ? (each.Now - each.Then) / each.Then : null,
                };
            });
        return new Answer(
            [
                new AnswerColumn("key", "Key", ValueKind.Text) { Place = ColumnPlace.Data },
                new AnswerColumn("name", "Key", ValueKind.Text) { MinWidth = 16 },
                new AnswerColumn("label", "Label", ValueKind.Text) { MinWidth = 8 },
                Column("value", "Now", meter),
                Column("value_before", "Before", meter),
                Column("difference", "Difference", meter),
                new AnswerColumn("change", "Change", ValueKind.Share),
            ],
            rows
        )
        {
            Title = $"{meter.Name} of {group.Name}, two spans",
            Limit = scope.Limit,
            WhenEmpty = () => $"{group.Name} has no values of {meter.Name} in either span; {scope.TellRange()}",
        };
    }

    private static Dictionary<long, double> Values(QuestionStore store, QuestionScope scope, StoredGroup group, StoredMeter meter)
    {
        long first = Math.Max(scope.FromSecond, scope.FirstNs / 1_000_000_000),
            last = Math.Min(scope.ToSecond, scope.LastNs / 1_000_000_000);
        double seconds = meter.Type.IsRate() ? Math.Max(1, last - first) : 1;
        var values = new Dictionary<long, double>();
        Query query = CounterRows.Values($"v.key_id, {meter.Total}", scope, group, meter).Where("v.key_id <> 0").Then("GROUP BY v.key_id");
        foreach (object[] row in store.Read(query, row => new object[] { row.Number(0), row.Real(1) }))
            values[(long)row[0]] = (double)row[1] / seconds;
        return values;
    }

    private static AnswerColumn Column(string name, string title, StoredMeter meter) =>
        meter.WindowUnits is "B" or "B/s"
            ? new AnswerColumn(name, title, ValueKind.Bytes) { Unit = meter.WindowUnits[1..] }
            : new AnswerColumn(name, title, ValueKind.Number) { Unit = meter.WindowUnits };
}
