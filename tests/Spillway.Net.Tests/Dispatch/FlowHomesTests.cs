using Spillway.Net.Dispatch;
using Spillway.Net.Packets;

namespace Spillway.Net.Tests.Dispatch;

public sealed class FlowHomesTests
{
    private static readonly FlowKey Key = FlowKey.CreateAsGiven(1, 40_000, 2, 80, 6, 4);

    [Fact]
    public void IsElsewhere_FlowOfAnotherLane_IsTrueUntilItHasEndedThere()
    {
        var homes = new FlowHomes();

        Assert.False(homes.IsElsewhere(in Key, 3));
        Assert.False(homes.IsElsewhere(in Key, 3));
        Assert.True(homes.IsElsewhere(in Key, 63));
        homes.Leave(in Key, 63);
        Assert.True(homes.IsElsewhere(in Key, 0));
        homes.Leave(in Key, 3);
        Assert.False(homes.IsElsewhere(in Key, 0));
    }

    [Fact]
    public void IsElsewhere_ManyFlowsOfTwoLanes_NamesNoneWithoutCause()
    {
        var homes = new FlowHomes();

        for (int i = 0; i < 2 * FlowHomes.MaxFlows; i++)
            Assert.False(homes.IsElsewhere(FlowKey.CreateAsGiven((uint)i, 1, 2, 80, 6, 4), i & 1));
    }
}
