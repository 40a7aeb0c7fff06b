using System.Diagnostics;
using System.Text;
using Spillway.Metrics.Counters;
using Spillway.Metrics.Groups;

namespace Spillway.Metrics.Engine;

/// <summary>
/// The groups about the metrics and the machine: Meta Counter Group and System performance. They are filled in when the other groups of a
/// window are complete, and are not told of each other. Of the writer's thread.
/// </summary>
internal sealed class EngineGroups
{
    private readonly GroupRegistry _registry;
    private readonly ISystemProbe? _probe;
    private readonly bool _isReproducible;
    private readonly CounterGroup _meta;
    private readonly CounterGroup _system;
    private readonly List<(int Group, double Microseconds)> _times = [];
    private readonly HashSet<int> _labelled = [];
    private long _startedAt;
    private double? _lastFlushMicroseconds;

    /// <summary>Creates them.</summary>
    /// <param name="registry">The groups.</param>
    /// <param name="probe">Looks at the machine; null if nobody does.</param>
    /// <param name="isReproducible">Times, memory and the machine are left out.</param>
    public EngineGroups(GroupRegistry registry, ISystemProbe? probe, bool isReproducible)
    {
        _registry = registry;
        _probe = isReproducible ? null : probe;
        _isReproducible = isReproducible;
        _meta = registry.FindCounterGroup(WellKnownGuids.MetaCounters)!;
        _system = registry.FindCounterGroup(WellKnownGuids.SystemPerformance)!;
    }

    /// <summary>Whether a group is one of these: its turn is after the others.</summary>
    public bool IsOwn(int group) => group == _meta.Index || group == _system.Index;

    /// <summary>The end of a window begins.</summary>
    public void Begin() => _startedAt = Stopwatch.GetTimestamp();

    /// <summary>A group is through, scripts included.</summary>
    /// <param name="group">The group.</param>
    /// <param name="startedAt">When its turn began, by <see cref="Stopwatch"/>.</param>
    public void NoteTime(int group, long startedAt)
    {
        if (!_isReproducible && !IsOwn(group))
            _times.Add((group, Stopwatch.GetElapsedTime(startedAt).TotalMicroseconds));
    }

    /// <summary>All other groups are through: adds what is to be said of them to the window.</summary>
    public void AddTo(CounterWindow window, int maxKeys)
    {
        if (window.Tables.Count == 0)
            return;
        AddSystem(window, maxKeys);
        CounterTable meta = window.Open(_meta, maxKeys);
        foreach (CounterTable table in window.Tables)
        {
            if (!IsOwn(table.Group.Index))
                Describe(table, meta);
        }

        foreach ((int group, double microseconds) in _times)
            AddSample(meta, Encoding.ASCII.GetBytes(_registry.CounterGroup(group).Guid), 3, microseconds);
        _times.Clear();
    }

    /// <summary>The window was stored.</summary>
    public void End() => _lastFlushMicroseconds = Stopwatch.GetElapsedTime(_startedAt).TotalMicroseconds;

    private void Describe(CounterTable table, CounterTable meta)
    {
        const int masterSize = 0,
            flushedKeys = 4,
            newKeys = 5,
            heap = 8,
            tailPrunes = 9;
        byte[] key = Encoding.ASCII.GetBytes(table.Group.Guid);
        long flushed = 0;
        for (int row = CounterTable.TotalsRow + 1; row < table.RowCount; row++)
        {
            if (!table.IsDropped(row))
                flushed++;
        }

        if (_labelled.Add(table.Group.Index))
            _registry.AddKeyLabel(_meta.Guid, table.Group.Guid, table.Group.Name);
        AddSample(meta, key, masterSize, table.KeyCount);
        AddSample(meta, key, flushedKeys, flushed);
        AddSample(meta, key, newKeys, table.KeyCount + table.EvictedKeys);
        AddSample(meta, key, tailPrunes, table.EvictedKeys);
        // What a table holds depends on the window that it served before, and which one that was on the threads' turns.
        if (!_isReproducible)
            AddSample(meta, key, heap, table.MemoryBytes);
    }

    private void AddSystem(CounterWindow window, int maxKeys)
    {
        if (_isReproducible)
            return;
        CounterTable table = window.Open(_system, maxKeys);
        Add(0, _lastFlushMicroseconds);
        if (_probe is null || !_probe.TrySample(out SystemSample sample))
            return;
        Add(1, sample.ProcessorPercent);
        Add(2, sample.OwnProcessorPercent);
        Add(3, sample.MemoryBytes);
        Add(4, sample.UsedMemoryBytes);
        Add(5, sample.OwnMemoryBytes);
        Add(6, sample.DiskBytes);
        Add(7, sample.UsedDiskBytes);
        Add(12, sample.Reads);
        Add(13, sample.Writes);

        void Add(int meter, double? value)
        {
            if (value is { } known)
                AddSample(table, WellKnownGuids.EngineKey, meter, known);
        }
    }

    private static void AddSample(CounterTable table, ReadOnlySpan<byte> key, int meter, double value) =>
        table.AddSample(table.RowOf(key), meter, value);
}
