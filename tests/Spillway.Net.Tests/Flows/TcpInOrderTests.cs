using System.Reflection;
using System.Text;
using Spillway.Net.Flows;
using Spillway.Net.Packets;
using Spillway.Net.Tcp;

namespace Spillway.Net.Tests.Flows;

/// <summary>Connections that keep no state in the reassembler, and what ends that.</summary>
public class TcpInOrderTests
{
    [Fact]
    public void Process_BytesInOrder_KeepNoConnection()
    {
        TcpHarness tcp = new TcpHarness().Connect();
        for (int i = 0; i < 100; i++)
            tcp.ClientData(i * 3, "abc").ServerAck((i + 1) * 3).ServerData(i * 3, "def");

        Assert.Null(tcp.Flow.Reassembly);
        Assert.Equal(string.Concat(Enumerable.Repeat("abc", 100)), tcp.Client);
        Assert.Equal(string.Concat(Enumerable.Repeat("def", 100)), tcp.Server);
        Assert.Equal((1, 200, 600), (tcp.Statistics.Connections, tcp.Statistics.Segments, tcp.Statistics.BytesDelivered));
        Assert.Equal("||", tcp.End().Client[^1..] + tcp.Server[^1..]);
    }

    [Theory]
    [InlineData("gap", "abcdef[2]ij|")]
    [InlineData("overlap", "abcdefgh|")]
    [InlineData("repeated", "abcdef|")]
    [InlineData("keep-alive probe", "abcdef|")]
    [InlineData("cut", "abcdefgh[3]|")]
    [InlineData("acknowledged unseen", "abcdef[4]|")]
    [InlineData("another SYN", "abcdef|")]
    [InlineData("RST with a reason", "abcdefgh|")]
    [InlineData("FIN", "abcdefgh|")]
    public void Process_InOrderAndThen_GoesOnWhereItStood(string what, string expected)
    {
        TcpHarness tcp = new TcpHarness().Connect().ClientData(0, "abc").ServerAck(3).ClientData(3, "def");
        switch (what)
        {
            case "gap":
                tcp.ClientData(8, "ij");
                break;
            case "overlap":
                tcp.ClientData(4, "efgh");
                break;
            case "repeated":
                tcp.ClientData(0, "abc");
                break;
            case "keep-alive probe":
                tcp.ClientData(5, "\0");
                break;
            case "cut":
                tcp.Send(true, tcp.ClientIsn + 7, tcp.ServerIsn + 1, TcpFlags.Ack, "gh"u8, wireLength: 5);
                break;
            case "acknowledged unseen":
                tcp.ServerAck(10);
                break;
            case "another SYN":
                tcp.Send(true, tcp.ClientIsn + 100, 0, TcpFlags.Syn).ClientData(0, "abc");
                break;
            case "RST with a reason":
                tcp.ClientData(6, "why", TcpFlags.Rst).ClientData(6, "gh");
                break;
            default:
                tcp.ClientData(6, "gh", TcpFlags.Fin);
                break;
        }

        Assert.NotNull(tcp.Flow.Reassembly);
        Assert.Equal(expected, tcp.End().Client);
    }

    [Fact]
    public void Process_InOrderBeyond4GiB_KnowsTheOffset()
    {
        TcpHarness tcp = new TcpHarness().Connect().ClientData(0, "abc");
        tcp.Flow.PayloadAZ += 1L << 32; // as many bytes again as there are sequence numbers
        long offset = 0;
        var reassembler = new TcpReassembler<OffsetHandler>(TcpReassemblerOptions.Default, new OffsetHandler(value => offset = value));
        PacketInfo info = TcpHarness.Packet(true, tcp.ClientPort, tcp.NowNs, payloadLength: 2);
        info.TcpFlags = TcpFlags.Ack;
        info.TcpSequence = tcp.ClientIsn + 4;
        info.TcpAcknowledgment = tcp.ServerIsn + 1;
        tcp.Table.GetOrAdd(ref info, out _);
        reassembler.Process(tcp.Flow, ref info, "de"u8);
        Assert.Equal((1L << 32) + 3, offset);
        Assert.Null(tcp.Flow.Reassembly);

        info.TcpSequence += 3; // with a hole before it: held, and given out when the flow ends
        tcp.Table.GetOrAdd(ref info, out _);
        reassembler.Process(tcp.Flow, ref info, "fg"u8);
        reassembler.End(tcp.Flow);
        Assert.Equal((1L << 32) + 6, offset);
    }

