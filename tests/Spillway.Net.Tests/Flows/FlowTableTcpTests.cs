using Spillway.Net.Flows;
using Spillway.Net.Packets;

namespace Spillway.Net.Tests.Flows;

/// <summary>What the flow table makes of TCP: client and server, state bits, times, retransmissions, ports used again.</summary>
public class FlowTableTcpTests
{
    private const TcpFlags SynAck = TcpFlags.Syn | TcpFlags.Ack;
    private const FlowState Handshake = FlowState.Init | FlowState.SeenSyn | FlowState.SeenSynAck | FlowState.SeenSynAckAck;

    [Fact]
    public void Handshake_ThreeSegments_GiveStateAndSetupTime()
    {
        Flow flow = new TcpHarness().Connect().Flow;

        Assert.Equal(Handshake | FlowState.ZEndServer, flow.State);
        Assert.True(flow.ClientIsA);
        Assert.Equal(200, flow.SetupRttMicroseconds);
        Assert.Equal(0, flow.Retransmissions);
    }

    [Fact]
    public void Handshake_SynFromTheLowerPort_MakesEndZTheClient()
    {
        var tcp = new TcpHarness { ClientPort = 20 }; // active FTP: the server's data port opens
        Flow flow = tcp.Connect().ClientData(0, "data").Flow;

        Assert.False(flow.ClientIsA);
        Assert.Equal(Handshake | FlowState.AEndServer, flow.State);
        Assert.Equal("data", tcp.Client);
    }

    [Fact]
    public void Handshake_OnlySynAckSeen_StillTellsTheServer()
    {
        var tcp = new TcpHarness { ClientPort = 20 };
        tcp.Send(false, 5000, 1001, SynAck).Send(true, 1001, 5001, TcpFlags.Ack);

        Assert.False(tcp.Flow.ClientIsA);
        Assert.True(tcp.Flow.State.HasFlag(FlowState.SeenSynAckAck));
        Assert.Equal(0, tcp.Flow.SetupRttMicroseconds);
    }

    [Fact]
    public void Midstream_NoSyn_TakesTheHigherPortForTheClient()
    {
        Flow flow = new TcpHarness().ServerData(0, "x").Flow;

        Assert.True(flow.ClientIsA);
        Assert.Equal(FlowState.Init | FlowState.ZEndServer, flow.State);
    }

    [Fact]
    public void Retransmissions_AreCountedButNotReorderingOrProbes()
    {
        TcpHarness tcp = new TcpHarness().Connect().ClientData(0, "abc").ClientData(6, "ghi").ClientData(3, "def"); // overtaken
        Assert.Equal(0, tcp.Flow.Retransmissions);
        tcp.ClientData(8, "i").ClientData(8, ""); // keep-alive probes
        Assert.Equal(0, tcp.Flow.Retransmissions);
        tcp.ClientData(0, "abc").ServerData(0, "xyz").ServerData(0, "xyz");
        Assert.Equal((2, 1), (tcp.Flow.Retransmissions, tcp.Flow.RetransmissionsZA));

        tcp.ClientData(12, "mno");
        tcp.NowNs += TcpHarness.Second / 5;
        tcp.ClientData(9, "jkl"); // lost before the tap, sent again
        Assert.Equal((3, 1), (tcp.Flow.Retransmissions, tcp.Flow.RetransmissionsZA));
    }

    [Fact]
    public void Close_OneFin_IsHalfAClose()
    {
        TcpHarness tcp = new TcpHarness().Connect().ClientData(0, "a", TcpFlags.Fin);
        Assert.False(tcp.Flow.IsClosed);
        tcp.ServerData(0, "b").ServerData(1, "", TcpFlags.Fin);
        Assert.True(tcp.Flow.IsClosed);
    }

