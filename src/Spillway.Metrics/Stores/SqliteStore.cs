using Microsoft.Data.Sqlite;
using Spillway.Metrics.Counters;
using Spillway.Metrics.Groups;
using Spillway.Metrics.Records;
using Spillway.Metrics.Shards;

namespace Spillway.Metrics.Stores;

/// <summary>
/// Keeps results in one SQLite file, <c>spillway.db</c>, with a write-ahead log: readers see whole transactions, and a killed run loses
/// at most the last one. A run into a directory that has a store already is added to it, under a run id of its own.
/// </summary>
/// <remarks>The schema and its comments are in <c>schema.sql</c>, and <c>sqlite3 spillway.db .schema</c> shows them.</remarks>
public sealed partial class SqliteStore : IStore
{
    /// <summary>Name of the file in the output directory.</summary>
    public const string FileName = "spillway.db";

    private readonly string _directory;
    private readonly GroupRegistry _registry;
    private SqliteConnection? _connection;
    private Writers? _writers;
    private bool _inTransaction;

    /// <summary>Creates the store; nothing is touched before <see cref="Prepare"/>.</summary>
    public SqliteStore(string directory, GroupRegistry registry)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        ArgumentNullException.ThrowIfNull(registry);
        _directory = directory;
        _registry = registry;
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
            throw new StoreException($"cannot write to the output directory '{_directory}': {Reason(exception)} Choose another with -o DIR.", exception);
        }
    }

    /// <inheritdoc/>
    public void Open(RunInfo run, MetricOptions options)
    {
        ArgumentNullException.ThrowIfNull(run);
        ArgumentNullException.ThrowIfNull(options);
        try
        {
            _connection = Connect(SqliteOpenMode.ReadWriteCreate);
            StoreSchema.Prepare(_connection, Path);
            _writers = new Writers(_connection);
            RunId = _writers.BeginRun(run, options);
        }
        catch (SqliteException exception)
        {
            throw new StoreException(
                $"cannot open the store '{Path}': {Reason(exception)} Move it away or choose another output directory with -o DIR.", exception);
        }
    }

    /// <inheritdoc/>
    public void Write(CounterWindow window)
    {
        ArgumentNullException.ThrowIfNull(window);
        if (window.Tables.Count == 0) return;
        Write(writers => writers.Add(RunId, window, _registry), () => Writers.CountRows(window));
    }

    /// <inheritdoc/>
    public void Write(EventBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        Write(writers => writers.Add(RunId, batch, _registry), () => batch.Count);
    }

    /// <inheritdoc/>
    public void Commit()
    {
        if (!_inTransaction) return;
        try
        {
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
    public void Finish(RunEnd end)
    {
        ArgumentNullException.ThrowIfNull(end);
        if (_writers is null) return;
        Write(writers => writers.EndRun(RunId, end), () => 1);
        Commit();
        CloseConnection();
    }

    /// <inheritdoc/>
    public IEnumerable<FileRecord> ReadFiles() => RunId == 0 ? [] : FileReader.Read(Connect(SqliteOpenMode.ReadOnly), RunId);

    /// <inheritdoc/>
    public void Dispose() => CloseConnection();

    private SqliteConnection Connect(SqliteOpenMode mode)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = Path,
            Mode = mode,
            Pooling = false,
            ForeignKeys = false,
            DefaultTimeout = 10,
        }.ToString());
        connection.Open();
        return connection;
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
        try
        {
            _writers.Rollback.Execute();
        }
        catch (SqliteException)
        {
            // A full disk makes SQLite take it back by itself.
        }

        return new StoreException(
            $"cannot write to '{Path}': {Reason(exception)} The run goes on; results from here on may be missing in it.", exception);
    }

    private void CloseConnection()
    {
        _writers?.Dispose();
        _writers = null;
        _connection?.Dispose();
        _connection = null;
    }

    private static string Reason(Exception exception) => exception switch
    {
        SqliteException { SqliteErrorCode: 5 or 6 } => "another program is writing to it.",
        SqliteException { SqliteErrorCode: 8 } => "it is read-only.",
        SqliteException { SqliteErrorCode: 10 } => "the disk reports an error.",
        SqliteException { SqliteErrorCode: 11 } => "the file is damaged.",
        SqliteException { SqliteErrorCode: 13 } => "the disk is full.",
        SqliteException { SqliteErrorCode: 26 } => "it is not an SQLite file.",
        SqliteException sqlite => $"{sqlite.Message.TrimEnd('.')}.",
        UnauthorizedAccessException => "permission denied.",
        _ => $"{exception.Message.TrimEnd('.')}.",
    };
}
