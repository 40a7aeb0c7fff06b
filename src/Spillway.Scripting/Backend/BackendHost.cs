using System.Diagnostics;
using System.Text;
using Spillway.Async;
using Spillway.Metrics;
using Spillway.Metrics.Groups;
using Spillway.Metrics.Monitoring;
using Spillway.Metrics.Shards;
using Spillway.Scripting.Native;
using Spillway.Scripting.Vm;

namespace Spillway.Scripting.Backend;

/// <summary>
/// The scripts behind the lanes (script API, section 1.2, backend): they stand in the stream of metrics before it is stored. Belongs to the
/// metrics writer's thread once it is attached; made and filled before on another.
/// </summary>
/// <remarks>
/// What scripts add (counters, alerts, resources, tags, edges) goes into the same stream. A group whose turn is still to come in the flush
/// of a window has it in that window, else in the next; records reach their monitors in the same flush if those come later in it. What
/// comes after the last window of a run is stored with it, and records among it are shown once more.
/// </remarks>
public sealed partial class BackendHost : IMetricMonitor, IMetricSink, IResultHandler, IDisposable
{
    private static readonly TimeSpan ResultPoll = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan ResultBudget = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan DrainStep = TimeSpan.FromMilliseconds(100);

    private readonly GroupRegistry _groups;
    private readonly List<ScriptInstance> _scripts = [];
    private readonly List<MetricShard> _lanes = [];
    private IReadOnlyList<ScriptFigures> _latestFigures = [];
    private bool _isUnloaded;

    /// <summary>Creates an engine without scripts.</summary>
    /// <param name="groups">The groups.</param>
    /// <param name="metrics">Limits of the metrics, as the writer has them.</param>
    /// <param name="async">The engine's end of the slow path.</param>
    /// <param name="options">Limits.</param>
    public BackendHost(GroupRegistry groups, MetricOptions metrics, TaskPort async, BackendOptions options)
    {
        ArgumentNullException.ThrowIfNull(metrics);
        ArgumentNullException.ThrowIfNull(options);
        _groups = groups;
        Options = options.Validate();
        Retired = new RetiredScripts(options.MaxGoneScripts);
        WindowSeconds = metrics.Window.TotalSeconds;
        var shard = new MetricShard(
            groups,
            metrics with
            {
                Traffic = metrics.Traffic is { } traffic ? traffic with { MetersPackets = false } : null,
            },
            BackendLane,
            this
        );
        Lane = new ScriptContext(shard, async, static _ => null, number: 0) { Backend = this };
        _sessions = new SessionStream(this);
        _alerts = new AlertStream(this);
        _resources = new ResourceStream(this);
        _documents = new DocumentStream(this);
    }

    // Documents have the number of their shard in their keys.
    private const int BackendLane = 255;

    /// <summary>What the scripts have done to the stream.</summary>
    public BackendCounters Counters { get; } = new();

    /// <summary>Takes messages to the scripts of the lanes: id and text. Any receiver must be safe to call from another thread.</summary>
    public Action<byte[], byte[]>? PostToLanes { get; set; }

    /// <summary>
    /// Asked while tasks are waited for at the end of a run, with their number: whether to wait on. Null waits as long as it takes.
    /// </summary>
    public Func<long, bool>? KeepsWaiting { get; set; }

    /// <summary>Errors that scripts have raised so far.</summary>
    public long Errors =>
        _scripts.Sum(script => script.Errors.Count)
        + Retired.Errors
        + _scripts.Select(script => script.Plugin).Concat(Retired.Plugins).Distinct().Sum(plugin => plugin.WorkerErrors);

    /// <inheritdoc/>
    public bool WantsParts => _monitors.Values.Any(monitor => monitor.WantsParts) || (!Options.TicksByWallClock && HasMetronomes);

    internal ScriptContext Lane { get; }

    /// <summary>What was not kept of what the scripts have counted and told.</summary>
    public ShardCounters MetricCounters => Lane.Metrics.Counters;

    internal ItemBuffer Item { get; } = new();

    internal BackendOptions Options { get; }

    internal double WindowSeconds { get; }

    internal long IntervalNs => Lane.IntervalNs;

    /// <summary>Whether the item that scripts are shown is a flow.</summary>
    internal bool IsShowingSession { get; set; }

    /// <summary>Tells a lane's shard what the scripts need of it, now and whenever scripts come or go.</summary>
    public void Follow(MetricShard lane)
    {
        _lanes.Add(lane);
        TellLanes();
    }

    /// <summary>Whether some script watches a group of resources or documents.</summary>
    public bool Watches(GroupKind kind, string guid)
    {
        IReadOnlyList<ScriptInstance> scripts =
            kind == GroupKind.Resource ? _resources.Scripts
            : kind == GroupKind.Fts ? _documents.Scripts
            : [];
        return scripts.Any(script => script.WatchedGuid == guid);
    }

    /// <summary>What each script did.</summary>
    public IReadOnlyList<ScriptFigures> GetFigures() => Retired.FiguresWith(_scripts);

    /// <summary>Whether <see cref="LatestFigures"/> are kept. Set before the first window ends.</summary>
    public bool PublishesFigures { get; set; }

