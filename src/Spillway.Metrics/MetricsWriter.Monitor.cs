using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Spillway.Metrics.Counters;
using Spillway.Metrics.Monitoring;
using Spillway.Metrics.Records;
using Spillway.Metrics.Shards;
using Spillway.Metrics.Stores;

namespace Spillway.Metrics;

/// <content>A monitor in the stream: it sees everything before it is stored.</content>
public sealed partial class MetricsWriter
{
    private static readonly TimeSpan ProgressInterval = TimeSpan.FromSeconds(2);

    private IMetricMonitor? _monitor;
    private RunProgress? _lastProgress;
    private long _progressAt = Stopwatch.GetTimestamp();

    /// <summary>
    /// Says how far the run has come, on the writer's thread, for the store of a run that lasts; null before the first packet. Set before
    /// the writer starts, or left out: then that is in the store when the run has ended.
    /// </summary>
    public Func<RunProgress?>? Progress { get; set; }

    /// <summary>
    /// Puts a monitor into the stream, before the first packet. From here on it belongs to the writer's thread. Then
    /// <see cref="MetricShard.EndWindow"/> and <see cref="Settle"/> end the traffic, and <see cref="MetricShard.Complete"/> hands over the
    /// rest.
    /// </summary>
    public void Attach(IMetricMonitor monitor) => _queue.Add(new Attachment(monitor));

    /// <summary>
    /// Sends the monitor something, after all that was posted before by the same thread. Dropped and counted if the queue is full and may
    /// drop.
    /// </summary>
    public void Post(IMonitorMessage message) => Enqueue(message, bytes: 0, isDue: false);

    /// <summary>Waits until the monitor has seen all that was posted, and has finished what it had begun itself.</summary>
    public void Settle()
    {
        using var marker = new Marker();
        _queue.Add(marker);
        marker.Reached.Wait();
    }

    // Others read the store while a run goes on that lasts.
    private void NoteProgress()
    {
        if (Stopwatch.GetElapsedTime(_progressAt) < ProgressInterval)
            return;
        _progressAt = Stopwatch.GetTimestamp();
        if (Progress!() is not { } progress || progress == _lastProgress)
            return;
        _lastProgress = progress;
        Guarded(static (store, progress) => store.Note(progress), progress);
    }

    private bool TryTake([NotNullWhen(true)] out object? item)
    {
        while (true)
        {
            TimeSpan wait = _monitor?.Turn() ?? Timeout.InfiniteTimeSpan;
            if (Progress is not null)
            {
                NoteProgress();
                wait = wait < TimeSpan.Zero || wait > ProgressInterval ? ProgressInterval : wait;
            }

            if (_queue.TryTake(out item, wait))
                return true;
            if (_queue.IsCompleted)
                return false;
        }
    }

    private void Close(CounterWindow window)
    {
        bool isRest = _monitor is not null && window.IsLast;
        if (_monitor is { IsBehind: true } behind && !isRest)
        {
            Guarded(static (store, _) => store.Commit(), 0); // it may take a while
            behind.CatchUp();
        }

        _engine?.Begin();
        _monitor?.BeginFlush(window.StartNs, window.EndNs, isRest);
        CloseGroups(window, isRest, areEngines: false);
        if (_engine is not null)
        {
            _engine.AddTo(window, _options.MaxKeysPerGroup);
            CloseGroups(window, isRest, areEngines: true);
        }

        WriteKeyLabels();
        Compare(window);
        Guarded(static (store, window) => store.Write(window), window);
        Volatile.Write(ref _closedNs, window.EndNs);
        window.Recycle();
        _engine?.End();
        if (_monitor is not null)
            Keep(_monitor.EndFlush());
    }

    // Scripts that are told of one group may count in those to come: their turn is by number, and what they got belongs to this window.
    private void CloseGroups(CounterWindow window, bool isRest, bool areEngines)
    {
        int groups = _registry.CounterGroups.Count;
        for (int group = 0; group < groups; group++)
        {
            if (_engine?.IsOwn(group) == !areEngines)
                continue;
            if (_monitor?.TakeAdded(group) is { } added)
                window.Merge(added, _options.MaxKeysPerGroup);
            if (window.Find(group) is { } table)
                Close(table, isRest);
            else if (!isRest)
                _monitor?.OnNoTable(group);
        }
    }

    private void Close(CounterTable table, bool isRest)
    {
        long startedAt = Stopwatch.GetTimestamp();
        _aggregates.Close(table);
        if (!isRest)
            _monitor?.OnTable(table);
        _aggregates.Add(table);
        _engine?.NoteTime(table.Group.Index, startedAt);
    }

    private void Take(CounterWindow part)
    {
        _traffic[part.Lane]?.Complete(part);
        if (_geo?.Records.Take() is { } records)
            Keep(records);
        if (part.IsPart || _monitor is { WantsParts: true })
        {
            CounterWindow open = _merger.AddPart(part);
            _monitor?.OnPart(part, open);
            part.Recycle();
            if (part.IsPart)
                return;
        }

        foreach (CounterWindow window in _merger.Add(part))
        {
            // Who watches sees a window when it is left, and all that happened before it ended.
            if (_monitor is not null)
                window.MayReturn = false;
            TakeAhead(WindowMerger.KeyOf(window));
            foreach (CounterWindow closed in _returning.Add(window))
                Close(closed);
        }

        TakeAhead(_merger.Earliest);
    }

    // What a lane tells that is ahead of others waits for the end of the windows before: what comes of it is counted in its own window.
    private void Take(EventBatch batch)
    {
        if (_monitor is null)
            Keep(batch);
        else if (batch.Window.CompareTo(_merger.Earliest) > 0)
            _ahead.Add(batch);
        else
            Keep(_monitor.Take(batch));
    }

    private void TakeAhead((int Epoch, long StartNs) window)
    {
        while (_ahead.TryTake(window, out EventBatch? batch))
            Keep(_monitor?.Take(batch) ?? batch);
    }

    private void Keep(EventBatch batch)
    {
        if (batch.Count == 0)
            return;
        // A script's label of a key replaces the one that the group's definition has for it, also before the first window ends.
        if (batch.KeyLabels.Count > 0)
            WriteKeyLabels();
        _log?.Write(batch);
        _aggregates.Add(batch);
        Guarded(static (store, batch) => store.Write(batch), batch);
        batch.Recycle();
    }

    private void Reach(Marker marker)
    {
        _monitor?.Finish();
        marker.Reached.Set();
    }

    private sealed record Attachment(IMetricMonitor Monitor);

    private sealed class Marker : IDisposable
    {
        public ManualResetEventSlim Reached { get; } = new();

        public void Dispose() => Reached.Dispose();
    }
}
