using static Spillway.Scripting.Tests.Backend.BackendHarness;

namespace Spillway.Scripting.Tests.Backend;

/// <summary>engine_monitor and cg_monitor: windows, votes, overrides, toppers.</summary>
public class CounterMonitorTests
{
    // Meters of Hosts: 0 total (a rate), 1 received, 3 packets.
    private static string OnHosts(string callbacks) => Plugin($"cg_monitor = {{ counter_guid = '{Hosts}',\n{callbacks} }}");

    [Fact]
    public void EngineMonitor_EachWindow_BeginsAndEndsOnce()
    {
        using var harness = new BackendHarness(
            Plugin(
                """
                engine_monitor = {
                  onbeginflush = function(engine, ts) print('begin', ts, engine:instanceid(), engine:id(), engine:probeid()) end,
                  onendflush = function(engine, ts) print('end', ts, engine:timestamp()) end,
                }
                """
            )
        );
        harness.At(61);
        harness.End().MustBeQuiet();

        Assert.Equal(
            [
                $"begin\t{Start}\t0\t0\tprobe0",
                $"end\t{Start}\t{Start}",
                $"begin\t{Start + 60}\t0\t0\tprobe0",
                $"end\t{Start + 60}\t{Start + 60}",
            ],
            harness.Printed
        );
    }

    [Fact]
    public void Window_Callbacks_ComeInTheDocumentedOrder()
    {
        using var harness = new BackendHarness(
            Plugin(
                "engine_monitor = { onbeginflush = function() print 'engine begin' end, onendflush = function() print 'engine end' end }"
            ),
            Plugin("fts_monitor = { fts_guid = '" + HttpDocuments + "', onbeginflush = function() print 'documents' end }"),
            Plugin("resource_monitor = { resource_guid = '" + DnsResources + "', onbeginflush = function() print 'resources' end }"),
            Plugin("alert_monitor = { alert_guid = '" + UserAlerts + "', onbeginflush = function() print 'alerts' end }"),
            Plugin("sg_monitor = { onbeginflush = function() print 'flows' end }"),
            OnHosts(
                """
                onbeginflush = function() print 'counters' end,
                onflushfilter = function(_, _, key) print('filter ' .. key) return true end,
                onflush = function(_, _, key) print('flush ' .. key) end,
                onendflush = function() print 'counters end' end,
                onbegintopperflush = function(_, _, meter) print('toppers ' .. meter) return true end,
                ontopperflush = function(_, key) print('topper ' .. key) end,
                onendtopperflush = function(_, meter) print('toppers end ' .. meter) end,
                """
            )
        );
        harness.Count(Hosts, "k", 0, 60);
        harness.End().MustBeQuiet();

        Assert.Equal(
            [
                "engine begin",
                "counters",
                "filter SYS:GROUP_TOTALS",
                "flush SYS:GROUP_TOTALS",
                "filter k",
                "flush k",
                "counters end",
                "toppers 0",
                "topper k",
                "toppers end 0",
                "flows",
                "alerts",
                "resources",
                "documents",
                "engine end",
            ],
            harness.Printed
        );
    }

    [Fact]
    public void Metrics_AreAnArrayFromMeter0_WithRatesPerSecond()
    {
        using var harness = new BackendHarness(OnHosts("onflush = function(_, ts, key, m) print(ts, key, #m, m[1], m[2], m[4]) end"));
        harness.Count(Hosts, "k", 0, 120);
        harness.Count(Hosts, "k", 3, 30);
        harness.End().MustBeQuiet();

        string line = harness.Printed.Single(text => text.Contains("\tk\t", StringComparison.Ordinal));
        Assert.Matches($"^{Start}\tk\t\\d+\t2\t0\t0.5$", line);
    }

