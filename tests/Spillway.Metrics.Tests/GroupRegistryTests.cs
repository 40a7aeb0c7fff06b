using Spillway.Metrics.Groups;
using static Spillway.Metrics.Tests.Helpers;

namespace Spillway.Metrics.Tests;

public class GroupRegistryTests
{
    [Fact]
    public void WellKnownGroups_AreThereWithTheirMeters()
    {
        var registry = new GroupRegistry();

        CounterGroup hosts = registry.FindCounterGroup(WellKnownGuids.Hosts)!;

        Assert.Equal("Hosts", hosts.Name);
        Assert.Equal(17, hosts.Meters.Count);
        Assert.Equal(new Meter(4, MeterType.RunningCounter, "Active conns", "", "conns", 50, 0), hosts.FindMeter(4));
        Assert.Equal(69, registry.CounterGroups.Count);
        Assert.Equal(8, registry.NamedGroups(GroupKind.Alert).Count);
        Assert.Equal(4, registry.NamedGroups(GroupKind.Resource).Count);
        Assert.Contains(registry.NamedGroups(GroupKind.Fts), group => group.Name == "SSL Certs");
        Assert.Contains(registry.NamedGroups(GroupKind.Resource), group => group.Name.Contains("SSL", StringComparison.Ordinal));
        Assert.Equal(WellKnownGuids.IpFlows, Assert.Single(registry.NamedGroups(GroupKind.Session)).Guid);
    }

    [Theory]
    [InlineData("{889900CC-0063-11A5-8380-FEBDBABBDBEA}", 17)]
    [InlineData("{6CD742B1-C1CA-4708-BE78-0FCA2EB01A86}", 14)]
    [InlineData("{9781DB2C-F78A-4F7F-A7E8-2B1A9A7BE71A}", 5)]
    [InlineData("{A8776788-B8E3-4108-AD24-0E3927D9364B}", 11)]
    [InlineData("{FF889910-9293-AAA5-0028-883991889884}", 0)]
    public void WellKnownGroup_HasItsNumberOfMeters(string guid, int meters) =>
        Assert.Equal(meters, new GroupRegistry().FindCounterGroup(guid)!.Meters.Count);

    [Theory]
    [InlineData("{EEF95297-0C8D-4673-AD6B-F4BD2345FD69}")] // Web Hosts
    [InlineData("{889900CC-0063-11A5-8380-FEBDBABBDBEA}")] // Internal Hosts
    [InlineData("{71513B70-7265-46CD-A711-AFB84DAD6C64}")] // DNS Clients
    public void WellKnownGroup_WhoseKeysAreHosts_BorrowsTheirLabels(string guid) =>
        Assert.Equal(WellKnownGuids.Hosts, new GroupRegistry().FindCounterGroup(guid)!.ResolverGuid);

    [Fact]
    public void WellKnownConstants_NameTheirGroups()
    {
        var registry = new GroupRegistry();

        Assert.Equal("Hosts", registry.FindCounterGroup(System.Text.Encoding.ASCII.GetString(WellKnownGuids.HostsUtf8))!.Name);
        Assert.Equal("HostsIPv6", registry.FindCounterGroup(System.Text.Encoding.ASCII.GetString(WellKnownGuids.HostsIPv6Utf8))!.Name);
        Assert.Equal("Apps", registry.FindCounterGroup(WellKnownGuids.Apps)!.Name);
        Assert.Equal("NetworkLayerStats", registry.FindCounterGroup(WellKnownGuids.NetworkLayer)!.Name);
        Assert.Equal("User Alerts", registry.FindNamedGroup(GroupKind.Alert, WellKnownGuids.UserAlerts)!.Name);
        Assert.Equal("File Hashes", registry.FindNamedGroup(GroupKind.Resource, WellKnownGuids.FileHashes)!.Name);
    }

