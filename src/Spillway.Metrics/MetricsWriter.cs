using System.Diagnostics;
using Spillway.Metrics.Counters;
using Spillway.Metrics.Engine;
using Spillway.Metrics.Groups;
using Spillway.Metrics.Monitoring;
using Spillway.Metrics.Records;
using Spillway.Metrics.Results;
using Spillway.Metrics.Shards;
using Spillway.Metrics.Stores;
using Spillway.Metrics.Traffic;
using Spillway.Metrics.Traffic.Geo;

namespace Spillway.Metrics;

/// <summary>
/// The one thread behind all lanes: takes what their shards hand over, joins the parts of each window, keeps what the summary needs,
/// and writes the store. The store is opened on this thread too, so that nobody waits for it.
/// </summary>
/// <remarks>
/// Use: <see cref="Start"/> (reports a place that cannot be written to), <see cref="CreateShard"/> for each lane,
/// <see cref="WaitUntilOpen"/> before the first packet, and when every shard has completed, <see cref="Complete"/>.
/// A store that fails later never stops the run: what it could not keep is counted, and the first reason is in the results.
/// </remarks>
public sealed partial class MetricsWriter : IMetricSink, IDisposable
{
    private const int RowsPerTransaction = 50_000;
    private const int ToppersPerMeter = 10;

    private readonly GroupRegistry _registry;
    private readonly MetricOptions _options;
    private readonly IStore _store;
    private readonly WriterQueue _queue;
    private readonly WindowMerger _merger;
    private readonly BatchesAhead _ahead = new();
    private readonly ReturningWindows _returning;
    private readonly RunAggregates _aggregates;
    private readonly TrafficAggregator?[] _traffic;
    private readonly GeoLocator? _geo;
    private EngineGroups? _engine;
    private readonly ManualResetEventSlim _opened = new();
    private StoreException? _openFault;
    private string? _fault;
    private long _droppedBatches;
    private long _waitsUntil;
    private int _labelsWritten;
    private Thread? _thread;
    private RunEnd? _end;

    /// <summary>Creates the writer. It owns the store from here on.</summary>
    /// <param name="registry">The groups.</param>
    /// <param name="options">Limits.</param>
    /// <param name="store">Where results are kept.</param>
    /// <param name="lanes">How many shards will report.</param>
    public MetricsWriter(GroupRegistry registry, MetricOptions options, IStore store, int lanes)
    {
        ArgumentNullException.ThrowIfNull(registry);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(store);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(lanes);
        _registry = registry;
        _options = options.Validate();
        _store = store;
        _queue = new WriterQueue(options.QueueCapacity, options.QueueBytes);
        _merger = options.WaitWhenQueueFull
            ? new WindowMerger(lanes, options.MaxKeysPerGroup, maxOpenWindows: int.MaxValue)
            : new WindowMerger(lanes, options.MaxKeysPerGroup);
        _returning = new ReturningWindows(options.MaxKeysPerGroup);
        _aggregates = new RunAggregates(registry, options);
        _traffic = new TrafficAggregator?[lanes];
        if (options.Traffic is null)
            return;
        WellKnownKeys.AddTo(registry);
        _engine = new EngineGroups(registry, probe: null, options.IsReproducible);
        if (options.Traffic.Geo is not { } geo)
            return;
        GeoGroups.Hold(registry);
        _geo = new GeoLocator(geo, registry);
    }

    /// <summary>Called on the writer's thread with the first thing that goes wrong with the store, a line for the user.</summary>
    public Action<string>? StoreFailed { get; set; }

    /// <summary>Windows and batches dropped because the queue was full.</summary>
    public long DroppedBatches => Volatile.Read(ref _droppedBatches);

    /// <summary>Checks the store's place and starts the thread, which opens the store.</summary>
    /// <exception cref="StoreException">The place cannot be written to.</exception>
    public void Start(RunInfo run)
    {
        _store.Prepare();
        _thread = new Thread(() => Run(run)) { Name = "metrics", IsBackground = true };
        _thread.Start();
    }

    /// <summary>Waits until the store is open.</summary>
    /// <exception cref="StoreException">It cannot be opened.</exception>
    public void WaitUntilOpen()
    {
        _opened.Wait();
        if (_openFault is not null)
            throw _openFault;
    }

    /// <summary>Creates the shard of a lane.</summary>
    public MetricShard CreateShard(int lane) => new(_registry, _options, lane, this);

    /// <inheritdoc/>
    public void Post(CounterWindow window) => Enqueue(window, bytes: 0, isDue: true);

    /// <inheritdoc/>
    public void Post(TrafficBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        Enqueue(batch, batch.MemoryBytes, isDue: !batch.IsFull);
    }

    /// <inheritdoc/>
    public void Post(EventBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        Enqueue(batch, batch.MemoryBytes, isDue: !batch.IsFull);
    }

    /// <summary>No more packets come: what the end of flows and windows gives waits for a full queue, also where packets could not, but
    /// not for a store that has got stuck. Any thread.</summary>
    /// <param name="most">For so long from now on; then it is dropped again.</param>
    public void WaitFromNowOn(TimeSpan most) =>
        Volatile.Write(ref _waitsUntil, Stopwatch.GetTimestamp() + (long)(most.TotalSeconds * Stopwatch.Frequency));

