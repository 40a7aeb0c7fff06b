using System.Runtime.CompilerServices;
using Spillway.Metrics.Counters;
using Spillway.Metrics.Groups;
using Spillway.Metrics.Records;
using Spillway.Net.Flows;
using Spillway.Net.Packets;

namespace Spillway.Metrics.Shards;

/// <summary>
/// The metrics of one lane: counters of the open window and events on their way out. Touched by its lane only, without locks.
/// At a window's end the tables change hands whole, and the lane goes on with empty ones.
/// </summary>
public sealed partial class MetricShard
{
    private const long SecondNs = 1_000_000_000;

    private readonly GroupRegistry _registry;
    private readonly MetricOptions _options;
    private readonly IMetricSink _sink;
    private readonly TablePool _pool = new();
    private readonly long _windowNs;
    private readonly long _maxLatenessNs;
    private readonly AlertMeter? _alertMeter;
    private CounterTable?[] _tables = [];
    private bool _hasWindow;
    private long _windowStartNs;
    private int _epoch;

    // How often packet time has stepped back of late: a step counts for so many windows. A capture that is older than the one before is
    // one step; captures that were merged without being sorted are many.
    private const int WindowsPerStep = 8,
        UnsteadyFrom = 3 * WindowsPerStep,
        MostUnsteady = 16 * WindowsPerStep;
    private int _unsteadiness;

    // AdvanceTo does something only outside of [_earliestNs, _deadlineNs).
    private long _earliestNs = long.MaxValue;
    private long _deadlineNs;

    /// <summary>Creates the shard of a lane.</summary>
    /// <param name="registry">The groups.</param>
    /// <param name="options">Limits.</param>
    /// <param name="lane">Number of the lane, from 0.</param>
    /// <param name="sink">Takes what has come together.</param>
    public MetricShard(GroupRegistry registry, MetricOptions options, int lane, IMetricSink sink)
    {
        ArgumentNullException.ThrowIfNull(registry);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(sink);
        _registry = registry;
        _options = options.Validate();
        _sink = sink;
        Lane = lane;
        _batch = new EventBatch(_spareBatches);
        _windowNs = options.Window.Ticks * TimeSpan.NanosecondsPerTick;
        _maxLatenessNs = options.MaxLateness.Ticks * TimeSpan.NanosecondsPerTick;
        _tags = new FlowTags(options.MaxTaggedFlows, Counters);
        if (options.Traffic is not { } traffic)
            return;
        if (traffic.MetersPackets)
            Traffic = new TrafficMeter(this, sink, _pool);
        _alertMeter = new AlertMeter(this, traffic.Home);
    }

    /// <summary>Counts the lane's packets for the built-in groups; null if they are not counted.</summary>
    public TrafficMeter? Traffic { get; }

    /// <summary>Called before the open window is handed over, on the lane's thread: what is counted in it belongs to the window.</summary>
    public Action? WindowEnds { get; set; }

    /// <summary>Finds an open flow, so that alerts know its client; null if the shard's owner has no flows.</summary>
    public Func<FlowKey, Flow?>? FindFlow { get; set; }

    /// <summary>Number of the lane.</summary>
    public int Lane { get; }

    /// <summary>Packet time of the last packet, nanoseconds since 1970 UTC; the time that alerts and resources get.</summary>
    public long NowNs { get; private set; }

    /// <summary>What was not kept, and why.</summary>
    public ShardCounters Counters { get; } = new();

    /// <summary>Bytes held by the tables of the open window.</summary>
    public long MemoryBytes
    {
        get
        {
            long bytes = 0;
            foreach (CounterTable? table in _tables)
                bytes += table?.MemoryBytes ?? 0;
            return bytes;
        }
    }

    /// <summary>The index of a counter group, to be kept by the caller; <see cref="GroupRegistry.Unknown"/> if nobody defined it.</summary>
    public int FindCounterGroup(ReadOnlySpan<byte> guid) => _registry.Find(GroupKind.Counter, guid);

    /// <summary>The index of an alert group, or <see cref="GroupRegistry.Unknown"/>.</summary>
    public int FindAlertGroup(ReadOnlySpan<byte> guid) => _registry.Find(GroupKind.Alert, guid);

    /// <summary>The index of a resource group, or <see cref="GroupRegistry.Unknown"/>.</summary>
    public int FindResourceGroup(ReadOnlySpan<byte> guid) => _registry.Find(GroupKind.Resource, guid);

    /// <summary>The index of a group of full-text documents, or <see cref="GroupRegistry.Unknown"/>.</summary>
    public int FindDocumentGroup(ReadOnlySpan<byte> guid) => _registry.Find(GroupKind.Fts, guid);

