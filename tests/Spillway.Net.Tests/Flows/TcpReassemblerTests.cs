using Spillway.Net.Flows;
using Spillway.Net.Packets;

namespace Spillway.Net.Tests.Flows;

/// <summary>Connections from SYN to their end: handshakes, FIN, RST, joined in the middle, one side only.</summary>
public class TcpReassemblerTests
{
    [Fact]
    public void Process_BothDirections_AreSeparateStreams()
    {
        TcpHarness tcp = new TcpHarness().Connect().ClientData(0, "GET").ServerData(0, "200").ClientData(3, " /").ServerData(3, " OK");

        Assert.Equal("GET /", tcp.Client);
        Assert.Equal("200 OK", tcp.Server);
    }

    [Fact]
    public void Process_DataInSyn_IsTheStreamsBeginning()
    {
        TcpHarness tcp = new TcpHarness().Send(true, 1000, 0, TcpFlags.Syn, "GET"u8);
        tcp.Send(false, 5000, 1004, TcpFlags.Syn | TcpFlags.Ack).Send(true, 1004, 5001, TcpFlags.Ack, " /"u8);

        Assert.Equal("GET /", tcp.Client);
    }

    [Fact]
    public void Process_SynAckBeforeSyn_KnowsTheClient()
    {
        var tcp = new TcpHarness();
        tcp.Send(false, 5000, 1001, TcpFlags.Syn | TcpFlags.Ack).Send(true, 1000, 0, TcpFlags.Syn).Send(true, 1001, 5001, TcpFlags.Ack);
        tcp.ClientData(0, "abc").ServerData(0, "def");

        Assert.Single(tcp.Recorder.Started);
        Assert.Equal("abc", tcp.Client);
        Assert.Equal("def", tcp.Server);
    }

    [Fact]
    public void Process_DataBeforeItsSyn_IsNotLost()
    {
        var tcp = new TcpHarness();
        tcp.Send(true, 1001, 0, TcpFlags.None, "abc"u8).Send(true, 1000, 0, TcpFlags.Syn);

        Assert.Equal("abc", tcp.Client);
    }

    [Fact]
    public void Process_FourWayAndSimultaneousHandshakes_Work()
    {
        var tcp = new TcpHarness();
        tcp.Send(true, 1000, 0, TcpFlags.Syn).Send(false, 5000, 0, TcpFlags.Syn);
        tcp.Send(true, 1000, 5001, TcpFlags.Syn | TcpFlags.Ack).Send(false, 5001, 1001, TcpFlags.Ack);
        tcp.ClientData(0, "abc").ServerData(0, "def");

        Assert.Equal("abc", tcp.Client);
        Assert.Equal("def", tcp.Server);
        Assert.True(tcp.Flow.State.HasFlag(FlowState.SeenSynAckAck));
    }

    [Theory]
    [InlineData("in order")]
    [InlineData("with data")]
    [InlineData("before its data")]
    [InlineData("before its data, alone")]
    public void Process_Fin_EndsTheStreamAfterItsLastByte(string how)
    {
        TcpHarness tcp = new TcpHarness().Connect();
        switch (how)
        {
            case "in order":
                tcp.ClientData(0, "abcdef").ClientData(6, "", TcpFlags.Fin);
                break;
            case "with data":
                tcp.ClientData(0, "abc").ClientData(3, "def", TcpFlags.Fin);
                break;
            case "before its data":
                tcp.ClientData(3, "def", TcpFlags.Fin).ClientData(0, "abc");
                break;
            default:
                tcp.ClientData(6, "", TcpFlags.Fin).ClientData(0, "abc").ClientData(3, "def");
                break;
        }

        Assert.Equal("abcdef", tcp.Client); // the receiver decides
        tcp.ServerAck(7);
        Assert.Equal("abcdef|", tcp.Client);
        tcp.ClientData(6, "", TcpFlags.Fin).ClientData(7, "zzz").ClientData(0, "abc");
        Assert.Equal("abcdef|", tcp.Client);
        Assert.Equal("", tcp.Server);
        Assert.Equal(1, tcp.Statistics.AfterEnd);
        Assert.Equal("abcdef|", tcp.End().Client);
        Assert.Equal("|", tcp.Server);
    }

