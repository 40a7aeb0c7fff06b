using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Spillway.Metrics.Stores;

/// <summary>Lays out a new store, and checks that an existing one is ours.</summary>
internal static class StoreSchema
{
    /// <summary>Kept in <c>PRAGMA user_version</c>. Raise it with every change of <c>schema.sql</c>, and add the step that migrates.</summary>
    public const int Version = 1;

    // "SPWY" in PRAGMA application_id, which file(1) shows.
    private const long ApplicationId = 0x53505759;

    public static void Prepare(SqliteConnection connection, string path)
    {
        // Waiting for the disk at checkpoints only: a crash of the machine may cost the last transactions, but never harms the file.
        Execute(connection, "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;");
        Execute(connection, "BEGIN IMMEDIATE");
        long version = Read(connection, "PRAGMA user_version");
        long application = Read(connection, "PRAGMA application_id");
        bool isEmpty = Read(connection, "SELECT count(*) FROM sqlite_master") == 0;
        if (isEmpty)
        {
            Execute(connection, Script());
            Execute(connection, string.Create(CultureInfo.InvariantCulture, $"PRAGMA application_id = {ApplicationId}; PRAGMA user_version = {Version};"));
        }

        Execute(connection, "COMMIT");
        if (isEmpty) return;
        if (application != ApplicationId)
            throw new StoreException($"'{path}' is a database of another program. Choose another output directory with -o DIR.");
        if (version > Version)
            throw new StoreException($"'{path}' was written by a newer version of Spillway. Choose another output directory with -o DIR.");
    }

    private static string Script()
    {
        using Stream stream = typeof(StoreSchema).Assembly.GetManifestResourceStream("schema.sql")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using SqliteCommand command = connection.CreateCommand();
#pragma warning disable CA2100 // The texts are constants of this file and the embedded schema.
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }

    private static long Read(SqliteConnection connection, string sql)
    {
        using SqliteCommand command = connection.CreateCommand();
#pragma warning disable CA2100 // As above.
        command.CommandText = sql;
#pragma warning restore CA2100
        return (long)command.ExecuteScalar()!;
    }
}
