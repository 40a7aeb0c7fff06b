namespace Spillway.Scripting.Tests;

/// <summary>Messages between scripts and counters of flows (script API, sections 1.9 and 4.1.3).</summary>
public class MessageTests
{
    private const string Ping = "{3649DB21-A87B-40DD-BA9E-C0FC58C9C699}";

    private static string Listener(string name, string subscriptions) =>
        $$"""
            TrisulPlugin = { id = { name = '{{name}}' }, {{subscriptions}}
              onmessage = function(id, text) print('{{name}} ' .. id .. ' ' .. text) end,
              simplecounter = { protocol_guid = "{77E462AB-2E42-42EC-9A58-C1A6821D6B31}" } }
            """;

    [Fact]
    public void PostMessage_SubscribedBroadcastAndOwn_AreDelivered()
    {
        using var harness = new ScriptHarness(
            $$"""
            TrisulPlugin = { id = { name = 'sender' }, message_subscriptions = {},
              onmessage = function(id, text) print('sender ' .. id .. ' ' .. text) end,
              simplecounter = { protocol_guid = "{77E462AB-2E42-42EC-9A58-C1A6821D6B31}", onpacket = function(engine)
                engine:post_message_frontend("{{Ping.ToLowerInvariant()}}", "direct")
                engine:post_message_frontend("to everybody")
                engine:post_message_backend("{{Ping}}", "nobody")
              end } }
            """,
            Listener("subscribed", $$"""message_subscriptions = { "{{Ping}}" },"""),
            Listener("all", ""),
            Listener("other", """message_subscriptions = { "{00000000-0000-0000-0000-000000000001}" },""")
        );
        harness.Send(Packets.Syn());
        Assert.Empty(harness.Output.Printed); // nothing before the callback has returned
        harness.Host.DoRequests();

        Assert.Empty(harness.Output.Errors);
        string id = Ping.ToLowerInvariant();
        Assert.Equal(
            $"subscribed {id} direct\nall {id} direct\nsender  to everybody\nsubscribed  to everybody\nall  to "
                + "everybody\nother  to everybody\n",
            harness.Output.Printed
        );
    }

    [Fact]
    public void DoRequests_ScriptsThatAnswerEachOther_ComeBackNextTime()
    {
        using var harness = new ScriptHarness(
            """
            TrisulPlugin = { id = { name = 'echo' },
              onmessage = function(id, text) print(text) T.engine:post_message_frontend(text .. '!') end,
              simplecounter = { protocol_guid = "{77E462AB-2E42-42EC-9A58-C1A6821D6B31}",
                onpacket = function(engine) T.engine = engine engine:post_message_frontend('hey') end } }
            """
        );
        harness.Send(Packets.Syn());
        harness.Host.DoRequests();
        harness.Host.DoRequests();
        Assert.Equal("hey\nhey!\n", harness.Output.Printed);
        Assert.True(harness.Lane.HasRequests);
    }

    [Fact]
    public void FlowCounters_DirectionsAndReset_CountWireBytes()
    {
        const string Guid = "{835467C5-759F-4755-BD86-C45FE5FD3259}";
        using var harness = new ScriptHarness(
            $$"""
            local G = "{{Guid}}"
            TrisulPlugin = { id = { name = 'x' },
              countergroup = { control = { guid = G, name = "g" }, meters = { { 0, T.K.vartype.COUNTER, 10, 0, "a", "b", "c" } } },
              simplecounter = { protocol_guid = "{77E462AB-2E42-42EC-9A58-C1A6821D6B31}", onpacket = function(engine, layer)
                local id = layer:flowkey()
                engine:add_flow_counter(id, G, "gone", 0, 0)
                engine:reset_flow_counter(id, G, "both", 0)
                engine:add_flow_counter(id, G, "out", 0, 1)
                engine:add_flow_counter(id, G, "in", 0, 2)
                engine:add_flow_counter(id, G, "in", 0, 2)
                engine:add_flow_counter("nonsense", G, "x", 0, 0)
              end } }
            """
        );
        harness.Send(Packets.Syn());
        Net.Flows.Flow flow = harness.LastFlow!;
        harness.Lane.FlowCounters.Count(flow, fromA: true, 100, harness.Metrics);
        harness.Lane.FlowCounters.Count(flow, fromA: false, 7, harness.Metrics);

        Assert.Empty(harness.Output.Errors);
        Assert.Equal(107, harness.Counter(Guid, "both", 0));
        Assert.Equal(100, harness.Sink.Value(Guid, "out", 0));
        Assert.Equal(7, harness.Sink.Value(Guid, "in", 0));
        Assert.Null(harness.Sink.Value(Guid, "gone", 0));
        harness.Lane.FlowCounters.Forget(flow);
        Assert.False(harness.Lane.FlowCounters.Any);
    }
}