    [Fact]
    public void Key_AllVotedAgainst_IsNotStored_AndHasNoFlush()
    {
        string filter = "onflushfilter = function(_, _, key) return key ~= 'bad' end, onflush = function(_, _, key) print(key) end";
        using var harness = new BackendHarness(OnHosts(filter), OnHosts(filter));
        harness.Count(Hosts, "good", 0, 60);
        harness.Count(Hosts, "bad", 0, 60);
        harness.End().MustBeQuiet();

        Assert.Equal(60, harness.Store.Value(Hosts, "good", 0));
        Assert.Null(harness.Store.Value(Hosts, "bad", 0));
        Assert.DoesNotContain("bad", harness.Printed);
        Assert.Equal(1, harness.Host.Counters.DroppedKeys);
    }

    [Theory]
    [InlineData("onflushfilter = function() end")]
    [InlineData("onflushfilter = function() return true end")]
    [InlineData("onflush = function() end")]
    [InlineData("onflushfilter = function() error 'oops' end")]
    public void Key_OneScriptDoesNotVoteAgainst_IsStored(string other)
    {
        using var harness = new BackendHarness(OnHosts("onflushfilter = function() return false end"), OnHosts(other));
        harness.Count(Hosts, "k", 0, 60);
        harness.End();

        Assert.Equal(60, harness.Store.Value(Hosts, "k", 0));
    }

    [Fact]
    public void Override_ReplacesWhatIsNotNegative_InLoadOrder()
    {
        using var harness = new BackendHarness(
            OnHosts("onflushfilter = function(_, _, key) if key == 'k' then return true, { 5, -1, 9 } end end"),
            OnHosts(
                "onflushfilter = function(_, _, key) if key == 'k' then return true, { 7, 'x', 0/0, -1 } end end, "
                    + "onflush = function(_, _, key, m) if key == 'k' then print(m[1], m[2], m[3], m[4]) end end"
            )
        );
        harness.Count(Hosts, "k", 0, 60);
        harness.Count(Hosts, "k", 1, 120);
        harness.Count(Hosts, "k", 3, 4);
        harness.End().MustBeQuiet();

        // Meters 0 and 2 are rates: what is stored is their sum over the window.
        Assert.Equal(7 * 60, harness.Store.Value(Hosts, "k", 0));
        Assert.Equal(120, harness.Store.Value(Hosts, "k", 1));
        Assert.Equal(9 * 60, harness.Store.Value(Hosts, "k", 2));
        Assert.StartsWith("7\t2\t9\t", Assert.Single(harness.Printed), StringComparison.Ordinal);
    }

    [Fact]
    public void Counters_OfAScript_GoIntoThisWindow_IfTheGroupsTurnIsToCome()
    {
        const string own = "{00000000-1111-2222-3333-444444444444}";
        using var harness = new BackendHarness(
            Plugin(
                $"countergroup = {{ control = {{ guid = '{own}', name = 'Own' }}, meters = {{ {{ 0, "
                    + "T.K.vartype.COUNTER, 10, 'a', 'b', '' } } }"
            ),
            OnHosts(
                $"onflush = function(engine, _, key, m) if key == 'k' then engine:update_counter('{own}', key, 0, 3) "
                    + $"engine:update_counter('{Hosts}', 'derived', 0, 1) end end"
            )
        );
        harness.Count(Hosts, "k", 0, 60);
        harness.At(61);
        harness.Count(Hosts, "other", 0, 60);
        harness.End().MustBeQuiet();

        Assert.Equal(3, harness.Store.Value(own, "k", 0));
        Assert.Null(harness.Store.Value(Hosts, "derived", 0));
        Assert.Equal(1, harness.Store.Value(Hosts, "derived", 0, window: 60));
    }

    [Fact]
    public void Counters_AddedAtTheVeryEnd_AreStored()
    {
        using var harness = new BackendHarness(
            OnHosts($"onendflush = function(engine) engine:update_counter('{Hosts}', 'late', 0, 5) end")
        );
        harness.Count(Hosts, "k", 0, 60);
        harness.End().MustBeQuiet();

        Assert.Equal(5, harness.Store.Value(Hosts, "late", 0));
    }

