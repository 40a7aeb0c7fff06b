using Spillway.Metrics.Records;
using Spillway.Net.Flows;
using Spillway.Scripting.Backend;
using static Spillway.Scripting.Tests.Backend.BackendHarness;

namespace Spillway.Scripting.Tests.Backend;

/// <summary>sg_monitor, alert_monitor, resource_monitor, fts_monitor, flowtracker: records, what scripts read of them and change.</summary>
public class RecordMonitorTests
{
    private static string OnAlerts(string callbacks) =>
        Plugin($"alert_monitor = {{ alert_guid = '{UserAlerts.ToLowerInvariant()}',\n{callbacks} }}");

    private static string OnFlows(string callbacks) => Plugin($"sg_monitor = {{\n{callbacks} }}");

    [Fact]
    public void Alert_IsReadInFull()
    {
        using var harness = new BackendHarness(
            OnAlerts(
                """
                onnewalert = function(engine, a)
                  local sec, usec = a:timestamp()
                  print(sec, usec, a:sigid(), a:priority(), a:message(), a:classification() == '', a:status() == '', a:extra_message() == '', a:ack_flag())
                  print(a:source_ip(), a:source_port(), a:destination_ip(), a:destination_port(), a:flow():id(), tostring(a))
                end,
                """
            )
        );
        harness.At(0.25);
        harness.Alert("sig", "text", 2);
        harness.End().MustBeQuiet();

        Assert.Equal(
            [$"{Start}\t250000\tsig\t2\ttext\ttrue\ttrue\ttrue\t0", $"192.168.1.2\t49152\t10.0.0.1\t80\t{HttpFlow}\tAlert sig"],
            harness.Printed
        );
    }

    [Fact]
    public void Alert_WithoutFlow_HasNone()
    {
        using var harness = new BackendHarness(
            OnAlerts("onnewalert = function(_, a) print(tostring(a:flow()), a:source_ip(), a:destination_port()) end")
        );
        harness.Alert("sig", flow: "");
        harness.End().MustBeQuiet();

        Assert.Equal("nil\t0.0.0.0\t0", Assert.Single(harness.Printed));
    }

    [Fact]
    public void Alert_IsStoredAsScriptsHaveChangedIt_AndNoiseIsNot()
    {
        using var harness = new BackendHarness(
            OnAlerts(
                """
                onnewalert = function(_, a) print('new ' .. a:sigid()) end,
                flushfilter = function(_, a) return a:sigid() ~= 'noise' end,
                onflush = function(_, a)
                  print('flush ' .. a:sigid())
                  if a:priority() > 2 then a:set_priority(2) end
                  a:set_message(a:message() .. ' [seen]')
                  a:set_extra_message('more')
                end,
                """
            ),
            OnAlerts("flushfilter = function(_, a) return a:sigid() ~= 'noise' end, onflush = function(_, a) print(a:message()) end")
        );
        harness.Alert("noise");
        harness.Alert("real", "text");
        harness.End().MustBeQuiet();

        Assert.Equal(["new noise", "new real", "flush real", "text [seen]"], harness.Printed);
        AlertRecord stored = Assert.Single(harness.Store.Alerts);
        Assert.Equal(("real", 2, "text [seen]", "more"), (stored.Key, stored.Priority, stored.Message, stored.ExtraMessage));
        Assert.Equal(1, harness.Host.Counters.DroppedRecords);
    }

    [Fact]
    public void Alert_OfAScript_IsSeenByMonitors_AndStored()
    {
        using var harness = new BackendHarness(
            Plugin(
                $"engine_monitor = {{ onbeginflush = function(engine) engine:add_alert('{UserAlerts}', nil, 'from "
                    + "script', 1, 'hello') end }"
            ),
            OnAlerts(
                "onnewalert = function(_, a) print('new ' .. a:sigid()) end, onflush = function(_, a) print('flush ' .. a:sigid()) end"
            )
        );
        harness.End().MustBeQuiet();

        Assert.Equal(["new from script", "flush from script"], harness.Printed);
        Assert.Equal("hello", Assert.Single(harness.Store.Alerts).Message);
    }

    [Fact]
    public void AlertsThatMakeAlerts_ForEver_DoNotKeepTheRunFromItsEnd()
    {
        using var harness = new BackendHarness(
            OnAlerts($"onnewalert = function(engine, a) engine:add_alert('{UserAlerts}', nil, 'again', 1, '') end")
        );
        harness.Alert("first");
        harness.End().MustBeQuiet();

        Assert.InRange(harness.Store.Alerts.Count, 3, 100);
    }

