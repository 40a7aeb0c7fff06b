using System.Diagnostics;
using System.Globalization;
using Microsoft.Data.Sqlite;
using Spillway.Metrics;
using Spillway.Metrics.Counters;
using Spillway.Metrics.Groups;
using Spillway.Metrics.Records;
using Spillway.Metrics.Shards;
using Spillway.Metrics.Stores;

namespace Spillway.Benchmarks;

/// <summary>
/// What the store costs: rows of counters a second beside the provider's own prepared insert, bytes a row, and how long questions take
/// when there are many rows. Windows of 5,000 hosts with four meters each; three of four hosts are in every window, the others come and go.
/// </summary>
internal sealed class StoreCosts : IMetricSink
{
    private const long Second = 1_000_000_000;
    private const long Noon = 1_700_000_040L * Second;
    private const int KeysPerWindow = 5_000;
    private const int Meters = 4;
    private const int Pool = 50_000;
    private const int PlainRows = 1_000_000;

    private readonly SqliteStore _store;
    private readonly string _directory;
    private TimeSpan _writing;
    private TimeSpan _longest;
    private long _rows;

    private StoreCosts(string directory)
    {
        _directory = directory;
        var registry = new GroupRegistry();
        _store = new SqliteStore(directory, registry);
        Shard = new MetricShard(registry, new MetricOptions(), 0, this);
    }

    private MetricShard Shard { get; }

    /// <summary>Measures and prints.</summary>
    /// <param name="rows">Rows of counters.</param>
    /// <param name="keep">Where the store is left; null removes it.</param>
    public static void Print(int rows, string? keep)
    {
        string directory = keep ?? Directory.CreateTempSubdirectory("spillway-store-").FullName;
        Directory.CreateDirectory(directory);
        try
        {
            double plain = PlainInsert(Path.Combine(directory, "plain.db"), out double plainBytes);
            var costs = new StoreCosts(directory);
            double ours = costs.Write(rows);
            long size = new FileInfo(Path.Combine(directory, SqliteStore.FileName)).Length;
            Console.WriteLine(
                $"plain table, prepared insert of the provider: {plain, 9:N0} rows a second, {plainBytes:F1} bytes a "
                    + $"row ({PlainRows:N0} rows)"
            );
            Console.WriteLine(
                $"store:                                        {ours, 9:N0} rows a second, "
                    + $"{size / (double)costs._rows:F1} bytes a row ({costs._rows:N0} rows); "
                    + $"{ours / plain:F1} times as many; longest window {costs._longest.TotalMilliseconds:F0} ms"
            );
            costs.Ask();
        }
        finally
        {
            if (keep is null)
                Directory.Delete(directory, recursive: true);
        }
    }

    /// <inheritdoc/>
    public void Post(CounterWindow window)
    {
        long started = Stopwatch.GetTimestamp();
        _store.Write(window);
        _rows += _store.PendingRows;
        _store.Commit();
        TimeSpan took = Stopwatch.GetElapsedTime(started);
        _writing += took;
        if (took > _longest)
            _longest = took;
    }

    /// <inheritdoc/>
    public void Post(EventBatch batch) { }

    private double Write(int rows)
    {
        _store.Prepare();
        _store.Open(new RunInfo("benchmark", "probe0", [], DateTimeOffset.UnixEpoch), new MetricOptions());
        int hosts = Shard.FindCounterGroup("{4CD742B1-C1CA-4708-BE78-0FCA2EB01A86}"u8);
        int windows = rows / (KeysPerWindow * Meters);
        Span<byte> key = stackalloc byte[11];
        for (int window = 0; window < windows; window++)
        {
            Shard.AdvanceTo(Noon + (window * 60 * Second));
            for (int i = 0; i < KeysPerWindow; i++)
            {
                KeyOf(window, i, key);
                for (int meter = 0; meter < Meters; meter++)
                    Shard.Update(hosts, key, meter, ((i * 7919) % 100_003) + window);
            }
        }

        Shard.Complete();
        long started = Stopwatch.GetTimestamp();
        _store.Finish(new RunEnd(DateTimeOffset.UnixEpoch, 0, 0, Noon, Noon + (windows * 60 * Second), 0));
        Console.WriteLine($"end of the run: {Stopwatch.GetElapsedTime(started).TotalMilliseconds:F0} ms");
        return _rows / (_writing + Stopwatch.GetElapsedTime(started)).TotalSeconds;
    }

