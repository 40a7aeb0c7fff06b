using System.Globalization;
using System.Text;
using Microsoft.Data.Sqlite;
using Spillway.Metrics.Groups;

namespace Spillway.Metrics.Stores;

/// <summary>
/// Inserts the values of a meter in a slice, many with one statement: to start and end a statement takes SQLite as long as two rows.
/// Keys come in the order of their ids.
/// </summary>
internal sealed class ValueInserter(SqliteConnection connection) : IDisposable
{
    private const int RowsAtOnce = 32;
    private const int FirstValue = 2;
    private const int Columns = 3;

    private readonly Statement _one = new(connection, Insert(rows: 1));
    private readonly Statement _many = new(connection, Insert(RowsAtOnce));
    private readonly Value[] _waiting = new Value[RowsAtOnce];
    private int _count;
    private MeterType _type;

    /// <summary>Begins a meter of a slice.</summary>
    public void Begin(long slice, long meter, MeterType type)
    {
        _count = 0; // what a transaction that failed has left
        _type = type;
        foreach (Statement statement in (ReadOnlySpan<Statement>)[_one, _many])
        {
            statement.Bind(0, slice);
            statement.Bind(1, meter);
        }
    }

    /// <summary>
    /// Adds a value. Keys that differ on the wire can be the same text and so have one id: <c>\xFF</c> as four characters and as one byte.
    /// Their values become one.
    /// </summary>
    /// <param name="key">The key's id.</param>
    /// <param name="value">The value.</param>
    /// <param name="samples">Samples of an average; 0 for other meters.</param>
    public void Add(long key, double value, long samples)
    {
        if (_count > 0 && _waiting[_count - 1].Key == key)
        {
            ref Value same = ref _waiting[_count - 1];
            same = new Value(key, Joined(same, value, samples), same.Samples + samples);
            return;
        }

        if (_count == RowsAtOnce)
            Flush(_many);
        _waiting[_count++] = new Value(key, value, samples);
    }

    /// <summary>Writes what is left.</summary>
    public void End()
    {
        if (_count == RowsAtOnce)
            Flush(_many);
        for (int i = 0; i < _count; i++)
        {
            Bind(_one, FirstValue, in _waiting[i]);
            _one.Execute();
        }

        _count = 0;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _one.Dispose();
        _many.Dispose();
    }

    private double Joined(Value same, double value, long samples) =>
        _type switch
        {
            MeterType.Average => ((same.Number * same.Samples) + (value * samples)) / (same.Samples + samples),
            MeterType.Maximum => Math.Max(same.Number, value),
            MeterType.Minimum => Math.Min(same.Number, value),
            MeterType.Gauge => value,
            _ => same.Number + value,
        };

    private void Flush(Statement statement)
    {
        for (int i = 0; i < _count; i++)
            Bind(statement, FirstValue + (i * Columns), in _waiting[i]);
        statement.Execute();
        _count = 0;
    }

    private static void Bind(Statement statement, int index, in Value value)
    {
        statement.Bind(index, value.Key);
        statement.Bind(index + 1, value.Number);
        if (value.Samples == 0)
            statement.BindNull(index + 2);
        else
            statement.Bind(index + 2, value.Samples);
    }

    private static string Insert(int rows)
    {
        var sql = new StringBuilder("INSERT INTO counter_values VALUES ");
        for (int i = 0; i < rows; i++)
        {
            int first = FirstValue + (i * Columns) + 1;
            sql.Append(i == 0 ? "" : ", ").Append(CultureInfo.InvariantCulture, $"(?1, ?2, ?{first}, ?{first + 1}, ?{first + 2})");
        }

        return sql.ToString();
    }

    private readonly record struct Value(long Key, double Number, long Samples);
}