    [Fact]
    public void Resource_IsRead_Changed_AndMakesOthers()
    {
        const string own = "{C1A2FE60-696F-4FA3-98D4-E2A6A77664E6}";
        using var harness = new BackendHarness(
            Plugin($"resourcegroup = {{ control = {{ guid = '{own}', name = 'Names', description = '' }} }}"),
            Plugin(
                $$"""
                resource_monitor = {
                  resource_guid = function() return T.resourcegroups['DNS Resources'] end,
                  onnewresource = function(engine, r)
                    for ip in r:label():gmatch('%sA%s+([%d%.]+)') do engine:add_resource('{{own}}', r:flow():id(), r:uri() .. ' is ' .. ip) end
                  end,
                  flushfilter = function(_, r) return not r:uri():find('%.internal$') end,
                  onflush = function(_, r) r:set_label(r:label() .. ' checked') r:set_uri(r:uri():upper()) end,
                }
                """
            )
        );
        harness.Resource("www.example.org", "www.example.org IN A 192.0.2.1");
        harness.Resource("db.internal", "db.internal IN A 10.0.0.9");
        harness.End().MustBeQuiet();

        Assert.Equal(
            ["WWW.EXAMPLE.ORG|www.example.org IN A 192.0.2.1 checked", "db.internal is 10.0.0.9|", "www.example.org is 192.0.2.1|"],
            harness.Store.Resources.Select(resource => $"{resource.Uri}|{resource.Label}").Order(StringComparer.Ordinal)
        );
        Assert.All(harness.Store.Resources, resource => Assert.Equal(HttpFlow, resource.FlowId));
    }

