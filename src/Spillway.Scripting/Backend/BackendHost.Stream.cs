using Spillway.Metrics.Counters;
using Spillway.Metrics.Groups;
using Spillway.Metrics.Monitoring;
using Spillway.Metrics.Records;
using Spillway.Metrics.Shards;
using Spillway.Scripting.Vm;

namespace Spillway.Scripting.Backend;

/// <content>The stream: windows, events, messages.</content>
public sealed partial class BackendHost
{
    // Scripts whose records make new ones, for ever, must not keep a run from its end.
    private const int MaxRestRounds = 10;

    private readonly SortedDictionary<int, GroupMonitor> _monitors = [];
    private readonly Queue<EventBatch> _own = new();
    private readonly SessionStream _sessions;
    private readonly AlertStream _alerts;
    private readonly ResourceStream _resources;
    private readonly DocumentStream _documents;
    private EventBatch _kept = new();
    private bool _isRest;

    /// <inheritdoc/>
    public void Post(CounterWindow window)
    {
        // The engine's own shard has no windows: its tables are taken one by one.
    }

    /// <inheritdoc/>
    public void Post(EventBatch batch) => _own.Enqueue(batch);

    /// <inheritdoc/>
    public EventBatch Take(EventBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        Advance(batch.NowNs);
        if (IsUnused)
            return batch;
        TakeRecords(batch);
        TakeOwn();
        return TakeKept();
    }

    /// <inheritdoc/>
    public void Take(IMonitorMessage message)
    {
        if (message is not BackendMessage { Id: var id, Text: var text })
            return;
        foreach (ScriptInstance script in _scripts)
            script.OnMessage(id, text);
        TakeOwn();
    }

    /// <inheritdoc/>
    public void OnPart(CounterWindow part, CounterWindow open)
    {
        ArgumentNullException.ThrowIfNull(part);
        ArgumentNullException.ThrowIfNull(open);
        Advance(part.EndNs);
        foreach (CounterTable table in part.Tables)
        {
            if (_monitors.TryGetValue(table.Group.Index, out GroupMonitor? monitor) && open.Find(table.Group.Index) is { } whole)
                monitor.OnPart(table, whole);
        }

        if (!Options.TicksByWallClock && part.Lane == 0 && !part.IsLast)
            TickUpTo(Lane.NowNs);
        TakeOwn();
    }

    /// <inheritdoc/>
    public void BeginFlush(long startNs, long endNs, bool isRest)
    {
        Advance(endNs);
        _isRest = isRest;
        if (isRest)
        {
            FlushRest();
            return;
        }

        Counters.Windows++;
        Lane.IntervalNs = startNs;
        foreach (FlowTracker tracker in _sessions.Trackers)
            tracker.Advance(startNs, _kept);
        OnEngineMonitors(ScriptCallback.OnBeginFlush);
    }

    /// <inheritdoc/>
    public CounterTable? TakeAdded(int group) => Lane.Metrics.TakeTable(group);

    /// <inheritdoc/>
    public void OnTable(CounterTable table)
    {
        ArgumentNullException.ThrowIfNull(table);
        if (!_monitors.TryGetValue(table.Group.Index, out GroupMonitor? monitor) || monitor.Scripts.Count == 0)
            return;
        monitor.OnTable(table, IntervalNs);
        TakeOwn();
    }

    /// <inheritdoc/>
    public void OnNoTable(int group)
    {
        if (!_monitors.TryGetValue(group, out GroupMonitor? monitor) || monitor.Scripts.Count == 0)
            return;
        monitor.OnNoTable(IntervalNs);
        TakeOwn();
    }

    /// <inheritdoc/>
    public EventBatch EndFlush()
    {
        if (!_isRest)
        {
            FlushRecords();
            OnEngineMonitors(ScriptCallback.OnEndFlush);
            Lane.Metrics.ForgetEdges();
        }

        if (PublishesFigures)
            Volatile.Write(ref _latestFigures, GetFigures());
        return TakeKept();
    }

    private GroupMonitor MonitorOf(string guid)
    {
        CounterGroup group = _groups.FindCounterGroup(guid)!;
        if (!_monitors.TryGetValue(group.Index, out GroupMonitor? monitor))
            _monitors.Add(group.Index, monitor = new GroupMonitor(this, group));
        return monitor;
    }

    private void Advance(long nowNs)
    {
        if (nowNs == 0)
            return;
        Lane.NowNs = nowNs;
        Lane.Metrics.SetTime(nowNs);
    }

    private void OnEngineMonitors(ScriptCallback callback)
    {
        foreach (ScriptInstance script in _scripts)
        {
            if (script.Block == "engine_monitor")
                script.OnTime(callback, IntervalNs);
        }

        TakeOwn();
    }

