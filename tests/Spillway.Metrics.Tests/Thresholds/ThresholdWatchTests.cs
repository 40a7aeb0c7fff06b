using System.Text;
using Spillway.Metrics.Groups;
using Spillway.Metrics.Shards;
using Spillway.Metrics.Stores;
using Spillway.Metrics.Tests.Stores;
using Spillway.Metrics.Thresholds;
using Spillway.Metrics.Traffic;
using static Spillway.Metrics.Tests.Helpers;

namespace Spillway.Metrics.Tests.Thresholds;

/// <summary>Windows in, alerts in the store out. Windows are a minute.</summary>
public sealed class ThresholdWatchTests : IDisposable
{
    private const string Hosts = WellKnownGuids.Hosts,
        HostsIPv6 = WellKnownGuids.HostsIPv6,
        DnsClients = "{71513B70-7265-46CD-A711-AFB84DAD6C64}";

    private const string A = "0A.00.00.01",
        B = "0A.00.00.02";

    private readonly StoreFile _store = new();
    private readonly string _file = Path.GetTempFileName();
    private ThresholdWatch? _watch;
    private ThresholdSource? _source;

    public void Dispose()
    {
        _source?.Dispose();
        File.Delete(_file);
        _store.Dispose();
    }

    [Fact]
    public void Alert_IsRaisedOnce_AndClearedAfterCalmWindows()
    {
        Run("bytes id 5, above 100, clear 50, windows 2", 200, 300, 70, 50, 60, 40, 10, 500);

        // 70 and 60 are neither above nor calm; 50 is calm, but alone.
        Assert.Equal(["0 ALARM 5", "7 CLEAR 5", "7 ALARM 5"], Alerts());
        Assert.Equal(
            [
                "10.0.0.1: 200 bytes in 60 s, above 100",
                "10.0.0.1: not above 50 bytes for 2 times 60 s",
                "10.0.0.1: 500 bytes in 60 s, above 100",
            ],
            _store.Ask("SELECT details FROM alerts ORDER BY alert_id")
        );
        Assert.Equal(
            ["Host moves more than 100 bytes in 60 s|2|bytes|10.0.0.1|"],
            _store.Ask("SELECT DISTINCT message, priority, classification, host, flow_id FROM alerts")
        );
        Assert.Equal((2, 1, 0), (_watch!.RaisedCount, _watch.ClearedCount, _watch.Untracked));
    }

    [Fact]
    public void WindowsWithoutAPacket_AreCalm()
    {
        Run(
            "bytes id 5, above 100, windows 3",
            shard =>
            {
                Count(shard, 0, Hosts, A, 0, 200);
                Count(shard, 30, Hosts, B, 0, 10);
            }
        );

        Assert.Equal(["0 ALARM 5", "4 CLEAR 5"], Alerts());
    }

    [Fact]
    public void ValueThatIsTheMark_IsNotAbove() => Assert.Empty(Run("bytes id 5, above 100", 100, 100));

    [Fact]
    public void LongerPeriod_AddsItsWindowsUp_AndAlertsAsSoonAsItIsAbove()
    {
        Run(
            "bytes id 5, above 100, clear 100, windows 1, seconds 5m",
            40,
            40,
            40,
            40,
            40, /* next period */
            90,
            9,
            1,
            0,
            0,
            90
        );

        Assert.Equal(["2 ALARM 5", "10 CLEAR 5"], Alerts());
    }

    [Fact]
    public void DirectionAndHosts_ChooseWhatCounts()
    {
        Run(
            "bytes id 1, above 100, direction sent, not 10.0.0.2\n"
                + "bytes id 2, above 100, direction received, hosts external\nconnections id 3, above 2",
            shard =>
            {
                Count(shard, 0, Hosts, A, 0, 1000);
                Count(shard, 0, Hosts, A, 1, 900);
                Count(shard, 0, Hosts, B, 2, 900);
                Count(shard, 0, Hosts, "C6.33.64.07", 1, 900);
                Count(shard, 0, HostsIPv6, "20010DB8000000000000000000000007", 2, 101);
                Count(shard, 0, HostsIPv6, "20010DB8000000000000000000000007", 13, 3);
            }
        );

        Assert.Equal(["1|2001:db8::7", "2|198.51.100.7", "3|2001:db8::7"], _store.Ask("SELECT key, host FROM alerts ORDER BY key"));
    }

    [Fact]
    public void NamesThatDoNotExist_AreAShareOfEnoughAnswers()
    {
        Run(
            "nxdomain id 9, above 30%, clear 30%, least 10, windows 1",
            shard =>
            {
                Answers(0, A, all: 10, none: 4);
                Answers(0, B, all: 9, none: 9); // too few
                Answers(1, A, all: 100, none: 31);
                Answers(2, A, all: 100, none: 30);
                Answers(3, A, all: 5, none: 5);

                void Answers(int minute, string host, int all, int none)
                {
                    Count(shard, minute, DnsClients, host, 1, all);
                    Count(shard, minute, DnsClients, host, 2, none);
                }
            }
        );

        Assert.Equal(["0 ALARM 9", "3 CLEAR 9"], Alerts());
        Assert.Equal("10.0.0.1: 40 % of answers NXDOMAIN in 60 s, above 30%", _store.Ask("SELECT details FROM alerts")[0]);
    }

