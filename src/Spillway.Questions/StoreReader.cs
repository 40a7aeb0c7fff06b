using System.Diagnostics;
using SQLitePCL;

namespace Spillway.Questions;

/// <summary>
/// A database that is only read. It stands on SQLite's own functions: the classes of ADO.NET look at their connection string with regular
/// expressions and bring four assemblies along, and to start them takes longer than most questions. One thread.
/// </summary>
internal sealed class StoreReader : IDisposable
{
    private const int WaitForWriterMs = 10_000;

    // Questions that look something up for each row ask the same again and again.
    private const int MostIdle = 16;

    // SQLite asks whether it shall go on after so many steps of its machine: some ten microseconds.
    private const int StepsBetweenLooks = 2000;

    private readonly sqlite3 _database;
    private long _giveUpAt;
    private readonly Dictionary<string, sqlite3_stmt> _idle = new(StringComparer.Ordinal);

    static StoreReader() => Batteries_V2.Init();

    /// <summary>Opens a database.</summary>
    /// <param name="source">A path, or a URI that begins with <c>file:</c>.</param>
    /// <exception cref="StoreReadException">It cannot be opened.</exception>
    public StoreReader(string source)
    {
        int code = raw.sqlite3_open_v2(source, out _database, raw.SQLITE_OPEN_READONLY | raw.SQLITE_OPEN_URI, null);
        if (code != raw.SQLITE_OK)
        {
            StoreReadException failure = Failure(code);
            _database.Dispose();
            throw failure;
        }

        _ = raw.sqlite3_busy_timeout(_database, WaitForWriterMs);
    }

    /// <summary>Lets queries that are not done after a time fail with <see cref="StoreReadException.IsTooSlow"/>.</summary>
    /// <param name="time">The time from now on; null for no limit.</param>
    public void GiveUpAfter(TimeSpan? time)
    {
        _giveUpAt = time is { } limit ? Stopwatch.GetTimestamp() + (long)(limit.TotalSeconds * Stopwatch.Frequency) : 0;
        if (_giveUpAt != 0)
            raw.sqlite3_progress_handler(_database, StepsBetweenLooks, _ => Stopwatch.GetTimestamp() > _giveUpAt ? 1 : 0, null);
        else
            raw.sqlite3_progress_handler(_database, 0, null, null);
    }

    /// <summary>Rows of a query, read as they are asked for. Each is valid until the next is asked for.</summary>
    /// <exception cref="StoreReadException">The store cannot be read.</exception>
    public IEnumerable<StoreRow> Read(Query query)
    {
        string text = query.Text;
        if (!_idle.Remove(text, out sqlite3_stmt? statement))
            Check(raw.sqlite3_prepare_v2(_database, text, out statement));
        try
        {
            foreach ((string name, object value) in query.Parameters)
                Bind(statement, name, value);
            var row = new StoreRow(statement);
            int code;
            while ((code = raw.sqlite3_step(statement)) == raw.SQLITE_ROW)
                yield return row;
            if (code != raw.SQLITE_DONE)
                throw Failure(code);
        }
        finally
        {
            _ = raw.sqlite3_reset(statement);
            _ = raw.sqlite3_clear_bindings(statement);
            if (_idle.Count >= MostIdle || !_idle.TryAdd(text, statement))
                statement.Dispose();
        }
    }

    /// <summary>Gives queries a function of one text. What it throws would end the process: it must not.</summary>
    /// <param name="name">Its name in SQL.</param>
    /// <param name="function">The function, which depends on nothing but its argument; null is SQL's NULL.</param>
    public void Define(string name, Func<string?, string?> function) =>
        Define(
            name,
            (context, argument) =>
            {
                if (function(argument) is { } text)
                    raw.sqlite3_result_text(context, text);
                else
                    raw.sqlite3_result_null(context);
            }
        );

    /// <inheritdoc cref="Define(string, Func{string?, string?})"/>
    public void Define(string name, Func<string?, bool> function) =>
        Define(name, (context, argument) => raw.sqlite3_result_int(context, function(argument) ? 1 : 0));

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (sqlite3_stmt statement in _idle.Values)
            statement.Dispose();
        _database.Dispose();
    }

    private void Define(string name, Action<sqlite3_context, string?> function) =>
        Check(
            raw.sqlite3_create_function(
                _database,
                name,
                1,
                raw.SQLITE_DETERMINISTIC,
                null,
                (context, _, arguments) =>
                    function(
                        context,
                        raw.sqlite3_value_type(arguments[0]) == raw.SQLITE_NULL
                            ? null
                            : raw.sqlite3_value_text(arguments[0]).utf8_to_string()
                    )
            )
        );

    private void Bind(sqlite3_stmt statement, string name, object value)
    {
        int index = raw.sqlite3_bind_parameter_index(statement, name);
        if (index == 0)
            return; // a condition that was not needed
        Check(
            value switch
            {
                string text => raw.sqlite3_bind_text(statement, index, text),
                long number => raw.sqlite3_bind_int64(statement, index, number),
                int number => raw.sqlite3_bind_int64(statement, index, number),
                double number => raw.sqlite3_bind_double(statement, index, number),
                _ => throw new ArgumentException($"{name} cannot be of type {value.GetType()}", nameof(value)),
            }
        );
    }

    private void Check(int code)
    {
        if (code != raw.SQLITE_OK)
            throw Failure(code);
    }

    private StoreReadException Failure(int code) => new(code & 0xFF, raw.sqlite3_errmsg(_database).utf8_to_string());
}
