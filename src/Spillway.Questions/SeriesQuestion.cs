using Spillway.Metrics.Groups;

namespace Spillway.Questions;

/// <summary>The values of one key by window.</summary>
public static class SeriesQuestion
{
    private const int ChartHeight = 8;
    private const long NsPerSecond = 1_000_000_000;

    /// <summary>Asks it.</summary>
    /// <param name="store">The store.</param>
    /// <param name="scope">The run and the range.</param>
    /// <param name="groupText">The group as it was given.</param>
    /// <param name="keyText">The key as it was given.</param>
    /// <param name="meterText">The meter as it was given; null for the first.</param>
    /// <param name="step">What several windows are put together to; null gives windows.</param>
    public static Answer Ask(
        QuestionStore store,
        QuestionScope scope,
        string groupText,
        string keyText,
        string? meterText,
        QuestionStep? step = null
    )
    {
        StoredGroup group = StoredGroup.Find(store, "counter", groupText);
        StoredMeter meter = StoredMeter.Find(store, group, meterText);
        (long keyId, string key) = KeyFinder.Find(store, group, keyText);
        // Parts of one window, of several runs or of a window that was entered again, are one value.
        Query query = step is null
            ? CounterRows
                .Windows($"s.start, {(meter.Type.IsRate() ? "max(s.seconds)" : "1")}, {meter.Total}", scope, group, meter, keyId)
                .Then("GROUP BY s.start ORDER BY s.start")
            : CounterRows
                .Steps($"{step.BeginOf("s")}, {(meter.Type.IsRate() ? step.Seconds : 1)}, {meter.Total}", scope, group, meter, step)
                .Where("v.key_id = $key", "$key", keyId)
                .Then("GROUP BY 1 ORDER BY 1");
        string label = KeyFinder.LabelOf(store, group, key);
        AnswerColumn value = meter.WindowUnits is "B" or "B/s"
            ? new AnswerColumn("value", meter.Name, ValueKind.Bytes) { Unit = meter.WindowUnits[1..] }
            : new AnswerColumn("value", meter.Name, ValueKind.Number) { Unit = meter.WindowUnits };
        return new Answer(
            [new AnswerColumn("time", step is null ? "Window" : "From", ValueKind.Window), value],
            store.Read(query, row => new object?[] { row.Number(0) * NsPerSecond, row.Real(2) / row.Number(1) })
        )
        {
            Title = $"{meter.Name} of {group.Name}, {group.Readable(key)}{(label.Length > 0 ? $" ({label})" : "")}",
            Limit = scope.Limit,
            WhenEmpty = () => $"'{keyText}' has no values of {meter.Name} in that range; {scope.TellRange()}",
            Picture = (rows, width, hasBlocks) => Chart(rows, meter, scope, step?.Seconds ?? scope.WindowSeconds, width, hasBlocks),
        };
    }

    private static IEnumerable<string> Chart(
        IReadOnlyList<object?[]> rows,
        StoredMeter meter,
        QuestionScope scope,
        long seconds,
        int width,
        bool hasBlocks
    )
    {
        if (rows.Count < 2)
            return [];
        (long first, long last) = ((long)rows[0][0]!, (long)rows[^1][0]!);
        long step = seconds * NsPerSecond;
        Func<double, string> name = meter.WindowUnits is "B" or "B/s"
            ? v => Units.Bytes(v) + meter.WindowUnits[1..]
            : v => Units.Value(v, meter.WindowUnits);
        var chart = new TimeChart(first, last + step, step)
        {
            Height = ChartHeight,
            Name = name,
            IsUtc = scope.IsUtc,
        };
        foreach (object?[] row in rows)
            chart.Add((long)row[0]!, (double)row[1]!);
        return chart.Draw(width, hasBlocks);
    }
}
