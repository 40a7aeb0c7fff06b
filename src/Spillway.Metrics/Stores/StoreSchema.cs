using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Spillway.Metrics.Stores;

/// <summary>Lays out a new store, and brings an existing one of ours to today's layout.</summary>
/// <remarks>
/// <c>schema.sql</c> makes the tables, <c>views.sql</c> the views, and <c>migrate-N.sql</c> turns the tables of version N into those of the
/// next. A step is one transaction together with the version it leads to: a run that is killed meanwhile leaves the older store as it was.
/// </remarks>
internal static class StoreSchema
{
    /// <summary>
    /// Kept in <c>PRAGMA user_version</c>. Raise it with every change of <c>schema.sql</c>, and add the step that migrates.
    /// </summary>
    public const int Version = 8;

    /// <summary>"SPWY" in <c>PRAGMA application_id</c>, which file(1) shows.</summary>
    public const int ApplicationId = 0x53505759;

    /// <summary>Prepares the store; returns the version it had if it was migrated, else null.</summary>
    /// <exception cref="StoreException">It is another program's, or newer than this program.</exception>
    public static int? Prepare(SqliteConnection connection, string path)
    {
        // Pages of removed rows can be given back in steps only if a file was made with this; it changes nothing in an existing one.
        Execute(connection, "PRAGMA auto_vacuum = INCREMENTAL");
        // Waiting for the disk at checkpoints only: a crash of the machine may cost the last transactions, but never harms the file.
        Execute(connection, "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA journal_size_limit = 67108864;");
        Execute(connection, "BEGIN IMMEDIATE");
        long version = Read(connection, "PRAGMA user_version");
        bool isEmpty = Read(connection, "SELECT count(*) FROM sqlite_master") == 0;
        if (isEmpty)
        {
            Execute(connection, Script("schema.sql"));
            Execute(connection, Script("views.sql"));
            Execute(
                connection,
                string.Create(CultureInfo.InvariantCulture, $"PRAGMA application_id = {ApplicationId}; PRAGMA user_version = {Version};")
            );
            Execute(connection, "COMMIT");
            return null;
        }

        if (Read(connection, "PRAGMA application_id") != ApplicationId)
            throw Refuse(connection, $"'{path}' is a database of another program. Choose another output directory with -o DIR.");
        if (version > Version)
            throw Refuse(connection, $"'{path}' was written by a newer version of Spillway. Choose another output directory with -o DIR.");
        if (version == Version)
        {
            Execute(connection, "COMMIT");
            return null;
        }

        Migrate(connection, version);
        return (int)version;
    }

    private static void Migrate(SqliteConnection connection, long from)
    {
        foreach (string view in Names(connection, "SELECT name FROM sqlite_master WHERE type = 'view'"))
            Execute(connection, $"DROP VIEW \"{view}\"");
        for (long version = from; version < Version; version++)
            Execute(connection, Script(string.Create(CultureInfo.InvariantCulture, $"migrate-{version}.sql")));
        Execute(connection, Script("views.sql"));
        Execute(connection, string.Create(CultureInfo.InvariantCulture, $"PRAGMA user_version = {Version}"));
        Execute(connection, "COMMIT");
        // A file that has it already only gets longer or shorter: no second copy for a column more.
        if (Read(connection, "PRAGMA auto_vacuum") == 2)
            return;
        try
        {
            // Rewrites the file, and only so does auto_vacuum take effect.
            Execute(connection, "PRAGMA auto_vacuum = INCREMENTAL; VACUUM;");
        }
        catch (SqliteException)
        {
            // No room on the disk for a second copy, or somebody reads: the store is whole, it only cannot shrink. The next migration tries
            // again.
        }
    }

    private static StoreException Refuse(SqliteConnection connection, string message)
    {
        Execute(connection, "ROLLBACK");
        return new StoreException(message);
    }

    private static string Script(string name)
    {
        using Stream stream = typeof(StoreSchema).Assembly.GetManifestResourceStream(name)!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using SqliteCommand command = connection.CreateCommand();
#pragma warning disable CA2100 // The texts are constants of this file, the embedded scripts, and names of the store's own views.
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

    private static List<string> Names(SqliteConnection connection, string sql)
    {
        using SqliteCommand command = connection.CreateCommand();
#pragma warning disable CA2100 // As above.
        command.CommandText = sql;
#pragma warning restore CA2100
        using SqliteDataReader reader = command.ExecuteReader();
        var names = new List<string>();
        while (reader.Read())
            names.Add(reader.GetString(0));
        return names;
    }
}