    [Fact]
    public void Process_ForgedFinThatTheReceiverPassesBy_DoesNotEndTheStream()
    {
        TcpHarness tcp = new TcpHarness().Connect().ClientData(10, "", TcpFlags.Fin).ServerAck(20);
        tcp.ClientData(0, "0123456789abcdefghij");

        Assert.Equal("0123456789abcdefghij", tcp.Client);
    }

    [Theory]
    [InlineData(12, "abcdefghijkl")] // it acknowledges more than the FIN
    [InlineData(7, "abcdef|")] // it has taken the FIN, so the rest cannot be of the connection
    [InlineData(6, "abcdef")] // not known yet
    public void Process_DataAtTheNumberOfAFin_CountsIfTheReceiverTakesIt(long acknowledged, string expected)
    {
        TcpHarness tcp = new TcpHarness()
            .Connect()
            .ClientData(0, "abcdef")
            .ClientData(6, "", TcpFlags.Fin)
            .ClientData(6, "ghi")
            .ClientData(9, "jkl");
        Assert.Equal("abcdef", tcp.Client);

        Assert.Equal(expected, tcp.ServerAck(acknowledged).Client);
        tcp.End();
        Assert.Equal(acknowledged == 7 ? "abcdef|" : "abcdefghijkl|", tcp.Client);
        Assert.Equal(0, tcp.Statistics.MemoryInUse);
    }

    [Fact]
    public void Process_FinAcknowledgedBeforeItIsSeen_EndsTheStream()
    {
        TcpHarness tcp = new TcpHarness().Connect().ClientData(0, "abc").ServerAck(4).ClientData(3, "", TcpFlags.Fin);

        Assert.Equal("abc|", tcp.Client);
    }

    [Fact]
    public void Process_ForgedFinInMidStreamThatNobodyAcknowledges_LosesNothing()
    {
        TcpHarness tcp = new TcpHarness().Connect();
        for (int i = 0; i < 50; i++)
        {
            tcp.ClientData(i, "x");
            if (i == 10)
                tcp.ClientData(11, "", TcpFlags.Fin);
            if (i != 10)
                tcp.ServerAck(i + 1);
        }

        Assert.Equal(new string('x', 50), tcp.Client);
    }

    [Theory]
    [InlineData(5000u, 900_000_000u)]
    [InlineData(900_000_000u, 5000u)]
    [InlineData(5000u, 5100u)]
    [InlineData(5100u, 5000u)]
    public void Process_TwoSynAcks_TheOneTheClientAcknowledgesCounts(uint first, uint second)
    {
        foreach (uint real in new[] { first, second })
        {
            var tcp = new TcpHarness { ServerIsn = real };
            tcp.Send(true, 1000, 0, TcpFlags.Syn);
            foreach (uint isn in new[] { first, second })
                tcp.Send(false, isn, 1001, TcpFlags.Syn | TcpFlags.Ack);
            tcp.Send(true, 1001, real + 1, TcpFlags.Ack).ClientData(0, "GET").ServerData(0, "200").ServerData(3, "OK");

            Assert.Equal(("GET", "200OK"), (tcp.Client, tcp.Server));
            Assert.Single(tcp.Recorder.Started);
            Assert.True(tcp.Flow.State.HasFlag(FlowState.SeenSynAckAck));
        }
    }

