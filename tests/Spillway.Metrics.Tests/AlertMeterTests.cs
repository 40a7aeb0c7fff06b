using static Spillway.Metrics.Tests.Helpers;

namespace Spillway.Metrics.Tests;

public class AlertMeterTests
{
    private const uint Client = 0x0A000001; // 10.0.0.1
    private const uint Server = 0xC6336407; // 198.51.100.7
    private const byte Syn = 2;
    private const string UserAlerts = "{B5F1DECB-51D5-4395-B71B-6FA730B772D9}";
    private const string Blacklist = "{5E97C3A3-41DB-4E34-92C3-87C904FAB83E}";
    private const string ToWeb = "06A:0A.00.00.01:p-C000_C6.33.64.07:p-0050";
    private const int Attacker = 5,
        OnBlacklist = 11,
        Victim = 12;

    private readonly MeteredLane _lane = new();

    [Fact]
    public void Alert_OfAFlow_IsInEveryGroup()
    {
        Raise(ToWeb);
        Raise(ToWeb);
        _lane.Complete();

        Assert.Equal(2, _lane.Value("Alert Signatures", "sid-1", 0));
        Assert.Equal(2, _lane.Value("Alert Classes", "trojan", 0));
        Assert.Equal(2, _lane.Value("Alert Priorities", "1", 0));
        Assert.Equal((2, 0), Of("Hosts", "0A.00.00.01"));
        Assert.Equal((0, 2), Of("Hosts", "C6.33.64.07"));
        Assert.Equal((2, 0), Of("Internal Hosts", "0A.00.00.01"));
        Assert.Equal((0, 2), Of("External Hosts", "C6.33.64.07"));
        Assert.Equal((0, 2), Of("Web Hosts", "C6.33.64.07"));
        Assert.Empty(_lane.Sums("Web Hosts", Attacker));
        Assert.Equal(["p-0050"], _lane.Sums("Apps", 1).Keys);
        Assert.Empty(_lane.Sums("Hosts", OnBlacklist));
    }

    [Fact]
    public void Alert_OfAnOpenFlow_KnowsItsClient()
    {
        // The client has the lower port: only the SYN tells.
        _lane.Take(Frames.Ipv4(Client, Server, 6, Frames.Tcp(22, 40_000, Syn)), Noon);
        Raise("06A:C6.33.64.07:p-9C40_0A.00.00.01:p-0016");
        Raise("06A:0A.00.00.01:p-0016_C6.33.64.07:p-9C40"); // the other way round
        _lane.Complete();

        Assert.Equal((2, 0), Of("Hosts", "0A.00.00.01"));
        Assert.Equal((0, 2), Of("Hosts", "C6.33.64.07"));
        Assert.Equal(["p-9C40"], _lane.Sums("Apps", 1).Keys);
        Assert.Empty(_lane.Sums("SSH Hosts", Victim));
    }

    [Fact]
    public void Alert_FromElsewhere_NamesItsSource()
    {
        _lane.Take(Frames.Ipv4(Client, Server, 6, Frames.Tcp(49_152, 80, Syn)), Noon);
        Raise("06A:C6.33.64.07:p-0050_0A.00.00.01:p-C000", timestampNs: Noon); // the server attacks its client
        _lane.Complete();

        Assert.Equal((1, 0), Of("Hosts", "C6.33.64.07"));
        Assert.Equal((0, 1), Of("Hosts", "0A.00.00.01"));
        Assert.Equal((1, 0), Of("Web Hosts", "C6.33.64.07"));
        Assert.Equal(["p-0050"], _lane.Sums("Apps", 1).Keys);
    }

    [Fact]
    public void Alert_OfABlacklist_CountsForBothEnds()
    {
        Raise("06B:FD000000000000000000000000000001:p-C000_20010DB8000000000000000000000007:p-0016", group: Blacklist);
        _lane.Complete();

        Assert.Equal(
            (1, 0, 1),
            (
                _lane.Value("HostsIPv6", "FD000000000000000000000000000001", Attacker),
                _lane.Value("HostsIPv6", "FD000000000000000000000000000001", Victim),
                _lane.Value("HostsIPv6", "FD000000000000000000000000000001", OnBlacklist)
            )
        );
        Assert.Equal(
            (1, 1),
            (
                _lane.Value("HostsIPv6", "20010DB8000000000000000000000007", Victim),
                _lane.Value("HostsIPv6", "20010DB8000000000000000000000007", OnBlacklist)
            )
        );
        Assert.Empty(_lane.Sums("SSH Hosts", Victim)); // IPv4 keys only
    }

    [Theory]
    [InlineData("", 0)]
    [InlineData("nonsense", 0)]
    [InlineData("00A:00.00.00.00:p-0000_00.00.00.00:p-0000", 0)]
    [InlineData("06A:0A.00.00.01:p-0000_0A.00.00.01:p-0000", 1)] // hung on a host
    [InlineData("06A:0A.00.00.01:p-0000_00.00.00.00:p-0000", 1)]
    public void Alert_WithLessThanAFlow_CountsForWhatItNames(string flow, int hosts)
    {
        Raise(flow, classification: "");
        _lane.Complete();

        Assert.Equal(1, _lane.Value("Alert Signatures", "sid-1", 0));
        Assert.Empty(_lane.Sums("Alert Classes", 0));
        Assert.Empty(_lane.Sums("Apps", 1));
        Assert.Empty(_lane.Sums("Hosts", Victim));
        Assert.Equal(hosts, _lane.Sums("Hosts", Attacker).Count);
    }

    [Fact]
    public void Alert_OfAGroupThatNobodyKnows_IsNotCounted()
    {
        Raise(ToWeb, group: "{00000000-0000-0000-0000-0000000000FF}");
        _lane.Complete();

        Assert.Empty(_lane.Sums("Alert Signatures", 0));
    }

    private (double Attacker, double Victim) Of(string group, string key) =>
        (_lane.Value(group, key, Attacker), _lane.Value(group, key, Victim));

    private void Raise(string flow, string group = UserAlerts, string classification = "trojan", long? timestampNs = null)
    {
        _lane.Shard.AdvanceTo(Noon + 1);
        _lane.Shard.AddAlert(
            _lane.Shard.FindAlertGroup(Utf8(group)),
            Utf8(flow),
            "sid-1"u8,
            Utf8(classification),
            1,
            "message"u8,
            default,
            timestampNs
        );
    }
}
