namespace Spillway.Questions;

/// <summary>
/// Queries on counters as they lie in the store: windows, and hours and days that add up windows. A range is put together from the largest
/// slices that are wholly in it, so that a month costs thirty of them and not forty thousand.
/// </summary>
internal static class CounterRows
{
    /// <summary>Values of a meter in the scope, each exactly once: rows of <c>s</c> (slice) and <c>v</c> (value).</summary>
    /// <param name="columns">What is selected.</param>
    /// <param name="scope">The run and the range.</param>
    /// <param name="group">The group.</param>
    /// <param name="meter">The meter; null for all.</param>
    public static Query Values(string columns, QuestionScope scope, StoredGroup group, StoredMeter? meter)
    {
        Query query = new Query($"SELECT {columns} FROM counter_slices s CROSS JOIN counter_values v ON v.slice_id = s.slice_id")
            .Where("s.group_id = $group", "$group", group.Id)
            .WhereIf("v.meter = $meter", "$meter", meter?.Id)
            .WhereIf("s.run_id = $run", "$run", scope.Run);
        if (!scope.HasRange)
            return query.Where("s.parent_id IS NULL");
        return query
            .Where(Inside("s"))
            .Where($"(s.parent_id IS NULL OR NOT EXISTS (SELECT 1 FROM counter_slices p WHERE p.slice_id = s.parent_id AND {Inside("p")}))")
            .With("$from", scope.FromSecond)
            .With("$to", scope.ToSecond)
            .With("$window", scope.WindowSeconds);
    }

    /// <summary>The same, from slices that are wholly in one step, so that each sample is in the step in which it was taken.</summary>
    public static Query Steps(string columns, QuestionScope scope, StoredGroup group, StoredMeter meter, QuestionStep step)
    {
        Query query = new Query($"SELECT {columns} FROM counter_slices s CROSS JOIN counter_values v ON v.slice_id = s.slice_id")
            .Where("s.group_id = $group", "$group", group.Id)
            .Where("v.meter = $meter", "$meter", meter.Id)
            .WhereIf("s.run_id = $run", "$run", scope.Run);
        if (scope.HasRange)
            query.With("$from", scope.FromSecond).With("$to", scope.ToSecond).With("$window", scope.WindowSeconds);
        return query
            .Where(Taken("s"))
            .Where($"(s.parent_id IS NULL OR NOT EXISTS (SELECT 1 FROM counter_slices p WHERE p.slice_id = s.parent_id AND {Taken("p")}))");

        string Taken(string slice) => step.Holds(slice) + (scope.HasRange ? $" AND {Inside(slice)}" : "");
    }

    /// <summary>Windows in the scope with the value of one key.</summary>
    public static Query Windows(string columns, QuestionScope scope, StoredGroup group, StoredMeter meter, long keyId)
    {
        Query query = new Query($"SELECT {columns} FROM counter_slices s CROSS JOIN counter_values v ON v.slice_id = s.slice_id")
            .Where("s.group_id = $group", "$group", group.Id)
            .Where("s.level = 0")
            .WhereIf("s.run_id = $run", "$run", scope.Run)
            .Where("v.meter = $meter", "$meter", meter.Id)
            .Where("v.key_id = $key", "$key", keyId);
        return scope.HasRange
            ? query.Where(Inside("s")).With("$from", scope.FromSecond).With("$to", scope.ToSecond).With("$window", scope.WindowSeconds)
            : query;
    }

    // A window is in the range if it touches it, and a larger slice if all its windows do.
    private static string Inside(string slice) => $"{slice}.start > $from - $window AND {slice}.start + {slice}.seconds <= $to + $window";
}
