using System.Diagnostics;
using Spillway.Pipeline;
using Spillway.Scripting.Loading;

namespace Spillway.Run;

/// <content>Scripts behind the lane.</content>
internal sealed partial class Probe
{
    private RunBackend? _backend;
    private long _backendWaitSince;

    // Before scripts are loaded, so that no change falls in between. Null if there is nothing that could change, or nobody wants to know.
    private ScriptWatcher? WatchScripts()
    {
        List<string> roots = [.. _options.Scripts, .. ScriptSearch.Directories];
        return _options is { Reloads: true, Deterministic: false } && roots.Count > 0 ? new ScriptWatcher(roots, _console) : null;
    }

    private void LoadBackend(ScriptLoader loader, ScriptWatcher? watcher)
    {
        _backend = RunBackend.Load(loader, _options, _groups, _async, _writer, canCome: watcher is not null);
        ResourceKinds resources = _options.Resources | (_backend?.WatchedResources ?? ResourceKinds.None);
        DocumentKinds documents = _options.Documents | (_backend?.WatchedDocuments ?? DocumentKinds.None);
        foreach (PacketPath lane in _lanes.Lanes)
            lane.Record(resources, documents);
        _backend?.Attach(_lanes.ScriptContexts, _lanes.Shards, KeepsWaitingForBackend, () => _stop.IsRequested);
        _scriptFailures = loader.Failures; // at the start; what fails later is counted with the reloads
        if (watcher is not null)
            _backend?.Follow(watcher, loader, () => RecordToo(_backend));
    }

    // On the metrics thread: scripts have changed.
    private void RecordToo(RunBackend backend)
    {
        foreach (PacketPath lane in _lanes.Lanes)
            lane.RecordToo(backend.WatchedResources, backend.WatchedDocuments);
    }

    // The last window is seen while the lane's scripts can still answer. Where tasks were given up already there is no time for more.
    private long EndTrafficOfBackend(long left)
    {
        if (_backend is null)
            return left;
        _backend.EndReloads();
        _backend.EndTraffic(_lanes.Shards);
        _lanes.Turn();
        if (left > 0)
            return left;
        left = Drain(out _);
        if (left > 0)
            _problems.Fail(
                $"{Units.Count(left, "task")} of T.async not done that messages of backend scripts have caused: give "
                    + "more time with --drain-timeout"
            );
        return left;
    }

    private void EndBackend()
    {
        if (_backend is null)
            return;
        _backend.End();
        if (_backend.TasksLeft > 0)
            _problems.Fail(
                $"{Units.Count(_backend.TasksLeft, "task")} of T.async of backend scripts not done and "
                    + $"{(_journal is null ? "lost" : "left in the journal")}: give more time with --drain-timeout"
            );
    }

    // On the metrics thread, every tenth of a second while tasks are waited for.
    private bool KeepsWaitingForBackend(long left)
    {
        if (_backendWaitSince == 0)
            _backendWaitSince = _stop.IsRequested ? _stop.RequestedAt : Stopwatch.GetTimestamp();
        TimeSpan limit = _options.DrainTimeout ?? (_stop.IsRequested ? DrainAfterSignal : TimeSpan.MaxValue);
        return Stopwatch.GetElapsedTime(_backendWaitSince) < limit;
    }
}