    [Fact]
    public void Process_HandlerWantsNoMore_IsNotAskedAgain()
    {
        TcpHarness tcp = new TcpHarness().Connect();
        tcp.Recorder.OnBytes = flow => flow.WantsReassembly = false;
        tcp.ClientData(0, "abc");
        tcp.Flow.WantsReassembly = true;
        tcp.ClientData(3, "def").End();

        Assert.Equal("abc", tcp.Client);
    }

    [Fact]
    public void Process_MostlyInOrder_GivesTheSameAsWithAConnection()
    {
        for (int seed = 0; seed < 1000; seed++)
        {
            var random = new Random(seed);
            var options = new TcpReassemblerOptions { AcknowledgedHoleSegments = random.Next(1, 10) };
            uint isn = random.Next(2) == 0 ? uint.MaxValue - (uint)random.Next(200) : 1000;
            TcpHarness[] both =
            [
                .. new[] { false, true }.Select(keeps => new TcpHarness(options) { KeepsConnections = keeps, ClientIsn = isn }),
            ];
            Converse(random, both);
            Assert.True(
                both[0].Client == both[1].Client && both[0].Server == both[1].Server,
                $"seed {seed}\n{both[0].Client}\n{both[1].Client}"
            );
            Assert.True(CountsOf(both[0]) == CountsOf(both[1]), $"seed {seed}\n{CountsOf(both[0])}\n{CountsOf(both[1])}");
        }
    }

    private static void Converse(Random random, TcpHarness[] both)
    {
        uint[] next = [both[0].ClientIsn + 1, both[0].ServerIsn + 1];
        if (random.Next(8) != 0)
            Array.ForEach(both, tcp => tcp.Connect());
        for (int i = 0; i < 40; i++)
        {
            int side = random.Next(2);
            TcpFlags flags = TcpFlags.Ack;
            uint sequence = next[side];
            uint acknowledgment = next[1 - side];
            string data = new((char)('a' + (i % 26)), random.Next(4) == 0 ? 0 : random.Next(1, 8));
            int wireLength = data.Length;
            switch (random.Next(40))
            {
                case 0:
                    sequence += (uint)random.Next(1, 20);
                    break;
                case 1:
                    sequence -= (uint)random.Next(1, 20);
                    break;
                case 2:
                    flags |= TcpFlags.Fin;
                    break;
                case 3:
                    flags |= TcpFlags.Rst;
                    break;
                case 4:
                    flags = random.Next(2) == 0 ? TcpFlags.Syn : TcpFlags.Syn | TcpFlags.Ack;
                    break;
                case 5:
                    acknowledgment += (uint)random.Next(-20, 20);
                    break;
                case 6:
                    wireLength += random.Next(1, 5);
                    break;
                case 7:
                    flags = TcpFlags.None;
                    break;
            }

            if (random.Next(30) != 0 && sequence == next[side] && (flags & (TcpFlags.Syn | TcpFlags.Rst)) == 0)
                next[side] += (uint)wireLength;
            foreach (TcpHarness tcp in both)
                tcp.Send(side == 0, sequence, acknowledgment, flags, Encoding.Latin1.GetBytes(data), wireLength);
        }

        Array.ForEach(both, tcp => tcp.End());
    }

    private static string CountsOf(TcpHarness tcp) =>
        string.Join(
            ' ',
            typeof(TcpReassemblyStatistics)
                .GetProperties(BindingFlags.Public | BindingFlags.Instance)
                .Select(property => $"{property.Name}={property.GetValue(tcp.Statistics)}")
        );

    private readonly struct OffsetHandler(Action<long> onData) : IStreamHandler
    {
        public void OnData(Flow flow, StreamDirection direction, long offset, long acknowledged, ReadOnlySpan<byte> data) => onData(offset);

        public void OnGap(Flow flow, StreamDirection direction, long offset, long length) { }

        public void OnEnd(Flow flow, StreamDirection direction) { }
    }
}
