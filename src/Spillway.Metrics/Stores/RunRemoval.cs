using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Spillway.Metrics.Stores;

/// <summary>A run that has records.</summary>
/// <param name="Id">Its id.</param>
/// <param name="FromNs">Packet time of its oldest record.</param>
/// <param name="LastNs">Packet time of its newest record.</param>
/// <param name="UpdatedAt">Wall clock of its end, or of its last transaction.</param>
/// <param name="HasFinished">False for a run that is running, or was killed.</param>
/// <param name="WindowSeconds">Length of its windows.</param>
internal readonly record struct RunSpan(long Id, long FromNs, long LastNs, DateTimeOffset UpdatedAt, bool HasFinished, int WindowSeconds);

/// <summary>Removes the records of a run that are older than a moment, some thousand at a time.</summary>
internal sealed class RunRemoval(SqliteConnection connection) : IDisposable
{
    private const int RowsPerStep = 2_000;
    private const int ValuesPerStep = 20_000;

    private readonly Statement[] _records =
    [
        new(
            connection,
            "DELETE FROM tags WHERE flow_row IN (SELECT flow_row FROM flows WHERE run_id = ?1 AND last_ns < ?2 ORDER BY last_ns LIMIT ?3)"
        ),
        new(
            connection,
            "DELETE FROM flow_attributes WHERE flow_row IN (SELECT flow_row FROM flows WHERE run_id = ?1 AND last_ns < "
                + "?2 ORDER BY last_ns LIMIT ?3)"
        ),
        Delete(connection, "flows", "flow_row", "last_ns"),
        Delete(connection, "alerts", "alert_id", "time_ns"),
        Delete(connection, "resources", "resource_id", "time_ns"),
        Delete(connection, "documents", "document_id", "time_ns"),
        Delete(connection, "files", "file_id", "time_ns"),
        Delete(connection, "http", "http_id", "time_ns"),
        Delete(connection, "dns", "dns_id", "time_ns"),
        Delete(connection, "tls", "tls_id", "time_ns"),
    ];

    private readonly Statement _slice = new(
        connection,
        "SELECT slice_id FROM counter_slices WHERE run_id = ?1 AND start < ?2 AND start + seconds <= ?2 ORDER BY start, seconds LIMIT 1"
    );

    // A sum that holds both: what is removed, and what stays.
    private readonly Statement _straddling = new(
        connection,
        "SELECT slice_id FROM counter_slices WHERE run_id = ?1 AND level > 0 AND start < ?2 AND start + seconds > ?2 "
            + "ORDER BY start, seconds DESC LIMIT 1"
    );

    private readonly Statement _release = new(connection, "UPDATE counter_slices SET parent_id = NULL WHERE parent_id = ?1");

    private readonly Statement _values = new(
        connection,
        """
        DELETE FROM counter_values WHERE slice_id = ?1 AND (meter, key_id) IN
            (SELECT meter, key_id FROM counter_values WHERE slice_id = ?1 ORDER BY meter, key_id LIMIT ?2)
        """
    );

    private readonly Statement _removeSlice = new(connection, "DELETE FROM counter_slices WHERE slice_id = ?1");
    private readonly Statement _tracked = new(connection, "DELETE FROM tracked_flows WHERE run_id = ?1 AND bucket_start * 1000000000 < ?2");
    private readonly Statement _edges = new(connection, "DELETE FROM edges WHERE run_id = ?1 AND last_ns < ?2");

    /// <summary>Removes a piece; 0 if nothing is left.</summary>
    /// <param name="run">The run.</param>
    /// <param name="untilNs">What ended before this is removed.</param>
    /// <param name="whole">True if that is all: then so are the slices that reach beyond the last packet.</param>
    public int Step(long run, long untilNs, bool whole)
    {
        int removed = 0;
        foreach (Statement statement in _records)
            removed += statement.ExecuteChanges(run, untilNs, RowsPerStep);
        long untilSeconds = untilNs / 1_000_000_000;
        if (!whole)
            removed += Dissolve(run, untilSeconds);
        removed += RemoveCounters(run, whole ? long.MaxValue : untilSeconds);
        // Edges have no order of time: all at once, when the rest is done.
        return removed > 0 ? removed : _edges.ExecuteChanges(run, untilNs) + _tracked.ExecuteChanges(run, untilNs);
    }

    /// <summary>The runs that have records, the oldest first.</summary>
    public List<RunSpan> Runs()
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = """
            SELECT run_id, max(first_packet_ns, coalesce(kept_from_ns, 0)), last_packet_ns, coalesce(finished_at, updated_at, started_at),
                   finished_at IS NOT NULL, window_seconds
            FROM runs
            WHERE last_packet_ns IS NOT NULL AND (kept_from_ns IS NULL OR kept_from_ns <= last_packet_ns)
            ORDER BY run_id
            """;
        using SqliteDataReader reader = command.ExecuteReader();
        var runs = new List<RunSpan>();
        while (reader.Read())
        {
            var updated = DateTimeOffset.Parse(reader.GetString(3), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
            runs.Add(
                new RunSpan(reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2), updated, reader.GetBoolean(4), reader.GetInt32(5))
            );
        }

        return runs;
    }

    public void Dispose()
    {
        foreach (Statement statement in _records)
            statement.Dispose();
        foreach (Statement statement in (ReadOnlySpan<Statement>)[_slice, _straddling, _release, _values, _removeSlice, _edges, _tracked])
            statement.Dispose();
    }

    private static Statement Delete(SqliteConnection connection, string table, string id, string time) =>
        new(
            connection,
            $"DELETE FROM {table} WHERE {id} IN (SELECT {id} FROM {table} WHERE run_id = ?1 AND {time} < ?2 ORDER BY {time} LIMIT ?3)"
        );

    /// <summary>
    /// Takes apart the day and the hour in which the removal ends: their parts stand for themselves again, so that what is added up is what
    /// is kept. All at once, for a sum without its parts, or parts beside their sum, would count wrong.
    /// </summary>
    private int Dissolve(long run, long untilSeconds)
    {
        int removed = 0;
        while (true)
        {
            _straddling.Bind(0, run);
            _straddling.Bind(1, untilSeconds);
            long slice = _straddling.ExecuteNumber();
            if (slice == 0)
                return removed;
            _release.Execute(slice);
            removed += _values.ExecuteChanges(slice, -1) + _removeSlice.ExecuteChanges(slice);
        }
    }

    private int RemoveCounters(long run, long untilSeconds)
    {
        int removed = 0;
        while (removed < ValuesPerStep)
        {
            _slice.Bind(0, run);
            _slice.Bind(1, untilSeconds);
            long slice = _slice.ExecuteNumber();
            if (slice == 0)
                return removed;
            int values = _values.ExecuteChanges(slice, ValuesPerStep);
            if (values < ValuesPerStep)
                values += _removeSlice.ExecuteChanges(slice);
            removed += values;
        }

        return removed;
    }
}
