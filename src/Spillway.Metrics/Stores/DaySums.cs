using Microsoft.Data.Sqlite;

namespace Spillway.Metrics.Stores;

/// <summary>
/// Adds up the hours of a day, and windows that are in no hour. What is added up points to its sum by <c>parent_id</c>, so that every
/// sample is found once whatever has been added up. A part that comes late stays beside the sum, or becomes another.
/// </summary>
internal sealed class DaySums(SqliteConnection connection) : IDisposable
{
    private const int Day = 24 * 3600;

    private readonly Statement _groups = new(
        connection,
        """
        SELECT group_id FROM counter_slices
        WHERE run_id = ?1 AND start >= ?2 AND start < ?2 + ?3 AND seconds < ?3 AND parent_id IS NULL AND group_id > ?5
        GROUP BY group_id HAVING count(*) >= ?4 ORDER BY group_id LIMIT 1
        """
    );

    private readonly Statement _slice = new(
        connection,
        "INSERT INTO counter_slices (run_id, group_id, level, start, seconds) VALUES (?1, ?2, 2, ?3, ?4) RETURNING slice_id"
    );

    private readonly Statement _adopt = new(
        connection,
        """
        UPDATE counter_slices SET parent_id = ?1
        WHERE run_id = ?2 AND group_id = ?3 AND start >= ?4 AND start < ?4 + ?5 AND seconds < ?5 AND parent_id IS NULL AND slice_id <> ?1
        """
    );

    private readonly Statement _sums = new(
        connection,
        """
        INSERT INTO counter_values
        SELECT ?1, v.meter, v.key_id,
               CASE m.type
                   WHEN 'Maximum' THEN max(v.value)
                   WHEN 'Minimum' THEN min(v.value)
                   WHEN 'Average' THEN sum(v.value * v.samples) / sum(v.samples)
                   ELSE sum(v.value)
               END,
               sum(v.samples)
        FROM counter_slices s
        JOIN counter_values v ON v.slice_id = s.slice_id
        JOIN meters m ON m.group_id = s.group_id AND m.meter = v.meter
        WHERE s.run_id = ?2 AND s.start >= ?3 AND s.start < ?3 + ?4 AND s.parent_id = ?1 AND m.type NOT IN ('Gauge', 'RunningCounter')
        GROUP BY v.meter, v.key_id
        """
    );

    // With one max() in it, SQLite gives the other columns of the row that has it.
    private readonly Statement _lasts = new(
        connection,
        """
        INSERT INTO counter_values
        SELECT ?1, meter, key_id, value, samples FROM (
            SELECT v.meter, v.key_id, v.value, v.samples, max(s.slice_id)
            FROM counter_slices s
            JOIN counter_values v ON v.slice_id = s.slice_id
            JOIN meters m ON m.group_id = s.group_id AND m.meter = v.meter
            WHERE s.run_id = ?2 AND s.start >= ?3 AND s.start < ?3 + ?4 AND s.parent_id = ?1 AND m.type IN ('Gauge', 'RunningCounter')
            GROUP BY v.meter, v.key_id)
        """
    );

    // The sum is younger than its parts, and may outlive them: its keys must too.
    private readonly Statement _noteKeys = new(
        connection,
        "UPDATE keys SET last_slice = ?1 WHERE last_slice < ?1 - ?2 AND key_id IN (SELECT key_id FROM counter_values WHERE slice_id = ?1)"
    );

    /// <summary>Adds up what a run has in a day, group by group; groups with fewer parts stay as they are.</summary>
    public void Add(long run, long start, int fewestParts)
    {
        long group = 0;
        while (true)
        {
            _groups.Bind(0, run);
            _groups.Bind(1, start);
            _groups.Bind(2, Day);
            _groups.Bind(3, fewestParts);
            _groups.Bind(4, group);
            group = _groups.ExecuteNumber();
            if (group == 0)
                return;
            _slice.Bind(0, run);
            _slice.Bind(1, group);
            _slice.Bind(2, start);
            _slice.Bind(3, Day);
            long slice = _slice.ExecuteNumber();
            _adopt.Execute(slice, run, group, start, Day);
            _sums.Execute(slice, run, start, Day);
            _lasts.Execute(slice, run, start, Day);
            _noteKeys.Execute(slice, KeyIds.NotedEvery / 2);
        }
    }

    public void Dispose()
    {
        foreach (Statement statement in (ReadOnlySpan<Statement>)[_groups, _slice, _adopt, _sums, _lasts, _noteKeys])
            statement.Dispose();
    }
}
