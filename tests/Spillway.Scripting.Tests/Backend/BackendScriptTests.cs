using System.Globalization;
using Spillway.Net.Flows;
using Spillway.Scripting.Backend;
using static Spillway.Scripting.Tests.Backend.BackendHarness;

namespace Spillway.Scripting.Tests.Backend;

/// <summary>What scripts behind the lanes have and lack: life, messages, T.async, errors.</summary>
public class BackendScriptTests
{
    public static TheoryData<string> FrontendMethods =>
        [
            "update_counter_bytes",
            "update_flow",
            "update_flow_raw",
            "terminate_flow",
            "set_flow_duration",
            "new_flow_record",
            "add_flow_counter",
            "reset_flow_counter",
            "add_flow_attribute",
            "disable_reassembly",
        ];

    [Fact]
    public void Script_IsLookedAt_Loaded_AndUnloaded()
    {
        using var harness = new BackendHarness(
            Plugin(
                """
                onload = function() print('load ' .. T.enginetype .. ' ' .. type(T.contextid)) end, onunload = function() print 'unload' end, engine_monitor = {}
                """
            )
        );
        harness.End().MustBeQuiet();

        Assert.Equal(["load backend number", "unload", "load backend number", "unload"], harness.Printed);
    }

    [Fact]
    public void Onload_ThatReturnsFalse_KeepsTheScriptFromRunning()
    {
        using var harness = new BackendHarness(
            Plugin("onload = function() return false end, engine_monitor = { onbeginflush = function() print 'runs' end }")
        );
        harness.End();

        Assert.Empty(harness.Printed);
        Assert.Contains(harness.Output.Logs, line => line.Contains("onload returned false", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(FrontendMethods))]
    public void Method_OfThePacketPath_RaisesNotAvailable(string method)
    {
        using var harness = new BackendHarness(
            Plugin($"engine_monitor = {{ onbeginflush = function(engine) engine:{method}('{HttpFlow}', 1, 2) end }}")
        );
        harness.End();

        Assert.Contains(
            $"ERR_NOTAVAIL: {method}() is not available for backend scripts",
            Assert.Single(harness.Output.Errors),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void GroupsByTitle_AreThere_OfEveryKind()
    {
        using var harness = new BackendHarness(
            Plugin(
                """
                engine_monitor = { onbeginflush = function()
                  print(T.countergroups['Hosts'], T.alertgroups['User Alerts'], T.resourcegroups['SSL Certificates'], T.ftsgroups['SSL Certs'], T.sessiongroups['IP flows'])
                end }
                """
            )
        );
        harness.End().MustBeQuiet();

        Assert.Equal(
            $"{Hosts}\t{UserAlerts}\t{{5AEE3F0B-9304-44BE-BBD0-0467052CF468}}\t{{9FEB8ADE-ADBB-49AD-BC68-C6A02F389C71}}\t"
                + "{99A78737-4B41-4387-8F31-8077DB917336}",
            Assert.Single(harness.Printed)
        );
    }

    [Fact]
    public void Messages_ReachTheirSubscribers_TheSenderIncluded()
    {
        const string ping = "{3649DB21-A87B-40DD-BA9E-C0FC58C9C699}";
        using var harness = new BackendHarness(
            Plugin(
                $$"""
                message_subscriptions = { '{{ping}}' },
                onmessage = function(id, text) print(id .. ' ' .. text) end,
                engine_monitor = {
                  onbeginflush = function(engine)
                    engine:post_message_backend('{{ping.ToLowerInvariant()}}', 'subscribed')
                    engine:postmessage_backend('to all')
                    engine:post_message_backend('{C3629676-3410-47FE-AC3D-EE0231ED4FCF}', 'not for me')
                    print 'posted'
                  end,
                  onendflush = function() print 'end' end,
                }
                """
            )
        );
        harness.End().MustBeQuiet();

        Assert.Equal(["posted", ping.ToLowerInvariant() + " subscribed", " to all", "end"], harness.Printed);
    }

    [Fact]
    public void Messages_CrossBothWays()
    {
        using var harness = new BackendHarness(
            Plugin(
                """
                onmessage = function(id, text) print('lane got ' .. text) end,
                channellistener = { onchannelmessage = function() end },
                onload = function() T.n = 0 end,
                """
            ),
            Plugin(
                """
                onmessage = function(id, text) print('backend got ' .. id .. ' ' .. text) end,
                engine_monitor = { onendflush = function(engine) engine:post_message_frontend('x', 'from behind') end },
                """
            )
        );
        harness.ScriptContext.PostToBackend!("id"u8.ToArray(), "from the lane"u8.ToArray());
        harness.End().MustBeQuiet();

        Assert.Equal(["backend got id from the lane", "lane got from behind"], harness.Printed);
    }

    [Fact]
    public void Item_UsedAfterItsCallback_IsAnError()
    {
        using var harness = new BackendHarness(
            Plugin(
                $$"""
                alert_monitor = { alert_guid = '{{UserAlerts}}', onnewalert = function(_, a) T.kept = a end, onendflush = function() print(T.kept:sigid()) end }
                """
            )
        );
        harness.Alert("sig");
        harness.End();

        Assert.Empty(harness.Printed);
        Assert.Contains("Alert used after its callback has returned", Assert.Single(harness.Output.Errors), StringComparison.Ordinal);
    }

    [Fact]
    public void Metronome_TicksForEachSecond_AndWhenAllIsDone()
    {
        using var harness = new BackendHarness(
            Plugin("engine_monitor = { onmetronome = function(_, ts, count, interval) print(ts, count, interval) end }")
        );
        harness.At(1);
        harness.At(1.2);
        harness.At(4);
        harness.End().MustBeQuiet();

        Assert.Equal(
            [$"{Start + 1}\t1\t1", $"{Start + 2}\t2\t1", $"{Start + 3}\t3\t1", $"{Start + 4}\t4\t1", $"{Start + 4}\t5\t1"],
            harness.Printed
        );
    }

    [Fact]
    public void Metronome_InAPause_TicksAsLongAsAWindowLasts_AndNeverBackwardsForPacketsThatDo()
    {
        using var harness = new BackendHarness(Plugin("engine_monitor = { onmetronome = function(_, ts, count) print(ts, count) end }"));
        harness.At(1);
        harness.At(7200);
        harness.At(7100);
        harness.End().MustBeQuiet();

        string[][] ticks = [.. harness.Printed.Select(line => line.Split('\t'))];
        Assert.Equal(
            Enumerable.Range(1, ticks.Length).Select(count => count.ToString(CultureInfo.InvariantCulture)),
            ticks.Select(tick => tick[1])
        );
        long[] seconds = [.. ticks.Select(tick => long.Parse(tick[0], CultureInfo.InvariantCulture) - Start)];
        Assert.Equal(Enumerable.Range(1, 59).Concat(Enumerable.Range(7141, 60)).Select(second => (long)second), seconds.Take(119));
        Assert.InRange(ticks.Length, 120, 122);
    }

    [Fact]
    public void Tasks_OfAWindow_AreDoneBeforeTheNextEnds_SoTheirCountsAreThere()
    {
        using var harness = new BackendHarness(
            Plugin(
                $$"""
                engine_monitor = { onbeginflush = function(_, ts)
                  T.async:schedule { data = tostring(ts), onexecute = function(ts) io.popen('sleep 0.1'):close() return ts end,
                    onresult = function(engine, ts) engine:update_counter('{{Hosts}}', 'k', 3, 1) end }
                end }
                """
            )
        );
        for (int minute = 0; minute < 4; minute++)
            harness.At(minute * 60);
        harness.End().MustBeQuiet();

        Assert.Equal([null, 1, 1, 2], Enumerable.Range(0, 4).Select(minute => harness.Store.Value(Hosts, "k", 3, minute * 60)));
    }

    [Fact]
    public void Tasks_ThatTakeLonger_HoldNoWindowUpForEver_WhichIsCounted()
    {
        using var harness = new BackendHarness(
            new BackendOptions { CatchUpTime = TimeSpan.FromMilliseconds(1) },
            Plugin(
                """
                engine_monitor = { onbeginflush = function() T.async:schedule { data = '', onexecute = function() io.popen('sleep 0.2'):close() end } end }
                """
            )
        );
        for (int minute = 0; minute < 3; minute++)
            harness.At(minute * 60);
        harness.End().MustBeQuiet();

        Assert.InRange(harness.Host.Counters.WindowsBehind, 1, 3);
    }

    [Fact]
    public void Tasks_WhenTheRunIsToEnd_AreWaitedForByNoWindow()
    {
        using var harness = new BackendHarness(
            Plugin(
                """
                engine_monitor = { onbeginflush = function(engine, ts)
                  print('pending', T.async:pending_items())
                  T.async:schedule { data = '', onexecute = function() io.popen('sleep 0.1'):close() end }
                end }
                """
            )
        );
        harness.Host.IsEnding = () => true;
        for (int minute = 0; minute < 4; minute++)
            harness.At(minute * 60);
        harness.End().MustBeQuiet();

        Assert.Equal("pending\t0", harness.Printed[0]);
        Assert.Contains("pending\t2", harness.Printed);
    }

    [Fact]
    public void Async_ResultsComeBack_AndWhatTheyAddIsStored()
    {
        using var harness = new BackendHarness(
            Plugin(
                $$"""
                fts_monitor = {
                  fts_guid = '{{HttpDocuments}}',
                  onnewfts = function(engine, d)
                    T.async:schedule {
                      data = d:text(),
                      onexecute = function(text) return #text .. '' end,
                      onresult = function(engine, text, n)
                        engine:add_alert('{{UserAlerts}}', nil, 'checked', 2, text .. ' ' .. n)
                        engine:update_counter('{{Hosts}}', 'checked', 0, 1)
                      end,
                    }
                  end,
                }
                """
            )
        );
        harness.Document("one");
        harness.Document("three");
        harness.End().MustBeQuiet();

        Assert.Equal(["one 3", "three 5"], harness.Store.Alerts.Select(alert => alert.Message).Order(StringComparer.Ordinal));
        Assert.Equal(2, harness.Store.Values.Where(value => value.Key == "checked").Sum(value => value.Value));
    }

    [Theory]
    [InlineData("engine_monitor", "", "onbeginflush")]
    [InlineData("engine_monitor", "", "onendflush")]
    [InlineData("engine_monitor", "", "onmetronome")]
    [InlineData("cg_monitor", "counter_guid = '" + Hosts + "',", "onbeginflush")]
    [InlineData("cg_monitor", "counter_guid = '" + Hosts + "',", "onflushfilter")]
    [InlineData("cg_monitor", "counter_guid = '" + Hosts + "',", "onflush")]
    [InlineData("cg_monitor", "counter_guid = '" + Hosts + "',", "onbegintopperflush")]
    [InlineData("cg_monitor", "counter_guid = '" + Hosts + "',", "ontopperflushfilter")]
    [InlineData("cg_monitor", "counter_guid = '" + Hosts + "',", "ontopperflush")]
    [InlineData("cg_monitor", "counter_guid = '" + Hosts + "',", "onendtopperflush")]
    [InlineData("cg_monitor", "counter_guid = '" + Hosts + "',", "onupdate")]
    [InlineData("cg_monitor", "counter_guid = '" + Hosts + "',", "onnewkey")]
    [InlineData("sg_monitor", "", "onnewflow")]
    [InlineData("sg_monitor", "", "onterminate")]
    [InlineData("sg_monitor", "", "flushfilter")]
    [InlineData("sg_monitor", "", "onflush")]
    [InlineData("alert_monitor", "alert_guid = '" + UserAlerts + "',", "onnewalert")]
    [InlineData("alert_monitor", "alert_guid = '" + UserAlerts + "',", "flushfilter")]
    [InlineData("alert_monitor", "alert_guid = '" + UserAlerts + "',", "onflush")]
    [InlineData("resource_monitor", "resource_guid = '" + DnsResources + "',", "onnewresource")]
    [InlineData("resource_monitor", "resource_guid = '" + DnsResources + "',", "onflush")]
    [InlineData("fts_monitor", "fts_guid = '" + HttpDocuments + "',", "onnewfts")]
    [InlineData("fts_monitor", "fts_guid = '" + HttpDocuments + "',", "onflush")]
    [InlineData("flowtracker", "control = { name = 'X' },", "getmetric")]
    public void Error_InACallback_IsTold_AndNothingIsLost(string block, string fields, string callback)
    {
        using var harness = new BackendHarness(Plugin($"{block} = {{ {fields} {callback} = function() local x = nil; return x.y end }}"));
        harness.Count(Hosts, "k", 0, 60);
        harness.Alert("a");
        harness.Resource("r");
        harness.Document("d");
        Flow flow = harness.Begin();
        harness.Touch(flow, 100);
        harness.Lane.AddFlow(flow);
        harness.At(2);
        harness.End();

        Assert.StartsWith($"{callback}: ", harness.Output.Errors[0], StringComparison.Ordinal);
        Assert.Contains("attempt to index local 'x'", harness.Output.Errors[0], StringComparison.Ordinal);
        Assert.True(harness.Host.Errors > 0);
        Assert.Equal(60, harness.Store.Value(Hosts, "k", 0));
        Assert.Single(harness.Store.Alerts);
        Assert.Single(harness.Store.Resources);
        Assert.Single(harness.Store.Documents);
        Assert.Single(harness.Store.Flows);
    }

    [Theory]
    [InlineData("a:set_priority('high')", "set_priority")]
    [InlineData("a:set_priority(0/0)", "set_priority")]
    [InlineData("a:set_priority(-1)", "set_priority")]
    [InlineData("a.sigid()", "")]
    [InlineData("a:no_such_method()", "no_such_method")]
    public void WrongArguments_OfAnAlert_AreErrorsOfTheScript(string code, string expected)
    {
        using var harness = new BackendHarness(
            Plugin($"alert_monitor = {{ alert_guid = '{UserAlerts}', onflush = function(_, a) {code} end }}")
        );
        harness.Alert("sig", priority: 3);
        harness.End();

        Assert.Contains(expected, Assert.Single(harness.Output.Errors), StringComparison.Ordinal);
        Assert.Equal(3, Assert.Single(harness.Store.Alerts).Priority);
    }

    [Fact]
    public void SetText_TakesAnything_AndNilErases()
    {
        using var harness = new BackendHarness(
            Plugin(
                $$"""
                alert_monitor = { alert_guid = '{{UserAlerts}}', onflush = function(_, a)
                  if a:sigid() == 'nil' then a:set_message(nil) elseif a:sigid() == 'number' then a:set_message(12) else a:set_message('\255') end
                end }
                """
            )
        );
        foreach (string key in new[] { "nil", "number", "bytes" })
            harness.Alert(key);
        harness.End().MustBeQuiet();

        Assert.Equal(["", "12", @"\xFF"], harness.Store.Alerts.Select(alert => alert.Message));
    }

    [Fact]
    public void Tags_OfAFlow_StayBelow64Bytes()
    {
        Assert.Equal("a|b", TagText.Add("a", "b"));
        Assert.Equal("a|b", TagText.Add("a|b", "a"));
        Assert.Equal("a", TagText.Add("a", new string('x', 62)));
        Assert.Equal(63, TagText.Add("a", new string('x', 61)).Length);
        Assert.Equal("a|b|c", TagText.Join("a|b", "b|c"));
    }
}
