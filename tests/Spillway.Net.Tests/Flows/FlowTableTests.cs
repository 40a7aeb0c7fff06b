using Spillway.Net.Flows;
using Spillway.Net.Packets;
using Spillway.Net.Tcp;

namespace Spillway.Net.Tests.Flows;

public class FlowTableTests
{
    private const long Second = TcpHarness.Second;
    private const long Start = 1_700_000_000 * Second;

    private readonly StreamRecorder _recorder = new();

    [Fact]
    public void GetOrAdd_BothDirections_CountIntoOneFlow()
    {
        FlowTable<StreamRecorder> table = Create();
        Flow flow = Udp(table, 5000, Start, payload: 10, out bool isNew);
        PacketInfo back = TcpHarness.Packet(false, 5000, Start + 5, 20, protocol: 17);
        Flow same = table.GetOrAdd(ref back, out bool isNewAgain);

        Assert.True(isNew);
        Assert.False(isNewAgain);
        Assert.Same(flow, same);
        Assert.Same(flow, table.Find(flow.Key));
        Assert.Equal((1, 1), (flow.PacketsAZ, flow.PacketsZA));
        Assert.Equal((64, 74), (flow.BytesAZ, flow.BytesZA));
        Assert.Equal((10, 20), (flow.PayloadAZ, flow.PayloadZA));
        Assert.Equal((Start, Start + 5), (flow.FirstNs, flow.LastNs));
        Assert.Equal(FlowState.Init | FlowState.ZEndServer, flow.State);
    }

    [Fact]
    public void GetOrAdd_FlowThatLasts_IsReportedOnceInEachInterval()
    {
        FlowTable<StreamRecorder> table = Create(
            new FlowTableOptions { UpdateInterval = TimeSpan.FromSeconds(60), OtherTimeout = TimeSpan.FromSeconds(200) }
        );
        Flow flow = Udp(table, 5000, Start);
        for (int second = 1; second <= 130; second++)
            Udp(table, 5000, Start + (second * Second));
        Udp(table, 5000, Start + (310 * Second)); // a pause of three intervals gives one report

        Assert.Equal(
            [(flow, Start + (60 * Second), 61), (flow, Start + (120 * Second), 121), (flow, Start + (310 * Second), 132)],
            _recorder.Updates
        );
        Assert.Equal(5, flow.Updates);
        Assert.Equal(3, table.Statistics.Updates);
    }

    [Fact]
    public void GetOrAdd_WithoutInterval_NoFlowIsReported()
    {
        FlowTable<StreamRecorder> table = Create(new FlowTableOptions { UpdateInterval = TimeSpan.Zero });
        for (int minute = 0; minute < 20; minute++)
            Udp(table, 5000, Start + (minute * 60 * Second));
        Assert.Empty(_recorder.Updates);
    }