    [Fact]
    public void Close_BothFins_LingersAndEndsAsClosed()
    {
        TcpHarness tcp = new TcpHarness().Connect().ClientData(0, "a", TcpFlags.Fin).ServerData(0, "b", TcpFlags.Fin);
        tcp.NowNs += 4 * TcpHarness.Second;
        tcp.ServerData(0, "b", TcpFlags.Fin); // a late retransmission finds its flow
        tcp.NowNs += 4 * TcpHarness.Second;
        tcp.Table.Expire(tcp.NowNs);
        Assert.Empty(tcp.Recorder.Ended);
        tcp.NowNs += 2 * TcpHarness.Second;
        tcp.Table.Expire(tcp.NowNs);

        Flow flow = Assert.Single(tcp.Recorder.Ended);
        Assert.Equal(Handshake | FlowState.ZEndServer | FlowState.SeenFin, flow.State);
        Assert.Equal(1, tcp.Table.Statistics.Closed);
    }

    [Theory]
    [InlineData(TcpFlags.Fin | TcpFlags.Ack, 1005u, "", true)]
    [InlineData(TcpFlags.Fin | TcpFlags.Ack, 1001u, "abcd", true)] // with the data before it
    [InlineData(TcpFlags.Ack, 1006u, "", true)]
    [InlineData(TcpFlags.Rst, 77u, "", true)]
    [InlineData(TcpFlags.Ack, 1006u, "new", false)] // bytes that were not sent before
    [InlineData(TcpFlags.Syn, 1000u, "", false)]
    public void Close_SegmentLongAfterwards_BeginsAFlowOnlyIfItIsNew(TcpFlags flags, uint sequence, string data, bool isLeftOver)
    {
        TcpHarness tcp = new TcpHarness()
            .Connect()
            .ClientData(0, "abcd")
            .ClientData(4, "", TcpFlags.Fin)
            .ServerData(0, "", TcpFlags.Fin)
            .ServerAck(5);
        for (int minutes = 1; minutes < 30; minutes += 10)
        {
            tcp.NowNs += 600 * TcpHarness.Second;
            tcp.Table.Expire(tcp.NowNs);
            PacketInfo info = TcpHarness.Packet(true, tcp.ClientPort, tcp.NowNs, data.Length);
            (info.TcpFlags, info.TcpSequence) = (flags, sequence);
            Assert.Equal(isLeftOver, tcp.Table.GetOrAddUnlessLeftOver(ref info, out bool isNew) is null);
            Assert.Equal(!isLeftOver, isNew);
            if (!isLeftOver)
                return;
        }

        Assert.Equal(3, tcp.Table.Statistics.LeftOver);
        PacketInfo other = TcpHarness.Packet(true, 41000, tcp.NowNs, data.Length);
        other.TcpFlags = flags;
        Assert.NotNull(tcp.Table.GetOrAddUnlessLeftOver(ref other, out _)); // nobody has closed that one: a scan, say
    }

    [Fact]
    public void Close_OneFinOnly_WaitsTheFullTimeout()
    {
        TcpHarness tcp = new TcpHarness().Connect().ClientData(0, "a", TcpFlags.Fin);
        tcp.NowNs += 100 * TcpHarness.Second;
        tcp.ServerData(0, "long answer");
        Assert.Single(tcp.Recorder.Started);
        tcp.NowNs += 121 * TcpHarness.Second;
        tcp.Table.Expire(tcp.NowNs);
        Assert.True(Assert.Single(tcp.Recorder.Ended).State.HasFlag(FlowState.TimedOut));
    }

    [Fact]
    public void Opening_NeverCompleted_EndsEarlier()
    {
        TcpHarness tcp = new TcpHarness().Send(true, 1000, 0, TcpFlags.Syn);
        tcp.NowNs += 61 * TcpHarness.Second;
        tcp.Table.Expire(tcp.NowNs);

        Assert.Single(tcp.Recorder.Ended);
    }

    [Fact]
    public void Reset_FarOutOfWindow_IsIgnored()
    {
        TcpHarness tcp = new TcpHarness().Connect().Send(true, 500_000_000, 0, TcpFlags.Rst);
        Assert.False(tcp.Flow.State.HasFlag(FlowState.SeenRst));
        Assert.Equal(1, tcp.Table.Statistics.IgnoredResets);

        tcp.Send(true, 1001, 0, TcpFlags.Rst);
        Assert.True(tcp.Flow.State.HasFlag(FlowState.SeenRst));
    }

