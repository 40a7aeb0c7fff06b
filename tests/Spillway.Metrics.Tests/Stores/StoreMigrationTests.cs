using System.Reflection;
using Spillway.Metrics.Results;

namespace Spillway.Metrics.Tests.Stores;

public sealed class StoreMigrationTests : IDisposable
{
    private readonly StoreFile _store = new();

    public void Dispose() => _store.Dispose();

    [Fact]
    public void Migrate_FromVersion1_KeepsWhatWasThere()
    {
        MakeVersion1();

        RunResults results = StoreRun.Once(_store, _ => { });

        Assert.Null(results.StoreFault);
        Assert.Contains("from version 1", results.StoreNotice, StringComparison.Ordinal);
        Assert.Equal(2, results.RunId);
        Assert.Equal(
            ["Old|sum|a|label of a|8", "Old|mean|b||3.5", "Old|last|a|label of a|4"],
            _store.Ask("SELECT group_name, meter_name, key, label, total FROM top_counters WHERE run_id = 1 ORDER BY meter_name DESC")
        );
        Assert.Equal(
            ["60|SYS:GROUP_TOTALS|3", "60|a|3", "120|a|5"],
            _store.Ask("SELECT window_start, key, value FROM counters WHERE run_id = 1 AND meter = 0 ORDER BY window_start, key")
        );
        Assert.Equal(["120|2|4"], _store.Ask("SELECT window_start, meter, value FROM counters WHERE run_id = 1 AND meter = 2"));
        Assert.Equal(["120|3.5|4"], _store.Ask("SELECT window_start, value, samples FROM counters WHERE meter = 1"));
        Assert.Equal(
            ["never counted|its label|its description"],
            _store.Ask("SELECT key, label, description FROM key_labels WHERE key <> 'a'")
        );
        Assert.Equal(["a|colour|blue"], _store.Ask("SELECT key, name, value FROM key_attributes"));
        Assert.Equal(["1|message"], _store.Ask("SELECT run_id, message FROM alert_list"));
        Assert.Equal(["5||"], _store.Ask("SELECT retransmissions, retransmissions_az, retransmissions_za FROM flows"));
        Assert.Equal(["2"], _store.Ask("PRAGMA auto_vacuum"));
        _store.MustBeWhole();
    }

    [Fact]
    public void Migrate_FromVersion6_KeepsFlowsAndKnowsNothingNewOfThem()
    {
        MakeVersion6();

        RunResults results = StoreRun.Once(_store, _ => { });

        Assert.Null(results.StoreFault);
        Assert.Contains("from version 6", results.StoreNotice, StringComparison.Ordinal);
        Assert.Equal(
            ["10.0.0.1|10.0.0.2|http|||||||"],
            _store.Ask("SELECT address_a, address_z, service, capture, vlan, mac_a, mac_z, flags_az, flags_za, history FROM flows")
        );
        Assert.Equal(["http|||"], _store.Ask("SELECT service, vlan, history, capture FROM flow_list"));
        Assert.Empty(_store.Ask("SELECT * FROM captures WHERE run_id = 1"));
        _store.MustBeWhole();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(6)]
    public void Migrate_FromAnOlderVersion_LeavesTheSchemaOfANewStore(int version)
    {
        if (version == 1)
            MakeVersion1();
        else
            MakeVersion6();
        StoreRun.Once(_store, _ => { });
        using var fresh = new StoreFile();
        StoreRun.Once(fresh, _ => { });

        // Columns, their types and keys; indexes with what they index; views, triggers and virtual tables.
        foreach (
            string question in (string[])
                [
                    "SELECT type, name, tbl_name FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' ORDER BY type, name",
                    """SELECT t.name, c.* FROM sqlite_master t, pragma_table_xinfo(t.name) c WHERE t.type IN ('table', 'view') ORDER BY t.name, c.cid""",
                    "SELECT i.tbl_name, i.name, c.* FROM sqlite_master i, pragma_index_xinfo(i.name) c WHERE i.type = "
                        + "'index' ORDER BY i.name, c.seqno",
                    "SELECT sql FROM sqlite_master WHERE type IN ('view', 'trigger') ORDER BY name",
                    "PRAGMA user_version",
                    "PRAGMA application_id",
                ]
        )
        {
            Assert.Equal(fresh.Ask(question), _store.Ask(question));
        }

        Assert.Equal(fresh.Ask("SELECT * FROM keys WHERE key_id = 0"), _store.Ask("SELECT * FROM keys WHERE key_id = 0"));
    }

