using Microsoft.Data.Sqlite;
using Spillway.Metrics.Records;
using Spillway.Net.Flows;

namespace Spillway.Metrics.Stores;

/// <summary>Reads the files of a run back, one by one.</summary>
internal static class FileReader
{
    public static IEnumerable<FileRecord> Read(SqliteConnection connection, long run)
    {
        using (connection)
        {
            using SqliteCommand command = connection.CreateCommand();
            command.CommandText = """
                SELECT time_ns, flow_id, direction, host, uri, method, coalesce(status, 0), content_type, size, name, sha1, md5, end, sha256, coalesce(stored, 0),
                       protocol, coalesce(sent_name, ''), coalesce(mime_type, ''), coalesce(magic, '')
                FROM files WHERE run_id = $run ORDER BY file_id
                """;
            command.Parameters.AddWithValue("$run", run);
            using SqliteDataReader reader = command.ExecuteReader();
            while (reader.Read())
            {
                yield return new FileRecord
                {
                    TimestampNs = reader.GetInt64(0),
                    FlowId = reader.GetString(1),
                    Direction = (StreamDirection)reader.GetByte(2),
                    Host = reader.GetString(3),
                    Uri = reader.GetString(4),
                    Method = reader.GetString(5),
                    Status = reader.GetInt32(6),
                    ContentType = reader.GetString(7),
                    Size = reader.GetInt64(8),
                    Name = reader.GetString(9),
                    Sha1 = reader.IsDBNull(10) ? null : reader.GetString(10),
                    Md5 = reader.IsDBNull(11) ? null : reader.GetString(11),
                    Sha256 = reader.IsDBNull(13) ? null : reader.GetString(13),
                    IsStored = reader.GetBoolean(14),
                    Protocol = reader.GetString(15),
                    SentName = reader.GetString(16),
                    MimeType = reader.GetString(17),
                    Magic = reader.GetString(18),
                    End = Enum.Parse<FileEnd>(reader.GetString(12)),
                };
            }
        }
    }
}