    /// <summary>
    /// Adds a sample to a meter of a key. Trailing NULs of the key are not part of it. Samples that are not finite, unknown groups
    /// and unknown meters are counted and ignored.
    /// </summary>
    /// <param name="group">Index from <see cref="FindCounterGroup"/>.</param>
    /// <param name="key">Key bytes; cut to 255.</param>
    /// <param name="meter">Meter id.</param>
    /// <param name="value">The sample.</param>
    public void Update(int group, ReadOnlySpan<byte> key, int meter, double value)
    {
        CounterTable?[] tables = _tables;
        CounterTable? table = (uint)group < (uint)tables.Length ? tables[group] : null;
        if (table is null && (table = OpenTable(group)) is null)
            return;
        if (!double.IsFinite(value))
        {
            Counters.IgnoredValues++;
            return;
        }

        if ((uint)(key.Length - 1) >= KeyArena.MaxKeyLength || key[^1] == 0)
        {
            key = Normalize(key);
            if (key.IsEmpty)
                return;
        }

        UpdateResult result = table.Update(key, meter, value);
        if (result > UpdateResult.Added)
            Note(result);
    }

    /// <summary>
    /// Moves packet time, before anything of the packet is counted. Cheap within a window: two comparisons.
    /// A packet that is late goes into the open window.
    /// </summary>
    public void AdvanceTo(long timestampNs)
    {
        NowNs = timestampNs;
        if (timestampNs >= _deadlineNs || timestampNs < _earliestNs)
            Advance(timestampNs);
    }

    /// <summary>Hands over what is left. Nothing may be added afterwards.</summary>
    public void Complete()
    {
        _tags.Clear();
        FlushEvents();
        HandOverWindow(isLast: true);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Advance(long timestampNs)
    {
        long start = timestampNs - FloorModulo(timestampNs, _windowNs);
        FollowWishes();
        bool steppedBack = _hasWindow && timestampNs < _windowStartNs - _maxLatenessNs;
        if (!_hasWindow)
        {
            _hasWindow = true;
            _windowStartNs = start;
        }
        else if (start > _windowStartNs || steppedBack)
        {
            _unsteadiness = steppedBack ? Math.Min(MostUnsteady, _unsteadiness + WindowsPerStep) : Math.Max(0, _unsteadiness - 1);
            FlowWatch?.Report();
            FlushEvents();
            HandOverWindow(isLast: false);
            _seenEdges.Clear();
            _windowStartNs = start;
            if (steppedBack)
            {
                Counters.BackwardSteps++;
                _epoch++;
            }
        }
        else
        {
            FlowWatch?.Report();
            FlushEvents();
            if (_postsParts)
                HandOverWindow(isLast: false, isPart: true);
        }

        // Events do not wait for the window's end: whoever watches sees them within a second, when the next one begins, which is the
        // same packet for all lanes.
        long now = Math.Max(timestampNs, _windowStartNs);
        _deadlineNs = Math.Min(_windowStartNs + _windowNs, now - FloorModulo(now, SecondNs) + SecondNs);
        _earliestNs = _windowStartNs - _maxLatenessNs;
    }

    private static long FloorModulo(long value, long divisor)
    {
        long rest = value % divisor;
        return rest < 0 ? rest + divisor : rest;
    }

    private void HandOverWindow(bool isLast, bool isPart = false)
    {
        if (!isPart)
            WindowEnds?.Invoke();
        var tables = new List<CounterTable>();
        for (int i = 0; i < _tables.Length; i++)
        {
            if (_tables[i] is not { } table)
                continue;
            _tables[i] = null;
            tables.Add(table);
        }

        Traffic?.HandOver();
        _sink.Post(
            new CounterWindow(Lane, _windowStartNs, tables, _pool)
            {
                IsLast = isLast,
                IsPart = isPart,
                MayReturn = _unsteadiness >= UnsteadyFrom,
                Epoch = _epoch,
                EndNs = Math.Clamp(NowNs, _windowStartNs, Math.Max(_windowStartNs, _windowStartNs + _windowNs - 1)),
            }
        );
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private CounterTable? OpenTable(int group)
    {
        if (group < 0)
        {
            Counters.UnknownGroup++;
            return null;
        }

        if (group >= _tables.Length)
            Array.Resize(ref _tables, Math.Max(group + 1, _registry.CounterGroups.Count));
        CounterTable table = _pool.Take(_registry.CounterGroup(group));
        table.MaxKeys = _options.MaxKeysPerGroup;
        return _tables[group] = table;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private ReadOnlySpan<byte> Normalize(ReadOnlySpan<byte> key)
    {
        key = key.TrimEnd((byte)0);
        if (key.IsEmpty)
            Counters.EmptyKeys++;
        if (key.Length <= KeyArena.MaxKeyLength)
            return key;
        Counters.TruncatedKeys++;
        return key[..KeyArena.MaxKeyLength];
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Note(UpdateResult result)
    {
        switch (result)
        {
            case UpdateResult.Evicted:
                Counters.EvictedKeys++;
                break;
            case UpdateResult.UnknownMeter:
                Counters.UnknownMeter++;
                break;
        }
    }

    /// <summary>Adds a line that <see cref="IEventLog"/> writes as it is; the store does not see it.</summary>
    /// <param name="line">The line with its end; copied.</param>
    public void AddLine(ReadOnlySpan<byte> line)
    {
        _batch.AddLine(line.ToArray());
        FlushIfFull();
    }
}
