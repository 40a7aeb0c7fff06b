using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Spillway.Metrics.Tests.Stores;

/// <summary>A directory with a store in it, and questions to it as any tool would ask them.</summary>
internal sealed class StoreFile : IDisposable
{
    public StoreFile() => Directory = System.IO.Directory.CreateTempSubdirectory("spillway-store-").FullName;

    public string Directory { get; }

    public string Path => System.IO.Path.Combine(Directory, "spillway.db");

    public long Size => new FileInfo(Path).Length;

    public SqliteConnection Connect()
    {
        var connection = new SqliteConnection($"Data Source={Path};Pooling=False;Default Timeout=5;Foreign Keys=False");
        connection.Open();
        return connection;
    }

    /// <summary>Rows as texts, columns joined by <c>|</c>.</summary>
    public List<string> Ask(string sql)
    {
        using SqliteConnection connection = Connect();
        using SqliteCommand command = CommandOf(connection, sql);
        using SqliteDataReader reader = command.ExecuteReader();
        var rows = new List<string>();
        while (reader.Read())
        {
            rows.Add(
                string.Join(
                    '|',
                    Enumerable.Range(0, reader.FieldCount).Select(i => Convert.ToString(reader.GetValue(i), CultureInfo.InvariantCulture))
                )
            );
        }

        return rows;
    }

    public long Number(string sql) => long.Parse(Assert.Single(Ask(sql)), CultureInfo.InvariantCulture);

    public void Execute(string sql)
    {
        using SqliteConnection connection = Connect();
        using SqliteCommand command = CommandOf(connection, sql);
        command.ExecuteNonQuery();
    }

    public void MustBeWhole()
    {
        Assert.Equal(["ok"], Ask("PRAGMA integrity_check"));
        // FTS5 compares its index with the texts, and fails if they differ.
        Execute("INSERT INTO document_index (document_index, rank) VALUES ('integrity-check', 1)");
    }

    public void Dispose()
    {
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(Directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        System.IO.Directory.Delete(Directory, recursive: true);
    }

    private static SqliteCommand CommandOf(SqliteConnection connection, string sql)
    {
        SqliteCommand command = connection.CreateCommand();
#pragma warning disable CA2100 // Constants of the tests.
        command.CommandText = sql;
#pragma warning restore CA2100
        return command;
    }
}
