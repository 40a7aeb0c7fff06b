using System.Collections.Concurrent;
using Spillway.Metrics.Monitoring;
using Spillway.Scripting.Vm;

namespace Spillway.Scripting.Backend;

/// <content>Scripts that come, change and go while the stream flows.</content>
public sealed partial class BackendHost
{
    private readonly ConcurrentQueue<ScriptChange> _changes = new();

    /// <summary>
    /// Carries out a change, on the metrics thread; null if scripts stay as they were loaded. Set before <see cref="Submit"/>.
    /// </summary>
    public Action<ScriptChange>? Apply { get; set; }

    /// <summary>
    /// Called on the metrics thread when other scripts run than before, and so <see cref="Watches"/> may say something else.
    /// </summary>
    public Action? ScriptsChanged { get; set; }

    /// <summary>Whether changes wait for the metrics thread. Any thread.</summary>
    public bool HasChanges => !_changes.IsEmpty;

    // Nobody has ever listened or added anything: the stream goes by as it is.
    private bool IsUnused => _scripts.Count == 0 && Retired.IsEmpty;

    /// <summary>The scripts that run.</summary>
    internal IEnumerable<ScriptPlugin> Plugins => _scripts.Select(script => script.Plugin).Distinct();

    /// <summary>What is left of states that are closed.</summary>
    internal RetiredScripts Retired { get; }

    /// <summary>Called whenever tasks of scripts that were unloaded may be over, while <see cref="HasGone"/>.</summary>
    internal Action? ForgetGone { get; set; }

    /// <summary>Whether scripts are gone that have not been forgotten yet.</summary>
    internal bool HasGone { get; set; }

    /// <summary>
    /// Hands over changes. Any thread. They are carried out between two items of the stream, one at a time; the writer must be woken by
    /// a <see cref="ScriptsWaiting"/> if the stream may rest.
    /// </summary>
    public void Submit(IEnumerable<ScriptChange> changes)
    {
        ArgumentNullException.ThrowIfNull(changes);
        foreach (ScriptChange change in changes)
            _changes.Enqueue(change);
    }

    /// <summary>Forgets changes that wait. Any thread.</summary>
    public void DropChanges() => _changes.Clear();

    /// <summary>Whether states of a plugin are loaded.</summary>
    internal bool Holds(ScriptPlugin plugin) => _scripts.Exists(script => script.Plugin == plugin);

    /// <summary>
    /// Unloads all states of a plugin. Results that have come by now are delivered; those that come later are dropped and counted.
    /// </summary>
    /// <returns>Its flow tracker with the list so far, for <see cref="FlowTracker.TakeOver"/> or <see cref="End"/>; null if it has
    /// none.</returns>
    internal FlowTracker? Remove(ScriptPlugin plugin)
    {
        if (Lane.Async.HasResults)
            Deliver(ResultBudget);
        List<ScriptInstance> leaving = _scripts.FindAll(script => script.Plugin == plugin);
        FlowTracker? tracker = _sessions.Trackers.Find(tracker => tracker.Script.Plugin == plugin);
        _scripts.RemoveAll(leaving.Contains);
        _sessions.Scripts.RemoveAll(leaving.Contains);
        _alerts.Scripts.RemoveAll(leaving.Contains);
        _resources.Scripts.RemoveAll(leaving.Contains);
        _documents.Scripts.RemoveAll(leaving.Contains);
        if (tracker is not null)
            _sessions.Trackers.Remove(tracker);
        foreach ((int group, GroupMonitor monitor) in _monitors.ToArray())
        {
            // With its last script a group forgets its keys: to the next one they are all new.
            if (monitor.Scripts.RemoveAll(leaving.Contains) > 0 && monitor.Scripts.Count == 0)
                _monitors.Remove(group);
        }

        foreach (ScriptInstance script in leaving)
        {
            script.Unload();
            script.Dispose();
            Retired.Add(script);
        }

        TellLanes();
        return tracker;
    }

    /// <summary>Other scripts run now: before anybody is told, since who is told may count on what they watch.</summary>
    internal void AnnounceChange() => ScriptsChanged?.Invoke();

    /// <summary>Ends the list of a tracker whose script is gone.</summary>
    internal void End(FlowTracker tracker) => tracker.HandOver(_kept);

    // Lets go of what has no tasks any more.
    private void Sweep()
    {
        Retired.Sweep();
        if (HasGone)
            ForgetGone?.Invoke();
    }

    // One at a time: the stream goes on in between.
    private void TakeChange()
    {
        if (_isUnloaded || Apply is not { } apply || !_changes.TryDequeue(out ScriptChange? change))
            return;
        apply(change);
    }
}

/// <summary>Wakes the writer: changes of scripts wait in <see cref="BackendHost.Submit"/>.</summary>
public sealed record ScriptsWaiting : IMonitorMessage;
