using Spillway.Metrics.Records;
using Spillway.Net.Capture;

namespace Spillway.Scripting.Tests;

/// <summary>inputfilter: packets, times and alerts that scripts make (script API, section 1.12).</summary>
public class InputFilterTests
{
    private const string ExternalIds = "{9AFD8C08-07EB-47E0-BF05-28B4A7AE8DC9}";

    private static string Input(string step) => ScriptHarness.Plugin($"inputfilter = {{ step = function(packet, engine) {step} end }}");

    private static string Alerts(string body) => ScriptHarness.Plugin($"inputfilter = {{ step_alert = function() {body} end }}");

    private static List<AlertRecord> AlertsOf(ScriptHarness harness)
    {
        harness.Host.TakeAlerts(1000);
        harness.Metrics.Complete();
        return harness.Sink.Alerts;
    }

    [Theory]
    [InlineData("1700000001", "500", 1_700_000_001_000_500_000)]
    [InlineData("'1700000001'", "'7'", 1_700_000_001_000_007_000)]
    [InlineData("1700000001.25", "nil", 1_700_000_001_250_000_000)]
    [InlineData("1700000001ULL", "1.5", 1_700_000_001_000_001_500)]
    public void SetPacket_TimesOfAllKinds_MakeThePacket(string seconds, string microseconds, long expected)
    {
        using ScriptHarness harness = ScriptHarness.ForInput(
            Input($"packet:set_packet({seconds}, {microseconds}, 101, 'E\\0\\255') return true")
        );
        InputStep step = harness.Host.StepInput(out CapturedPacket packet);

        Assert.Empty(harness.Output.Errors);
        Assert.Equal(InputStep.Packet, step);
        Assert.Equal(expected, packet.TimestampNs);
        Assert.Equal(LinkType.RawFile, packet.LinkType);
        Assert.Equal([0x45, 0, 255], packet.Data.ToArray());
        Assert.Equal(3, packet.WireLength);
    }

    [Theory]
    [InlineData("return true", InputStep.Nothing)]
    [InlineData("return 1", InputStep.Nothing)]
    [InlineData("return false", InputStep.End)]
    [InlineData("return nil", InputStep.EndByNil)]
    [InlineData("", InputStep.EndByNil)]
    [InlineData("error('bad row')", InputStep.Failed)]
    [InlineData("packet:set_timestamp('1700000100') return true", InputStep.Time)]
    [InlineData("packet:set_packet(1, 0, 1, 'x') return false", InputStep.End)]
    public void Step_Results_AreToldApart(string body, InputStep expected)
    {
        using ScriptHarness harness = ScriptHarness.ForInput(Input(body));
        Assert.True(harness.Host.HasInput);
        Assert.Equal(expected, harness.Host.StepInput(out _));
    }

    [Theory]
    [InlineData("packet:set_packet(-1, 0, 1, 'x')", "packet:set_packet: seconds must be a number")]
    [InlineData("packet:set_packet(0/0, 0, 1, 'x')", "packet:set_packet: seconds must be a number")]
    [InlineData("packet:set_packet(1, 'x', 1, 'x')", "packet:set_packet: microseconds must be a number")]
    [InlineData("packet:set_packet(1, 0, nil, 'x')", "the link type must be one of libpcap")]
    [InlineData("packet:set_packet(1, 0, 1, nil)", "the bytes must be a string, not a nil")]
    [InlineData("packet:set_packet(1, 0, 1, ('x'):rep(262145))", "a packet of 262145 bytes is longer")]
    [InlineData("packet:set_timestamp('yesterday')", "packet:set_timestamp: seconds must be a number")]
    [InlineData("packet:wire_length()", "packet:wire_length() is not available in an inputfilter")]
    public void Step_WrongArguments_AreErrorsWithTheirName(string body, string expected)
    {
        using ScriptHarness harness = ScriptHarness.ForInput(Input(body + " return true"));
        Assert.Equal(InputStep.Failed, harness.Host.StepInput(out _));
        Assert.Contains(expected, Assert.Single(harness.Output.Errors), StringComparison.Ordinal);
    }