    /// <summary>What each script had done when the last window ended. Any thread.</summary>
    public IReadOnlyList<ScriptFigures> LatestFigures => Volatile.Read(ref _latestFigures);

    /// <inheritdoc/>
    void IResultHandler.Deliver(AsyncTask task)
    {
        ArgumentNullException.ThrowIfNull(task);
        ((ITaskOwner)task.Client.Owner!).Deliver(task);
    }

    /// <inheritdoc/>
    void IResultHandler.DeliverRing(AsyncClient client)
    {
        ArgumentNullException.ThrowIfNull(client);
        ((ITaskOwner)client.Owner!).DeliverRing();
    }

    /// <inheritdoc/>
    public TimeSpan Turn()
    {
        if (Lane.Async.HasResults)
            Deliver(ResultBudget);
        if (Options.Deterministic && Lane.Async.Pending > 0)
            Drain();
        if (Options.TicksByWallClock && HasMetronomes && Stopwatch.GetElapsedTime(_lastTick).TotalSeconds >= TickSeconds)
            Tick();
        TakeChange();
        if (Retired.LeavingCount > 0 || HasGone)
            Sweep();
        TakeOwn();
        if (HasChanges && !_isUnloaded)
            return TimeSpan.Zero;
        if (Lane.Async.Pending > 0)
            return ResultPoll;
        return Options.TicksByWallClock && HasMetronomes ? TimeSpan.FromSeconds(TickSeconds / 4) : Timeout.InfiniteTimeSpan;
    }

    /// <inheritdoc/>
    public void Finish()
    {
        if (_isUnloaded)
            return;
        Drain();
        // Scripts that look after their tasks by onmetronome see that these are done.
        Tick();
        TakeOwn();
        Drain();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (ScriptInstance script in _scripts)
            script.Dispose();
        _scripts.Clear();
        Item.Dispose();
    }

    /// <summary>The groups by kind, for the tables of T: records of table, GUID, title.</summary>
    internal string DescribeGroups()
    {
        var text = new StringBuilder();
        foreach (CounterGroup group in _groups.CounterGroups)
            Add("countergroups", group.Guid, group.Name);
        foreach (NamedGroup group in _groups.NamedGroups(GroupKind.Alert))
            Add("alertgroups", group.Guid, group.Name);
        foreach (NamedGroup group in _groups.NamedGroups(GroupKind.Resource))
            Add("resourcegroups", group.Guid, group.Name);
        foreach (NamedGroup group in _groups.NamedGroups(GroupKind.Fts))
            Add("ftsgroups", group.Guid, group.Name);
        foreach (NamedGroup group in _groups.NamedGroups(GroupKind.Session))
            Add("sessiongroups", group.Guid, group.Name);
        return text.ToString();

        void Add(string table, string guid, string title) =>
            text.Append(table).Append('\u001f').Append(guid).Append('\u001f').Append(title).Append('\u001e');
    }

    /// <summary>Adds a script that is loaded.</summary>
    internal void Add(ScriptInstance script, FlowTracker? tracker)
    {
        _scripts.Add(script);
        switch (script.Block)
        {
            case "cg_monitor":
                MonitorOf(script.WatchedGuid).Scripts.Add(script);
                break;
            case "sg_monitor":
                _sessions.Scripts.Add(script);
                break;
            case "alert_monitor":
                _alerts.Scripts.Add(script);
                break;
            case "resource_monitor":
                _resources.Scripts.Add(script);
                break;
            case "fts_monitor":
                _documents.Scripts.Add(script);
                break;
            case "flowtracker":
                _sessions.Trackers.Add(tracker!);
                break;
        }

        TellLanes();
    }

    /// <summary>Tags the flow that scripts are shown.</summary>
    internal void TagShown(ReadOnlySpan<byte> tag) => _sessions.TagShown(tag);

    /// <summary>Tags a flow.</summary>
    internal void TagFlow(in Spillway.Net.Packets.FlowKey flow, ReadOnlySpan<byte> tag) => _sessions.Tag(in flow, tag);

    private void TellLanes()
    {
        bool wantsParts = WantsParts;
        foreach (MetricShard lane in _lanes)
        {
            lane.PostsParts = wantsParts;
            lane.ReportsFlows = _sessions.FollowsOpenFlows;
        }
    }

    private void Deliver(TimeSpan budget)
    {
        BackendHost handler = this;
        Lane.Async.DeliverResults(ref handler, budget);
    }

    private void Drain()
    {
        const int maxRounds = 100; // scripts that answer each other for ever must not keep a run from its end
        BackendHost handler = this;
        for (int round = 0; round < maxRounds; round++)
        {
            while (Lane.Async.Drain(ref handler, DrainStep) is var left and > 0)
            {
                if (KeepsWaiting is null || KeepsWaiting(left))
                    continue;
                Counters.TasksLeft = left;
                return;
            }

            TakeOwn();
            if (Lane.Async.Pending == 0 && !Lane.HasRequests)
                break;
        }
    }

    private void Unload()
    {
        if (_isUnloaded)
            return;
        _isUnloaded = true;
        foreach (ScriptInstance script in _scripts)
            script.Unload();
    }
}