    private void FlushRecords()
    {
        if (_sessions.Scripts.Count > 0 || _sessions.Waiting > 0 || _sessions.Trackers.Count > 0)
            FlushSessions();
        if (_alerts.Scripts.Count > 0 || _alerts.Waiting > 0)
            _alerts.Flush(IntervalNs, _kept);
        TakeOwn();
        if (_resources.Scripts.Count > 0 || _resources.Waiting > 0)
            _resources.Flush(IntervalNs, _kept);
        TakeOwn();
        if (_documents.Scripts.Count > 0 || _documents.Waiting > 0)
            _documents.Flush(IntervalNs, _kept);
        TakeOwn();
    }

    private void FlushSessions()
    {
        foreach (FlowTracker tracker in _sessions.Trackers)
            tracker.Script.OnTime(ScriptCallback.OnBeginFlush, IntervalNs);
        _sessions.Forget();
        _sessions.Flush(IntervalNs, _kept);
        foreach (FlowTracker tracker in _sessions.Trackers)
            tracker.Script.OnTime(ScriptCallback.OnEndFlush, IntervalNs);
        TakeOwn();
    }

    // After the last window: records that scripts have added since are shown once more, then the scripts say good-bye.
    private void FlushRest()
    {
        TakeOwn();
        for (int round = 0; round < MaxRestRounds; round++)
        {
            if (_sessions.Waiting > 0)
                FlushSessions();
            if (_alerts.Waiting > 0)
                _alerts.Flush(IntervalNs, _kept);
            if (_resources.Waiting > 0)
                _resources.Flush(IntervalNs, _kept);
            if (_documents.Waiting > 0)
                _documents.Flush(IntervalNs, _kept);
            TakeOwn();
            if (_sessions.Waiting + _alerts.Waiting + _resources.Waiting + _documents.Waiting == 0)
                break;
        }

        foreach (FlowTracker tracker in _sessions.Trackers)
            tracker.HandOver(_kept);
        Unload();
        _sessions.Scripts.Clear();
        _sessions.Trackers.Clear();
        _alerts.Scripts.Clear();
        _resources.Scripts.Clear();
        _documents.Scripts.Clear();
        TakeOwn();
        FlushRecords(); // nobody is asked any more: all of it is kept
    }

    // What the scripts have added themselves, and what they have asked for. What comes of that waits for the next time.
    private void TakeOwn()
    {
        Lane.Metrics.HandOverEvents();
        for (int left = _own.Count; left > 0; left--)
            TakeRecords(_own.Dequeue());
        Lane.TakeMessages();
        for (int left = Lane.Requests.Count; left > 0; left--)
        {
            ScriptRequest request = Lane.Requests.Dequeue();
            if (request.Kind == ScriptRequestKind.MessageAcross)
                PostToLanes?.Invoke(request.First, request.Second);
            else if (request.Kind == ScriptRequestKind.Message)
                foreach (ScriptInstance script in _scripts)
                    script.OnMessage(request.First, request.Second);
        }
    }

    // Alerts before flows: what a script makes of an alert may be a tag of its flow.
    private void TakeRecords(EventBatch batch)
    {
        foreach (AlertRecord alert in batch.Alerts)
            _alerts.Take(alert, _kept);
        foreach (ResourceRecord resource in batch.Resources)
            _resources.Take(resource, _kept);
        foreach (DocumentRecord document in batch.Documents)
            _documents.Take(document, _kept);
        foreach (FlowUpdate update in batch.FlowUpdates)
            _sessions.Take(in update, _kept);
        foreach (FlowRecord flow in batch.Flows)
            _sessions.Take(in flow, _kept);
        foreach (TrackedFlowRecord tracked in batch.TrackedFlows)
            _kept.Add(tracked);
        foreach (FileRecord file in batch.Files)
            _kept.Add(file);
        foreach (TransactionRecord transaction in batch.Transactions)
            _kept.Add(transaction);
        foreach (EdgeRecord edge in batch.Edges)
            _kept.Add(edge);
        foreach (KeyLabelRecord label in batch.KeyLabels)
            _kept.Add(label);
        foreach (KeyAttributeRecord attribute in batch.KeyAttributes)
            _kept.Add(attribute);
    }

    private EventBatch TakeKept()
    {
        EventBatch kept = _kept;
        _kept = new EventBatch();
        return kept;
    }

    void IMetricSink.Post(Spillway.Metrics.Traffic.TrafficBatch batch)
    {
        // Only lanes count traffic.
    }
}

/// <summary>A message of a lane's script to the scripts behind the lanes.</summary>
/// <param name="Id">Id; empty for a broadcast.</param>
/// <param name="Text">Text.</param>
public sealed record BackendMessage(byte[] Id, byte[] Text) : IMonitorMessage;
