using Spillway.Net.Flows;
using Spillway.Net.Packets;

namespace Spillway.Net.Tests.Flows;

public sealed class FlowHistoryTests
{
    private const TcpFlags SynAck = TcpFlags.Syn | TcpFlags.Ack,
        FinAck = TcpFlags.Fin | TcpFlags.Ack;

    private readonly TcpHarness _tcp = new();

    [Fact]
    public void Connection_FromBeginToEnd_HasOneLetterForEachThingAndDirection()
    {
        _tcp.Connect().ClientData(0, "ask").ServerAck(3).ServerData(0, "answer").ServerData(6, "more");
        _tcp.Send(true, _tcp.ClientIsn + 4, _tcp.ServerIsn + 11, TcpFlags.Ack);
        _tcp.Send(true, _tcp.ClientIsn + 4, _tcp.ServerIsn + 11, FinAck);
        _tcp.Send(false, _tcp.ServerIsn + 11, _tcp.ClientIsn + 5, FinAck);

        Assert.Equal("ShADadFf", TextOf(_tcp.Flow));
    }

    [Fact]
    public void SynThatIsRefused_IsSr()
    {
        _tcp.Send(true, 1, 0, TcpFlags.Syn);
        _tcp.Send(false, 0, 2, TcpFlags.Rst | TcpFlags.Ack);

        Assert.Equal("Sr", TextOf(_tcp.Flow));
    }

    [Fact]
    public void Connection_ThatIsFirstSeenFromItsServer_HasTheServersLettersSmall()
    {
        _tcp.Send(false, 5, 2, SynAck);
        _tcp.Send(true, 2, 6, TcpFlags.Ack);

        Assert.Equal("hA", TextOf(_tcp.Flow));
    }

    [Fact]
    public void SegmentThatIsSentAgain_IsT()
    {
        _tcp.Connect().ClientData(0, "ask").ClientData(0, "ask");

        Assert.Equal("ShADT", TextOf(_tcp.Flow));
    }

    [Theory]
    [InlineData(TcpFlags.Syn | TcpFlags.Fin, "QF")]
    [InlineData(TcpFlags.Syn | TcpFlags.Rst, "QR")]
    [InlineData(TcpFlags.Fin | TcpFlags.Rst, "IFR")]
    [InlineData(TcpFlags.None, "")]
    [InlineData(TcpFlags.Rst, "R")]
    public void Flags_ThatContradictEachOther_HaveALetter(TcpFlags flags, string expected)
    {
        _tcp.Send(true, 1, 0, flags);

        Assert.Equal(expected, TextOf(_tcp.Flow));
    }

    [Fact]
    public void WrongChecksum_IsCAndNothingElse()
    {
        PacketInfo info = TcpHarness.Packet(true, 40000, _tcp.NowNs, 10);
        info.TcpFlags = TcpFlags.Syn;
        info.IsDisregarded = true;

        Assert.Equal("C", TextOf(_tcp.Table.GetOrAdd(ref info, out _)));
    }

    [Fact]
    public void ClosedWindow_IsW_ButNotOfAReset()
    {
        PacketInfo info = TcpHarness.Packet(true, 40000, _tcp.NowNs, 0);
        info.TcpFlags = TcpFlags.Ack;
        info.TcpWindow = 0;
        PacketInfo reset = TcpHarness.Packet(false, 40000, _tcp.NowNs, 0);
        reset.TcpFlags = TcpFlags.Rst;
        reset.TcpWindow = 0;
        Flow flow = _tcp.Table.GetOrAdd(ref info, out _);
        _tcp.Table.GetOrAdd(ref reset, out _);

        Assert.Equal("WAr", TextOf(flow));
    }

    [Fact]
    public void Gap_IsG_InItsDirection()
    {
        _tcp.Connect();
        _tcp.Flow.NoteGap(StreamDirection.ServerToClient);

        Assert.Equal("ShAg", TextOf(_tcp.Flow));
    }

    [Fact]
    public void Datagrams_AreDataOnly()
    {
        PacketInfo there = TcpHarness.Packet(true, 40000, _tcp.NowNs, 10, protocol: 17),
            back = TcpHarness.Packet(false, 40000, _tcp.NowNs, 20, protocol: 17),
            echo = TcpHarness.Packet(true, 40000, _tcp.NowNs, 10, protocol: 1);
        Flow flow = _tcp.Table.GetOrAdd(ref there, out _);
        _tcp.Table.GetOrAdd(ref back, out _);

        Assert.Equal("Dd", TextOf(flow));
        Assert.True(_tcp.Table.GetOrAdd(ref echo, out _).History.IsEmpty);
    }

    [Fact]
    public void SynThatWasSetAside_BeginsTheHistoryOfTheConnectionThatFollows()
    {
        _tcp.Connect().ClientData(0, "ask").ServerData(0, "answer");
        _tcp.Send(true, 3_000_000_000, 0, TcpFlags.Syn);
        Flow first = _tcp.Flow;
        _tcp.Send(false, 77, 3_000_000_001, SynAck);

        Assert.NotSame(first, _tcp.Flow);
        Assert.Equal("Sh", TextOf(_tcp.Flow));
    }

    [Fact]
    public void MoreThingsThanHavePlaces_AreAllThere_TheLastWithoutOrder()
    {
        var history = new FlowHistory();
        for (int end = 0; end < 2; end++)
        {
            bool fromA = end == 0;
            foreach (
                TcpFlags flags in (TcpFlags[])
                    [TcpFlags.Ack, TcpFlags.Syn, SynAck, TcpFlags.Syn | TcpFlags.Fin, TcpFlags.Fin, TcpFlags.Rst | TcpFlags.Fin]
            )
            {
                PacketInfo info = TcpHarness.Packet(true, 1, 0, 0);
                (info.FromA, info.TcpFlags) = (fromA, flags);
                history.TakeSegment(in info, isRetransmitted: false);
            }

            PacketInfo wrong = TcpHarness.Packet(true, 1, 0, 5);
            (wrong.FromA, wrong.IsDisregarded) = (fromA, true);
            history.TakeSegment(in wrong, isRetransmitted: false);
            PacketInfo last = TcpHarness.Packet(true, 1, 0, 5);
            (last.FromA, last.TcpWindow) = (fromA, 0);
            history.TakeSegment(in last, isRetransmitted: true);
            history.TakeGap(fromA);
        }

        string text = history.ToText(clientIsA: true);
        Assert.Equal(FlowHistory.MaxLength, text.Length);
        Assert.Equal(text.Length, text.Distinct().Count());
        Assert.StartsWith("ASHQFIRC", text, StringComparison.Ordinal);
        Assert.Equal(
            text,
            string.Concat(
                history.ToText(clientIsA: false).Select(c => char.IsUpper(c) ? char.ToLowerInvariant(c) : char.ToUpperInvariant(c))
            )
        );
    }

    private static string TextOf(Flow flow) => flow.History.ToText(flow.ClientIsA);
}
