using System.Buffers;
using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Spillway.Metrics.Stores;

/// <summary>
/// A prepared statement whose parameters are filled in their order. It binds by index: a row through the command objects of the
/// provider looks up each parameter by its name, and costs four times as much.
/// </summary>
internal sealed class Statement : IDisposable
{
    private readonly sqlite3 _database;
    private readonly sqlite3_stmt _statement;

    // The text that a parameter has; null if it has something else. A statement keeps its values until it gets others, and texts of rows
    // in a row are often the same: what is bound already is not copied again.
    private readonly string?[] _texts;

    /// <summary>Prepares a statement.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="sql">SQL whose parameters are ?1, ?2, ...</param>
    /// <exception cref="SqliteException">The statement is wrong, or the file cannot be read.</exception>
    public Statement(SqliteConnection connection, string sql)
    {
        _database = connection.Handle!;
        Check(raw.sqlite3_prepare_v2(_database, sql, out _statement));
        _texts = new string?[raw.sqlite3_bind_parameter_count(_statement)];
    }

    /// <summary>Sets a parameter; null becomes NULL.</summary>
    public object? this[int index]
    {
        set
        {
            if (value is string same && ReferenceEquals(same, _texts[index]))
                return;
            _texts[index] = null;
            int code = value switch
            {
                null => raw.sqlite3_bind_null(_statement, index + 1),
                "" => raw.sqlite3_bind_text(_statement, index + 1, ""),
                string text => BindText(index, text),
                long number => raw.sqlite3_bind_int64(_statement, index + 1, number),
                int number => raw.sqlite3_bind_int64(_statement, index + 1, number),
                double number => raw.sqlite3_bind_double(_statement, index + 1, number),
                _ => throw new ArgumentException($"a parameter cannot be of type {value.GetType()}", nameof(value)),
            };
            Check(code);
            _texts[index] = value as string;
        }
    }

    // The provider makes an array for each text.
    private int BindText(int index, string text)
    {
        const int onStack = 1024;
        byte[]? rented = text.Length * 3 > onStack ? ArrayPool<byte>.Shared.Rent(text.Length * 3) : null;
        Span<byte> utf8 = rented ?? stackalloc byte[onStack];
        int length = Encoding.UTF8.GetBytes(text, utf8);
        int code = raw.sqlite3_bind_text(_statement, index + 1, utf8[..length]);
        if (rented is not null)
            ArrayPool<byte>.Shared.Return(rented);
        return code;
    }

    /// <summary>Sets a parameter to a whole number, without boxing it.</summary>
    public void Bind(int index, long value)
    {
        _texts[index] = null;
        Check(raw.sqlite3_bind_int64(_statement, index + 1, value));
    }

    /// <summary>Sets a parameter to a number.</summary>
    public void Bind(int index, double value)
    {
        _texts[index] = null;
        Check(raw.sqlite3_bind_double(_statement, index + 1, value));
    }

    /// <summary>Sets a parameter to a text without making a string of it.</summary>
    /// <param name="index">Which, from 0.</param>
    /// <param name="text">UTF-8; not empty.</param>
    public void Bind(int index, ReadOnlySpan<byte> text)
    {
        _texts[index] = null;
        Check(raw.sqlite3_bind_text(_statement, index + 1, text));
    }

    /// <summary>Sets a parameter to NULL.</summary>
    public void BindNull(int index)
    {
        _texts[index] = null;
        Check(raw.sqlite3_bind_null(_statement, index + 1));
    }

    /// <summary>Runs the statement, and returns how many rows it has inserted, changed or removed.</summary>
    /// <exception cref="SqliteException">It fails.</exception>
    public int ExecuteChanges(params ReadOnlySpan<object?> values)
    {
        Execute(values);
        return raw.sqlite3_changes(_database);
    }

    /// <summary>Runs the statement.</summary>
    /// <exception cref="SqliteException">It fails: the disk is full, a constraint does not hold.</exception>
    public void Execute() => Run(readFirst: false);

    /// <summary>Runs the statement and returns its first value, a number.</summary>
    /// <exception cref="SqliteException">It fails.</exception>
    public long ExecuteNumber() => Run(readFirst: true);

    /// <summary>Sets all parameters and runs the statement.</summary>
    /// <exception cref="SqliteException">It fails.</exception>
    public void Execute(params ReadOnlySpan<object?> values)
    {
        for (int i = 0; i < values.Length; i++)
            this[i] = values[i];
        Execute();
    }

    public void Dispose() => _statement.Dispose();

    private long Run(bool readFirst)
    {
        long number = 0;
        int code;
        while ((code = raw.sqlite3_step(_statement)) == raw.SQLITE_ROW)
        {
            if (readFirst)
                number = raw.sqlite3_column_int64(_statement, 0);
        }

        // The error text is that of the step: resetting comes after it is read.
        SqliteException? failure = code == raw.SQLITE_DONE ? null : Failure(code);
        _ = raw.sqlite3_reset(_statement);
        if (failure is not null)
            throw failure;
        return number;
    }

    private void Check(int code)
    {
        if (code != raw.SQLITE_OK)
            throw Failure(code);
    }

    private SqliteException Failure(int code) =>
        new(
            $"SQLite Error {code}: '{raw.sqlite3_errmsg(_database).utf8_to_string()}'.",
            code & 0xFF,
            raw.sqlite3_extended_errcode(_database)
        );
}
