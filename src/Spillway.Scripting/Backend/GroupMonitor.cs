using System.Runtime.CompilerServices;
using Spillway.Metrics.Counters;
using Spillway.Metrics.Groups;
using Spillway.Scripting.Vm;

namespace Spillway.Scripting.Backend;

/// <summary>The scripts that watch one counter group.</summary>
internal sealed class GroupMonitor(BackendHost host, CounterGroup group)
{
    private readonly SeenKeys _seen = new(host.Options.MaxSeenKeys);
    private double[] _values = [];
    private double[] _wanted = [];

    /// <summary>The scripts, in the order in which they were loaded.</summary>
    public List<ScriptInstance> Scripts { get; } = [];

    /// <summary>The group.</summary>
    public CounterGroup Group => group;

    /// <summary>Whether some script wants to know more than what a window has come to.</summary>
    public bool WantsParts => Has(ScriptCallback.OnUpdate) || Has(ScriptCallback.OnNewKey);

    /// <summary>Keys that have come or changed, with what they have in the open window.</summary>
    public void OnPart(CounterTable part, CounterTable open)
    {
        bool tellsNew = Has(ScriptCallback.OnNewKey),
            tellsUpdates = Has(ScriptCallback.OnUpdate);
        if (!tellsNew && !tellsUpdates)
            return;
        for (int row = CounterTable.TotalsRow + 1; row < part.RowCount; row++)
        {
            ReadOnlySpan<byte> key = part.KeyAt(row);
            if (tellsNew)
                TellIfNew(key);
            int openRow = tellsUpdates ? open.FindRow(key) : -1;
            if (openRow < 0 || !Read(open, openRow, perSecond: false))
                continue;
            foreach (ScriptInstance script in Scripts)
                script.OnKey(ScriptCallback.OnUpdate, host.Lane.NowNs, key, _values);
        }
    }

    /// <summary>The group's keys at the end of a window.</summary>
    public void OnTable(CounterTable table, long timestampNs)
    {
        foreach (ScriptInstance script in Scripts)
            script.OnTime(ScriptCallback.OnBeginFlush, timestampNs);
        bool tellsNew = Has(ScriptCallback.OnNewKey);
        for (int row = 0; row < table.RowCount; row++)
        {
            if (tellsNew && row != CounterTable.TotalsRow)
                TellIfNew(table.KeyAt(row));
            if (Read(table, row, perSecond: true))
                FlushRow(table, row, timestampNs);
        }

        foreach (ScriptInstance script in Scripts)
            script.OnTime(ScriptCallback.OnEndFlush, timestampNs);
        if (
            Has(ScriptCallback.OnBeginTopperFlush)
            || Has(ScriptCallback.OnTopperFlush)
            || Has(ScriptCallback.OnTopperFlushFilter)
            || Has(ScriptCallback.OnEndTopperFlush)
        )
            FlushToppers(table, timestampNs);
    }

    /// <summary>A window in which the group has no keys: scripts that look for keys that are missing must hear of it too.</summary>
    public void OnNoTable(long timestampNs)
    {
        foreach (ScriptInstance script in Scripts)
            script.OnTime(ScriptCallback.OnBeginFlush, timestampNs);
        foreach (ScriptInstance script in Scripts)
            script.OnTime(ScriptCallback.OnEndFlush, timestampNs);
    }

    private bool Has(ScriptCallback callback)
    {
        foreach (ScriptInstance script in Scripts)
        {
            if (script.Has(callback))
                return true;
        }

        return false;
    }

    private void TellIfNew(ReadOnlySpan<byte> key)
    {
        if (!_seen.Add(key))
            return;
        foreach (ScriptInstance script in Scripts)
            script.OnKey(ScriptCallback.OnNewKey, host.Lane.NowNs, key, default);
    }