    [Fact]
    public void SetTimestamp_IsTheTimeOfWhatFollows()
    {
        const string Hosts = "{4CD742B1-C1CA-4708-BE78-0FCA2EB01A86}";
        using ScriptHarness harness = ScriptHarness.ForInput(
            Input(
                $$"""
                packet:set_timestamp(1700000100)
                engine:update_counter("{{Hosts}}", "0A.01.02.03", 0, "100")
                engine:update_flow("06C:0A.01.02.03:p-C000_C6.33.64.07:p-01BB_00.00.00.00_00000000_00000000", 0, "100")
                print(engine:timestamp())
                return true
                """
            )
        );
        Assert.Equal(InputStep.Time, harness.Host.StepInput(out _));
        harness.Lane.Imported.EndAll();
        Assert.Equal("1700000100\n", harness.Output.Printed);
        Assert.Equal(100, harness.Counter(Hosts, "0A.01.02.03", 0));
        Assert.Equal(1_700_000_100_000_000_000, Assert.Single(harness.Sink.Flows).FirstNs);
    }

    [Fact]
    public void InterruptInput_StepThatDoesNotReturn_Fails()
    {
        using ScriptHarness harness = ScriptHarness.ForInput(Input("while true do pcall(function() end) end"));
        using var stop = new CancellationTokenSource();
        var interrupter = new Thread(() =>
        {
            // Until it works: the step may not have begun yet.
            while (!stop.IsCancellationRequested)
                harness.Host.InterruptInput();
        });
        interrupter.Start();
        InputStep step = harness.Host.StepInput(out _);
        stop.Cancel();
        interrupter.Join();
        Assert.Equal(InputStep.Failed, step);
        Assert.Contains("interrupted", Assert.Single(harness.Output.Errors), StringComparison.Ordinal);
    }

    [Fact]
    public void StepOfAnOrdinaryScript_IsNotRunAndTold()
    {
        using var harness = new ScriptHarness(Input("return true"));
        Assert.False(harness.Host.HasInput);
        Assert.Contains("start it by 'spillway input", Assert.Single(harness.Output.Problems), StringComparison.Ordinal);
    }

    [Fact]
    public void StepAlert_FieldsOfAllKinds_AreCoerced()
    {
        using var harness = new ScriptHarness(
            Alerts(
                $$"""
                if T.done then return nil end
                T.done = true
                return { AlertGroupGUID = "{{ExternalIds.ToLowerInvariant()}}", TimestampSecs = "1700000000", TimestampUsecs = "250000", SigIDKey = 2000001,
                  SigIDLabel = "a signature", SourceIP = "10.1.2.3", SourcePort = 49152, DestIP = "198.51.100.7", DestPort = "443", Protocol = "6",
                  Priority = 2ULL, ClassificationKey = 7, AlertStatus = "FIRED", AlertDetails = "what was seen" }
                """
            )
        );
        AlertRecord alert = Assert.Single(AlertsOf(harness));

        Assert.Empty(harness.Output.Errors);
        Assert.Equal(
            (
                ExternalIds,
                1_700_000_000_250_000_000,
                "2000001",
                "06A:0A.01.02.03:p-C000_C6.33.64.07:p-01BB",
                2,
                "7",
                "FIRED",
                "what was seen"
            ),
            (alert.GroupGuid, alert.TimestampNs, alert.Key, alert.FlowId, alert.Priority, alert.Classification, alert.Status, alert.Message)
        );
        KeyLabelRecord label = Assert.Single(harness.Sink.Labels);
        Assert.Equal(("2000001", "a signature"), (label.Key, label.Label));
    }

    [Theory]
    [InlineData("", null, "ALARM", 1, "c-xx")]
    [InlineData(
        "SourceIP = '2001:db8::1', DestIP = '::ffff:1.2.3.4', SourcePort = 'icmp80', DestPort = 'igmp', Protocol = 58,",
        "3AB:20010DB8000000000000000000000001:icmp80_00000000000000000000FFFF01020304:igmp00",
        "ALARM",
        1,
        "c-xx"
    )]
    [InlineData(
        "SourceIP = '10.1.2.3', Protocol = 300, SourcePort = -1, AlertStatus = 'CLEAR',",
        "00A:0A.01.02.03:p-0000_00.00.00.00:p-0000",
        "CLEAR",
        1,
        "c-xx"
    )]
    [InlineData(
        "DestIP = '1:2:3:4:5:6:7:8', Priority = '3',",
        "00B:00000000000000000000000000000000:p-0000_00010002000300040005000600070008:p-0000",
        "ALARM",
        3,
        "c-xx"
    )]
    [InlineData("SourceIP = 'host.example', DestIP = '1::2::3',", null, "ALARM", 1, "c-xx")]
    public void StepAlert_DefaultsAndAddresses_AreFilledIn(string fields, string? flow, string status, int priority, string classification)
    {
        using var harness = new ScriptHarness(
            Alerts(
                $$"""
                if T.done then return nil end
                T.done = true
                return { AlertGroupGUID = "{{ExternalIds}}", TimestampSecs = 1, SigIDKey = 'x', {{fields}} }
                """
            )
        );
        AlertRecord alert = Assert.Single(AlertsOf(harness));
        Assert.Equal((flow, status, priority, classification), (alert.FlowId, alert.Status, alert.Priority, alert.Classification));
    }

