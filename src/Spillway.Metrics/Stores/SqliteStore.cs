using System.Diagnostics;
using System.Globalization;
using Microsoft.Data.Sqlite;
using Spillway.Metrics.Counters;
using Spillway.Metrics.Groups;
using Spillway.Metrics.Records;
using SQLitePCL;

namespace Spillway.Metrics.Stores;

/// <summary>
/// Keeps results in one SQLite file, <c>spillway.db</c>, with a write-ahead log: readers see whole transactions, and a killed run loses
/// at most the last one. A run into a directory that has a store already is added to it, under a run id of its own.
/// </summary>
/// <remarks>
/// The schema and its comments are in <c>schema.sql</c>, and <c>sqlite3 spillway.db .schema</c> shows them; docs/store.md explains it.
/// </remarks>
public sealed partial class SqliteStore : IStore
{
    /// <summary>Name of the file in the output directory.</summary>
    public const string FileName = "spillway.db";

    /// <summary>Version of the tables that this program writes: <c>PRAGMA user_version</c>.</summary>
    public const int SchemaVersion = StoreSchema.Version;

    private readonly string _directory;
    private readonly GroupRegistry _registry;
    private volatile SqliteStoreOptions _options;
    private readonly TimeProvider _clock;
    private SqliteConnection? _connection;
    private Writers? _writers;
    private Retention? _retention;
    private DiskReserve? _reserve;
    private bool _inTransaction;
    private int _windowSeconds;
    private long _firstNs = long.MaxValue;
    private long _lastNs = long.MinValue;
    private long _nextLook;

