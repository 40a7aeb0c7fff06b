using Spillway.Net.Flows;
using Spillway.Net.Packets;

namespace Spillway.Net.Tests.Flows;

public class FlowRolesTests
{
    [Fact]
    public void Reverse_OfAFlowWithoutSyn_ChangesWhoIsClientAndNotTheDirections()
    {
        Flow flow = NewFlow(FlowState.Init | FlowState.ZEndServer);

        Assert.True(flow.TryReverse());
        Assert.False(flow.TryReverse());
        Assert.Equal((true, false, true), (flow.ClientIsA, flow.IsClientA, flow.IsReversed));
        Assert.Equal(FlowState.Init | FlowState.AEndServer, flow.State);
        Assert.Equal(StreamDirection.ClientToServer, flow.DirectionOf(fromA: true));
    }

    [Theory]
    [InlineData(FlowState.SeenSyn)]
    [InlineData(FlowState.SeenSynAck)]
    public void Reverse_OfAFlowWithSyn_ChangesNothing(FlowState seen)
    {
        Flow flow = NewFlow(seen | FlowState.ZEndServer);

        Assert.False(flow.TryReverse());
        Assert.Equal((true, seen | FlowState.ZEndServer), (flow.IsClientA, flow.State));
    }

    private static Flow NewFlow(FlowState state)
    {
        FlowKey key = FlowKey.Create(1, 40000, 2, 80, protocol: 6, version: 4, out _);
        return new Flow(in key, number: 1, timestampNs: 0) { State = state };
    }
}