    [Fact]
    public void Reset_ThatTheEndsDoNotObey_LeavesTheFlowOpen()
    {
        TcpHarness tcp = new TcpHarness().Connect().ClientData(0, "abc").Send(true, 1004, 0, TcpFlags.Rst).ClientData(3, "def");
        tcp.NowNs += 30 * TcpHarness.Second;
        tcp.ClientData(6, "ghi");

        Assert.Single(tcp.Recorder.Started);
        Assert.Equal("abcdefghi", tcp.Client);
    }

    [Fact]
    public void Syn_Retransmitted_StaysInItsFlow()
    {
        TcpHarness tcp = new TcpHarness().Send(true, 1000, 0, TcpFlags.Syn).Send(true, 1000, 0, TcpFlags.Syn);
        tcp.Connect().ClientData(0, "abc").Send(true, 1000, 0, TcpFlags.Syn);

        Assert.Single(tcp.Recorder.Started);
        Assert.Equal("abc", tcp.Client);
    }

    [Theory]
    [InlineData("closed by FIN", 2000u)]
    [InlineData("half closed", 2000u)]
    [InlineData("reset", 2000u)]
    [InlineData("open, far number", 900_000_000u)]
    public void Syn_OfANewConnection_EndsTheOldFlowAndBeginsAnother(string old, uint isn)
    {
        TcpHarness tcp = new TcpHarness().Connect().ClientData(0, "old");
        Flow first = tcp.Flow;
        switch (old)
        {
            case "closed by FIN":
                tcp.ClientData(3, "", TcpFlags.Fin).ServerData(0, "", TcpFlags.Fin);
                break;
            case "half closed":
                tcp.ServerData(0, "", TcpFlags.Fin);
                break;
            case "reset":
                tcp.Send(true, 1004, 0, TcpFlags.Rst);
                break;
            default:
                break;
        }

        tcp.Send(true, isn, 0, TcpFlags.Syn).Send(false, 77, isn + 1, SynAck).Send(true, isn + 1, 78, TcpFlags.Ack, "new"u8);

        Assert.Same(first, Assert.Single(tcp.Recorder.Ended));
        Assert.NotEqual(first.Number, tcp.Flow.Number);
        Assert.Equal(first.Key, tcp.Flow.Key);
        Assert.Equal("old|", tcp.Recorder.Text(first, StreamDirection.ClientToServer));
        Assert.Equal("new", tcp.Client);
        Assert.Equal(1, tcp.Table.Statistics.Reused);
        Assert.Equal(1, tcp.Table.Count);
    }

    [Theory]
    [InlineData(64_000, 0.0)]
    [InlineData(1_000_000, 100.0)]
    [InlineData(-5000, 1.0)]
    [InlineData(900_000_000, 0.001)]
    public void Syn_AnsweredInAnOpenConnection_BeginsAnotherWithAllItsPackets(int ahead, double secondsLater)
    {
        TcpHarness tcp = new TcpHarness { ClientIsn = 100_000 }
            .Connect()
            .ClientData(0, "old")
            .ServerData(0, "old")
            .ServerAck(3);
        Flow first = tcp.Flow;
        tcp.NowNs += (long)(secondsLater * TcpHarness.Second);
        long begun = tcp.NowNs;
        uint isn = 100_004u + (uint)ahead;
        tcp.Send(true, isn, 0, TcpFlags.Syn)
            .Send(true, isn, 0, TcpFlags.Syn)
            .Send(false, 77, isn + 1, SynAck)
            .Send(true, isn + 1, 78, TcpFlags.Ack, "new"u8);

        Assert.Same(first, Assert.Single(tcp.Recorder.Ended));
        Assert.Equal((3L, 3L), (first.PacketsAZ, first.PacketsZA));
        Assert.Equal((3L, 1L), (tcp.Flow.PacketsAZ, tcp.Flow.PacketsZA));
        Assert.Equal(Handshake | FlowState.ZEndServer, tcp.Flow.State);
        Assert.Equal(begun, tcp.Flow.FirstNs);
        Assert.Equal(300, tcp.Flow.SetupRttMicroseconds);
        Assert.Equal("new", tcp.Client);
        Assert.Equal(1, tcp.Table.Statistics.Reused);
    }

