using Spillway.Net.Packets;

namespace Spillway.Net.Tests;

public class FlowKeyTests
{
    [Fact]
    public void Create_BothDirections_GiveTheSameKeyWithLowerPortAtZ()
    {
        FlowKey there = FlowKey.Create(0x0A010203, 49152, 0xC6336407, 443, 6, 4, out bool fromA);
        FlowKey back = FlowKey.Create(0xC6336407, 443, 0x0A010203, 49152, 6, 4, out bool backFromA);

        Assert.True(fromA);
        Assert.False(backFromA);
        Assert.Equal(there, back);
        Assert.Equal(there.GetHashCode(), back.GetHashCode());
        Assert.Equal(443, there.PortZ);
    }

    [Fact]
    public void Create_EqualPorts_PutsLowerAddressAtA()
    {
        FlowKey key = FlowKey.Create(9, 123, 5, 123, 17, 4, out bool fromA);

        Assert.False(fromA);
        Assert.Equal((UInt128)5, key.AddressA);
    }
}
