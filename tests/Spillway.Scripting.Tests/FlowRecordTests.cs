using Spillway.Metrics.Records;
using Spillway.Net.Flows;

namespace Spillway.Scripting.Tests;

/// <summary>Flows and records that scripts tell of, and the blocks that listen (script API, sections 1.12, 4.1.3).</summary>
public class FlowRecordTests
{
    private const string Tcp = "{77E462AB-2E42-42EC-9A58-C1A6821D6B31}";
    private const string Record = "06C:0A.01.02.03:p-C000_C6.33.64.07:p-01BB_C0.A8.00.01_00000011_00000008";

    private static string OnPacket(string code) =>
        ScriptHarness.Plugin($$"""simplecounter = { protocol_guid = "{{Tcp}}", onpacket = function(engine, layer) {{code}} end }""");

    private const string Monitor = """
        TrisulPlugin = { id = { name = 'm' }, messagemonitor = {
          onnewflowrecord = function(engine, flow, a, b, c, d)
            print('record', flow:flow_type(), flow:ipa_readable(), flow:netflow_router_readable(), flow:netflow_ifindex_in_readable(), a, b, c, d, engine:timestamp())
          end,
          onflowmetric = function(engine, flow, meter, value) print('metric', flow:id(), meter, value) end } }
        """;

    private static List<FlowRecord> FlowsOf(ScriptHarness harness)
    {
        harness.Lane.Imported.EndAll();
        harness.Metrics.Complete();
        return harness.Sink.Flows;
    }

    [Fact]
    public void UpdateFlow_OfARecord_MakesAFlowWithItsOriginAndDuration()
    {
        using var harness = new ScriptHarness(
            OnPacket(
                $$"""
                local f = "{{Record}}"
                engine:update_flow(f, 0, "1500")
                engine:update_flow_raw("{{Record.ToLowerInvariant()}}", 0, 500.4)
                engine:update_flow(f, 3, 2)
                engine:update_flow(f, 6, 1234)
                engine:update_flow(f, 7, 3)
                engine:set_flow_duration(f, "5")
                engine:tag_flow(f, "[test]told")
                for _, bad in ipairs { 'nonsense', '', '06A:' } do engine:update_flow(bad, 0, 1) end
                engine:update_flow(f, 8, 1) engine:update_flow(f, 0, 0/0) engine:update_flow(nil, 0, 1) engine:update_flow(f, nil, nil)
                """
            )
        );
        harness.Send(Packets.Syn());

        Assert.Empty(harness.Output.Errors);
        FlowRecord flow = Assert.Single(FlowsOf(harness));
        Assert.Equal(Record, flow.Id);
        Assert.Equal(
            (2000, 0, 0, 2, 1234, 3, "[test]told"),
            (flow.BytesAZ, flow.BytesZA, flow.PacketsAZ, flow.PacketsZA, flow.SetupRttMicroseconds, flow.Retransmissions, flow.Tags)
        );
        Assert.Equal(5_000_000_000, flow.LastNs - flow.FirstNs);
    }

    [Fact]
    public void UpdateFlow_OfTheFlowOfPackets_AddsToIt()
    {
        using var harness = new ScriptHarness(
            OnPacket("engine:update_flow(layer:flowkey(), 0, 10) engine:update_flow(layer:packet():flowid(), 0, 5)")
        );
        harness.Send(Packets.Syn());
        Assert.Equal(15, harness.LastFlow!.BytesAZ);
        Assert.Empty(FlowsOf(harness));
    }

    [Fact]
    public void ImportedFlows_IdleTerminatedAndTooMany_End()
    {
        using var harness = new ScriptHarness(OnPacket($"engine:update_flow('{Record}', 0, 1) engine:terminate_flow('{Record}')"));
        harness.Send(Packets.Syn());
        harness.Host.DoRequests();
        Assert.False(harness.Lane.Imported.Any);

        harness.Lane.Imported.Update("11A:0A.01.02.03:p-0001_0A.01.02.04:p-0002"u8, 0, 1, 0);
        harness.Lane.Imported.Expire(1_000_000_000);
        Assert.True(harness.Lane.Imported.Any);
        harness.Lane.Imported.Expire(1_000_000_000_000);
        Assert.False(harness.Lane.Imported.Any);
        for (int i = 0; i <= Imports.ImportedFlows.MaxFlows; i++)
            harness.Lane.Imported.Update(
                System.Text.Encoding.ASCII.GetBytes($"11A:0A.01.02.03:p-0001_{i >> 16:X2}.{(i >> 8) & 255:X2}.{i & 255:X2}.04:p-0002"),
                0,
                1,
                i
            );
        Assert.Equal(1, harness.Lane.Imported.Evicted);
        Assert.Equal(Imports.ImportedFlows.MaxFlows + 3, FlowsOf(harness).Count);
    }

