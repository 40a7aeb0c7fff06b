using Spillway.Net.Flows;
using Spillway.Net.Storage;
using Spillway.Pipeline;
using Spillway.Report;

namespace Spillway.Run;

/// <summary>The store of a run's packets, from its opening to what the summary says of it.</summary>
internal sealed class RunStorage : IDisposable
{
    private readonly PacketStore? _store;
    private readonly List<string> _told;
    private bool _isCompleted;

    private RunStorage(RunOptions options, PacketStore? store, List<string> told)
    {
        _store = store;
        _told = told;
        StoragePolicy policy = store is null ? StoragePolicy.Ignore : options.PacketsDefault;
        Lanes = [.. Enumerable.Range(0, options.Lanes).Select(lane => new StorageDecider(policy, store?.Lanes[lane]))];
    }

    /// <summary>Each lane's side.</summary>
    public IReadOnlyList<StorageDecider> Lanes { get; }

    /// <summary>Packets that it had no room for. Any thread.</summary>
    public long Dropped => _store?.Statistics.Dropped ?? 0;

    /// <summary>Opens the store, if one is wanted.</summary>
    /// <param name="console">Is told at once of what goes wrong.</param>
    /// <exception cref="Net.Capture.CaptureException">The directory cannot be written, or another run writes to it.</exception>
    public static RunStorage Open(RunOptions options, ScriptConsole console)
    {
        var told = new List<string>();
        PacketStore? store = options.Packets is not { } packets ? null : PacketStore.Open(packets with { Tell = Tell }, options.Lanes);
        return new RunStorage(options, store, told);

        void Tell(string message)
        {
            lock (told)
                told.Add(message);
            console.Warn(message);
        }
    }

    /// <summary>Writes what is on its way.</summary>
    /// <param name="problems">Receives what was told while the run went on.</param>
    /// <returns>Null if all is stored; else one line that says what is not.</returns>
    public string? Complete(RunProblems problems)
    {
        if (_isCompleted || _store is null)
            return null;
        _isCompleted = true;
        _store.Complete();
        lock (_told)
            _told.ForEach(problems.Keep);
        long dropped = _store.Statistics.Dropped;
        return dropped == 0
            ? null
            : $"{Units.Count(dropped, "packet")} not stored in '{_store.Directory}': there was no room, or the disk failed";
    }

    /// <summary>What the summary says; null if packets were neither stored nor voted on.</summary>
    public PacketStorageSummary? Summarise(bool hasVoters)
    {
        if (_store is null && !hasVoters)
            return null;
        var figures = new PacketStorageFigures();
        foreach (StorageDecider lane in Lanes)
            figures.Add(lane.Figures);
        return new PacketStorageSummary
        {
            Directory = _store?.Directory,
            Stored = _store?.Statistics.Stored ?? 0,
            StoredBytes = _store?.Statistics.StoredBytes ?? 0,
            Cut = figures.Cut,
            CutBytes = figures.CutBytes,
            Ignored = figures.Ignored,
            IgnoredBytes = figures.IgnoredBytes,
            PastLimit = figures.PastLimit,
            PastLimitBytes = figures.PastLimitBytes,
            Dropped = _store?.Statistics.Dropped ?? 0,
            Waits = _store?.Statistics.Waits ?? 0,
            FilesWritten = _store?.Statistics.FilesWritten ?? 0,
            FilesRemoved = _store?.Statistics.FilesRemoved ?? 0,
            BytesRemoved = _store?.Statistics.BytesRemoved ?? 0,
        };
    }

    /// <inheritdoc/>
    public void Dispose() => _store?.Dispose();
}
