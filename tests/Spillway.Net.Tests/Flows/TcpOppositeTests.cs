using System.Text;
using Spillway.Net.Flows;
using Spillway.Net.Packets;
using Spillway.Net.Tcp;

namespace Spillway.Net.Tests.Flows;

/// <summary>The order between the two directions of a connection.</summary>
public class TcpOppositeTests
{
    private const long Wait = TcpHarness.Second / 4;

    [Fact]
    public void Answer_CapturedBeforeItsQuestion_WaitsForIt()
    {
        TcpHarness tcp = Answer(new TcpHarness().Connect(), 3, "answer");
        Assert.Equal("", tcp.Server);

        tcp.ClientData(0, "ask");
        Assert.Equal(("ask", "answer"), (tcp.Client, tcp.Server));
        Assert.Equal(1, tcp.Statistics.HeldForOpposite);
        Assert.Equal(0, tcp.Statistics.MemoryInUse);
    }

    [Fact]
    public void Answer_WhoseQuestionDoesNotCome_IsGivenOutInTimeAndTheQuestionTakenLater()
    {
        TcpHarness tcp = Answer(new TcpHarness().Connect(), 3, "answer");
        tcp.Reassembler.Expire(tcp.NowNs + (Wait / 2));
        Assert.Equal("", tcp.Server);

        tcp.Reassembler.Expire(tcp.NowNs + Wait);
        Assert.Equal("answer", tcp.Server);
        Assert.Equal(1, tcp.Statistics.OppositeNotSeen);
        Assert.Equal("ask", tcp.ClientData(0, "ask").Client);
    }

    [Fact]
    public void Answer_ToAQuestionThatIsLost_ComesBeforeTheNextQuestion()
    {
        var tcp = new TcpHarness();
        var order = new List<string>();
        tcp.Recorder.OnBytes = _ => order.Add($"{tcp.Client}/{tcp.Server}");
        tcp.Connect();
        Answer(tcp, 3, "one");
        tcp.Send(true, tcp.ClientIsn + 4, tcp.ServerIsn + 4, TcpFlags.Ack, "two"u8);
        tcp.Reassembler.Expire(tcp.NowNs + Wait);

        Assert.Equal(("[3]two", "one"), (tcp.Client, tcp.Server));
        Assert.Equal("[3]two/one", order[^1]);
        Assert.DoesNotContain("[3]two/", order);
    }

    [Fact]
    public void Directions_ThatWaitForEachOther_ComeOutAtTheEnd()
    {
        TcpHarness tcp = new TcpHarness().Connect();
        tcp.Send(true, tcp.ClientIsn + 1, tcp.ServerIsn + 100, TcpFlags.Ack, "abc"u8);
        Answer(tcp, 200, "def").End();

        Assert.StartsWith("abc", tcp.Client);
        Assert.StartsWith("def", tcp.Server);
        Assert.Equal(0, tcp.Statistics.MemoryInUse);
    }

    [Fact]
    public void Direction_ThatIsNeverCaptured_IsSoonNotWaitedFor()
    {
        var tcp = new TcpHarness();
        for (int i = 0; i < 20; i++)
        {
            tcp.ClientPort = (ushort)(40000 + i);
            tcp.Send(false, tcp.ServerIsn, tcp.ClientIsn + 1, TcpFlags.Syn | TcpFlags.Ack);
            Answer(tcp, 50, "answer").End();
            Assert.Equal("answer|", tcp.Server);
            Assert.Equal("|", tcp.Client);
        }

        Assert.InRange(tcp.Statistics.HeldForOpposite, 1, 10);
    }

    [Fact]
    public void Direction_ThatComesLateAsAWhole_IsOneFlowWithTheOther()
    {
        var tcp = new TcpHarness();
        tcp.Send(false, tcp.ServerIsn, tcp.ClientIsn + 1, TcpFlags.Syn | TcpFlags.Ack);
        tcp.Send(false, tcp.ServerIsn + 1, tcp.ClientIsn + 4, TcpFlags.Ack | TcpFlags.Fin, "answer"u8);
        Assert.Equal("", tcp.Server);

        tcp.Send(true, tcp.ClientIsn, 0, TcpFlags.Syn).ClientData(0, "ask").End();
        Assert.Single(tcp.Recorder.Started);
        Assert.Equal(("ask|", "answer|"), (tcp.Client, tcp.Server));
    }

    [Fact]
    public void Acknowledgment_FarBeyondAllThatWasSeen_HoldsNothing()
    {
        TcpHarness tcp = Answer(new TcpHarness().Connect(), 100_000_000, "answer");
        Assert.Equal("answer", tcp.Server);
    }

    [Fact]
    public void Answers_BeyondTheLimitOfBytes_AreGivenOut()
    {
        var options = new TcpReassemblerOptions { MaxBytesPerStream = 64 << 10 };
        TcpHarness tcp = new TcpHarness(options).Connect();
        for (int i = 0; i < 200; i++)
        {
            tcp.Send(false, tcp.ServerIsn + 1 + (uint)(i * 1000), tcp.ClientIsn + 4, TcpFlags.Ack, new byte[1000]);
            Assert.InRange(tcp.Statistics.MemoryInUse, 0, options.MaxBytesPerStream);
        }

        Assert.Equal(200_000, tcp.Recorder.Next(tcp.Flow, StreamDirection.ServerToClient));
        Assert.Equal("ask", tcp.ClientData(0, "ask").Client);
    }

    private static TcpHarness Answer(TcpHarness tcp, uint acknowledged, string data) =>
        tcp.Send(false, tcp.ServerIsn + 1, tcp.ClientIsn + 1 + acknowledged, TcpFlags.Ack, Encoding.Latin1.GetBytes(data));
}