    [Fact]
    public void NewHost_IsOneThatNoRunHasSeen()
    {
        const string line = "new-host id 4";
        Run("", shard => Count(shard, 0, Hosts, A, 0, 1));
        Run(
            line,
            shard =>
            {
                // A name in DNS is no host that was seen.
                shard.SetKeyInfo(shard.FindCounterGroup(Encoding.ASCII.GetBytes(Hosts)), "0A.00.00.03"u8, "named.example"u8, default);
                Count(shard, 0, Hosts, A, 0, 1);
                Count(shard, 0, Hosts, B, 0, 1);
                Count(shard, 1, Hosts, B, 0, 1);
                Count(shard, 1, Hosts, "0A.00.00.03", 0, 1);
            }
        );
        Run(line, shard => Count(shard, 0, Hosts, B, 0, 1));

        Assert.Equal(
            ["2|10.0.0.2|FIRE|3", "2|10.0.0.3|FIRE|3"],
            _store.Ask("SELECT run_id, host, status, priority FROM alerts ORDER BY host")
        );
    }

    [Fact]
    public void NewHosts_OfAStoreThatKnowsNone_AreLearnedInSilence()
    {
        Run(
            "new-host id 4, learn 2m",
            shard =>
            {
                Count(shard, 0, Hosts, A, 0, 1);
                Count(shard, 1, Hosts, B, 0, 1);
                Count(shard, 2, Hosts, "0A.00.00.03", 0, 1);
            }
        );

        Assert.Equal(["10.0.0.3"], _store.Ask("SELECT host FROM alerts"));
    }

    [Fact]
    public void FileThatChanges_TakesEffect_AndWhatIsAsItWasGoesOn()
    {
        const string same = "bytes id 5, above 100";
        var told = new List<string>();
        File.WriteAllText(_file, same + "\nbytes id 6, above 1000\n");
        using var source = new ThresholdSource([_file], 60, follows: false, told.Add, out IReadOnlyList<string> flaws);
        Assert.Empty(flaws);
        var registry = new GroupRegistry();
        using (var writer = new MetricsWriter(registry, new MetricOptions(), new SqliteStore(_store.Directory, registry), 1))
        {
            writer.Attach(new ThresholdWatch(source, registry, HomeNetworks.Default, 60));
            writer.Start(StoreRun.Info);
            MetricShard shard = writer.CreateShard(0);
            Count(shard, 0, Hosts, A, 0, 200);
            Count(shard, 1, Hosts, A, 0, 200);
            writer.Settle();
            Change(same + "\nbytes id 6, above 150\n");
            Count(shard, 2, Hosts, A, 0, 200);
            writer.Settle();
            Change("bytes id 6, abov 1\n");
            Count(shard, 3, Hosts, A, 0, 200);
            shard.Complete();
            writer.Complete(new RunEnd(DateTimeOffset.UnixEpoch, 1, 1, Noon, Noon, 0));
        }

        // The window that was open at the change is compared with what there is when it closes.
        Assert.Equal(["0 ALARM 5", "1 ALARM 6"], Alerts());
        Assert.Equal(1, source.Reloads);
        Assert.Equal("the thresholds were read anew: 2 of them", told[0]);
        Assert.StartsWith($"{_file}:1: 'abov' is not known of bytes", told[1], StringComparison.Ordinal);
        Assert.Equal("the thresholds stay as they were until this is mended", told[2]);

        void Change(string text)
        {
            File.WriteAllText(_file, text);
            source.LookAgain();
        }
    }

    // The bytes of one host, minute by minute.
    private List<string> Run(string thresholds, params int[] bytes)
    {
        Run(
            thresholds,
            shard =>
            {
                for (int minute = 0; minute < bytes.Length; minute++)
                    Count(shard, minute, Hosts, A, 0, bytes[minute]);
            }
        );
        return Alerts();
    }

    private void Run(string thresholds, Action<MetricShard> fill)
    {
        File.WriteAllText(_file, thresholds);
        _source?.Dispose();
        _source = new ThresholdSource([_file], 60, follows: false, _ => { }, out IReadOnlyList<string> flaws);
        Assert.Empty(flaws);
        var registry = new GroupRegistry();
        using var writer = new MetricsWriter(registry, new MetricOptions(), new SqliteStore(_store.Directory, registry), 1);
        _watch = new ThresholdWatch(_source, registry, HomeNetworks.Default, 60);
        writer.Attach(_watch);
        writer.Start(StoreRun.Info);
        MetricShard shard = writer.CreateShard(0);
        fill(shard);
        shard.Complete();
        writer.Complete(new RunEnd(DateTimeOffset.UnixEpoch, 1, 1, Noon, Noon, 0));
    }

    private static void Count(MetricShard shard, int minute, string group, string key, int meter, double value)
    {
        shard.AdvanceTo(Noon + (minute * 60 * Second));
        shard.Update(shard.FindCounterGroup(Encoding.ASCII.GetBytes(group)), Encoding.ASCII.GetBytes(key), meter, value);
    }

    // Minute, status and signature.
    private List<string> Alerts() =>
        _store.Ask($"SELECT ((time_ns - {Noon}) / 60000000000) || ' ' || status || ' ' || key FROM alerts ORDER BY alert_id");
}
