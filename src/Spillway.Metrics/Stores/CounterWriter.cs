using Microsoft.Data.Sqlite;
using Spillway.Metrics.Counters;

namespace Spillway.Metrics.Stores;

/// <summary>
/// Writes closed windows: a slice for each group, its rows in the order of the table's key, so that they are appended and fill their pages.
/// When the packets leave an hour or a day, its slices are added up in one of their own: questions over long times read those.
/// </summary>
internal sealed class CounterWriter(SqliteConnection connection, GroupWriter groups) : IDisposable
{
    // Fewer are read as fast one by one, and a capture of minutes would be stored twice.
    private const int FewestParts = 4;

    // An hour with more than this is written in parts: they add up like anything else. Room for 300,000 keys of the size of Hosts.
    private const long MaxHourBytes = 48 << 20;

    private const int Hour = 3600;
    private const int Day = 24 * Hour;

    private readonly KeyIds _keys = new(connection);
    private readonly DaySums _days = new(connection);
    private readonly OpenDays _openDays = new();

    private readonly Statement _slice = new(
        connection,
        "INSERT INTO counter_slices (run_id, group_id, level, start, seconds) VALUES (?1, ?2, ?3, ?4, ?5) RETURNING slice_id"
    );

    private readonly Statement _adopt = new(connection, "UPDATE counter_slices SET parent_id = ?2 WHERE slice_id = ?1");
    private readonly HourTables _hours = new();

    private readonly ValueInserter _values = new(connection);
    private long[] _ids = new long[1024];
    private int[] _rows = new int[1024];
    private long? _openHour;

    /// <summary>Writes a window, and returns the number of its rows.</summary>
    public long Add(long run, int windowSeconds, CounterWindow window)
    {
        long start = window.StartNs / 1_000_000_000;
        bool isSummed = windowSeconds < Hour;
        if (isSummed)
            EnterHour(run, start);
        if (isSummed)
            _openDays.Enter(start / Day);
        long rows = 0;
        foreach (CounterTable table in window.Tables)
        {
            rows += Add(run, level: 0, start, windowSeconds, table, out long slice);
            if (!isSummed)
                continue;
            if (_hours.MemoryBytes + _hours.GrowthBy(table) > MaxHourBytes)
                SumUp(run, _openHour!.Value);
            _hours.Add(table, slice);
        }

        return rows;
    }

    /// <summary>Adds up what the last hour and day have, at the end of the run.</summary>
    public void Finish(long run)
    {
        if (_openHour is { } hour)
            EndHour(run, hour, endsDay: true);
        foreach (long day in _openDays.TakeRest())
            _days.Add(run, day * Day, FewestParts);
        _openHour = null;
    }

    /// <summary>Drops what was given out in a transaction that failed.</summary>
    public void Forget()
    {
        _keys.Forget();
        _hours.Clear();
    }

    /// <summary>
    /// Windows before a time are removed: what was gathered of the open hour is left in its windows if some of them are among these.
    /// </summary>
    public void ForgetSums(long untilSeconds)
    {
        if (_openHour < untilSeconds)
            _hours.Clear();
    }

    public void Dispose()
    {
        _keys.Dispose();
        _days.Dispose();
        _slice.Dispose();
        _adopt.Dispose();
        _values.Dispose();
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
                    if (table.TryGetValue(row, meter, out _, out _))
                        rows++;
                }
            }
        }

        return rows;
    }

    private void EnterHour(long run, long start)
    {
        long hour = start - (start % Hour);
        if (_openHour is { } open && open != hour)
            EndHour(run, open, endsDay: open / Day != hour / Day);
        _openHour = hour;
    }

    private void EndHour(long run, long hour, bool endsDay)
    {
        SumUp(run, hour);
        if (endsDay && _openDays.Leave(hour / Day))
            _days.Add(run, hour - (hour % Day), FewestParts);
    }

    private void SumUp(long run, long hour)
    {
        foreach (HourTables.Part part in _hours.Parts)
        {
            if (part.Slices.Count < FewestParts)
                continue; // also those that have none yet in this hour
            Add(run, level: 1, hour, Hour, part.Table, out long sum);
            foreach (long slice in part.Slices)
            {
                _adopt.Bind(0, slice);
                _adopt.Bind(1, sum);
                _adopt.Execute();
            }
        }

        _hours.Clear();
    }

    private long Add(long run, int level, long start, int seconds, CounterTable table, out long slice)
    {
        long group = groups.IdOf(table.Group);
        _slice.Bind(0, run);
        _slice.Bind(1, group);
        _slice.Bind(2, level);
        _slice.Bind(3, start);
        _slice.Bind(4, seconds);
        slice = _slice.ExecuteNumber();
        int count = OrderById(table, group, slice);
        long written = 0;
        for (int meter = 0; meter < table.MeterCount; meter++)
        {
            if (table.Group.Meters[meter] is not { } definition)
                continue;
            _values.Begin(slice, meter, definition.Type);
            for (int i = 0; i < count; i++)
            {
                if (!table.TryGetValue(_rows[i], meter, out double value, out long samples))
                    continue;
                _values.Add(_ids[i], value, samples);
                written++;
            }

            _values.End();
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
            if (!HasValue(table, row))
                continue;
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
            if (table.TryGetValue(row, meter, out _, out _))
                return true;
        }

        return false;
    }
}