    [Fact]
    public void NewFlowRecordAndMetrics_GoToMonitorsBetweenPackets()
    {
        using var harness = new ScriptHarness(
            OnPacket($"engine:new_flow_record('{Record}', '100', 0, 2, 0) engine:update_flow('{Record}', 6, 250)"),
            Monitor
        );
        harness.Send(Packets.Syn());
        Assert.Empty(harness.Output.Printed);
        harness.Host.DoRequests();

        Assert.Empty(harness.Output.Errors);
        Assert.Equal($"record\tC\t10.1.2.3\t192.168.0.1\t17\t100\t0\t2\t0\t1700000000\nmetric\t{Record}\t6\t250\n", harness.Output.Printed);
        Assert.Empty(FlowsOf(harness).FindAll(flow => flow.BytesAZ > 0));
    }

    [Fact]
    public void FlowMetrics_OfPackets_AddUpToTheMeters()
    {
        using var harness = new ScriptHarness(Monitor, OnPacket(""));
        harness.Send(Packets.Syn());
        Flow flow = harness.LastFlow!;
        harness.Host.OnFlowUpdate(flow);
        flow.SetupRttMicroseconds = 700;
        harness.Host.OnFlowUpdate(flow);
        harness.Host.OnFlowUpdate(flow);
        flow.Retransmissions = 2;
        harness.Host.OnFlowUpdate(flow);
        flow.Retransmissions = 5;
        harness.Host.OnFlowUpdate(flow);
        (flow.BytesAZ, flow.PacketsAZ) = (60, 1);
        harness.Host.OnFlowVolume(flow);

        const string Id = "06A:0A.01.02.03:p-C000_C6.33.64.07:p-01BB";
        Assert.Equal(
            $"metric\t{Id}\t6\t700\nmetric\t{Id}\t7\t2\nmetric\t{Id}\t7\t3\nmetric\t{Id}\t0\t60\nmetric\t{Id}\t2\t1\n",
            harness.Output.Printed
        );
    }

    [Fact]
    public void Broadcast_ReachesListenersOwnIncluded_AsBuffer()
    {
        using var harness = new ScriptHarness(
            $$"""
            TrisulPlugin = { id = { name = 'x', clsid = "{D75968BF-EDC7-4A98-85F2-E2F98D900490}" },
              simplecounter = { protocol_guid = "{{Tcp}}", onpacket = function() T.host:broadcast("{E0E74C33-E64E-4281-B1B9-867392144B9E}", TrisulPlugin.id.clsid, "hey\0you") end },
              channellistener = { onchannelmessage = function(id, data) print(id, data:size(), data:hval_8(0), (data:tostring():gsub('%z', '+'))) end } }
            """
        );
        harness.Send(Packets.Syn());
        harness.Host.DoRequests();
        Assert.Empty(harness.Output.Errors);
        Assert.Equal("{E0E74C33-E64E-4281-B1B9-867392144B9E}\t7\t104\they+you\n", harness.Output.Printed);
    }

    [Fact]
    public void FlowMonitor_GetsAttributesInTheOldOrder()
    {
        using var harness = new ScriptHarness(
            """TrisulPlugin = { id = { name = 'old' }, flowmonitor = { onflowattribute = function(e, flow, ts, name, value) print(flow:id(), ts, name, value:tostring(), value:size()) end } }""",
            OnPacket("engine:add_flow_attribute(layer:flowkey(), 'SNI', 'example.org')")
        );
        harness.Send(Packets.Syn());
        harness.Host.DoRequests();
        Assert.True(harness.Host.ReadsAttributes);
        Assert.True(harness.Host.HasStreamScripts);
        Assert.Equal("06A:0A.01.02.03:p-C000_C6.33.64.07:p-01BB\t1700000000\tSNI\texample.org\t11\n", harness.Output.Printed);
    }

    [Fact]
    public void Host_CreateKeyAndPrepareConfig_Work()
    {
        using var harness = new ScriptHarness(
            ScriptHarness.Plugin(
                """
                onload = function()
                  T.host:createkey("{4CD742B1-C1CA-4708-BE78-0FCA2EB01A86}", "0A.01.02.03", "printer")
                  local dir = T.env.get_config 'App>DBRoot'
                  os.execute("mkdir -p " .. dir .. "/config")
                  local f = io.open(dir .. '/template.xml', 'w') f:write('<a/>') f:close()
                  local path = T.host:prepare_config("{e0e74c33-e64e-4281-b1b9-867392144b9e}", dir .. '/template.xml')
                  print(path:match('[^/]+$'), io.open(path):read('*a'))
                  print(T.host.prepare_config("{E0E74C33-E64E-4281-B1B9-867392144B9E}", '/nowhere') == path)
                  print(pcall(T.host.prepare_config, "{00000000-E64E-4281-B1B9-867392144B9E}", '/nowhere'))
                end
                """
            )
        );
        harness.Metrics.Complete();
        Assert.Equal("printer", Assert.Single(harness.Sink.Labels).Label);
        string[] lines = harness.Output.Printed.Split('\n');
        Assert.Equal("PI-{E0E74C33-E64E-4281-B1B9-867392144B9E}.xml\t<a/>", lines[0]);
        Assert.Equal("true", lines[1]);
        Assert.Contains("T.host:prepare_config: the template cannot be read", lines[2], StringComparison.Ordinal);
    }
}