    /// <summary>Creates the store; nothing is touched before <see cref="Prepare"/>.</summary>
    /// <param name="directory">The output directory.</param>
    /// <param name="registry">The groups of what will be written.</param>
    /// <param name="options">How long and how much is kept; null for everything.</param>
    /// <param name="clock">Wall clock; null for the system's.</param>
    public SqliteStore(string directory, GroupRegistry registry, SqliteStoreOptions? options = null, TimeProvider? clock = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        ArgumentNullException.ThrowIfNull(registry);
        _directory = directory;
        _registry = registry;
        _options = options ?? new SqliteStoreOptions();
        _clock = clock ?? TimeProvider.System;
        Path = System.IO.Path.Combine(directory, FileName);
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <inheritdoc/>
    public string? Location => Path;

    /// <inheritdoc/>
    public long RunId { get; private set; }

    /// <inheritdoc/>
    public long PendingRows { get; private set; }

    /// <inheritdoc/>
    public long LostRows { get; private set; }

    /// <inheritdoc/>
    public long RemovedRows { get; private set; }

    /// <inheritdoc/>
    public string? Notice { get; private set; }

    /// <inheritdoc/>
    public string? Interrupted { get; private set; }

    /// <inheritdoc/>
    public long FullAt
    {
        get => Volatile.Read(ref field);
        private set => Volatile.Write(ref field, value);
    }

    /// <inheritdoc/>
    public void Keep(SqliteStoreOptions options) => _options = options;

    /// <inheritdoc/>
    public void Prepare()
    {
        try
        {
            Directory.CreateDirectory(_directory);
            // The log lies beside the file, so the directory itself must take new files.
            string probe = System.IO.Path.Combine(_directory, $".spillway-{Environment.ProcessId}.tmp");
            using (new FileStream(probe, FileMode.Create, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose)) { }
            using (new FileStream(Path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite)) { }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw StoreFaults.OfDirectory(_directory, exception);
        }
    }

    /// <inheritdoc/>
    public void Open(RunInfo run, MetricOptions options)
    {
        ArgumentNullException.ThrowIfNull(run);
        ArgumentNullException.ThrowIfNull(options);
        _windowSeconds = (int)options.Window.TotalSeconds;
        try
        {
            OpenFile(run, options);
        }
        catch (SqliteException exception) when (DamagedStore.IsDamage(exception) && DamagedStore.IsOurs(Path))
        {
            CloseConnection();
            Notice = DamagedStore.MoveAside(Path, _clock.GetUtcNow());
            OpenAgain(run, options);
        }
        catch (SqliteException exception)
        {
            throw StoreFaults.OfOpening(Path, exception);
        }
    }

    /// <inheritdoc/>
    public void Write(CounterWindow window)
    {
        ArgumentNullException.ThrowIfNull(window);
        if (window.Tables.Count == 0)
            return;
        Write(writers => writers.Add(RunId, _windowSeconds, window), () => CounterWriter.CountRows(window));
        NoteTime(window.StartNs);
    }

    /// <inheritdoc/>
    public void Write(EventBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        Write(writers => writers.Add(RunId, batch, _registry), () => batch.Count);
        foreach (FlowRecord flow in batch.Flows)
            NoteTime(flow.LastNs);
        foreach (AlertRecord alert in batch.Alerts)
            NoteTime(alert.TimestampNs);
        foreach (ResourceRecord resource in batch.Resources)
            NoteTime(resource.TimestampNs);
        foreach (DocumentRecord document in batch.Documents)
            NoteTime(document.TimestampNs);
        foreach (FileRecord file in batch.Files)
            NoteTime(file.TimestampNs);
        foreach (TransactionRecord transaction in batch.Transactions)
            NoteTime(transaction.TimestampNs);
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> ReadKeys(string groupGuid)
    {
        if (_connection is not { } connection)
            return [];
        try
        {
            return KeyReader.Read(connection, groupGuid);
        }
        catch (SqliteException exception)
        {
            throw StoreFaults.OfOpening(Path, exception);
        }
    }

    /// <inheritdoc/>
    public void Note(RunProgress progress)
    {
        ArgumentNullException.ThrowIfNull(progress);
        NoteTime(progress.FirstPacketNs);
        NoteTime(progress.LastPacketNs);
        Write(writers => writers.NotePackets(RunId, progress.Packets, progress.Bytes), () => 0);
        Commit();
    }

    /// <inheritdoc/>
    public void Commit()
    {
        if (!_inTransaction)
            return;
        try
        {
            if (_lastNs >= _firstNs)
                _writers!.NoteProgress(RunId, _clock.GetUtcNow(), _firstNs, _lastNs);
            _writers!.Commit.Execute();
            _inTransaction = false;
            PendingRows = 0;
        }
        catch (SqliteException exception)
        {
            throw Fail(exception, 0);
        }
    }

    /// <inheritdoc/>
    public bool Maintain()
    {
        if (_retention is not { IsWanted: true } retention || _inTransaction)
            return false;
        if (Environment.TickCount64 < _nextLook)
            return false;
        if (Keep(retention))
            return true;
        _reserve?.Take();
        _nextLook = Environment.TickCount64 + 1000;
        return false;
    }

    /// <inheritdoc/>
    public void Finish(RunEnd end)
    {
        ArgumentNullException.ThrowIfNull(end);
        if (_writers is null)
            return;
        if (end.HasFailed && _lastNs < _firstNs)
        {
            Abandon();
            return;
        }

        Write(
            writers =>
            {
                writers.FinishCounters(RunId);
                return writers.EndRun(RunId, end, _registry);
            },
            () => 1
        );
        _lastNs = long.MinValue;
        Commit();
        while (_retention is { IsWanted: true } retention && Keep(retention)) { }
        CloseConnection();
    }

    /// <inheritdoc/>
    public IEnumerable<FileRecord> ReadFiles() => RunId == 0 ? [] : FileReader.Read(Connect(SqliteOpenMode.ReadOnly), RunId);

    /// <inheritdoc/>
    public void Dispose()
    {
        // Without an end and without a record: the run could not begin.
        if (_writers is not null && RunId != 0 && _lastNs < _firstNs)
            Abandon();
        CloseConnection();
    }

    private SqliteConnection Connect(SqliteOpenMode mode)
    {
        SqliteLibrary.SetUp();
        var connection = new SqliteConnection(
            new SqliteConnectionStringBuilder
            {
                DataSource = Path,
                Mode = mode,
                Pooling = false,
                ForeignKeys = false,
                DefaultTimeout = Math.Max(1, _options.BusyTimeoutMs / 1000),
            }.ToString()
        );
        connection.Open();
        // The provider waits for its own commands only; statements that are stepped directly need SQLite to wait.
        raw.sqlite3_busy_timeout(connection.Handle!, _options.BusyTimeoutMs);
        return connection;
    }

    private void OpenFile(RunInfo run, MetricOptions options)
    {
        _connection = Connect(SqliteOpenMode.ReadWriteCreate);
        if (StoreSchema.Prepare(_connection, Path) is { } version)
            Notice = string.Create(
                CultureInfo.InvariantCulture,
                $"'{Path}' has been brought from version {version} of its schema to {StoreSchema.Version}."
            );
        _writers = new Writers(_connection, new GroupWriter(_connection));
        _retention = new Retention(_connection, () => _options)
        {
            Removing = (run, untilNs) => _writers!.ForgetSums(run == RunId ? untilNs : long.MinValue),
        };
        Interrupted = InterruptedRun.Find(_connection, Path);
        if (_options.DropsOldestWhenFull)
        {
            _reserve = new DiskReserve(_directory);
            _reserve.Take();
        }

        RunId = _writers.BeginRun(run, options);
    }

    private void OpenAgain(RunInfo run, MetricOptions options)
    {
        try
        {
            OpenFile(run, options);
        }
        catch (SqliteException exception)
        {
            throw StoreFaults.OfOpening(Path, exception);
        }
    }

    /// <summary>Makes the file full at a number of pages: for tests of a full disk, which SQLite reports in the same way.</summary>
    internal void LimitPages(int pages)
    {
        using var limit = new Statement(_connection!, string.Create(CultureInfo.InvariantCulture, $"PRAGMA max_page_count = {pages}"));
        limit.Execute();
    }

    private void NoteTime(long ns)
    {
        _firstNs = Math.Min(_firstNs, ns);
        _lastNs = Math.Max(_lastNs, ns);
    }

    /// <summary>A step of the retention; true if there are more. Another writer goes first.</summary>
    private bool Keep(Retention retention)
    {
        try
        {
            _writers!.Begin.Execute();
            int removed = retention.Step(_clock.GetUtcNow(), out bool more);
            _writers.Commit.Execute();
            RemovedRows += removed;
            return retention.Shrink() || more;
        }
        catch (SqliteException exception)
        {
            _reserve?.Release();
            retention.Forget();
            RollBack();
            if (exception.SqliteErrorCode == raw.SQLITE_BUSY)
                return false;
            throw StoreFaults.OfRemoving(Path, exception);
        }
    }

    private void Write(Func<Writers, long> write, Func<long> countRows)
    {
        if (_writers is not { } writers)
        {
            LostRows += countRows();
            return;
        }

        try
        {
            if (!_inTransaction)
            {
                writers.Begin.Execute();
                _inTransaction = true;
            }

            PendingRows += write(writers);
        }
        catch (SqliteException exception)
        {
            throw Fail(exception, countRows());
        }
    }

    /// <summary>Takes back the open transaction and counts what it held, so that the next one starts clean.</summary>
    private StoreException Fail(SqliteException exception, long rows)
    {
        LostRows += PendingRows + rows;
        PendingRows = 0;
        _inTransaction = false;
        _writers!.Forget();
        RollBack();
        if (exception.SqliteErrorCode != raw.SQLITE_FULL)
            return StoreFaults.OfWriting(Path, exception);
        FullAt = Stopwatch.GetTimestamp();
        if (_reserve is null)
            return StoreFaults.OfWriting(Path, exception);
        _reserve.Release();
        _retention?.Press();
        return StoreFaults.OfFullDisk(Path, exception);
    }

    private void RollBack()
    {
        try
        {
            _writers!.Rollback.Execute();
        }
        catch (SqliteException)
        {
            // A full disk makes SQLite take it back by itself.
        }
    }

    /// <summary>Takes the run out of the store again: it has come to nothing.</summary>
    private void Abandon()
    {
        try
        {
            if (_inTransaction)
                RollBack();
            _inTransaction = false;
            _writers!.RemoveRun(RunId);
            RunId = 0;
        }
        catch (SqliteException)
        {
            // It stays, as a run that never ended: nobody mistakes it for one that found nothing.
        }

        CloseConnection();
    }

    private void CloseConnection()
    {
        _reserve?.Release();
        _reserve = null;
        _retention?.Dispose();
        _retention = null;
        _writers?.Dispose();
        _writers = null;
        _connection?.Dispose();
        _connection = null;
    }
}
