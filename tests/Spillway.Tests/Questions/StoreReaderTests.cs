using Microsoft.Data.Sqlite;
using Spillway.Questions;

namespace Spillway.Tests.Questions;

public sealed class StoreReaderTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("spillway-reader-").FullName;

    private string File => Path.Combine(_directory, "a.db");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void Read_EveryKindOfValue_ComesAsItIs()
    {
        using StoreReader reader = Fill("CREATE TABLE t (n, r, s, z); INSERT INTO t VALUES (9007199254740993, 0.5, 'größe', NULL)");
        List<object?[]> rows =
        [
            .. reader
                .Read(new Query("SELECT n, r, s, z FROM t"))
                .Select(row =>
                    new object?[]
                    {
                        row.Number(0),
                        row.Real(1),
                        row.Text(2),
                        row.IsNull(3),
                        row.NumberOrNull(3),
                        row.TextOrNull(3),
                        row.Number(3),
                        row.Text(3),
                    }
                ),
        ];

        Assert.Equal([9007199254740993L, 0.5, "größe", true, null, null, 0L, ""], Assert.Single(rows));
    }

    [Fact]
    public void Read_SameQuestionWithinItself_KeepsThemApart()
    {
        using StoreReader reader = Fill("CREATE TABLE t (n); INSERT INTO t VALUES (1), (2), (3)");
        var query = new Query("SELECT n FROM t ORDER BY n");
        List<long> pairs = [];
        foreach (StoreRow outer in reader.Read(query))
        {
            foreach (StoreRow inner in reader.Read(query))
                pairs.Add((outer.Number(0) * 10) + inner.Number(0));
        }

        Assert.Equal([11L, 12, 13, 21, 22, 23, 31, 32, 33], pairs);
    }

    [Fact]
    public void Read_AskedAgain_HasNothingLeftOfTheLastTime()
    {
        using StoreReader reader = Fill("CREATE TABLE t (n); INSERT INTO t VALUES (1), (2)");
        const string text = "SELECT count(*) FROM t WHERE n = $n";

        Assert.Equal([1], Count(new Query(text).With("$n", 1L)));
        Assert.Equal([0], Count(new Query(text))); // nothing is equal to NULL
        Assert.Equal([1], Count(new Query(text).With("$n", 2L)));

        IEnumerable<long> Count(Query query) => reader.Read(query).Select(row => row.Number(0));
    }

    [Fact]
    public void GiveUpAfter_QuestionWithoutAnEnd_EndsAndTheNextIsAnswered()
    {
        using StoreReader reader = Fill("CREATE TABLE t (n); INSERT INTO t VALUES (1)");
        var endless = new Query("WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT max(n) FROM c");
        reader.GiveUpAfter(TimeSpan.FromMilliseconds(5));

        StoreReadException failure = Assert.Throws<StoreReadException>(() => reader.Read(endless).Count());
        reader.GiveUpAfter(null);

        Assert.True(failure.IsTooSlow);
        Assert.Equal([1L], reader.Read(new Query("SELECT n FROM t")).Select(row => row.Number(0)));
    }

    [Fact]
    public void Define_FunctionsOfAText_AreCalled()
    {
        using StoreReader reader = Fill("CREATE TABLE t (s); INSERT INTO t VALUES ('ab'), (NULL)");
        reader.Define("twice", text => text is null ? null : text + text);
        reader.Define("is_null", text => text is null);

        Assert.Equal(
            ["abab/0", "/1"],
            reader.Read(new Query("SELECT ifnull(twice(s), '') || '/' || is_null(s) FROM t")).Select(row => row.Text(0))
        );
    }

    [Fact]
    public void Open_WhatCannotBeRead_SaysWhy()
    {
        Assert.Equal(14, Assert.Throws<StoreReadException>(() => new StoreReader(File)).Code);
        System.IO.File.WriteAllText(File, new string('x', 4096));
        using var reader = new StoreReader(File);
        StoreReadException failure = Assert.Throws<StoreReadException>(() => reader.Read(new Query("SELECT * FROM t")).ToList());
        Assert.Equal(26, failure.Code);
        Assert.Equal("SQLite Error 26: 'file is not a database'", failure.Message);
    }

    [Fact]
    public void Read_TextsThatLookLikeSql_AreValues()
    {
        using StoreReader reader = Fill("CREATE TABLE t (s); INSERT INTO t VALUES ('it''s; DROP TABLE t')");

        Assert.Single(reader.Read(new Query("SELECT 1 FROM t").Where("s = $s", "$s", "it's; DROP TABLE t")).ToList());
    }

    private StoreReader Fill(string sql)
    {
        using (var connection = new SqliteConnection($"Data Source={File};Pooling=False"))
        {
            connection.Open();
            using SqliteCommand command = connection.CreateCommand();
            command.CommandText = sql;
            command.ExecuteNonQuery();
        }

        return new StoreReader(File);
    }
}
