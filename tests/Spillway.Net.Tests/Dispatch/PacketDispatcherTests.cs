using Spillway.Net.Capture;
using Spillway.Net.Dispatch;
using Spillway.Net.Packets;
using Spillway.Net.Tests.Packets;

namespace Spillway.Net.Tests.Dispatch;

public class PacketDispatcherTests
{
    private const int Lanes = 4;
    private const ushort Ipv4 = 0x0800;

    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private readonly PacketDispatcher _dispatcher = new(Lanes, Window);

    [Fact]
    public void Run_ManyFlows_GivesEachPacketOnceAndInOrder()
    {
        byte[][] frames = [.. Enumerable.Range(0, 1000).Select(i => Tcp((uint)(i % 100) + 1, 99, (byte)i))];

        List<Taken>[] lanes = Run(frames);

        Assert.All(lanes, lane => Assert.NotEmpty(lane));
        Assert.All(lanes, lane => Assert.Equal(lane.Order(), lane));
        Assert.Equal(frames.Select(Convert.ToHexString), lanes.SelectMany(lane => lane).Order().Select(taken => taken.Data));
    }

    // Whatever is around it, and whichever way it goes: a pair of addresses has one lane. Some the reader sees at a glance, some only the
    // decoder finds.
    [Fact]
    public void Run_OnePairInManyGuises_IsAtOneLane()
    {
        for (uint host = 1; host <= 40; host++)
        {
            uint server = 200 + host;
            byte[] there = Frame.Ipv4(6, Frame.Tcp(1000, 21, [1]), host, server);
            byte[] back = Frame.Ipv4(6, Frame.Tcp(21, 1000, [2]), server, host);
            byte[] data = Frame.Ipv4(6, Frame.Tcp(20, 4000, [3]), server, host);
            byte[] options = Frame.Ipv4(6, Frame.Tcp(1000, 21, [4]), host, server, options: [1, 1, 1, 1]);
            byte[] echo = Frame.Ipv4(1, Frame.Icmp(8, [5]), host, server);
            byte[] datagram = Frame.Ipv4(17, Frame.Udp(53, 53, [6]), host, server);
            byte[] fragment = Frame.Ipv4(17, Frame.Bytes(24), host, server, id: 9, fragmentOffset: 64, more: true);
            byte[] Plain(byte[] ip) => Frame.Ethernet(Ipv4, ip);
            byte[] Vxlan(byte[] ip) =>
                Plain(Frame.Ipv4(17, Frame.Udp(5555, 4789, Frame.Join(Frame.Hex("08000000 00000100"), Plain(ip))), 7000 + host, 8000));

            List<Taken>[] lanes = Run([
                Plain(there),
                Plain(back),
                Plain(data),
                Plain(options),
                Plain(echo),
                Plain(datagram),
                Plain(fragment),
                Frame.Ethernet(0x8100, Frame.Vlan(5, Ipv4, there)),
                Plain(Frame.Ipv4(4, back, 7000, 9000 + host)),
                Plain(Frame.Ipv4(47, Frame.Join(Frame.Hex("0000 0800"), there), 7001, 9000 + host)),
                Vxlan(back),
                Vxlan(datagram),
            ]);

            Assert.Equal(12, Assert.Single(lanes, lane => lane.Count > 0).Count);
        }
    }

    [Fact]
    public void Run_OnePairOfIpv6_IsAtOneLane()
    {
        for (byte host = 1; host <= 40; host++)
        {
            byte[] one = Frame.Bytes(16, host),
                other = Frame.Bytes(16, 100);
            List<Taken>[] lanes = Run([
                Frame.Ethernet(0x86DD, Frame.Ipv6(6, Frame.Tcp(1000, 443, [1]), one, other)),
                Frame.Ethernet(0x86DD, Frame.Ipv6(6, Frame.Tcp(443, 1000, [1]), other, one)),
                Frame.Ethernet(0x86DD, Frame.Ipv6(60, Frame.Join(Frame.Hex("06 00 0104 00000000"), Frame.Tcp(1000, 443, [1])), one, other)),
                Frame.Ethernet(0x8100, Frame.Vlan(5, 0x86DD, Frame.Ipv6(58, Frame.Icmp(128, [1]), one, other))),
            ]);

            Assert.Single(lanes, lane => lane.Count > 0);
        }
    }

    [Fact]
    public void Run_TunnelInFragments_IsPutTogetherAtTheLaneOfTheFlowInside()
    {
        for (uint host = 1; host <= 20; host++)
        {
            byte[] inner = Frame.Ethernet(Ipv4, Frame.Ipv4(6, Frame.Tcp(1000, 80, Frame.Bytes(100)), host, 99));
            byte[] udp = Frame.Udp(5555, 4789, Frame.Join(Frame.Hex("08000000 00000100"), inner));
            byte[] Piece(int offset, int end, bool more) =>
                Frame.Ethernet(Ipv4, Frame.Ipv4(17, udp[offset..end], 7000 + host, 8000, id: 3, fragmentOffset: offset, more: more));

            List<Taken>[] lanes = Run([Tcp(host, 99, 1), Piece(0, 64, true), Piece(64, udp.Length, false)]);

            List<Taken> home = lanes.Single(lane => lane.Exists(taken => taken.TimestampNs == ListedSource.Start));
            string datagram = Assert.Single(home, taken => taken.Datagram is not null).Datagram!;
            Assert.EndsWith(Convert.ToHexString(inner), datagram, StringComparison.Ordinal);
            Assert.Equal(3, lanes.Sum(lane => lane.Count));
        }

        Assert.Equal((40, 20), (_dispatcher.Defragmentation.Fragments, _dispatcher.Defragmentation.Reassembled));
    }