    /// <summary>Writes what is left, closes the store, and returns what the run has gathered. All shards must have completed.</summary>
    public RunResults Complete(RunEnd end)
    {
        _end = end;
        _queue.CompleteAdding();
        _thread?.Join();
        return new RunResults
        {
            StoreLocation = _store.RunId == 0 ? null : _store.Location,
            RunId = _store.RunId,
            FlowCount = _aggregates.FlowCount,
            FileCount = _aggregates.FileCount,
            FileBytes = _aggregates.FileBytes,
            Files = _aggregates.Files,
            AllFiles = _aggregates.FileCount == _aggregates.Files.Count ? _aggregates.Files : _store.ReadFiles(),
            AlertCount = _aggregates.AlertCount,
            Alerts = _aggregates.Alerts,
            ResourceCount = _aggregates.ResourceCount,
            Toppers = _aggregates.Toppers(ToppersPerMeter),
            KeysEvicted = _aggregates.KeysEvicted,
            KeysLeftOut = _aggregates.KeysLeftOut,
            LostRows = _store.LostRows,
            RemovedRows = _store.RemovedRows,
            StoreNotice = _store.Notice,
            DroppedBatches = DroppedBatches,
            StoreFault = _fault,
        };
    }

    /// <summary>Ends the thread if <see cref="Complete"/> did not, and closes the store. What was not committed is lost.</summary>
    public void Dispose()
    {
        _queue.CompleteAdding();
        _thread?.Join();
        _store.Dispose();
        _opened.Dispose();
    }

    private void Enqueue(object item, long bytes, bool isDue)
    {
        if (_options.WaitWhenQueueFull)
        {
            _queue.Add(item, bytes, isDue);
            return;
        }

        while (!_queue.TryAdd(item, bytes, isDue))
        {
            if (Stopwatch.GetTimestamp() >= Volatile.Read(ref _waitsUntil))
            {
                Drop(item);
                return;
            }

            Thread.Sleep(1);
        }
    }

    /// <summary>Has the machine looked at, for System performance. Called before the first packet, if traffic is counted.</summary>
    public void Attach(ISystemProbe probe)
    {
        if (_engine is not null)
            _engine = new EngineGroups(_registry, probe, _options.IsReproducible);
    }

    private void Drop(object item)
    {
        Interlocked.Increment(ref _droppedBatches);
        (item as CounterWindow)?.Recycle();
        (item as TrafficBatch)?.Recycle();
    }

    private void Run(RunInfo run)
    {
        Open(run);
        while (TryTake(out object? item))
        {
            NoteTaken();
            switch (item)
            {
                case EventBatch batch:
                    Take(batch);
                    break;
                case TrafficBatch traffic:
                    AggregatorOf(traffic.Lane).Add(traffic);
                    traffic.Recycle();
                    break;
                case CounterWindow part:
                    Take(part);
                    break;
                case IMonitorMessage message:
                    _monitor?.Take(message);
                    break;
                case Attachment attachment:
                    _monitor = attachment.Monitor;
                    break;
                case Marker marker:
                    Reach(marker);
                    break;
            }

            if (_queue.Count == 0 || _store.PendingRows >= RowsPerTransaction)
                CommitAndMaintain();
        }

        if (_end is not null)
            Guarded(static (store, end) => store.Finish(end), _end);
    }

    /// <summary>Commits, and keeps house while nobody waits; once in any case, or a busy store would only grow.</summary>
    private void CommitAndMaintain()
    {
        Guarded(static (store, _) => store.Commit(), 0);
        NoteCommitted();
        bool more;
        do
        {
            more = false;
            Guarded((store, _) => more = store.Maintain(), 0);
        } while (more && _queue.Count == 0);
    }

    private TrafficAggregator AggregatorOf(int lane) =>
        _traffic[lane] ??= new TrafficAggregator(_registry, _options.Traffic ?? new TrafficOptions(), _options.MaxKeysPerGroup, _geo);

    private void Open(RunInfo run)
    {
        try
        {
            _store.Open(run, _options);
        }
        catch (StoreException exception)
        {
            _openFault = exception;
            Report(exception.Message);
        }
        catch (Exception exception)
        {
            // Whatever it is, whoever waits must hear of it.
            _openFault = new StoreException($"cannot open the store: {exception.Message}", exception);
            Report(_openFault.Message);
        }
        finally
        {
            _opened.Set();
        }
    }

    /// <summary>
    /// Writes the labels that definitions brought along since the last time: scripts may still load while the store opens.
    /// </summary>
    private void WriteKeyLabels()
    {
        IReadOnlyList<(CounterGroup Group, string Key, string Label)> labels = _registry.KeyLabelsFrom(_labelsWritten);
        if (labels.Count == 0)
            return;
        _labelsWritten += labels.Count;
        var batch = new EventBatch();
        foreach ((CounterGroup group, string key, string label) in labels)
            batch.Add(new KeyLabelRecord(group.Index, key, label, ""));
        _aggregates.Add(batch);
        Guarded(static (store, batch) => store.Write(batch), batch);
    }

    private void Guarded<T>(Action<IStore, T> action, T argument)
    {
        try
        {
            action(_store, argument);
        }
        catch (StoreException exception)
        {
            Report(exception.Message);
        }
    }

    private void Report(string message)
    {
        if (_fault is not null)
            return;
        _fault = message;
        StoreFailed?.Invoke(message);
    }

    private IEventLog? _log;

    /// <summary>Gives every batch to a log too, before it is stored. Called before the first packet; the log stays its owner's.</summary>
    public void Attach(IEventLog log) => _log = log;
}
