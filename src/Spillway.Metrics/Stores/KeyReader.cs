using Microsoft.Data.Sqlite;

namespace Spillway.Metrics.Stores;

/// <summary>
/// Reads which keys of a group were ever counted. A label alone, as DNS gives hosts that nobody has spoken to, is no count.
/// </summary>
internal static class KeyReader
{
    public static IReadOnlyList<string> Read(SqliteConnection connection, string groupGuid)
    {
        using SqliteCommand command = connection.CreateCommand();
        // Few slices have no parent; together they have each key.
        command.CommandText = """
            SELECT key FROM keys WHERE key_id IN (
                SELECT v.key_id FROM counter_slices s CROSS JOIN counter_values v ON v.slice_id = s.slice_id
                WHERE s.group_id = (SELECT group_id FROM groups WHERE kind = 'counter' AND guid = $guid)
                  AND s.parent_id IS NULL AND v.key_id <> 0)
            """;
        command.Parameters.AddWithValue("$guid", groupGuid);
        using SqliteDataReader reader = command.ExecuteReader();
        var keys = new List<string>();
        while (reader.Read())
            keys.Add(reader.GetString(0));
        return keys;
    }
}