    [Fact]
    public void Migrate_ThatFails_LeavesTheOldStore()
    {
        MakeVersion1();
        // A table in the way of a new one.
        _store.Execute("CREATE TABLE keys (x)");

        RunResults results = StoreRun.Once(_store, _ => { });

        Assert.NotNull(results.StoreFault);
        Assert.Equal(["1"], _store.Ask("PRAGMA user_version"));
        Assert.Equal(["7"], _store.Ask("SELECT count(*) FROM counters"));
        Assert.Equal(["8"], _store.Ask("SELECT total FROM top_counters WHERE meter_name = 'sum'"));
    }

    private void MakeVersion6()
    {
        MakeSchema(6);
        _store.Execute(
            """
            PRAGMA application_id = 1397774169;
            PRAGMA user_version = 6;
            INSERT INTO runs (run_id, probe_id, version, sources, window_seconds, started_at) VALUES (1, 'probe0', '0.6', 'old.pcap', 60, '2025-01-01T00:00:00.000Z');
            INSERT INTO flows VALUES (1, 1, '06A:...', 6, '10.0.0.1', '49152', '10.0.0.2', '80', 1, 1, 2, 10, 20, 1, 2, 3, 4, NULL, 0, 1, '', 0, 0, 'http');
            """
        );
    }

    private void MakeSchema(int version)
    {
        using Stream stream = Assembly
            .GetExecutingAssembly()
            .GetManifestResourceStream(FormattableString.Invariant($"schema-{version}.sql"))!;
        using var reader = new StreamReader(stream);
        _store.Execute(reader.ReadToEnd());
    }

    private void MakeVersion1()
    {
        MakeSchema(1);
        _store.Execute(
            """
            PRAGMA application_id = 1397774169;
            PRAGMA user_version = 1;
            INSERT INTO runs VALUES (1, 'probe0', '0.1', 'old.pcap', 60, '2025-01-01T00:00:00.000Z', '2025-01-01T00:00:01.000Z', 5, 500, 60000000000, 150000000000, 0);
            INSERT INTO groups VALUES (1, 'counter', '{00000000-0000-0000-0000-000000000001}', 'Old', '', 60, NULL);
            INSERT INTO groups VALUES (2, 'alert', '{B5F1DECB-51D5-4395-B71B-6FA730B772D9}', 'User Alerts', '', NULL, NULL);
            INSERT INTO meters VALUES (1, 0, 'sum', 'Counter', '', ''), (1, 1, 'mean', 'Average', '', ''), (1, 2, 'last', 'Gauge', '', '');
            INSERT INTO counters VALUES (1, 1, 0, 60, 'SYS:GROUP_TOTALS', 3, NULL), (1, 1, 0, 60, 'a', 3, NULL),
                (1, 1, 0, 120, 'a', 4, NULL), (1, 1, 0, 120, 'a', 1, NULL), (1, 1, 1, 120, 'b', 3.5, 4),
                (1, 1, 2, 120, 'a', 9, NULL), (1, 1, 2, 120, 'a', 4, NULL);
            INSERT INTO key_labels VALUES (1, 'a', 'label of a', ''), (1, 'never counted', 'its label', 'its description');
            INSERT INTO key_attributes VALUES (1, 'a', 'colour', 'blue');
            INSERT INTO flows VALUES (1, 1, '06A:...', 6, '10.0.0.1', '49152', '10.0.0.2', '443', 1, 60000000000, 61000000000, 10, 20, 1, 2, 3, 4, NULL, 5, 1, '');
            INSERT INTO alerts VALUES (1, 1, 60000000000, 2, NULL, 'sid', '', 1, 'message', 'FIRED');
            """
        );
    }
}