    [Fact]
    public void Find_AnyCase_GivesTheSameIndex()
    {
        var registry = new GroupRegistry();

        int index = registry.Find(GroupKind.Counter, "{4cd742b1-C1CA-4708-be78-0fca2eb01a86}"u8);

        Assert.Equal(registry.FindCounterGroup(WellKnownGuids.Hosts)!.Index, index);
    }

    [Fact]
    public void Find_BothGuidsOfHostsIPv6_GiveOneGroup()
    {
        var registry = new GroupRegistry();

        Assert.Equal(
            registry.Find(GroupKind.Counter, "{6CD742B1-C1CA-4708-BE78-0FCA2EB01A86}"u8),
            registry.Find(GroupKind.Counter, "{9807e97a-6CD2-442F-BB18-8C104C8EB204}"u8)
        );
    }

    [Fact]
    public void Find_GuidOfTwoKinds_GivesOneGroupEach()
    {
        var registry = new GroupRegistry();

        int counter = registry.Find(GroupKind.Counter, "{9781DB2C-F78A-4F7F-A7E8-2B1A9A7BE71A}"u8);
        int resource = registry.Find(GroupKind.Resource, "{9781DB2C-F78A-4F7F-A7E8-2B1A9A7BE71A}"u8);

        Assert.Equal("SNMP-Interface", registry.CounterGroup(counter).Name);
        Assert.Equal("File Hashes", registry.NamedGroup(GroupKind.Resource, resource).Name);
        Assert.Equal(GroupRegistry.Unknown, registry.Find(GroupKind.Alert, "{9781DB2C-F78A-4F7F-A7E8-2B1A9A7BE71A}"u8));
    }

    [Fact]
    public void Find_UnknownGuid_IsReportedOnce()
    {
        var registry = new GroupRegistry();
        var seen = new List<string>();
        registry.UnknownGroupSeen = (_, guid) => seen.Add(guid);

        Assert.Equal(-1, registry.Find(GroupKind.Counter, "{no such}"u8));
        Assert.Equal(-1, registry.Find(GroupKind.Counter, "{NO SUCH}"u8));
        Assert.Equal(-1, registry.Find(GroupKind.Counter, default));
        Assert.Equal(-1, registry.Find(GroupKind.Counter, new byte[5000]));

        Assert.Equal(["{NO SUCH}", ""], seen);
    }

    [Fact]
    public void Add_SameGuidTwice_FirstWinsAndMissingMetersAreAdded()
    {
        var registry = new GroupRegistry();
        CounterGroup first = registry.Add(
            new CounterGroupDefinition
            {
                Guid = TestGuid,
                Name = "First",
                BucketSeconds = 30,
                Meters = [Meter(0, MeterType.Counter), Meter(1, MeterType.Gauge)],
            }
        );

        CounterGroup second = registry.Add(
            new CounterGroupDefinition
            {
                Guid = "{11111111-2222-3333-4444-5555aaaabbbb}",
                Name = "Second",
                Meters = [Meter(1, MeterType.Average), Meter(3, MeterType.Maximum)],
            }
        );

        Assert.Same(first, second);
        Assert.Equal("First", second.Name);
        Assert.Equal(30, second.BucketSeconds);
        Assert.Equal(MeterType.Gauge, second.FindMeter(1)!.Type);
        Assert.Null(second.FindMeter(2));
        Assert.Equal(MeterType.Maximum, second.FindMeter(3)!.Type);
    }

    [Theory]
    [InlineData(-1, MeterType.Counter)]
    [InlineData(64, MeterType.Counter)]
    [InlineData(0, (MeterType)3)]
    public void Add_ImpossibleMeter_NamesTheGroup(int id, MeterType type)
    {
        var definition = new CounterGroupDefinition
        {
            Guid = TestGuid,
            Name = "Broken",
            Meters = [Meter(id, type)],
        };

        Assert.Contains(
            "Broken",
            Assert.Throws<ArgumentException>(() => new GroupRegistry().Add(definition)).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Add_EmptyGuid_IsRefused() =>
        Assert.Throws<ArgumentException>(() => new GroupRegistry().Add(GroupKind.Alert, "  ", "x", ""));
}
