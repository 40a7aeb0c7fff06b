using System.Globalization;
using Spillway.Metrics.Stores;

namespace Spillway.Questions;

/// <summary>
/// A run's store, open for reading only: a run that writes it goes on undisturbed, and readers see whole transactions (write-ahead log).
/// One thread.
/// </summary>
public sealed class QuestionStore : IDisposable
{
    /// <summary>SQL function that makes the key of a host from its address, once <see cref="AddAddressKeys"/> has been called.</summary>
    public const string AddressKey = "address_key";

    private const int CannotOpen = 14,
        ReadOnly = 8,
        NotADatabase = 26;

    private readonly StoreReader _reader;
    private int _functions;

    private QuestionStore(string path, StoreReader reader)
    {
        Path = path;
        _reader = reader;
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>Finds the store that is meant and opens it.</summary>
    /// <param name="place">A directory or a store; null is the newest in the current directory or one level below.</param>
    /// <exception cref="QuestionException">There is none, or it cannot be read.</exception>
    public static QuestionStore Open(string? place)
    {
        string path = Find(place);
        try
        {
            var store = new QuestionStore(path, Connect(path));
            long version = store.ReadNumber(new Query("SELECT user_version FROM pragma_user_version")) ?? 0;
            if (version <= SqliteStore.SchemaVersion && store.Has("counter_slices"))
                return store;
            store.Dispose();
            if (version > SqliteStore.SchemaVersion)
            {
                throw new QuestionException(
                    $"'{path}' was written by a newer version of Spillway (its schema is {version}, this program knows "
                        + $"{SqliteStore.SchemaVersion}): "
                        + "ask it with that version"
                );
            }

            throw new QuestionException(
                $"'{path}' was written by an older version; the next run into its directory brings it up to date: "
                    + $"spillway run -r FILE -o {System.IO.Path.GetDirectoryName(path)}"
            );
        }
        catch (StoreReadException exception)
        {
            string reason = exception.Code == NotADatabase ? "it is no SQLite file" : exception.Message;
            throw new QuestionException($"'{path}' cannot be read: {reason}; name another output directory with -o DIR");
        }
    }

    /// <summary>
    /// Rows of a query, read as they are asked for. Objects, not structs: code for structs of ours cannot be compiled ahead of time, and to
    /// compile it at the start took longer than the question.
    /// </summary>
    internal IEnumerable<T> Read<T>(Query query, Func<StoreRow, T> read)
        where T : class => _reader.Read(query).Select(read);

    /// <summary>The first column of the first row; null if there is none or it is null.</summary>
    internal long? ReadNumber(Query query)
    {
        foreach (StoreRow row in _reader.Read(query))
            return row.NumberOrNull(0);
        return null;
    }

    /// <summary>The first column of the first row as a number with a fraction; null if there is none or it is null.</summary>
    internal double? ReadReal(Query query)
    {
        foreach (StoreRow row in _reader.Read(query))
            return row.IsNull(0) ? null : row.Real(0);
        return null;
    }

    /// <summary>Whether a table or view is there: stores of older versions lack some.</summary>
    public bool Has(string table) =>
        ReadNumber(new Query("SELECT count(*) FROM sqlite_master WHERE name = $name").With("$name", table)) > 0;

    /// <summary>
    /// Lets questions that are not answered after a time fail with <see cref="StoreReadException.IsTooSlow"/>: somebody waits who may ask
    /// for less.
    /// </summary>
    /// <param name="time">The time from now on; null for no limit.</param>
    public void GiveUpAfter(TimeSpan? time) => _reader.GiveUpAfter(time);

    /// <summary>Lets queries use <see cref="AddressKey"/>.</summary>
    public void AddAddressKeys() => _reader.Define(AddressKey, address => address is null ? null : KeyText.TryAddressKey(address));

    /// <summary>Whether a table has a column: stores of older versions lack some.</summary>
    public bool HasColumn(string table, string column) =>
        ReadNumber(
            new Query("SELECT count(*) FROM pragma_table_info($table) WHERE name = $column").With("$table", table).With("$column", column)
        ) > 0;

    /// <summary>Gives queries a function of one text.</summary>
    /// <returns>Its name in SQL.</returns>
    public string Define(Func<string?, bool> function)
    {
        string name = string.Create(CultureInfo.InvariantCulture, $"function{_functions++}");
        _reader.Define(name, function);
        return name;
    }

    /// <inheritdoc/>
    public void Dispose() => _reader.Dispose();

    private static string Find(string? place)
    {
        if (place is not null)
        {
            if (File.Exists(place))
                return place;
            string inside = System.IO.Path.Combine(place, SqliteStore.FileName);
            return File.Exists(inside)
                ? inside
                : throw new QuestionException(
                    $"no store in '{place}': run 'spillway run -r FILE -o {place}' first, or name another directory with -o DIR"
                );
        }

        string[] found =
        [
            .. Directories().Prepend(".").Select(directory => System.IO.Path.Combine(directory, SqliteStore.FileName)).Where(File.Exists),
        ];
        if (found.Length == 0)
            throw new QuestionException("no store here: run 'spillway run -r FILE' first, or name its output directory with -o DIR");
        string newest = found.MaxBy(LastWritten)!;
        return newest.StartsWith("./", StringComparison.Ordinal) ? newest[2..] : newest;
    }

    private static string[] Directories()
    {
        try
        {
            return Directory.GetDirectories(".");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    // While a run writes, the log beside the file is what changes.
    private static DateTime LastWritten(string path)
    {
        DateTime file = File.GetLastWriteTimeUtc(path),
            log = File.GetLastWriteTimeUtc(path + "-wal");
        return file > log ? file : log;
    }

    private static StoreReader Connect(string path)
    {
        try
        {
            return ConnectTo(System.IO.Path.GetFullPath(path), path);
        }
        catch (StoreReadException exception) when (exception.Code is CannotOpen or ReadOnly)
        {
            // In a directory that cannot be written to, SQLite cannot make the log's index; nobody else can write the store there either.
            return ConnectTo(
                $"file:{Uri.EscapeDataString(System.IO.Path.GetFullPath(path)).Replace("%2F", "/", StringComparison.Ordinal)}?immutable=1",
                path
            );
        }
    }

    private static StoreReader ConnectTo(string source, string path)
    {
        var reader = new StoreReader(source);
        try
        {
            foreach (StoreRow row in reader.Read(new Query("SELECT count(*) FROM sqlite_master WHERE name = 'runs'")))
            {
                if (row.Number(0) == 0)
                    throw new QuestionException(
                        $"'{path}' holds no run: it is empty or a database of another program; name another output directory with -o DIR"
                    );
            }

            return reader;
        }
        catch
        {
            reader.Dispose();
            throw;
        }
    }
}
