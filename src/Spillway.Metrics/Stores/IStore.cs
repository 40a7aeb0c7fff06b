using Spillway.Metrics.Counters;
using Spillway.Metrics.Records;

namespace Spillway.Metrics.Stores;

/// <summary>
/// Where the results of a run are kept. <see cref="Prepare"/> and <see cref="ReadFiles"/> are called by the program's thread, before and
/// after the run; everything else by the writer's thread. A write that fails throws <see cref="StoreException"/>, counts its rows as lost,
/// and leaves the store able to take the next.
/// </summary>
public interface IStore : IDisposable
{
    /// <summary>Where the results are, for people; null if nothing is kept.</summary>
    string? Location { get; }

    /// <summary>The id of the run in this store, once it is open.</summary>
    long RunId { get; }

    /// <summary>Rows written but not yet committed.</summary>
    long PendingRows { get; }

    /// <summary>Rows that could not be kept.</summary>
    long LostRows { get; }

    /// <summary>Rows that made room: too old, or too many.</summary>
    long RemovedRows { get; }

    /// <summary>What the user should know about opening the store although nothing failed, a line; null if nothing.</summary>
    string? Notice { get; }

    /// <summary>What the run before has left without an end, a line; null if it ended.</summary>
    string? Interrupted => null;

    /// <summary>Changes how long and how much is kept, from the next look on. Any thread.</summary>
    void Keep(SqliteStoreOptions options) { }

    /// <summary>When the disk was full last, by <see cref="System.Diagnostics.Stopwatch"/>; 0 if it never was. Any thread.</summary>
    long FullAt => 0;

    /// <summary>Checks what can be checked quickly: that the place can be written to.</summary>
    /// <exception cref="StoreException">It cannot.</exception>
    void Prepare();

    /// <summary>Opens the store and enters the run.</summary>
    /// <exception cref="StoreException">It cannot be opened.</exception>
    void Open(RunInfo run, MetricOptions options);

    /// <summary>Writes the closed counters of a window.</summary>
    void Write(CounterWindow window);

    /// <summary>Writes events.</summary>
    void Write(EventBatch batch);

    /// <summary>The keys of a counter group for which the store has values, of any run, what is not committed yet among them.</summary>
    /// <param name="groupGuid">Canonical GUID.</param>
    /// <exception cref="StoreException">They cannot be read.</exception>
    IReadOnlyList<string> ReadKeys(string groupGuid) => [];

    /// <summary>Enters how far a run has come that lasts, for those who read the store meanwhile.</summary>
    void Note(RunProgress progress) { }

    /// <summary>Makes what was written durable and visible to readers.</summary>
    void Commit();

    /// <summary>
    /// Does a short piece of house-keeping, between two batches and never within a transaction: removes what is too old or too much.
    /// </summary>
    /// <returns>True if there is more to do now: call again when nobody waits to write.</returns>
    bool Maintain();

    /// <summary>Enters how the run ended, and closes for writing.</summary>
    void Finish(RunEnd end);

    /// <summary>The files of the run in the order they were written, after <see cref="Finish"/>.</summary>
    IEnumerable<FileRecord> ReadFiles();
}
