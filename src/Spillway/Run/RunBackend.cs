using Spillway.Async;
using Spillway.Metrics;
using Spillway.Metrics.Groups;
using Spillway.Metrics.Shards;
using Spillway.Pipeline;
using Spillway.Scripting;
using Spillway.Scripting.Backend;
using Spillway.Scripting.Loading;

namespace Spillway.Run;

/// <summary>
/// The scripts behind the lanes, as far as a run has some: loads them, puts them into the stream of metrics, and sees them off.
/// </summary>
internal sealed class RunBackend : IDisposable
{
    private readonly TaskPort _async;
    private readonly MetricsWriter _writer;
    private ScriptReloader? _reloader;

    private RunBackend(BackendHost host, TaskPort async, MetricsWriter writer)
    {
        Host = host;
        _async = async;
        _writer = writer;
    }

    /// <summary>The scripts.</summary>
    public BackendHost Host { get; }

    /// <summary>Tasks that came back without being done, since the slow path has stopped.</summary>
    public long TasksLeft => Host.Counters.TasksLeft + _async.LeftInJournal;

    /// <summary>Loads the scripts; null if there are none and none can come.</summary>
    public static RunBackend? Load(
        ScriptLoader loader,
        RunOptions options,
        GroupRegistry groups,
        AsyncRuntime async,
        MetricsWriter writer,
        bool canCome
    )
    {
        if (!loader.HasBackendBlocks && !canCome)
            return null;
        TaskPort lane = async.CreateLane("backend");
        var usual = new BackendOptions { TicksByWallClock = options.Listens };
        var host = new BackendHost(
            groups,
            options.Metrics,
            lane,
            usual with
            {
                Deterministic = options.Deterministic,
                CatchUpTime = options.WindowWait ?? usual.CatchUpTime,
            }
        );
        loader.LoadBackend(host);
        return new RunBackend(host, lane, writer);
    }

    /// <summary>The resources that some script wants to see.</summary>
    public ResourceKinds WatchedResources =>
        Wanted(GroupKind.Resource, BuiltInResources.DnsGuid, ResourceKinds.Dns)
        | Wanted(GroupKind.Resource, BuiltInResources.TlsGuid, ResourceKinds.Tls)
        | Wanted(GroupKind.Resource, BuiltInResources.UrlGuid, ResourceKinds.Url)
        | Wanted(GroupKind.Resource, WellKnownGuids.FileHashes, ResourceKinds.Files);

    /// <summary>The documents that some script wants to see.</summary>
    public DocumentKinds WatchedDocuments =>
        Wanted(GroupKind.Fts, BuiltInDocuments.DnsGuid, DocumentKinds.Dns)
        | Wanted(GroupKind.Fts, BuiltInDocuments.TlsGuid, DocumentKinds.Tls)
        | Wanted(GroupKind.Fts, BuiltInDocuments.HttpGuid, DocumentKinds.Http);

    /// <summary>Puts the scripts between the lanes and the store, before the first packet.</summary>
    /// <param name="lanes">The lanes as their scripts see them.</param>
    /// <param name="shards">The lanes' metrics.</param>
    /// <param name="keepsWaiting">Asked while tasks are waited for at the end, with their number: whether to wait on.</param>
    /// <param name="isEnding">Whether the run was asked to end: then windows wait for no tasks.</param>
    public void Attach(
        IReadOnlyList<ScriptContext> lanes,
        IReadOnlyList<MetricShard> shards,
        Func<long, bool> keepsWaiting,
        Func<bool> isEnding
    )
    {
        Host.KeepsWaiting = keepsWaiting;
        Host.IsEnding = isEnding;
        Host.PostToLanes = (id, text) =>
        {
            foreach (ScriptContext lane in lanes)
                lane.PostFromBackend(id, text);
        };
        foreach (ScriptContext lane in lanes)
            lane.PostToBackend = (id, text) => _writer.Post(new BackendMessage(id, text));
        foreach (MetricShard shard in shards)
            Host.Follow(shard);
        _writer.Attach(Host);
    }

    /// <summary>Takes changes of script files from here on; after <see cref="Attach"/>.</summary>
    /// <param name="watcher">Has looked at the files before they were loaded.</param>
    /// <param name="loader">Has loaded them; belongs to the metrics thread from here on.</param>
    /// <param name="scriptsChanged">Called on the metrics thread: other resources or documents may be watched now.</param>
    public void Follow(ScriptWatcher watcher, ScriptLoader loader, Action scriptsChanged)
    {
        Host.Apply = change => loader.Apply(change, Host);
        Host.ScriptsChanged = scriptsChanged;
        _reloader = new ScriptReloader(watcher, Host, _writer);
    }

    /// <summary>Takes no more changes of script files. While the writer runs.</summary>
    public void EndReloads()
    {
        _reloader?.Dispose();
        Host.DropChanges();
    }

    /// <summary>
    /// Ends the traffic: the scripts see the last window, and what they have begun is finished. The lanes' scripts are still there and can
    /// be sent messages.
    /// </summary>
    public void EndTraffic(IReadOnlyList<MetricShard> shards)
    {
        foreach (MetricShard shard in shards)
            shard.EndWindow();
        _writer.Settle();
    }

    /// <summary>After the shard has completed: what came last is seen and stored, and the scripts are unloaded.</summary>
    public void End() => _writer.Settle();

    /// <summary>After the writer has ended and the slow path has stopped.</summary>
    public void Dispose()
    {
        Host.Dispose();
        _async.Dispose();
    }

    private TKind Wanted<TKind>(GroupKind kind, string guid, TKind wanted)
        where TKind : struct, Enum => Host.Watches(kind, guid) ? wanted : default;
}
