using Spillway.Net.Flows;
using static Spillway.Metrics.Tests.Helpers;

namespace Spillway.Metrics.Tests;

/// <summary>Groups by name and by what a host serves.</summary>
public class NameGroupTests
{
    private const uint Client = 0x0A000001; // 10.0.0.1
    private const uint Server = 0xC6336407; // 198.51.100.7
    private const byte Syn = 2,
        Reset = 20,
        SynAck = 18,
        Ack = 16;

    [Fact]
    public void BaseDomains_GetTheBytesOfTheirConnection_ByServerName()
    {
        var lane = new MeteredLane();
        byte[] frame = Frames.Ipv4(Client, Server, 6, Frames.Tcp(49152, 443, Ack, payload: 46)); // 100 bytes
        Flow flow = lane.Take(frame, Noon)!;
        lane.Meter.Applications.OnTlsServerName(flow, "WWW.Example.CO.UK"u8, isWeb: true);
        lane.Take(frame, Noon + (60 * Second));
        lane.Complete();

        Assert.Equal(
            (100, 100),
            (lane.Value("Base Domains", "example.co.uk", 0), lane.Value("Base Domains", "example.co.uk", 0, window: 1))
        );
    }

    [Fact]
    public void BaseDomains_OfAProxy_FollowTheHostThatIsNamed()
    {
        var lane = new MeteredLane();
        byte[] frame = Frames.Ipv4(Client, Server, 6, Frames.Tcp(49152, 3128, Ack, payload: 46));
        Flow flow = lane.Take(frame, Noon)!;
        foreach (string host in (string[])["a.example.com", "b.example.com:8080", "192.0.2.1", "intranet", "www.other.org."])
        {
            lane.Meter.Applications.OnHttpRequest(flow, "GET"u8, Utf8(host));
            lane.Take(frame, Noon + 1);
        }

        lane.Meter.Applications.OnHttpRequest(flow, "CONNECT"u8, "proxied.net:443"u8);
        lane.Take(frame, Noon + 1);
        lane.Meter.Applications.OnTlsServerName(flow, "inner.example.net"u8, isWeb: true);
        lane.Take(frame, Noon + 1);
        lane.Complete();

        // The first host has the packet before it too. Addresses and single labels have no domain, and leave none behind.
        Dictionary<string, double> domains = lane.Sums("Base Domains", 0);
        Assert.Equal(300, domains["example.com"]);
        Assert.Equal(100, domains["other.org"]);
        Assert.Equal(200, domains["example.net"]); // what is said within a tunnel belongs to it from the window's row on
        Assert.Equal(3, domains.Count);
        Assert.Equal(100, lane.Sums("HTTP Hosts", 0)["192.0.2.1"]);
    }

    [Theory]
    [InlineData(254 - 12, true)]
    [InlineData(255 - 12, false)]
    [InlineData(60_000, false)]
    public void BaseDomains_OfANameThatIsTooLong_AreNone(int before, bool hasDomain)
    {
        var lane = new MeteredLane();
        Flow flow = lane.Take(Frames.Ipv4(Client, Server, 6, Frames.Tcp(49152, 443, Ack)), Noon)!;
        lane.Meter.Applications.OnTlsServerName(flow, Utf8(new string('a', before) + ".example.com"), isWeb: false);
        lane.Complete();

        Assert.Equal(hasDomain ? ["example.com"] : [], lane.Sums("Base Domains", 0).Keys);
    }

    [Fact]
    public void BaseDomains_ByAnotherList_AreThatLists()
    {
        string path = Path.GetTempFileName();
        File.WriteAllText(path, "com\nexample.com\n");
        Assert.True(Metrics.Names.PublicSuffixList.TryRead(path, out var list, out _));
        File.Delete(path);
        var lane = new MeteredLane(suffixes: list);
        Flow flow = lane.Take(Frames.Ipv4(Client, Server, 6, Frames.Tcp(49152, 443, Ack)), Noon)!;
        lane.Meter.Applications.OnTlsServerName(flow, "a.b.example.com"u8, isWeb: false);
        lane.Complete();

        Assert.Equal(["b.example.com"], lane.Sums("Base Domains", 0).Keys);
    }

    [Theory]
    [InlineData(80, "Web Hosts")]
    [InlineData(443, "Web Hosts")]
    [InlineData(8443, "Web Hosts")]
    [InlineData(25, "Email Hosts")]
    [InlineData(587, "Email Hosts")]
    [InlineData(993, "Email Hosts")]
    [InlineData(995, "Email Hosts")]
    [InlineData(22, "SSH Hosts")]
    public void Server_ThatAnswers_IsAmongItsKind_WithTheMetersOfHosts(int port, string group)
    {
        var lane = new MeteredLane();
        lane.Take(Frames.Ipv4(Client, Server, 6, Frames.Tcp(49152, port, Syn)), Noon);
        lane.Take(Frames.Ipv4(Server, Client, 6, Frames.Tcp(port, 49152, SynAck)), Noon + 1);
        lane.Take(Frames.Ipv4(Client, Server, 6, Frames.Tcp(49152, port, Ack, payload: 100)), Noon + 2);
        lane.Complete();

        Assert.Equal(
            (262, 208, 54, 3, 1),
            (
                lane.Value(group, "C6.33.64.07", 0),
                lane.Value(group, "C6.33.64.07", 1),
                lane.Value(group, "C6.33.64.07", 2),
                lane.Value(group, "C6.33.64.07", 3),
                lane.Value(group, "C6.33.64.07", 13)
            )
        );
        Assert.Equal(0, lane.Value(group, "0A.00.00.01", 0));
        foreach (string other in (string[])["Web Hosts", "Email Hosts", "SSH Hosts"])
        {
            if (other != group)
                Assert.Empty(lane.Sums(other, 0));
        }
    }