    [Fact]
    public void Toppers_ComeLargestFirst_AndMayBeRefused()
    {
        using var harness = new BackendHarness(
            OnHosts(
                """
                onbegintopperflush = function(_, _, meter) return meter == 0 end,
                ontopperflushfilter = function(_, key, value) return key ~= 'b' end,
                ontopperflush = function(_, key, value) print(key, value) end,
                """
            )
        );
        foreach ((string key, int value) in new[] { ("a", 60), ("b", 180), ("c", 120) })
            harness.Count(Hosts, key, 0, value);
        harness.Count(Hosts, "a", 1, 60);
        harness.End().MustBeQuiet();

        Assert.Equal(["c\t2", "a\t1"], harness.Printed);
    }

    [Theory]
    [InlineData(2, 2, "k6\t6 k5\t5 k2\t2 k1\t1")]
    [InlineData(0, 2, "k2\t2 k1\t1")]
    [InlineData(4, 4, "k6\t6 k5\t5 k4\t4 k3\t3 k2\t2 k1\t1")] // each key once
    [InlineData(1, 0, "k6\t6")]
    public void Toppers_OfAMeterWithABottomCount_EndWithTheSmallest(int top, int bottom, string expected)
    {
        const string own = "{00000000-1111-2222-3333-444444444444}";
        using var harness = new BackendHarness(
            Plugin(
                $"countergroup = {{ control = {{ guid = '{own}', name = 'Own' }}, meters = {{ {{ 0, "
                    + $"T.K.vartype.COUNTER, {top}, {bottom}, 'a', 'b', '' }} }} }}"
            ),
            Plugin($"cg_monitor = {{ counter_guid = '{own}', ontopperflush = function(_, key, value) print(key, value) end }}")
        );
        foreach (int value in new[] { 3, 6, 1, 5, 2, 4 })
            harness.Count(own, $"k{value}", 0, value);
        harness.End().MustBeQuiet();

        Assert.Equal(expected.Split(' '), harness.Printed);
    }

    [Fact]
    public void TopperFilter_WithoutABoolean_IsAnError_AndCountsAsTrue()
    {
        using var harness = new BackendHarness(
            OnHosts("onbegintopperflush = function() end, ontopperflush = function(_, key) print(key) end")
        );
        harness.Count(Hosts, "k", 0, 60);
        harness.End();

        Assert.Contains(
            "onbegintopperflush returned a nil where true or false is expected",
            Assert.Single(harness.Output.Errors),
            StringComparison.Ordinal
        );
        Assert.Equal("k", Assert.Single(harness.Printed));
    }

    [Fact]
    public void NewKeysAndUpdates_ComeWithinASecond_WithTheSumsOfTheOpenWindow()
    {
        using var harness = new BackendHarness(
            OnHosts(
                """
                onnewkey = function(_, ts, key) print('new', key, ts) end,
                onupdate = function(_, ts, key, m) print('update', key, m[1]) end,
                onflush = function(_, _, key) if key == 'k' then print('flush') end end,
                """
            )
        );
        harness.Count(Hosts, "k", 0, 10);
        harness.At(1.5);
        harness.Count(Hosts, "k", 0, 5);
        harness.At(3);
        harness.At(61);
        harness.Count(Hosts, "k", 0, 1);
        harness.End().MustBeQuiet();

        Assert.Equal([$"new\tk\t{Start + 1}", "update\tk\t10", "update\tk\t15", "flush", "update\tk\t1", "flush"], harness.Printed);
        Assert.Equal(15, harness.Store.Value(Hosts, "k", 0));
    }

    [Fact]
    public void Group_WithoutKeysInAWindow_IsFlushedAllTheSame()
    {
        using var harness = new BackendHarness(
            OnHosts(
                "onbeginflush = function(_, ts) print('begin', ts) end, onflush = function(_, _, key) print(key) end, "
                    + "onendflush = function(_, ts) print('end', ts) end"
            )
        );
        harness.At(61);
        harness.Count(Hosts, "k", 0, 60);
        harness.End().MustBeQuiet();

        Assert.Equal(
            [$"begin\t{Start}", $"end\t{Start}", $"begin\t{Start + 60}", "SYS:GROUP_TOTALS", "k", $"end\t{Start + 60}"],
            harness.Printed
        );
    }

