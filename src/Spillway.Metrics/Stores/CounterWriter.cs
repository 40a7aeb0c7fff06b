using Microsoft.Data.Sqlite;
using Spillway.Metrics.Counters;

namespace Spillway.Metrics.Stores;

/// <summary>
/// Writes closed windows: a slice for each group, its rows in the order of the table's key, so that they are appended and fill their pages.
/// When the packets leave an hour or a day, its slices are added up in one of their own: questions over long times read those.
/// </summary>
internal sealed class CounterWriter(SqliteConnection connection, GroupWriter groups) : IDisposable
{
    private const int Hour = 3600;
    private const int Day = 24 * Hour;

    private readonly KeyIds _keys = new(connection);
    private readonly SliceSums _sums = new(connection);

    private readonly Statement _slice = new(connection,
        "INSERT INTO counter_slices (run_id, group_id, level, start, seconds) VALUES (?1, ?2, 0, ?3, ?4) RETURNING slice_id");

    private readonly Statement _value = new(connection, "INSERT INTO counter_values VALUES (?1, ?2, ?3, ?4, ?5)");

    // Keys that differ on the wire can be the same text: "\xFF" as four characters and as one byte. They become one.
    private readonly Statement _further = new(connection,
        "INSERT INTO counter_values VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO UPDATE SET value = value + excluded.value, samples = samples + excluded.samples");

    private long[] _ids = new long[1024];
    private int[] _rows = new int[1024];
    private long? _openHour;

    /// <summary>Writes a window, and returns the number of its rows.</summary>
    public long Add(long run, int windowSeconds, CounterWindow window)
    {
        long start = window.StartNs / 1_000_000_000;
        EnterHour(run, start, windowSeconds);
        long rows = 0;
        foreach (CounterTable table in window.Tables) rows += Add(run, start, windowSeconds, table);
        return rows;
    }

    /// <summary>Adds up what the last hour and day have, at the end of the run.</summary>
    public void Finish(long run)
    {
        if (_openHour is { } hour) SumUp(run, hour, withDay: true);
        _openHour = null;
    }

    /// <summary>Drops what was given out in a transaction that failed.</summary>
    public void Forget() => _keys.Forget();

    public void Dispose()
    {
        _keys.Dispose();
        _sums.Dispose();
        _slice.Dispose();
        _value.Dispose();
        _further.Dispose();
    }

    /// <summary>How many rows a window makes.</summary>
    public static long CountRows(CounterWindow window)
    {
        long rows = 0;
        foreach (CounterTable table in window.Tables)
        {
            for (int row = 0; row < table.RowCount; row++)
            {
                for (int meter = 0; meter < table.MeterCount; meter++)
                {
                    if (table.TryGetValue(row, meter, out _, out _)) rows++;
                }
            }
        }

        return rows;
    }

    private void EnterHour(long run, long start, int windowSeconds)
    {
        if (windowSeconds >= Hour) return;
        long hour = start - (start % Hour);
        if (_openHour is { } open && open != hour) SumUp(run, open, withDay: open / Day != hour / Day);
        _openHour = hour;
    }

    private void SumUp(long run, long hour, bool withDay)
    {
        _sums.Add(run, level: 1, hour, Hour);
        if (withDay) _sums.Add(run, level: 2, hour - (hour % Day), Day);
    }

    private long Add(long run, long start, int windowSeconds, CounterTable table)
    {
        long group = groups.IdOf(table.Group);
        _slice.Bind(0, run);
        _slice.Bind(1, group);
        _slice.Bind(2, start);
        _slice.Bind(3, windowSeconds);
        long slice = _slice.ExecuteNumber();
        int count = OrderById(table, group, slice);
        _value.Bind(0, slice);
        long written = 0;
        for (int meter = 0; meter < table.MeterCount; meter++)
        {
            _value.Bind(1, meter);
            for (int i = 0; i < count; i++)
            {
                if (!table.TryGetValue(_rows[i], meter, out double value, out long samples)) continue;
                if (i > 0 && _ids[i] == _ids[i - 1])
                {
                    _further.Execute(slice, meter, _ids[i], value, samples == 0 ? null : samples);
                }
                else
                {
                    _value.Bind(2, _ids[i]);
                    _value.Bind(3, value);
                    if (samples == 0) _value.BindNull(4);
                    else _value.Bind(4, samples);
                    _value.Execute();
                }

                written++;
            }
        }

        return written;
    }

    /// <summary>Puts the rows that have a value in the order of their keys' ids.</summary>
    private int OrderById(CounterTable table, long group, long slice)
    {
        if (_ids.Length < table.RowCount)
        {
            _ids = new long[table.RowCount + (table.RowCount / 2)];
            _rows = new int[_ids.Length];
        }

        int count = 0;
        for (int row = 0; row < table.RowCount; row++)
        {
            if (!HasValue(table, row)) continue;
            _ids[count] = row == CounterTable.TotalsRow ? 0 : _keys.IdOf(group, table.KeyAt(row), slice);
            _rows[count++] = row;
        }

        Array.Sort(_ids, _rows, 0, count);
        return count;
    }

    private static bool HasValue(CounterTable table, int row)
    {
        for (int meter = 0; meter < table.MeterCount; meter++)
        {
            if (table.TryGetValue(row, meter, out _, out _)) return true;
        }

        return false;
    }
}