    private static void KeyOf(int window, int i, Span<byte> key)
    {
        int host = i % 4 != 0 ? i : KeysPerWindow + (((window * KeysPerWindow) + i) % (Pool - KeysPerWindow));
        System.Text.Encoding.ASCII.GetBytes(
            string.Create(CultureInfo.InvariantCulture, $"0A.{host >> 16:X2}.{(host >> 8) & 0xFF:X2}.{host & 0xFF:X2}"),
            key
        );
    }

    private static readonly string[] PlainParameters = ["$meter", "$window", "$key", "$value"];

    private static double PlainInsert(string path, out double bytesPerRow)
    {
        using (var connection = new SqliteConnection($"Data Source={path};Pooling=False"))
        {
            connection.Open();
            using SqliteCommand command = connection.CreateCommand();
            command.CommandText =
                "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; "
                + "CREATE TABLE counters (run_id INTEGER, group_id INTEGER, meter INTEGER, window_start INTEGER, key "
                + "TEXT, value REAL, samples INTEGER)";
            command.ExecuteNonQuery();
            command.CommandText = "INSERT INTO counters VALUES (1, 1, $meter, $window, $key, $value, NULL)";
            SqliteParameter[] parameters = [.. PlainParameters.Select(name => command.Parameters.AddWithValue(name, 0L))];
            command.Prepare();
            long started = Stopwatch.GetTimestamp();
            const int batch = KeysPerWindow * Meters;
            Span<byte> key = stackalloc byte[11];
            for (int window = 0; window < PlainRows / batch; window++)
            {
                using SqliteTransaction transaction = connection.BeginTransaction();
                command.Transaction = transaction;
                for (int i = 0; i < KeysPerWindow; i++)
                {
                    KeyOf(window, i, key);
                    string text = System.Text.Encoding.ASCII.GetString(key);
                    for (int meter = 0; meter < Meters; meter++)
                    {
                        parameters[0].Value = (long)meter;
                        parameters[1].Value = (Noon / Second) + (window * 60L);
                        parameters[2].Value = text;
                        parameters[3].Value = (double)(((i * 7919) % 100_003) + window);
                        command.ExecuteNonQuery();
                    }
                }

                transaction.Commit();
            }

            double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
            connection.Close();
            bytesPerRow = new FileInfo(path).Length / (double)PlainRows;
            return PlainRows / seconds;
        }
    }

    // What ./spillway starts is compiled ahead of time, and so answers sooner than the program that lies beside this one.
    private static string FindProgram()
    {
        for (DirectoryInfo? directory = new(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            string built = Path.Combine(directory.FullName, ".build", "current", "Spillway");
            if (File.Exists(built))
                return built;
        }

        Console.WriteLine("no .build/current: start ./spillway once, then users' program is asked and not one that is compiled as it runs");
        return Path.Combine(AppContext.BaseDirectory, "Spillway");
    }

    private void Ask()
    {
        string program = FindProgram();
        Console.WriteLine($"asking {program}");
        foreach (
            string[] question in (string[][])
                [
                    ["--version"],
                    ["top", "Hosts"],
                    ["top", "Hosts", "--from", "2023-11-15T00:30:00Z", "--to", "2023-11-15T04:15:00Z"],
                    ["series", "Hosts", "10.0.0.7"],
                ]
        )
        {
            double best = double.MaxValue;
            for (int round = 0; round < 5; round++)
            {
                var start = new ProcessStartInfo(program, question[0] == "--version" ? question : [.. question, "-o", _directory])
                {
                    RedirectStandardOutput = true,
                    RedirectStandardError = true,
                };
                long started = Stopwatch.GetTimestamp();
                using Process process = Process.Start(start)!;
                process.StandardOutput.ReadToEnd();
                process.WaitForExit();
                best = Math.Min(best, Stopwatch.GetElapsedTime(started).TotalMilliseconds);
                if (process.ExitCode != 0)
                    Console.WriteLine($"spillway {question[0]} ends with {process.ExitCode}");
            }

            Console.WriteLine($"spillway {string.Join(' ', question)}: {best:F0} ms, best of 5, the program's start included");
        }
    }
}