    [Theory]
    [InlineData("{ TimestampSecs = 1, SigIDKey = 1 }", "the alert has no AlertGroupGUID")]
    [InlineData("{ AlertGroupGUID = 'x', SigIDKey = 1 }", "the alert has no TimestampSecs")]
    [InlineData("{ AlertGroupGUID = 'x', TimestampSecs = 1 }", "the alert has no SigIDKey")]
    [InlineData("{ AlertGroupGUID = 'x', TimestampSecs = {}, SigIDKey = 1 }", "seconds must be a number")]
    [InlineData("'alert'", "step_alert returned a string")]
    public void StepAlert_Incomplete_IsToldAndStopsAfterManyInARow(string alert, string expected)
    {
        using var harness = new ScriptHarness(Alerts($"return {alert}"));
        Assert.Empty(AlertsOf(harness));
        Assert.Contains(expected, harness.Output.Errors[0], StringComparison.Ordinal);
        Assert.Contains("step_alert raised 100 times in a row", Assert.Single(harness.Output.Problems), StringComparison.Ordinal);
        long calls = harness.Host.GetFigures()[0].Callbacks.Single(pair => pair.Callback == "step_alert").Calls;
        harness.Host.TakeAlerts(1000);
        Assert.Equal(calls, harness.Host.GetFigures()[0].Callbacks.Single(pair => pair.Callback == "step_alert").Calls);
    }

    [Fact]
    public void PollAlerts_SourceThatNeverEnds_IsTakenInPortions()
    {
        using var harness = new ScriptHarness(
            Alerts($$"""return { AlertGroupGUID = "{{ExternalIds}}", TimestampSecs = 1, SigIDKey = 1 }""")
        );
        for (int i = 0; i < 33; i++)
            harness.Host.PollAlerts();
        Assert.True(harness.Host.TakeAlerts(10));
        harness.Metrics.Complete();
        Assert.Equal(64 + 64 + 10, harness.Sink.Alerts.Count);
    }

    [Fact]
    public void RandomTables_AsAlerts_NeverFault()
    {
        const int seed = 4;
        using var harness = new ScriptHarness(
            Alerts(
                $$"""
                local values = { 1, -1, 0/0, 1/0, 2^53, '', 'x', '10.1.2.3', '::', '1:2', ':::', ('9'):rep(400), {}, print, true, 5LL, '\0\255', "{{ExternalIds}}" }
                local names = { 'AlertGroupGUID', 'TimestampSecs', 'TimestampUsecs', 'SigIDKey', 'SigIDLabel', 'SigIDKeyLabel', 'SourceIP', 'DestIP', 'SourcePort', 'DestPort',
                  'Protocol', 'ClassificationKey', 'Priority', 'AlertDetails', 'AlertStatus' }
                T.seed = T.seed or {{seed}}
                local function random(n) T.seed = (T.seed * 16807) % 2147483647 return T.seed % n + 1 end
                T.n = (T.n or 0) + 1
                if T.n > 3000 then return nil end
                local alert = { AlertGroupGUID = "{{ExternalIds}}", TimestampSecs = 1, SigIDKey = 1 }
                for i = 1, 4 do alert[names[random(#names)]] = values[random(#values)] end
                return alert
                """
            )
        );
        for (int i = 0; i < 100; i++)
            harness.Host.TakeAlerts(100);
        harness.Metrics.Complete();
        Assert.DoesNotContain(harness.Output.Errors, error => error.StartsWith("FAULT", StringComparison.Ordinal));
        Assert.NotEmpty(harness.Sink.Alerts);
    }
}
