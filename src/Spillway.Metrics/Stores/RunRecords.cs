using Microsoft.Data.Sqlite;

namespace Spillway.Metrics.Stores;

/// <summary>Reads back what scripts have added in a run, a line for each record, in the order in which it was added. One thread.</summary>
public sealed class RunRecords : IDisposable
{
    // Each gives one column of text. Labels and attributes belong to keys, not to a run.
    private static readonly Dictionary<string, string> Queries = new()
    {
        ["alerts"] =
            "SELECT g.name || ': ' || a.key || ', priority ' || a.priority || ': ' || a.message || coalesce('  ' || a.flow_id, '') "
            + "FROM alerts a JOIN groups g USING (group_id) WHERE a.run_id = $run ORDER BY a.alert_id",
        ["resources"] =
            "SELECT g.name || ': ' || r.uri || '  ' || substr(r.label, 1, 80) || coalesce('  ' || r.flow_id, '') "
            + "FROM resources r JOIN groups g USING (group_id) WHERE r.run_id = $run ORDER BY r.resource_id",
        ["tags"] = "SELECT f.flow_id || ' ' || f.tags FROM flows f WHERE f.run_id = $run AND f.tags <> '' ORDER BY f.flow_row",
        ["tracked"] =
            "SELECT t.tracker || ' ' || t.rank || ': ' || t.flow_id || ' = ' || printf('%.15g', t.value) FROM "
            + "tracked_flows t WHERE t.run_id = $run "
            + "ORDER BY t.tracker, t.bucket_start, t.rank",
        ["labels"] =
            "SELECT g.name || ': ' || l.key || ' is ' || l.label FROM key_labels l JOIN groups g USING (group_id) "
            + "WHERE $run > 0 ORDER BY g.name, l.key",
    };

    private readonly SqliteConnection _connection;
    private readonly long _run;

    private RunRecords(SqliteConnection connection, long run)
    {
        _connection = connection;
        _run = run;
    }

    /// <summary>What can be read, each with a word for it.</summary>
    public static IReadOnlyList<(string Kind, string Title)> Kinds { get; } =
    [("alerts", "alerts"), ("resources", "resources"), ("tags", "tagged"), ("tracked", "tracked"), ("labels", "labels")];

    /// <summary>Opens a store for reading.</summary>
    /// <exception cref="StoreException">It cannot be read.</exception>
    public static RunRecords Open(string path, long run)
    {
        var connection = new SqliteConnection(
            new SqliteConnectionStringBuilder
            {
                DataSource = path,
                Mode = SqliteOpenMode.ReadOnly,
                Pooling = false,
            }.ToString()
        );
        try
        {
            connection.Open();
            return new RunRecords(connection, run);
        }
        catch (SqliteException exception)
        {
            connection.Dispose();
            throw new StoreException($"{path} cannot be read: {exception.Message}", exception);
        }
    }

    /// <summary>How many records of a kind the run has.</summary>
    public long Count(string kind)
    {
        using SqliteCommand command = CommandOf($"SELECT count(*) FROM ({Queries[kind]})");
        return (long)command.ExecuteScalar()!;
    }

    /// <summary>The first records of a kind.</summary>
    public IEnumerable<string> Read(string kind, int most)
    {
        using SqliteCommand command = CommandOf(Queries[kind] + " LIMIT $most");
        command.Parameters.AddWithValue("$most", most);
        using SqliteDataReader reader = command.ExecuteReader();
        while (reader.Read())
            yield return reader.GetString(0);
    }

    /// <inheritdoc/>
    public void Dispose() => _connection.Dispose();

    private SqliteCommand CommandOf(string text)
    {
        SqliteCommand command = _connection.CreateCommand();
        command.CommandText = text;
        command.Parameters.AddWithValue("$run", _run);
        return command;
    }
}
