using Spillway.Metrics.Groups;

namespace Spillway.Metrics.Tests;

/// <summary>Scripts that define a group which every probe knows.</summary>
public class WellKnownRedefinitionTests
{
    private const string SnmpInterfaces = "{9781DB2C-F78A-4F7F-A7E8-2B1A9A7BE71A}";
    private const string Hosts = "{4CD742B1-C1CA-4708-BE78-0FCA2EB01A86}";

    private static CounterGroupDefinition Definition(string guid, string name, MeterType type) =>
        new()
        {
            Guid = guid,
            Name = name,
            BucketSeconds = 30,
            Meters = [new Meter(0, type, "Mine", "mine", "u", 10, 0)],
        };

    [Fact]
    public void Add_GroupThatTrafficDoesNotFeed_IsTheScripts()
    {
        var registry = new GroupRegistry();
        int index = registry.Find(GroupKind.Counter, "{9781DB2C-F78A-4F7F-A7E8-2B1A9A7BE71A}"u8);
        CounterGroup group = registry.Add(Definition(SnmpInterfaces, "My interfaces", MeterType.Maximum));
        CounterGroup again = registry.Add(Definition(SnmpInterfaces, "Another's", MeterType.Minimum));

        Assert.Equal(index, group.Index);
        Assert.Same(group, again);
        Assert.Equal(("My interfaces", 30, true), (group.Name, group.BucketSeconds, group.IsScriptDefined));
        Assert.Equal(MeterType.Maximum, group.FindMeter(0)!.Type);
        Assert.Equal("In Octets", group.FindMeter(1)!.Name); // what the script leaves out stays
    }

    [Fact]
    public void Add_GroupThatTrafficFeeds_StaysAsItIs()
    {
        var registry = new GroupRegistry();
        CounterGroup group = registry.Add(Definition(Hosts, "My hosts", MeterType.Maximum));

        Assert.Equal(("Hosts", false), (group.Name, group.IsScriptDefined));
        Assert.Equal(MeterType.RateCounter, group.FindMeter(0)!.Type);
    }
}