    [Fact]
    public void Attachment_MayBeAnArrayWithFunctions_OrAFunctionThatGivesOne()
    {
        const string title = "onload = function() if T.monitor_group_name then print(T.monitor_group_name) end end";
        using var harness = new BackendHarness(
            Plugin($"{title}, cg_monitor = {{ counter_guid = {{ '{Hosts}', function() return T.countergroups['Apps'] end }} }}"),
            Plugin(
                $"{title}, cg_monitor = {{ counter_guid = function() return {{ T.countergroups['VLANStats'] }} end, "
                    + $"counter_name_match = {{ 'linklayer' }} }}"
            )
        );
        harness.End().MustBeQuiet();

        Assert.Equal(["Hosts", "Apps", "VLANStats", "LinkLayerStats"], harness.Printed);
    }

    [Fact]
    public void SeveralGroups_EachHaveAStateOfTheirOwn_Once()
    {
        using var harness = new BackendHarness(
            Plugin(
                $$"""
                onload = function() T.n = 0 print('load', tostring(T.monitor_group_name), tostring(T.monitor_group_guid)) end,
                cg_monitor = {
                  counter_guid = { '{{Apps}}', '{{Hosts.ToLowerInvariant()}}' }, counter_name_match = 'HOSTSIPV', counter_name_regex = '^(Apps|MPLSStats)$',
                  onflush = function() T.n = T.n + 1 end,
                  onendflush = function() print(T.monitor_group_name, T.n) end,
                }
                """
            )
        );
        harness.Count(Hosts, "a", 0, 1);
        harness.Count(Hosts, "b", 0, 1);
        harness.Count(Apps, "p-0050", 0, 1);
        harness.End().MustBeQuiet();

        Assert.Equal("load\tnil\tnil", harness.Printed[0]); // as it is looked at
        Assert.Equal(
            ["Apps", "Hosts", "HostsIPv6", "MPLSStats"],
            harness.Printed.Skip(1).Take(4).Select(line => line.Split('\t')[1]).Order()
        );
        Assert.Equal(["Apps\t2", "Hosts\t3", "HostsIPv6\t0", "MPLSStats\t0"], harness.Printed.Skip(5).Order());
    }

    [Fact]
    public void AttachFunction_RunsBeforeOnload_AndSeesTheGroups()
    {
        using var harness = new BackendHarness(
            Plugin(
                """
                onload = function() T.loaded = true end,
                cg_monitor = {
                  counter_guid = function() print('attach', tostring(T.loaded)) return T.countergroups['Hosts'] end,
                  onendflush = function() print('end', tostring(T.loaded), T.enginetype, T.backend_engineid) end,
                }
                """
            )
        );
        harness.Count(Hosts, "a", 0, 1);
        harness.End().MustBeQuiet();

        Assert.Equal(["attach\tnil", "end\ttrue\tbackend\t0"], harness.Printed);
    }

    [Theory]
    [InlineData("counter_guid = '{99999999-9999-9999-9999-999999999999}'", "names no group")]
    [InlineData("counter_name_match = 'no such title'", "watches no group")]
    [InlineData("", "watches no group")]
    [InlineData("counter_name_regex = '('", "counter_name_regex")]
    [InlineData("counter_guid = function() error 'no idea' end", "no idea")]
    [InlineData("counter_guid = 42", "names no group")]
    public void Attachment_ThatCannotBe_IsTold(string attachment, string expected)
    {
        using var harness = new BackendHarness(Plugin($"onload = function() T.x = 1 end, cg_monitor = {{ {attachment} }}"));

        Assert.Contains(harness.Output.Problems, problem => problem.Contains(expected, StringComparison.Ordinal));
        Assert.Empty(harness.Host.GetFigures());
    }
}