    [Fact]
    public void Flow_ThatContentTurnsRound_CountsForTheOtherEnd_WithWhatCameBefore()
    {
        var lane = new MeteredLane();
        Flow flow = lane.Take(Frames.Ipv4(Client, Server, 6, Frames.Tcp(1500, 8081, Ack, payload: 46)), Noon)!;
        lane.Meter.Applications.OnHttpRequest(flow, "GET"u8, "h"u8);
        Assert.True(flow.TryReverse());
        lane.Meter.OnFlowReversed(flow);
        lane.Take(Frames.Ipv4(Server, Client, 6, Frames.Tcp(8081, 1500, Ack, payload: 46)), Noon + 1);
        lane.Take(Frames.Ipv4(Server, Client, 6, Frames.Tcp(8081, 1500, Ack, payload: 46)), Noon + (60 * Second));
        lane.Complete();

        Assert.Equal(300, Assert.Single(lane.Sums("Web Hosts", 0)).Value);
        Assert.Equal((200, 100), (lane.Value("Web Hosts", "C6.33.64.07", 0), lane.Value("Web Hosts", "C6.33.64.07", 0, window: 1)));
        Assert.Equal(["p-1F91"], lane.Sums("Apps", 0).Keys);
    }

    [Fact]
    public void HostThatIsScanned_IsNoServer()
    {
        var lane = new MeteredLane();
        lane.Take(Frames.Ipv4(Client, Server, 6, Frames.Tcp(49152, 80, Syn)), Noon);
        lane.Take(Frames.Ipv4(Client, Server + 1, 6, Frames.Tcp(49153, 22, Syn)), Noon);
        lane.Take(Frames.Ipv4(Server + 1, Client, 6, Frames.Tcp(22, 49153, Reset)), Noon);
        lane.Complete();

        Assert.Empty(lane.Sums("Web Hosts", 0));
        Assert.Empty(lane.Sums("SSH Hosts", 0));
        Assert.Equal(3, lane.Sums("Hosts", 0).Count);
    }

    [Fact]
    public void Connection_ThatBeganBeforeTheCapture_NeedsAPacketOfItsServer()
    {
        var lane = new MeteredLane();
        lane.Take(Frames.Ipv4(Client, Server, 6, Frames.Tcp(49152, 22, Ack, payload: 10)), Noon);
        lane.Take(Frames.Ipv4(Server, Client, 6, Frames.Tcp(22, 49152, Ack, payload: 10)), Noon);
        lane.Take(Frames.Ipv4(Client, Server + 1, 6, Frames.Tcp(49152, 22, Ack, payload: 10)), Noon);
        lane.Complete();

        Assert.Equal(["C6.33.64.07"], lane.Sums("SSH Hosts", 0).Keys);
    }

    [Fact]
    public void Http_OnAnyPort_MakesAWebHost()
    {
        var lane = new MeteredLane();
        Flow request = lane.Take(Frames.Ipv4(Client, Server, 6, Frames.Tcp(49152, 9000, Ack, payload: 10)), Noon)!;
        lane.Meter.Applications.OnHttpRequest(request, "GET"u8, default);
        Flow response = lane.Take(Frames.Ipv4(Server + 1, Client, 6, Frames.Tcp(9000, 49152, Ack, payload: 10)), Noon)!;
        lane.Meter.Applications.OnHttpResponse(response, 200);
        Flow tls = lane.Take(Frames.Ipv4(Client, Server + 2, 6, Frames.Tcp(49152, 9000, Ack, payload: 10)), Noon)!;
        lane.Meter.Applications.OnTlsServerName(tls, default, isWeb: true);
        Flow other = lane.Take(Frames.Ipv4(Client, Server + 3, 6, Frames.Tcp(49152, 9000, Ack, payload: 10)), Noon)!;
        lane.Meter.Applications.OnTlsServerName(other, "db.example.com"u8, isWeb: false);
        lane.Complete();

        Assert.Equal(["C6.33.64.07", "C6.33.64.08", "C6.33.64.09"], lane.Sums("Web Hosts", 0).Keys.Order());
    }

    [Fact]
    public void Label_OfAnotherKey_ReusesARowWithoutPackets()
    {
        var lane = new MeteredLane();
        byte[] frame = Frames.Ipv4(Client, Server, 6, Frames.Tcp(49152, 80, Ack, payload: 46));
        Flow flow = lane.Take(frame, Noon)!;
        lane.Meter.Applications.OnHttpRequest(flow, "GET"u8, "one.example"u8);
        int before = (int)flow.MeterSlot;
        for (int i = 0; i < 10; i++)
            lane.Meter.Applications.OnHttpRequest(flow, "GET"u8, Utf8($"h{i}.example"));
        lane.Take(frame, Noon + 1);
        Assert.Equal(before + 1, (int)flow.MeterSlot);
        lane.Complete();

        Assert.Equal((100, 100), (lane.Value("HTTP Hosts", "one.example", 0), lane.Value("HTTP Hosts", "h9.example", 0)));
        Assert.Equal(2, lane.Sums("HTTP Hosts", 0).Count);
    }
}