    [Fact]
    public void Document_IsRead_AndShortOnesAreDropped()
    {
        using var harness = new BackendHarness(
            Plugin(
                $$"""
                fts_monitor = {
                  fts_guid = '{{HttpDocuments}}',
                  onnewfts = function(_, d) print(#d:key() > 0, d:flow():id(), d:text():match('^%u+ %S+')) end,
                  flushfilter = function(_, d) return #d:text() > 40 end,
                }
                """
            )
        );
        harness.Document("GET /a HTTP/1.1\r\nHost: www.example.org\r\n\r\n");
        harness.Document("GET / HTTP/1.1\r\n\r\n");
        harness.End().MustBeQuiet();

        Assert.Equal([$"true\t{HttpFlow}\tGET /a", $"true\t{HttpFlow}\tGET /"], harness.Printed);
        Assert.StartsWith("GET /a", Assert.Single(harness.Store.Documents).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Flow_IsNew_Updated_Ended_AndFlushed_WithItsFigures()
    {
        using var harness = new BackendHarness(
            OnFlows(
                """
                onnewflow = function(_, s) print('new', s:az_bytes()) s:add_tag('[t]new') end,
                onupdate = function(_, s) print('update', s:az_bytes()) end,
                onterminate = function(_, s) print('end', s:key() == s:flow():id()) end,
                flushfilter = function(_, s) return s:az_bytes() >= 100 end,
                onflush = function(_, s)
                  local first, last = s:time_window()
                  print('flush', s:az_bytes(), s:za_bytes(), s:az_packets(), last - first, s:tags(), s:setup_rtt(), s:retransmissions(), bit.band(s:state(), 1))
                  s:add_tag('[t]flushed')
                end,
                """
            )
        );
        harness.At(1);
        Flow flow = harness.Begin();
        harness.Touch(flow, 100);
        harness.At(2.5);
        harness.Touch(flow, 50);
        harness.At(4);
        harness.Lane.AddFlow(flow);
        Flow tiny = harness.Begin(port: 0xC001);
        harness.Touch(tiny, 10);
        harness.Lane.AddFlow(tiny);
        harness.End().MustBeQuiet();

        Assert.Equal(
            ["new\t100", "update\t150", "new\t10", "end\ttrue", "end\ttrue", "flush\t150\t0\t2\t1\t[t]new\t0\t0\t1"],
            harness.Printed
        );
        Assert.Equal("[t]new|[t]flushed", Assert.Single(harness.Store.Flows).Tags);
    }

    [Fact]
    public void LongFlow_ComesByEveryFiveMinutes_AndIsStoredOnce()
    {
        using var harness = new BackendHarness(
            OnFlows("onflush = function(_, s) print(s:az_packets(), bit.band(s:state(), 0x09C0) ~= 0) s:add_tag('long') end")
        );
        Flow flow = harness.Begin();
        for (int second = 0; second <= 620; second += 10)
        {
            harness.At(second);
            harness.Touch(flow, 1);
            if (second is 300 or 600)
                harness.Lane.AddFlowUpdate(flow); // as the flow table asks for
        }

        harness.At(625);
        flow.State |= FlowState.Terminated;
        harness.Lane.AddFlow(flow);
        harness.End().MustBeQuiet();

        Assert.Equal(["31\tfalse", "61\tfalse", "63\ttrue"], harness.Printed);
        Assert.Equal("long", Assert.Single(harness.Store.Flows).Tags);
    }

    [Fact]
    public void Tag_OfAnAlertsFlow_IsStoredWithTheFlow_WhetherItHasEndedOrWill()
    {
        using var harness = new BackendHarness(
            OnAlerts("onnewalert = function(engine, a) engine:tag_flow(a:flow():id(), '[alert]' .. a:sigid()) end"),
            OnFlows("onflush = function() end")
        );
        Flow flow = harness.Begin();
        harness.Touch(flow, 100);
        harness.Lane.TagFlow(flow.Key, "lane"u8);
        harness.Alert("before");
        harness.At(2);
        harness.Lane.AddFlow(flow);
        harness.At(4);
        harness.Alert("after");
        harness.End().MustBeQuiet();

        Assert.Equal("lane|[alert]before|[alert]after", Assert.Single(harness.Store.Flows).Tags);
    }

    [Fact]
    public void Tracker_KeepsTheHighestOfEachBucket()
    {
        using var harness = new BackendHarness(
            Plugin(
                """
                flowtracker = {
                  control = { name = 'BIGGEST', bucketsize = 300, count = 2 },
                  getmetric = function(_, s) if s:flow():protocol() ~= '06' then return 0 end return s:az_bytes() > 1 and s:az_bytes() or nil end,
                }
                """
            )
        );
        foreach (
            (ushort port, int bytes, byte protocol) in new (ushort, int, byte)[]
            {
                (50001, 10, 6),
                (50002, 30, 6),
                (50003, 20, 6),
                (50004, 1, 6),
                (50005, 99, 17),
            }
        )
        {
            Flow flow = harness.Begin(port, protocol);
            harness.Touch(flow, bytes);
            harness.Lane.AddFlow(flow);
        }

        harness.At(400);
        Flow late = harness.Begin(50006);
        harness.Touch(late, 5);
        harness.Lane.AddFlow(late);
        harness.End().MustBeQuiet();

        long bucket = Start / 300 * 300;
        Assert.Equal(
            [$"{bucket} 1 30", $"{bucket} 2 20", $"{(Start + 400) / 300 * 300} 1 5"],
            harness.Store.Tracked.Select(tracked => $"{tracked.BucketStartNs / 1_000_000_000} {tracked.Rank} {tracked.Value}")
        );
        Assert.All(harness.Store.Tracked, tracked => Assert.Equal("BIGGEST", tracked.Tracker));
        Assert.Equal(6, harness.Store.Flows.Count);
    }

    [Fact]
    public void Tracker_WithABadCount_IsTold_AndTakesTheUsual()
    {
        using var harness = new BackendHarness(
            Plugin("flowtracker = { control = { name = 'X', count = -3 }, getmetric = function() return 1 end }")
        );

        Assert.Contains(
            "flowtracker.control.count = -3: it must be a number from 1 to 10000; taken as 100",
            Assert.Single(harness.Output.Problems),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Records_BeyondTheLimit_AreFlushedEarly_AndNoneIsLost()
    {
        using var harness = new BackendHarness(new BackendOptions { MaxWaitingRecords = 10 }, OnAlerts("onflush = function() end"));
        for (int i = 0; i < 25; i++)
            harness.Alert($"a{i}");
        harness.End().MustBeQuiet();

        Assert.Equal(Enumerable.Range(0, 25).Select(i => $"a{i}"), harness.Store.Alerts.Select(alert => alert.Key));
        Assert.Equal(2, harness.Host.Counters.EarlyFlushes);
    }

    [Fact]
    public void Records_ThatNobodyWatches_PassAtOnce()
    {
        using var harness = new BackendHarness(OnFlows("onflush = function() end"));
        harness.Alert("a");
        harness.Resource("r");
        harness.Document("d");
        harness.At(2);
        harness.Settle();

        Assert.Single(harness.Store.Alerts);
        Assert.Single(harness.Store.Resources);
        Assert.Single(harness.Store.Documents);
    }
}