    [Fact]
    public void Syn_NearTheNumbersOfAConnectionWhoseServerIsNotSeen_BeginsAnotherWithItsData()
    {
        TcpHarness tcp = new TcpHarness().Send(true, 1000, 0, TcpFlags.Syn).Send(true, 1001, 5001, TcpFlags.Ack, "old"u8);
        tcp.Send(true, 100_000, 0, TcpFlags.Syn).Send(true, 100_001, 77, TcpFlags.Ack, "new"u8);

        Assert.Equal(2, tcp.Recorder.Started.Count);
        Assert.Equal("new|", tcp.End().Client);
    }

    [Theory]
    [InlineData(1003u)] // the number before the expected one
    [InlineData(20_000u)]
    [InlineData(900_000_000u)]
    public void Syn_ThatNobodyAnswers_HidesNothingOfTheConnection(uint forged)
    {
        TcpHarness tcp = new TcpHarness().Connect().ClientData(0, "abc").ServerAck(3).Send(true, forged, 0, TcpFlags.Syn);
        tcp.ServerData(0, "def").ClientData(3, "ghi").ServerAck(6).ServerData(3, "jkl");
        Flow flow = Assert.Single(tcp.Recorder.Started);
        tcp.End();

        Assert.Equal(("abcghi|", "defjkl|"), (tcp.Client, tcp.Server));
        Assert.Equal((5L, 5L), (flow.PacketsAZ, flow.PacketsZA));
        Assert.Equal(1, tcp.Table.Statistics.DoubtfulSyns);
    }

    [Fact]
    public void Timeout_ConnectionOfBothEnds_LivesThroughALongPoll()
    {
        TcpHarness tcp = new TcpHarness().Connect().ClientData(0, "GET");
        tcp.NowNs += 3500 * TcpHarness.Second;
        tcp.Table.Expire(tcp.NowNs);
        tcp.ServerData(0, "200");
        Assert.Single(tcp.Recorder.Started);

        tcp.NowNs += 3601 * TcpHarness.Second;
        tcp.Table.Expire(tcp.NowNs);
        Assert.Single(tcp.Recorder.Ended);
    }

    [Fact]
    public void Timeout_ConnectionOfOneEnd_EndsEarlier()
    {
        var tcp = new TcpHarness();
        tcp.ClientData(0, "abc");
        tcp.NowNs += 121 * TcpHarness.Second;
        tcp.Table.Expire(tcp.NowNs);

        Assert.Single(tcp.Recorder.Ended);
    }

    [Fact]
    public void Expire_TableNearlyFull_EndsIdleConnectionsEarlierAndOnlyAsManyAsNeeded()
    {
        var tcp = new TcpHarness(tableOptions: new FlowTableOptions { MaxFlows = 8 });
        for (ushort port = 40000; port < 40008; port++)
        {
            tcp.ClientPort = port;
            tcp.Connect();
        }

        tcp.Table.Expire(tcp.NowNs);
        Assert.Empty(tcp.Recorder.Ended);
        tcp.NowNs += 121 * TcpHarness.Second;
        tcp.Table.Expire(tcp.NowNs);

        Assert.Equal([40000, 40001], tcp.Recorder.Ended.Select(flow => (int)flow.Key.PortA));
        Assert.Equal(2, tcp.Table.Statistics.ExpiredEarly);
    }

    [Fact]
    public void Syn_InsideAnOpenConnection_IsNotObeyed()
    {
        TcpHarness tcp = new TcpHarness().Connect().ClientData(0, "abc").Send(true, 1500, 0, TcpFlags.Syn, "evil"u8).ClientData(3, "def");

        Assert.Single(tcp.Recorder.Started);
        Assert.Equal("abcdef|", tcp.End().Client);
    }
}
