using Spillway.Net.Capture;
using Spillway.Net.Flows;
using Spillway.Net.Packets;

namespace Spillway.Net.Tests.Packets;

public class PacketRouteTests
{
    private const uint OuterSource = 0xC0000201; // 192.0.2.1
    private const uint OuterDestination = 0xC0000202;

    private static readonly byte[] Inner = Frame.Usual("payload"u8.ToArray());

    public static TheoryData<string, byte[]> Ways =>
        new()
        {
            { "", Inner },
            { "vxlan:4711", Vxlan(4711, Inner) },
            { "vxlan:1/vxlan:2/vxlan:3", Vxlan(1, Vxlan(2, Vxlan(3, Inner))) },
            { "vxlan:9/erspan", Vxlan(9, Outer(47, Frame.Join(Frame.Hex("1000 88BE 00000001 1000000000000000"), Inner))) },
            { "nvgre:74565", Outer(47, Frame.Join(Frame.Hex("2000 6558 01234500"), Inner)) },
            { "gre", Outer(47, Frame.Join(Frame.Hex("0000 0800"), Frame.UsualIp([]))) },
            { "geneve:256", Outer(17, Frame.Udp(40000, 6081, Frame.Join(Frame.Hex("0000 6558 00010000"), Inner))) },
            { "ipv4", Outer(4, Frame.UsualIp([])) },
            { "ipv6", Outer(41, Frame.UsualIp6([])) },
            { "teredo", Outer(17, Frame.Udp(40000, 3544, Frame.UsualIp6([]))) },
            { "mpls", Outer(137, Frame.Mpls(false, Frame.Mpls(true, Frame.UsualIp([])))) },
            { "pbb:66051", Frame.Ethernet(0x88E7, Frame.Join(Frame.Hex("00010203"), Inner)) },
            {
                "ayiya",
                Outer(17, Frame.Udp(40000, 5072, Frame.Join(Frame.Hex("42 52 11 29 00000000"), Frame.Bytes(16 + 20), Frame.UsualIp6([]))))
            },
        };

    [Theory]
    [MemberData(nameof(Ways))]
    public void Of_Packet_NamesItsTunnels(string expected, byte[] frame)
    {
        PacketRoute? route = RouteOf(frame, out _);

        Assert.Equal(expected, route?.TunnelText ?? "");
    }

    [Fact]
    public void Of_TunnelledPacket_KnowsTheOuterEndsAsTheInnerOnesStand()
    {
        PacketRoute route = RouteOf(Vxlan(5, Inner), out PacketInfo info)!;

        Assert.Equal("UDP 192.0.2.1:40000 - 192.0.2.2:4789", FlowText.ToReadable(route.Outer));
        Assert.True(info.FromA);
        Assert.True(route.OuterAIsA);
    }

    [Fact]
    public void Of_DoubleTag_HasBothVlansAndNoTunnel()
    {
        byte[] frame = Frame.Ethernet(0x88A8, Frame.Vlan(100, 0x8100, Frame.Vlan(0x2003, 0x0800, Frame.UsualIp([]))));
        PacketRoute route = RouteOf(frame, out _)!;

        Assert.Equal([100, 3], route.Vlans.ToArray());
        Assert.Equal("", route.TunnelText);
        Assert.True(route.Outer.IsNone);
    }

    [Fact]
    public void Of_TagForPriorityAlone_IsNoRoute() =>
        Assert.Null(RouteOf(Frame.Ethernet(0x8100, Frame.Vlan(0xE000, 0x0800, Frame.UsualIp([]))), out _));

    [Fact]
    public void Of_SameWayTwice_IsOneObject()
    {
        var routes = new PacketRoutes();
        byte[] frame = Vxlan(5, Inner);
        PacketInfo info = Decode(frame);

        Assert.Same(routes.Of(in info, frame), routes.Of(in info, frame));
    }

    [Fact]
    public void Decode_Outermost_IsTheFlowOfTheTunnel()
    {
        var info = default(PacketInfo);
        foreach (
            byte[] frame in (byte[][])[Vxlan(5, Inner), Outer(47, Frame.Join(Frame.Hex("0000 0800"), Frame.UsualIp([]))), Outer(4, Inner)]
        )
        {
            PacketDecoder.Decode(new CapturedPacket(frame, 0, frame.Length, LinkType.Ethernet), ref info, outermost: true);

            Assert.Equal(OuterSource, (uint)info.Key.AddressA);
            Assert.Equal(OuterDestination, (uint)info.Key.AddressZ);
            Assert.Equal(DecodeError.None, info.Error);
        }
    }

    [Theory]
    [InlineData(FlowTags.None, 1)]
    [InlineData(FlowTags.Vlan, 2)]
    [InlineData(FlowTags.Vni, 2)]
    [InlineData(FlowTags.Vlan | FlowTags.Vni, 4)]
    public void Apply_SameAddressesByFourWays_ApartAsTagsSay(FlowTags tags, int flows)
    {
        var scoper = new FlowScoper(tags, new FlowScopes());
        var keys = new HashSet<FlowKey>();
        foreach (int network in (int[])[1, 2])
        {
            foreach (ushort vlan in (ushort[])[10, 20])
            {
                byte[] frame = Vxlan(network, Frame.Ethernet(0x8100, Frame.Vlan(vlan, 0x0800, Frame.UsualIp([]))));
                for (int times = 0; times < 2; times++)
                {
                    PacketInfo info = Decode(frame);
                    scoper.Apply(ref info, frame);
                    keys.Add(info.Key);
                }
            }
        }

        Assert.Equal(flows, keys.Count);
    }

    [Fact]
    public void Apply_PathsBeyondCapacity_ShareTheLastNumber()
    {
        var scopes = new FlowScopes();
        var scoper = new FlowScoper(FlowTags.Vni, scopes);
        ushort last = 0;
        for (int network = 0; network < FlowScopes.MaxPaths + 2; network++)
        {
            byte[] frame = Vxlan(network, Inner);
            PacketInfo info = Decode(frame);
            scoper.Apply(ref info, frame);
            last = info.Key.Scope;
        }

        Assert.Equal(FlowScopes.MaxPaths, scopes.Count);
        Assert.Equal(ushort.MaxValue, last);
    }

    [Fact]
    public void FlowId_OfAScopedKey_ReadsBackAsWritten()
    {
        PacketInfo info = Decode(Inner);
        FlowKey key = info.Key.WithScope(0x1f);
        string id = FlowId.ToString(in key);

        Assert.EndsWith(":p-01BB_001F", id, StringComparison.Ordinal);
        Assert.True(FlowId.TryParse(System.Text.Encoding.ASCII.GetBytes(id), out FlowKey parsed));
        Assert.Equal(key, parsed);
    }

    private static byte[] Outer(byte protocol, byte[] payload) =>
        Frame.Ethernet(0x0800, Frame.Ipv4(protocol, payload, OuterSource, OuterDestination));

    private static byte[] Vxlan(int network, byte[] frame) =>
        Outer(17, Frame.Udp(40000, 4789, Frame.Join(Frame.Hex("08000000"), Frame.U32((uint)network << 8), frame)));

    private static PacketRoute? RouteOf(byte[] frame, out PacketInfo info)
    {
        info = Decode(frame);
        return new PacketRoutes().Of(in info, frame);
    }

    private static PacketInfo Decode(byte[] frame)
    {
        var info = default(PacketInfo);
        PacketDecoder.Decode(new CapturedPacket(frame, 0, frame.Length, LinkType.Ethernet), ref info);
        return info;
    }
}