    [Fact]
    public void Run_WithoutAFlow_IsAtTheFirstLane()
    {
        List<Taken>[] lanes = Run([Frame.Ethernet(0x0806, Frame.Bytes(28)), [1, 2, 3], [], Frame.Ethernet(Ipv4, [0x45])]);

        Assert.Equal([4, 0, 0, 0], lanes.Select(lane => lane.Count));
    }

    // Random bytes behind good beginnings: whatever the glance takes for a flow, the decoder takes for the same.
    [Fact]
    public void Run_DamagedFrames_PutsWhatTheDecoderCallsAFlowWhereTheFlowIs()
    {
        int seed = Environment.TickCount;
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var homes = new Dictionary<(UInt128, UInt128), int>();
        var info = default(PacketInfo);
        var frames = new List<byte[]>();
        for (int i = 0; i < 20_000; i++)
        {
            byte[] frame =
                i % 2 == 0
                    ? Tcp((uint)random.Next(1, 5), (uint)random.Next(5, 9), 1)
                    : Frame.Ethernet(
                        Ipv4,
                        Frame.Ipv4(
                            17,
                            Frame.Udp(5555, random.Next(2) == 0 ? (ushort)4789 : (ushort)53, Frame.Bytes(40)),
                            (uint)random.Next(1, 5),
                            (uint)random.Next(5, 9)
                        )
                    );
            for (int flips = random.Next(4); flips > 0; flips--)
                frame[random.Next(12, 26)] ^= (byte)(1 << random.Next(8));
            frames.Add(frame[..random.Next(14, frame.Length + 1)]);
        }

        List<Taken>[] lanes = Run(frames);
        for (int lane = 0; lane < Lanes; lane++)
        {
            foreach (Taken taken in lanes[lane])
            {
                byte[] frame = Convert.FromHexString(taken.Data);
                PacketDecoder.Decode(new CapturedPacket(frame, 1, frame.Length, LinkType.Ethernet), ref info);
                if (info.Kind != PacketKind.Ip)
                    continue;
                (UInt128, UInt128) pair =
                    info.Key.AddressA < info.Key.AddressZ ? (info.Key.AddressA, info.Key.AddressZ) : (info.Key.AddressZ, info.Key.AddressA);
                Assert.Equal(homes.TryAdd(pair, lane) ? lane : homes[pair], lane);
            }
        }
    }

    [Fact]
    public void Run_SecondsAndWindows_AreToldToAllLanesWhereTheyBegin()
    {
        const long second = 1_000_000_000;
        long start = ListedSource.Start - (ListedSource.Start % 60_000_000_000);
        byte[] frame = Tcp(1, 2, 1);
        var source = new ListedSource([
            (frame, start + 10),
            (frame, start + 20),
            (frame, start + second + 5),
            (frame, start + second - 7),
            (null, start + (60 * second)),
            (frame, start - (3 * second)),
        ]);
        var dispatcher = new PacketDispatcher(2, Window);
        dispatcher.Run(source);
        dispatcher.Complete();

        // Each time what was reached before, then what is now.
        const string expected = "10,10 20,1000000005 1000000005,999999993 999999993,60000000000 60000000000,-3000000000";
        foreach (LaneSource lane in dispatcher.Lanes)
        {
            var times = new List<string>();
            while (lane.Read(out CapturedPacket _) is var got && got != SourceEvent.End)
            {
                if (got != SourceEvent.Idle)
                    continue;
                long reached = lane.IdleNs - start;
                Assert.Equal(SourceEvent.Idle, lane.Read(out CapturedPacket _));
                times.Add($"{reached},{lane.IdleNs - start}");
            }

            Assert.Equal(expected, string.Join(' ', times));
        }
    }

    private static byte[] Tcp(uint source, uint destination, byte payload) =>
        Frame.Ethernet(Ipv4, Frame.Ipv4(6, Frame.Tcp(1000, 80, [payload]), source, destination));

    // A thread for each lane, as in a run: what does not fit their batches waits for them.
    private List<Taken>[] Run(IEnumerable<byte[]> frames)
    {
        Task<List<Taken>>[] lanes = [.. _dispatcher.Lanes.Select(lane => Task.Run(() => Take(lane)))];
        _dispatcher.Run(new ListedSource(frames));
        foreach (LaneSource lane in _dispatcher.Lanes)
        {
            lane.Queue.Filling.Add(new CapturedPacket([0xFF], long.MaxValue, 1, LinkType.Ethernet));
            lane.Queue.Publish(waits: true);
        }

        return Task.WhenAll(lanes).GetAwaiter().GetResult();
    }

    // Up to the mark that ends a round.
    private static List<Taken> Take(LaneSource lane)
    {
        var taken = new List<Taken>();
        while (true)
        {
            SourceEvent got = lane.Read(out CapturedPacket packet);
            if (got != SourceEvent.Packet)
                continue;
            if (packet.TimestampNs == long.MaxValue)
                return taken;
            string data = Convert.ToHexString(packet.Data);
            taken.Add(
                new Taken(
                    packet.TimestampNs,
                    data,
                    lane.TryTakeDatagram(out CapturedPacket datagram) ? Convert.ToHexString(datagram.Data) : null
                )
            );
        }
    }

    private sealed record Taken(long TimestampNs, string Data, string? Datagram) : IComparable<Taken>
    {
        public int CompareTo(Taken? other) => TimestampNs.CompareTo(other!.TimestampNs);
    }
}
