using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Spillway.Metrics.Stores;

/// <summary>Whether the last run of a store has come to its end.</summary>
internal static class InterruptedRun
{
    /// <summary>A line on the last run of a store if it has no end: it was killed, or still goes on. Null if it has.</summary>
    public static string? Find(SqliteConnection connection, string path)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = "SELECT run_id, started_at, updated_at, finished_at FROM runs ORDER BY run_id DESC LIMIT 1";
        using SqliteDataReader reader = command.ExecuteReader();
        if (!reader.Read() || !reader.IsDBNull(3))
            return null;
        string kept = reader.IsDBNull(2) ? "nothing of it was stored" : $"what it had stored by {reader.GetString(2)} is there";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"store '{path}': run {reader.GetInt64(0)}, begun at {reader.GetString(1)}, has no end; {kept}"
        );
    }
}
