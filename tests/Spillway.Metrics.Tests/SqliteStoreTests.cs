using Microsoft.Data.Sqlite;
using Spillway.Metrics.Groups;
using Spillway.Metrics.Records;
using Spillway.Metrics.Results;
using Spillway.Metrics.Shards;
using Spillway.Metrics.Stores;
using Spillway.Net.Flows;
using Spillway.Net.Packets;
using static Spillway.Metrics.Tests.Helpers;

namespace Spillway.Metrics.Tests;

public sealed class SqliteStoreTests : IDisposable
{
    private static readonly FlowKey Key = FlowKey.Create(0x0A010203, 49152, 0xC6336407, 443, 6, 4, out _);
    private static readonly RunInfo Info = new("1.2.3", "probe0", ["a.pcap", "b.pcap"], DateTimeOffset.UnixEpoch);
    private static readonly RunEnd End = new(DateTimeOffset.UnixEpoch.AddSeconds(5), 100, 6400, Noon, Noon + Second, 0);

    private readonly string _directory = Directory.CreateTempSubdirectory("spillway-store-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void Run_EverythingAShardTakes_IsInTheFile()
    {
        RunResults results = RunOnce(_directory, FillShard);

        Assert.Null(results.StoreFault);
        Assert.Equal(0, results.LostRows);
        Assert.Equal(
            ["1.2.3|probe0|a.pcap\nb.pcap|60|100|6400|0|1970-01-01T00:00:05.000Z"],
            Query("SELECT version, probe_id, sources, window_seconds, packets, bytes, exit_code, finished_at FROM runs")
        );
        Assert.Equal(
            ["Test|meter0|k1|one|7", "Test|meter0|k2||2"],
            Query("SELECT group_name, meter_name, key, label, total FROM top_counters WHERE meter_name = 'meter0' ORDER BY total DESC")
        );
        Assert.Equal(["k1|2"], Query("SELECT key, total FROM top_counters WHERE meter_name = 'meter1'"));
        Assert.Equal(["k1|5|2"], Query("SELECT key, value, samples FROM counters WHERE meter = 2 AND key <> 'SYS:GROUP_TOTALS'"));
        Assert.Equal(["k1|2"], Query("SELECT key, value FROM counter_series WHERE meter_name = 'meter3' AND key = 'k1'"));
        Assert.Equal(["9"], Query("SELECT sum(value) FROM counters WHERE meter = 0 AND key = 'SYS:GROUP_TOTALS'"));
        Assert.Equal(
            ["User Alerts|2|sid|FIRE|hello \\xFF|06A:0A.01.02.03:p-C000_C6.33.64.07:p-01BB"],
            Query("SELECT group_name, priority, key, status, message, flow_id FROM alert_list")
        );
        Assert.Equal(["File Hashes|MD5:00|label|"], Query("SELECT group_name, uri, label, flow_id FROM resource_list"));
        Assert.Equal(["10.1.2.3 49152|198.51.100.7 443|11|22|t1|t2"], Query("SELECT a, z, bytes_az, bytes_za, tags FROM flow_list"));
        Assert.Equal(["t1|1", "t2|1"], Query("SELECT tag, flow_row FROM tags ORDER BY tag"));
        Assert.Equal(["8"], Query("SELECT count(*) FROM edges"));
        Assert.Equal(["k1|colour|blue"], Query("SELECT key, name, value FROM key_attributes"));
        Assert.Equal(
            ["www.example.org|/a|200|text/html|12|aa||Truncated"],
            Query("SELECT host, uri, status, content_type, size, sha1, md5, end FROM file_list")
        );
    }

    [Fact]
    public void Run_Results_SayTheSame()
    {
        RunResults results = RunOnce(_directory, FillShard);

        CounterToppers toppers = results.Toppers[0];
        Assert.Equal(("Test", "meter0", 2, 9.0), (toppers.GroupName, toppers.MeterName, toppers.KeyCount, toppers.Total));
        Assert.Equal([new CounterTopper("k1", "one", 7), new CounterTopper("k2", "", 2)], toppers.Keys);
        Assert.Equal(
            (1, 1, 12, 1, 1),
            (results.FlowCount, results.FileCount, results.FileBytes, results.AlertCount, results.ResourceCount)
        );
        Assert.Equal("www.example.org", Assert.Single(results.AllFiles).Host);
        Assert.Equal(Path.Combine(_directory, "spillway.db"), results.StoreLocation);
        Assert.Equal(["spillway.db"], Directory.GetFiles(_directory).Select(Path.GetFileName));
    }

    [Fact]
    public void Run_MoreFilesThanAreListed_AllCanStillBeRead()
    {
        RunResults results = RunOnce(
            _directory,
            shard =>
            {
                for (int i = 0; i < 700; i++)
                    shard.AddFile(File(i));
            },
            new MetricOptions { MaxListedRecords = 5 }
        );

        Assert.Equal(5, results.Files.Count);
        Assert.Equal(Enumerable.Range(0, 700).Select(File), results.AllFiles);
    }

    [Fact]
    public void SecondRun_SameDirectory_IsAddedUnderItsOwnId()
    {
        RunResults first = RunOnce(_directory, FillShard);
        RunResults second = RunOnce(_directory, FillShard);

        Assert.NotEqual(first.RunId, second.RunId);
        Assert.Equal(["1|1", "2|1"], Query("SELECT run_id, count(*) FROM files GROUP BY run_id"));
        Assert.Equal(["1"], Query("SELECT count(*) FROM groups WHERE name = 'Test'"));
        Assert.Single(second.AllFiles);
    }

    [Fact]
    public void Kill_LeavesWhatWasCommitted()
    {
        // What a killed process leaves: the file and its log as they are at that moment.
        string copy = Directory.CreateTempSubdirectory("spillway-killed-").FullName;
        try
        {
            GroupRegistry registry = TestRegistry();
            using var store = new SqliteStore(_directory, registry);
            store.Prepare();
            store.Open(Info, new MetricOptions());
            var sink = new CollectingSink();
            var shard = new MetricShard(registry, new MetricOptions(), 0, sink);
            shard.AddFile(File(1));
            shard.Complete();
            store.Write(sink.Batches[0]);
            store.Commit();
            store.Write(sink.Batches[0]);
            foreach (string file in Directory.GetFiles(_directory))
                System.IO.File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));

            Assert.Equal(["1|1"], Query("SELECT (SELECT count(*) FROM files), (SELECT finished_at IS NULL FROM runs)", copy));
            RunResults next = RunOnce(copy, FillShard);
            Assert.Null(next.StoreFault);
            Assert.Equal(2, next.RunId);
        }
        finally
        {
            Directory.Delete(copy, recursive: true);
        }
    }

    [Fact]
    public void Start_DirectoryBelowAFile_SaysSoAtOnce()
    {
        string file = Path.Combine(_directory, "file");
        System.IO.File.WriteAllText(file, "");
        GroupRegistry registry = TestRegistry();
        using var writer = new MetricsWriter(registry, new MetricOptions(), new SqliteStore(Path.Combine(file, "out"), registry), 1);

        StoreException exception = Assert.Throws<StoreException>(() => writer.Start(Info));
        Assert.Contains("-o DIR", exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', exception.Message);
    }

    [Theory]
    [InlineData("this is no database, and long enough to be seen as one that is damaged: it goes on and on and on and on and on")]
    [InlineData(null)]
    public void Open_SomebodyElsesFile_IsRefusedUntouched(string? content)
    {
        string path = Path.Combine(_directory, "spillway.db");
        if (content is not null)
            System.IO.File.WriteAllText(path, content);
        else
            Execute(path, "CREATE TABLE theirs (x)");

        GroupRegistry registry = TestRegistry();
        using var writer = new MetricsWriter(registry, new MetricOptions(), new SqliteStore(_directory, registry), 1);
        writer.Start(Info);

        StoreException exception = Assert.Throws<StoreException>(writer.WaitUntilOpen);
        Assert.Contains("-o DIR", exception.Message, StringComparison.Ordinal);
        if (content is not null)
            Assert.Equal(content, System.IO.File.ReadAllText(path));
        else
            Assert.Equal(["theirs"], Query("SELECT name FROM sqlite_master"));
    }

    [Fact]
    public void Open_NewerSchema_IsRefused()
    {
        RunOnce(_directory, FillShard);
        Execute(Path.Combine(_directory, "spillway.db"), "PRAGMA user_version = 999");

        RunResults results = RunOnce(_directory, FillShard);

        Assert.Contains("newer version", results.StoreFault, StringComparison.Ordinal);
        Assert.Null(results.StoreLocation);
        Assert.True(results.LostRows > 0);
        Assert.Equal(7, results.Toppers[0].Keys[0].Value);
    }

    private static GroupRegistry TestRegistry()
    {
        GroupRegistry registry = RegistryWith(MeterType.Counter, MeterType.Gauge, MeterType.Average, MeterType.RateCounter);
        registry.Add(
            new CounterGroupDefinition
            {
                Guid = TestGuid,
                Name = "",
                KeyLabels = [("k1", "one")],
            }
        );
        return registry;
    }

    private static void FillShard(MetricShard shard)
    {
        int group = shard.FindCounterGroup(Utf8(TestGuid));
        shard.AdvanceTo(Noon);
        shard.Update(group, "k1"u8, 0, 3);
        shard.Update(group, "k1"u8, 1, 1);
        shard.Update(group, "k1"u8, 2, 4);
        shard.Update(group, "k1"u8, 2, 6);
        shard.Update(group, "k1"u8, 3, 120);
        shard.Update(group, "k2"u8, 0, 2);
        shard.AdvanceTo(Noon + (61 * Second));
        shard.Update(group, "k1"u8, 0, 4);
        shard.Update(group, "k1"u8, 1, 2);
        shard.AddAlert(
            shard.FindAlertGroup(Utf8(WellKnownGuids.UserAlerts)),
            Utf8(FlowId.ToString(Key)),
            "sid"u8,
            default,
            2,
            [.. "hello "u8, 0xFF],
            "FIRE"u8
        );
        shard.AddResource(shard.FindResourceGroup(Utf8(WellKnownGuids.FileHashes)), default, "MD5:00"u8, "label"u8);
        shard.AddFlowEdges(Key, Utf8(TestGuid), "k1"u8);
        shard.SetKeyAttribute(group, "k1"u8, "colour"u8, "blue"u8);
        shard.TagFlow(Key, "t1"u8);
        shard.TagFlow(Key, "t2"u8);
        shard.AddFlow(
            new Flow(Key, 1, Noon)
            {
                BytesAZ = 11,
                BytesZA = 22,
                State = FlowState.SeenFin,
            }
        );
        shard.AddFile(File(0));
    }

    private static FileRecord File(int number) =>
        new()
        {
            TimestampNs = Noon + number,
            FlowId = FlowId.ToString(Key),
            Direction = StreamDirection.ServerToClient,
            Host = "www.example.org",
            Uri = "/a",
            Method = "GET",
            Status = 200,
            ContentType = "text/html",
            Size = 12,
            Name = $"file{number}",
            Sha1 = "aa",
            End = FileEnd.Truncated,
        };

    private static RunResults RunOnce(string directory, Action<MetricShard> fill, MetricOptions? options = null)
    {
        GroupRegistry registry = TestRegistry();
        using var writer = new MetricsWriter(registry, options ?? new MetricOptions(), new SqliteStore(directory, registry), 1);
        writer.Start(Info);
        MetricShard shard = writer.CreateShard(0);
        fill(shard);
        shard.Complete();
        return writer.Complete(End);
    }

    private List<string> Query(string sql, string? directory = null)
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(directory ?? _directory, "spillway.db")};Pooling=False");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
#pragma warning disable CA2100 // Constants of this file.
        command.CommandText = sql;
#pragma warning restore CA2100
        using SqliteDataReader reader = command.ExecuteReader();
        var rows = new List<string>();
        while (reader.Read())
        {
            object[] values = new object[reader.FieldCount];
            reader.GetValues(values);
            rows.Add(string.Join('|', values));
        }

        return rows;
    }

    private static void Execute(string path, string sql)
    {
        using var connection = new SqliteConnection($"Data Source={path};Pooling=False");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
#pragma warning disable CA2100 // Constants of this file.
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }
}
