using Microsoft.Data.Sqlite;
using Spillway.Metrics.Stores;

namespace Spillway.Metrics.Tests.Stores;

public sealed class StatementTests
{
    [Fact]
    public void Values_OfRowsInARow_AreTheirOwn_WhateverWasBoundBefore()
    {
        using var connection = new SqliteConnection("Data Source=:memory:");
        connection.Open();
        using (var table = new Statement(connection, "CREATE TABLE t (n INTEGER PRIMARY KEY, a, b)"))
            table.Execute();
        using var insert = new Statement(connection, "INSERT INTO t VALUES (NULL, ?1, ?2)");
        string text = new('x', 3),
            other = new('x', 3);

        insert.Execute(text, text);
        insert.Execute(text, other);
        insert.Execute(text, null);
        insert.Execute(text, text);
        Bind(() => insert.Bind(1, 7L), text);
        Bind(() => insert.Bind(1, 0.5), text);
        Bind(() => insert.Bind(1, "bytes"u8), text);
        Bind(() => insert.BindNull(1), text);
        insert.Execute("", "");
        insert.Execute(text, 9);

        Assert.Equal(
            [
                "xxx|xxx",
                "xxx|xxx",
                "xxx|",
                "xxx|xxx",
                "xxx|7",
                "xxx|xxx",
                "xxx|0.5",
                "xxx|xxx",
                "xxx|bytes",
                "xxx|xxx",
                "xxx|",
                "xxx|xxx",
                "|",
                "xxx|9",
            ],
            Rows(connection)
        );

        // Something else than the text, then the text again.
        void Bind(Action bind, string again)
        {
            insert[0] = again;
            bind();
            insert.Execute();
            insert.Execute(again, again);
        }
    }

    private static List<string> Rows(SqliteConnection connection)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = "SELECT coalesce(a, '') || '|' || coalesce(b, '') FROM t ORDER BY n";
        using SqliteDataReader reader = command.ExecuteReader();
        var rows = new List<string>();
        while (reader.Read())
            rows.Add(reader.GetString(0));
        return rows;
    }
}
