using Spillway.Metrics.Shards;
using Spillway.Metrics.Stores;
using static Spillway.Metrics.Tests.Helpers;

namespace Spillway.Metrics.Tests.Stores;

/// <summary>Packet times that jump: of merged captures, or made by somebody who wants the work to grow.</summary>
public sealed class JumpingTimeTests : IDisposable
{
    private const long Day = 24 * 3600 * Second;
    private readonly StoreFile _store = new();

    public void Dispose() => _store.Dispose();

    [Fact]
    public void TwoTimesInTurn_AreTwoWindows_NotOneForEachJump()
    {
        StoreRun.Once(
            _store,
            shard => Fill(shard, Enumerable.Range(0, 2000).Select(i => Noon + (i % 2 * 5000 * Day))),
            lastNs: Noon + (5000 * Day)
        );

        Assert.InRange(_store.Number("SELECT count(*) FROM counter_slices"), 2, 16);
        Assert.Equal(
            ["1000|1000"],
            _store.Ask(
                $"SELECT sum(iif(window_start * 1000000000 = {Noon}, value, 0)), sum(iif(window_start * 1000000000 > "
                    + $"{Noon}, value, 0)) FROM counters WHERE meter = 0 AND key = 'key'"
            )
        );
        Assert.Equal(["2000"], _store.Ask("SELECT sum(total) FROM top_counters WHERE meter_name LIKE '%0'"));
    }

    [Fact]
    public void TimesOfADayByLot_AddUpAndAreWrittenOnce()
    {
        const int seed = 42;
        var random = new Random(seed);
        StoreRun.Once(
            _store,
            shard => Fill(shard, Enumerable.Range(0, 4000).Select(_ => Noon + random.NextInt64(Day))),
            lastNs: Noon + Day
        );

        Assert.InRange(_store.Number("SELECT count(*) FROM counter_slices WHERE level = 0"), 1300, 1500);
        Assert.Equal(["4000"], _store.Ask("SELECT sum(total) FROM top_counters WHERE meter_name LIKE '%0'"));
    }

    [Fact]
    public void TimeThatRises_AfterOneStepBack_IsWrittenWindowByWindow()
    {
        StoreRun.Once(
            _store,
            shard => Fill(shard, [Noon + Day, .. Enumerable.Range(0, 30).Select(i => Noon + (i * 60 * Second))]),
            lastNs: Noon + Day
        );

        Assert.Equal(["31"], _store.Ask("SELECT count(*) FROM counter_slices WHERE level = 0"));
        Assert.Equal(["31"], _store.Ask("SELECT sum(total) FROM top_counters WHERE meter_name LIKE '%0'"));
    }

    [Fact]
    public void OpenDays_ADayThatIsEnteredAgainAndAgain_IsAddedUpEverMoreRarely()
    {
        var days = new OpenDays();
        int sums = 0;
        for (int i = 0; i < 10_000; i++)
        {
            days.Enter(i % 2);
            if (days.Leave(i % 2))
                sums++;
        }

        Assert.InRange(sums, 2, 32);
        Assert.Equal([0, 1], days.TakeRest());
        Assert.Empty(days.TakeRest());
    }

    [Fact]
    public void OpenDays_TimeThatRises_AddsUpEachDayOnce()
    {
        var days = new OpenDays();
        for (int day = 0; day < 5; day++)
        {
            for (int i = 0; i < 1440; i++)
                days.Enter(day);
            Assert.True(days.Leave(day));
        }

        Assert.Empty(days.TakeRest());
    }

    private static void Fill(MetricShard shard, IEnumerable<long> times)
    {
        int group = shard.FindCounterGroup(Utf8(TestGuid));
        foreach (long time in times)
        {
            shard.AdvanceTo(time);
            shard.Update(group, "key"u8, 0, 1);
        }
    }
}