    private void FlushRow(CounterTable table, int row, long timestampNs)
    {
        ReadOnlySpan<byte> key = table.KeyAt(row);
        Span<double> overrides = _values.AsSpan(_wanted.Length);
        Array.Fill(_wanted, -1);
        int against = 0;
        foreach (ScriptInstance script in Scripts)
        {
            overrides.Fill(-1);
            if (!script.OnKey(ScriptCallback.OnFlushFilter, timestampNs, key, _values))
                against++;
            for (int meter = 0; meter < _wanted.Length; meter++)
            {
                if (overrides[meter] >= 0)
                    _wanted[meter] = overrides[meter];
            }
        }

        if (against == Scripts.Count)
        {
            table.Drop(row);
            host.Counters.DroppedKeys++;
            return;
        }

        for (int meter = 0; meter < _wanted.Length; meter++)
        {
            if (_wanted[meter] < 0)
                continue;
            _values[meter] = _wanted[meter];
            table.SetValue(row, meter, IsRate(meter) ? _wanted[meter] * host.WindowSeconds : _wanted[meter]);
        }

        foreach (ScriptInstance script in Scripts)
            script.OnKey(ScriptCallback.OnFlush, timestampNs, key, _values);
    }

    private void FlushToppers(CounterTable table, long timestampNs)
    {
        foreach (Meter? meter in group.Meters)
        {
            if (meter is null || (meter.TopCount <= 0 && meter.BottomCount <= 0))
                continue;
            List<(int Row, double Value)> toppers = ToppersOf(table, meter);
            if (toppers.Count == 0)
                continue;
            bool isShown = false;
            foreach (ScriptInstance script in Scripts)
                isShown |= script.OnTopper(ScriptCallback.OnBeginTopperFlush, timestampNs, meter.Id, default, 0);
            foreach ((int row, double value) in toppers)
            {
                bool isKept = false;
                foreach (ScriptInstance script in Scripts)
                    isKept |= script.OnTopper(ScriptCallback.OnTopperFlushFilter, timestampNs, meter.Id, table.KeyAt(row), value);
                if (!isKept || !isShown)
                    continue;
                foreach (ScriptInstance script in Scripts)
                    script.OnTopper(ScriptCallback.OnTopperFlush, timestampNs, meter.Id, table.KeyAt(row), value);
            }

            foreach (ScriptInstance script in Scripts)
                script.OnTopper(ScriptCallback.OnEndTopperFlush, timestampNs, meter.Id, default, 0);
        }
    }

    // The largest first, of equal ones the key that came first; then the smallest that are not among them, in the same order.
    private List<(int Row, double Value)> ToppersOf(CounterTable table, Meter meter)
    {
        var largest = new PriorityQueue<int, (double Value, int Order)>();
        var smallest = new PriorityQueue<int, (double Value, int Order)>(); // by the negative value: the largest of them leaves first
        for (int row = CounterTable.TotalsRow + 1; row < table.RowCount; row++)
        {
            if (!table.TryGetValue(row, meter.Id, out double value, out _))
                continue;
            if (meter.Type.IsRate())
                value /= host.WindowSeconds;
            int rest = row;
            if (meter.TopCount > 0)
            {
                largest.Enqueue(row, (value, -row));
                if (largest.Count <= meter.TopCount || !largest.TryDequeue(out rest, out (double Value, int Order) least))
                    continue;
                value = least.Value;
            }

            if (meter.BottomCount <= 0)
                continue;
            smallest.Enqueue(rest, (-value, rest));
            if (smallest.Count > meter.BottomCount)
                smallest.Dequeue();
        }

        var toppers = new List<(int, double)>(largest.Count + smallest.Count);
        while (largest.TryDequeue(out int row, out (double Value, int Order) rank))
            toppers.Add((row, rank.Value));
        toppers.Reverse();
        while (smallest.TryDequeue(out int row, out (double Value, int Order) rank))
            toppers.Add((row, -rank.Value));
        return toppers;
    }

    // Meters without a value are 0: scripts calculate with them without looking. False if the row has no value at all.
    private bool Read(CounterTable table, int row, bool perSecond)
    {
        int meters = group.Meters.Count;
        if (_wanted.Length != meters)
        {
            _wanted = new double[meters];
            _values = GC.AllocateArray<double>(meters * 2, pinned: true);
        }

        bool any = false;
        for (int meter = 0; meter < meters; meter++)
        {
            bool has = table.TryGetValue(row, meter, out double value, out _);
            any |= has;
            _values[meter] =
                !has ? 0
                : perSecond && IsRate(meter) ? value / host.WindowSeconds
                : value;
        }

        return any;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool IsRate(int meter) => group.Meters[meter]?.Type.IsRate() == true;
}