    [Fact]
    public void UpdateInterval_OutOfRange_IsRefused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new FlowTableOptions { UpdateInterval = TimeSpan.FromSeconds(9) });
        Assert.Throws<ArgumentOutOfRangeException>(() => new FlowTableOptions { UpdateInterval = TimeSpan.FromDays(2) });
    }

    [Theory]
    [InlineData(0xE00000FC, 5355, 49152, false, true)] // LLMNR, seen first from its sender
    [InlineData(0xEFFFFFFA, 40000, 1234, false, true)] // the group's port is the higher one
    [InlineData(0xFFFFFFFF, 40000, 67, false, true)]
    [InlineData(0x0A0000FF, 40000, 137, true, true)] // the broadcast of a network, as its frame says
    [InlineData(0x0A0000FF, 40000, 137, false, false)] // a host that ends in 255: the ports tell
    public void GetOrAdd_ToAGroup_TheSenderIsTheClient(uint group, ushort groupPort, ushort port, bool isBroadcast, bool expected)
    {
        var tcp = new TcpHarness();
        PacketInfo info = TcpHarness.Packet(true, 40000, tcp.NowNs, 10, protocol: 17);
        info.Key = FlowKey.Create(0x0A000005, port, group, groupPort, 17, 4, out info.FromA);
        info.IsBroadcast = isBroadcast;
        Flow flow = tcp.Table.GetOrAdd(ref info, out _);

        bool senderIsClient = flow.ClientIsA == info.FromA;
        Assert.Equal(expected, senderIsClient);
    }

    [Fact]
    public void GetOrAdd_ToAnIpv6Group_TheSenderIsTheClient()
    {
        var tcp = new TcpHarness();
        PacketInfo info = TcpHarness.Packet(true, 40000, tcp.NowNs, 10, protocol: 17);
        info.Key = FlowKey.Create((UInt128)0xfe80 << 112, 546, ((UInt128)0xff02 << 112) | 0x10002, 547, 17, 6, out info.FromA); // DHCPv6
        Flow flow = tcp.Table.GetOrAdd(ref info, out _);

        Assert.Equal(info.FromA, flow.ClientIsA);
    }

    [Fact]
    public void Expire_IdleFlow_EndsOnceAndTheNextPacketBeginsANewOne()
    {
        FlowTable<StreamRecorder> table = Create(new FlowTableOptions { OtherTimeout = TimeSpan.FromSeconds(10) });
        Flow flow = Udp(table, 5000, Start);
        table.Expire(Start + (10 * Second));
        Assert.Empty(_recorder.Ended);

        table.Expire(Start + (10 * Second) + 1);
        Assert.Same(flow, Assert.Single(_recorder.Ended));
        Assert.True(flow.State.HasFlag(FlowState.TimedOut));
        Assert.Null(table.Find(flow.Key));
        Assert.NotEqual(flow.Number, Udp(table, 5000, Start + (11 * Second)).Number);
        Assert.Equal(1, table.Statistics.TimedOut);
    }

    [Fact]
    public void Expire_ActiveFlowsAmongIdleOnes_EndsOnlyTheIdle()
    {
        FlowTable<StreamRecorder> table = Create(new FlowTableOptions { OtherTimeout = TimeSpan.FromSeconds(10) });
        for (ushort port = 1000; port < 1100; port++)
            Udp(table, port, Start);
        for (ushort port = 1000; port < 1100; port += 2)
            Udp(table, port, Start + (5 * Second));
        table.Expire(Start + (12 * Second));

        Assert.Equal(50, table.Count);
        Assert.All(_recorder.Ended, flow => Assert.Equal(1, (flow.Key.PortA - 1000) % 2));
    }

    [Fact]
    public void GetOrAdd_FlowIdleTooLongButNotExpiredYet_BeginsANewOne()
    {
        FlowTable<StreamRecorder> table = Create(new FlowTableOptions { OtherTimeout = TimeSpan.FromSeconds(10) });
        Flow flow = Udp(table, 5000, Start);
        Udp(table, 5000, Start + (11 * Second), 0, out bool isNew);

        Assert.True(isNew);
        Assert.Same(flow, Assert.Single(_recorder.Ended));
    }

    [Fact]
    public void Expire_TimeGoesBackwards_KeepsWorking()
    {
        FlowTable<StreamRecorder> table = Create(new FlowTableOptions { OtherTimeout = TimeSpan.FromSeconds(10) });
        Flow first = Udp(table, 5000, Start);
        Udp(table, 5000, Start - Second);
        Assert.Equal(Start, first.LastNs);

        // A second capture that is a year older: flows of the first must not stand in the way for ever.
        long older = Start - (365L * 86400 * Second);
        table.Expire(older);
        Udp(table, 6000, older);
        Assert.Equal(2, table.Count);
        table.Expire(older + (11 * Second));
        Assert.Equal(0, table.Count);
    }

    [Fact]
    public void LastNs_TimeWentBackAndOn_IsTheLatest()
    {
        FlowTable<StreamRecorder> table = Create();
        Flow flow = Udp(table, 5000, Start);
        Udp(table, 5000, Start - (2 * Second));
        Udp(table, 5000, Start - Second);
        Assert.Equal(Start, flow.LastNs);
        Udp(table, 5000, Start + Second);
        Assert.Equal(Start + Second, flow.LastNs);
    }

    [Fact]
    public void Counts_Beyond32Bits_AreWhole()
    {
        FlowTable<StreamRecorder> table = Create();
        Flow flow = Udp(table, 5000, Start, payload: 100, out _);
        (flow.BytesAZ, flow.PacketsAZ, flow.PayloadAZ) = (uint.MaxValue, uint.MaxValue, uint.MaxValue);
        Udp(table, 5000, Start, payload: 100, out _);
        Udp(table, 5000, Start, payload: 100, out _);

        Assert.Equal((uint.MaxValue + 308L, uint.MaxValue + 2L, uint.MaxValue + 200L), (flow.BytesAZ, flow.PacketsAZ, flow.PayloadAZ));
        Assert.Equal((0L, 0L, 0L), (flow.BytesZA, flow.PacketsZA, flow.PayloadZA));
        flow.BytesAZ = 5;
        Assert.Equal(5, flow.BytesAZ);
    }

    [Fact]
    public void GetOrAdd_TableFull_EvictsTheLeastRecentlyUsed()
    {
        FlowTable<StreamRecorder> table = Create(new FlowTableOptions { MaxFlows = 3 });
        Flow a = Udp(table, 1001, Start);
        Flow b = Udp(table, 1002, Start + Second);
        Udp(table, 1003, Start + (2 * Second));
        Udp(table, 1001, Start + (3 * Second));
        Udp(table, 1004, Start + (4 * Second));

        Assert.Same(b, Assert.Single(_recorder.Ended));
        Assert.Same(a, table.Find(a.Key));
        Assert.Equal(3, table.Count);
        Assert.Equal(1, table.Statistics.Evicted);
        Assert.Equal(3, table.Statistics.Peak);
    }

    [Fact]
    public void GetOrAdd_ManyFlowsComeAndGo_EachIsFound()
    {
        FlowTable<StreamRecorder> table = Create();
        var random = new Random(7);
        var alive = new Dictionary<ushort, Flow>();
        for (int i = 0; i < 100_000; i++)
        {
            ushort port = (ushort)random.Next(1000, 11_000);
            if (alive.Remove(port, out Flow? flow))
            {
                Assert.Same(flow, table.Find(flow.Key));
                table.Terminate(flow);
                table.Terminate(flow); // does nothing
            }
            else
            {
                alive[port] = Udp(table, port, Start + i, 0, out bool isNew);
                Assert.True(isNew);
            }
        }

        Assert.Equal(alive.Count, table.Count);
        Assert.All(alive.Values, flow => Assert.Same(flow, table.Find(flow.Key)));
        table.TerminateAll();
        Assert.Equal(0, table.Count);
        Assert.Equal(_recorder.Started.Count, _recorder.Ended.Count);
    }

    [Fact]
    public void FlowKeyHash_PortOfEndA_Matters()
    {
        var hashes = new HashSet<int>();
        for (int port = 1024; port < 65536; port++)
        {
            hashes.Add(FlowKey.Create(0x0A000001, (ushort)port, 0x0A000002, 80, 6, 4, out _).GetHashCode());
        }

        Assert.InRange(hashes.Count, 64_000, 64_512);
    }

    [Theory]
    [InlineData(0)]
    [InlineData((1 << 24) + 1)]
    public void Options_OutOfRange_AreRefused(int maxFlows)
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new FlowTableOptions { MaxFlows = maxFlows });
        Assert.Throws<ArgumentOutOfRangeException>(() => new FlowTableOptions { OtherTimeout = TimeSpan.Zero });
        Assert.Throws<ArgumentOutOfRangeException>(() => new TcpReassemblerOptions { MaxBytes = 1 });
    }

    private FlowTable<StreamRecorder> Create(FlowTableOptions? options = null)
    {
        _recorder.Reassembler = new TcpReassembler<StreamRecorder>(TcpReassemblerOptions.Default, _recorder);
        return new FlowTable<StreamRecorder>(options ?? FlowTableOptions.Default, _recorder);
    }

    private static Flow Udp(FlowTable<StreamRecorder> table, ushort port, long nowNs) => Udp(table, port, nowNs, 0, out _);

    private static Flow Udp(FlowTable<StreamRecorder> table, ushort port, long nowNs, int payload, out bool isNew)
    {
        PacketInfo info = TcpHarness.Packet(true, port, nowNs, payload, protocol: 17);
        return table.GetOrAdd(ref info, out isNew);
    }
}