    [Theory]
    [InlineData(5010u)]
    [InlineData(82_777u)]
    [InlineData(3000u)]
    [InlineData(2_000_000_000u)]
    public void Process_SecondSynAckThatTheClientGoesOnWith_IsTheBeginningOfTheStream(uint second)
    {
        foreach (bool hasAsked in new[] { false, true })
        {
            TcpHarness tcp = new TcpHarness { ServerIsn = second }.Send(true, 1000, 0, TcpFlags.Syn);
            tcp.Send(false, 5000, 1001, TcpFlags.Syn | TcpFlags.Ack).Send(true, 1001, 5001, TcpFlags.Ack);
            if (hasAsked)
                tcp.Send(true, 1001, 5001, TcpFlags.Ack, "GET"u8);
            tcp.Send(false, second, 1001, TcpFlags.Syn | TcpFlags.Ack).Send(true, hasAsked ? 1004u : 1001u, second + 1, TcpFlags.Ack);
            tcp.ServerData(0, "200").ServerData(3, "OK").End();

            Assert.Equal("200OK|", tcp.Server);
            Assert.Single(tcp.Recorder.Started);
            Assert.Equal((hasAsked ? 4 : 3, 4), (tcp.Flow.PacketsAZ, tcp.Flow.PacketsZA));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Process_BytesBehindTheNumberOfAFin_GoOnWithoutAGapIfTheReceiverTakesThem(bool inPieces)
    {
        TcpHarness tcp = new TcpHarness().Connect().ServerData(0, "abc").ServerData(3, "", TcpFlags.Fin);
        if (inPieces)
            tcp.ServerData(6, "fg").ServerData(4, "de");
        else
            tcp.ServerData(4, "defg");
        tcp.Send(true, 1001, 5001 + 8, TcpFlags.Ack)
            .ServerData(8, "hi")
            .ServerData(10, "", TcpFlags.Fin)
            .Send(true, 1001, 5001 + 11, TcpFlags.Ack);

        Assert.Equal("abcdefghi|", tcp.Server);
    }

    [Theory]
    [InlineData(900_000_000u)]
    [InlineData(5001u)]
    [InlineData(5500u)]
    public void Process_SynAckWithAnotherNumberInAnOpenConnection_ChangesNothing(uint forged)
    {
        foreach (bool late in new[] { false, true })
        {
            TcpHarness tcp = new TcpHarness().Connect().ClientData(0, "GET");
            if (late)
                tcp.ServerData(0, "HTTP ");
            tcp.Send(false, forged, 1004, TcpFlags.Syn | TcpFlags.Ack).Send(false, forged, 1001, TcpFlags.Syn | TcpFlags.Ack);
            if (!late)
                tcp.ServerData(0, "HTTP ");
            tcp.ServerData(5, "200");

            Assert.Equal("HTTP 200|", tcp.End().Server);
            Assert.Single(tcp.Recorder.Started);
        }
    }

    [Fact]
    public void Process_SynAckSentAgainAfterData_ChangesNothing()
    {
        TcpHarness tcp = new TcpHarness()
            .Connect()
            .ClientData(0, "GET")
            .ServerData(0, "200")
            .Send(false, 5000, 1001, TcpFlags.Syn | TcpFlags.Ack);

        Assert.Equal("200OK", tcp.ServerData(3, "OK").Server);
    }

    [Fact]
    public void Process_SynWithData_IsTheBeginningOfTheStream()
    {
        var tcp = new TcpHarness(); // TCP fast open (RFC 7413)
        tcp.Send(true, 1000, 0, TcpFlags.Syn, "GET /"u8).Send(false, 5000, 1006, TcpFlags.Syn | TcpFlags.Ack, "200 "u8);
        tcp.Send(true, 1006, 5005, TcpFlags.Ack).ClientData(5, "next").ServerData(4, "OK");

        Assert.Equal(("GET /next", "200 OK"), (tcp.Client, tcp.Server));
    }

    [Fact]
    public void Process_SimultaneousOpen_IsOneConnection()
    {
        var tcp = new TcpHarness();
        tcp.Send(true, 1000, 0, TcpFlags.Syn).Send(false, 5000, 0, TcpFlags.Syn);
        tcp.Send(true, 1000, 5001, TcpFlags.Syn | TcpFlags.Ack).Send(false, 5000, 1001, TcpFlags.Syn | TcpFlags.Ack);
        tcp.ClientData(0, "abc").ServerData(0, "def");

        Assert.Equal(("abc", "def"), (tcp.Client, tcp.Server));
        Assert.Single(tcp.Recorder.Started);
    }

    [Fact]
    public void End_MissingBytesBeforeFin_AreToldAsGap()
    {
        TcpHarness tcp = new TcpHarness().Connect().ClientData(0, "abc").ClientData(10, "", TcpFlags.Fin);

        Assert.Equal("abc[7]|", tcp.End().Client);
        Assert.True(tcp.Flow.State.HasFlag(FlowState.Incomplete));
    }

    [Fact]
    public void End_AcknowledgedBytesNeverSeen_AreToldAsGap()
    {
        Assert.Equal("abc[5]|", new TcpHarness().Connect().ClientData(0, "abc").ServerAck(8).End().Client);
        // One number more may be the FIN's.
        Assert.Equal("abc|", new TcpHarness().Connect().ClientData(0, "abc").ServerAck(4).End().Client);
    }

    [Fact]
    public void Process_Reset_EndsTheStreamsWhenNothingFollows()
    {
        TcpHarness tcp = new TcpHarness().Connect().ClientData(0, "abc").ServerData(0, "def").ClientData(5, "fg");
        tcp.Send(true, 1004, 0, TcpFlags.Rst);
        tcp.ServerData(3, "ghi"); // was under way
        tcp.NowNs += 6 * TcpHarness.Second;
        tcp.Table.Expire(tcp.NowNs);

        Assert.Equal("abc[2]fg|", tcp.Client);
        Assert.Equal("defghi|", tcp.Server);
        Assert.True(tcp.Flow.State.HasFlag(FlowState.SeenRst));
    }

    [Fact]
    public void Process_ForgedResetAndFinBeforeTheHandshake_ChangeNothing()
    {
        // A server answers a SYN as if it refused it, then goes on as if nothing had been: the client's stack decides, not ours.
        var tcp = new TcpHarness();
        tcp.Send(true, 1000, 0, TcpFlags.Syn)
            .Send(false, 0, 1001, TcpFlags.Rst | TcpFlags.Ack)
            .Send(false, 0, 1001, TcpFlags.Fin | TcpFlags.Ack);
        tcp.Send(true, 1001, 0, TcpFlags.Rst).Send(false, 5000, 1001, TcpFlags.Syn | TcpFlags.Ack).Send(true, 1001, 5001, TcpFlags.Ack);
        tcp.ClientData(0, "GET").ServerData(0, "200").End();

        Assert.Single(tcp.Recorder.Started);
        Assert.Equal("GET|", tcp.Client);
        Assert.Equal("200|", tcp.Server);
    }

    [Fact]
    public void Process_ResetWithPayload_IsNoData()
    {
        TcpHarness tcp = new TcpHarness().Connect().ClientData(0, "abc").Send(true, 1004, 5001, TcpFlags.Rst | TcpFlags.Ack, "reason"u8);

        Assert.Equal("abc|", tcp.End().Client);
    }

    [Fact]
    public void Process_Midstream_BeginsWhereTheReceiverExpectsIt()
    {
        var tcp = new TcpHarness();
        tcp.Send(true, 1001, 5001, TcpFlags.Ack, "abc"u8);
        Assert.Equal("", tcp.Client); // an earlier segment may have been overtaken
        tcp.Send(false, 5001, 1004, TcpFlags.Ack, "def"u8);

        Assert.Equal("abc", tcp.Client);
        Assert.Equal("def", tcp.Server);
        Assert.Equal(0, tcp.Statistics.MemoryInUse);
    }

    [Fact]
    public void Process_MidstreamFirstSegmentsSwapped_LosesNothing()
    {
        var oneSided = new TcpHarness();
        oneSided.ClientData(3, "def").ClientData(0, "abc").ClientData(6, "ghi").ClientData(9, "jkl");
        oneSided.Reassembler.Expire(oneSided.NowNs + TcpHarness.Second); // the other direction might still have come
        Assert.Equal("abcdefghijkl", oneSided.Client);

        var hinted = new TcpHarness();
        hinted.ServerAck(0).ClientData(3, "def").ClientData(0, "abc");
        Assert.Equal("abcdef", hinted.Client);
    }

    [Fact]
    public void Process_MidstreamOneSegmentOnly_ComesOutAtTheEnd()
    {
        Assert.Equal("abc|", new TcpHarness().ClientData(7, "abc").End().Client);
    }

    [Fact]
    public void Process_MidstreamFinOnly_EndsBothStreamsOnce()
    {
        TcpHarness tcp = new TcpHarness().ClientData(0, "", TcpFlags.Fin).ServerData(0, "", TcpFlags.Fin).ServerAck(1).End();

        Assert.Equal("|", tcp.Client);
        Assert.Equal("|", tcp.Server);
    }

    [Fact]
    public void Process_MidstreamKeepAliveProbe_IsNoData()
    {
        TcpHarness tcp = new TcpHarness().ServerAck(10).ClientData(9, "x").ClientData(10, "abc");

        Assert.Equal("abc", tcp.Client);
    }

    [Fact]
    public void Process_SegmentFarOutside_DoesNotPoisonTheStream()
    {
        TcpHarness tcp = new TcpHarness()
            .Connect()
            .ClientData(0, "abc")
            .ClientData(1 << 30, "evil")
            .ClientData(-(1 << 30), "evil")
            .ClientData(3, "def");

        Assert.Equal("abcdef|", tcp.End().Client);
        Assert.Equal(2, tcp.Statistics.OutOfWindow);
    }

    [Fact]
    public void Process_AnotherSequenceRangePersists_GoesOnThereAfterAGap()
    {
        const long Far = 100_000_000;
        var tcp = new TcpHarness();
        tcp.Send(true, 1000, 0, TcpFlags.Syn).ClientData(0, "abc");
        tcp.ClientData(Far, "01").ClientData(Far + 2, "23").ClientData(Far + 4, "45").ClientData(Far + 6, "67").ClientData(Far + 8, "89");

        Assert.Equal("abc[100000003]6789", tcp.Client);
        Assert.Equal(1, tcp.Statistics.Resynchronised);
    }

    [Fact]
    public void Process_AnotherSequenceRangeThatTheReceiverDoesNotAcknowledge_IsIgnored()
    {
        const long Far = 100_000_000;
        TcpHarness tcp = new TcpHarness().Connect().ClientData(0, "abc").ServerAck(3);
        for (int i = 0; i < 20; i++)
            tcp.ClientData(Far + i, "x");
        tcp.ClientData(3, "def");

        Assert.Equal("abcdef|", tcp.End().Client);
    }

    [Fact]
    public void Process_StreamNoLongerWanted_KeepsNothingAndTellsNothing()
    {
        TcpHarness tcp = new TcpHarness().Connect().ClientData(3, "def");
        tcp.Recorder.OnBytes = flow => flow.WantsReassembly = false;
        tcp.ClientData(0, "abc").ClientData(6, "ghi").ServerData(0, "x");

        Assert.Equal("abc", tcp.Client);
        Assert.Equal("abc", tcp.End().Client);
        Assert.Equal(0, tcp.Statistics.MemoryInUse);

        tcp.Flow.WantsReassembly = true;
        tcp.Reassembler.End(tcp.Flow);
        Assert.Equal("abc", tcp.Client);
    }

    [Fact]
    public void Process_HandlerEndsTheFlowInACallback_TellsTheRestOnce()
    {
        TcpHarness tcp = new TcpHarness().Connect().ClientData(3, "def").ClientData(8, "ij");
        tcp.Recorder.OnBytes = flow => tcp.Table.Terminate(flow);
        tcp.ClientData(0, "abc");

        Assert.Equal("abcdef[2]ij|", tcp.Client);
        Assert.Equal("|", tcp.Server);
        Assert.Single(tcp.Recorder.Ended);
        Assert.Equal(0, tcp.Statistics.MemoryInUse);
        Assert.Equal(0, tcp.Table.Count);
    }
}
