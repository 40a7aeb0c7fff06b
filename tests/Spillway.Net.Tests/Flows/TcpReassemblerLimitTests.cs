using Spillway.Net.Flows;
using Spillway.Net.Packets;
using Spillway.Net.Tcp;
using Spillway.Tests.Shared;

namespace Spillway.Net.Tests.Flows;

/// <summary>When holes are given up, and what happens when something is full.</summary>
public class TcpReassemblerLimitTests
{
    [Fact]
    public void Hole_NotAcknowledged_WaitsForTheRetransmission()
    {
        TcpHarness tcp = new TcpHarness().Connect().ClientData(3, "def");
        for (int i = 0; i < 200; i++)
            tcp.ServerAck(0);
        tcp.NowNs += 30 * TcpHarness.Second;
        tcp.ServerAck(0).ClientData(0, "abc");

        Assert.Equal("abcdef", tcp.Client);
    }

    [Fact]
    public void Hole_AcknowledgedAndEnoughSegmentsPassed_IsGivenUp()
    {
        TcpHarness tcp = new TcpHarness(new TcpReassemblerOptions { AcknowledgedHoleSegments = 5 })
            .Connect()
            .ClientData(3, "def")
            .ServerAck(6);
        for (int i = 0; i < 4; i++)
            tcp.ServerAck(6);
        Assert.Equal("", tcp.Client);

        tcp.ServerAck(6);
        Assert.Equal("[3]def", tcp.Client);
        Assert.Equal("[3]def", tcp.ClientData(0, "abc").Client); // too late
    }

    [Fact]
    public void Hole_AcknowledgedAndTimePassed_IsGivenUp()
    {
        TcpHarness tcp = new TcpHarness().Connect().ClientData(3, "def").ServerAck(6);
        tcp.NowNs += 2 * TcpHarness.Second;
        tcp.ServerData(0, "x");

        Assert.Equal("[3]def", tcp.Client);
    }

    [Fact]
    public void Hole_ManyAcknowledgedTogether_AreGivenUpTogether()
    {
        TcpHarness tcp = new TcpHarness(new TcpReassemblerOptions { AcknowledgedHoleSegments = 5 }).Connect();
        tcp.ClientData(1, "b").ClientData(3, "d").ClientData(5, "f").ServerAck(6);
        for (int i = 0; i < 5; i++)
            tcp.ServerAck(6);

        Assert.Equal("[1]b[1]d[1]f", tcp.Client);
    }

    [Fact]
    public void Hole_OnlyOneSideCaptured_IsGivenUpAfterItsTime()
    {
        var tcp = new TcpHarness();
        tcp.Send(true, 1000, 0, TcpFlags.Syn).ClientData(0, "abc").ClientData(6, "ghi");
        tcp.NowNs += 5 * TcpHarness.Second;
        Assert.Equal("abc", tcp.ClientData(9, "j").Client);
        tcp.NowNs += 6 * TcpHarness.Second;
        Assert.Equal("abc[3]ghijk", tcp.ClientData(10, "k").Client);
    }

    [Fact]
    public void Limit_BytesPerStream_GivesUpTheFirstHoleAndStaysBelow()
    {
        var options = new TcpReassemblerOptions { MaxBytesPerStream = 64 << 10 };
        TcpHarness tcp = new TcpHarness(options).Connect();
        string block = new('x', 1000);
        for (int i = 1; i <= 200; i++)
        {
            tcp.ClientData(i * 1000, block);
            Assert.InRange(tcp.Statistics.MemoryInUse, 0, options.MaxBytesPerStream);
        }

        Assert.StartsWith("[1000]xxx", tcp.Client, StringComparison.Ordinal);
        Assert.Equal(201_000, tcp.Recorder.Next(tcp.Flow, StreamDirection.ClientToServer));
        Assert.Equal(1, tcp.Statistics.GivenUpByLimit);
        Assert.Equal(0, tcp.Statistics.DroppedByLimit);
    }

    [Fact]
    public void Limit_SegmentsPerStream_BoundsFragmentation()
    {
        TcpHarness tcp = new TcpHarness(new TcpReassemblerOptions { MaxSegmentsPerStream = 16 }).Connect();
        for (int i = 0; i < 100; i++)
            tcp.ClientData(1 + (i * 2), "x");

        Assert.InRange(tcp.Statistics.MemoryInUse, 2048, 16 * 2048);
        tcp.End();
        Assert.Equal(100, tcp.Statistics.Gaps);
        Assert.Equal(100, tcp.Statistics.BytesDelivered);
    }

    [Fact]
    public void Limit_TotalBytes_MakesTheLongestWaitingStreamGiveUp()
    {
        var options = new TcpReassemblerOptions { MaxBytes = 64 << 10 };
        var tcp = new TcpHarness(options);
        var flows = new List<Flow>();
        for (ushort port = 40000; port < 40064; port++)
        {
            tcp.ClientPort = port;
            tcp.Connect().ClientData(3, "def");
            flows.Add(tcp.Flow);
            Assert.InRange(tcp.Statistics.MemoryInUse, 0, options.MaxBytes);
        }

        Assert.Equal(32, tcp.Statistics.GivenUpByLimit);
        Assert.Equal("[3]def", tcp.Recorder.Text(flows[0], StreamDirection.ClientToServer));
        Assert.Equal("[3]def", tcp.Recorder.Text(flows[31], StreamDirection.ClientToServer));
        Assert.Equal("", tcp.Recorder.Text(flows[32], StreamDirection.ClientToServer));
        tcp.End();
        Assert.Equal(0, tcp.Statistics.MemoryInUse);
    }

    [Fact]
    public void Process_InOrder_AllocatesNothing()
    {
        var handler = new Sink();
        var table = new FlowTable<Sink>(FlowTableOptions.Default, handler);
        var reassembler = new TcpReassembler<Sink>(TcpReassemblerOptions.Default, handler);
        byte[] payload = new byte[1460];
        PacketInfo data = TcpHarness.Packet(true, 40000, 1, payload.Length);
        data.TcpFlags = TcpFlags.Ack;
        PacketInfo acknowledgment = TcpHarness.Packet(false, 40000, 1, 0);
        acknowledgment.TcpFlags = TcpFlags.Ack;
        Run(1000);

        Assert.Equal(0, Allocations.InSteadyState(() => Run(10_000), out int inOrder));
        Assert.Equal((1000 + (inOrder * 10_000)) * 1460L, handler.Bytes);

        // The same where every second pair is swapped: buffers are reused.
        Run(1000, swap: true);
        Assert.Equal(0, Allocations.InSteadyState(() => Run(10_000, swap: true), out int swapped));
        Assert.Equal((2000 + ((inOrder + swapped) * 10_000)) * 1460L, handler.Bytes);

        void Run(int segments, bool swap = false)
        {
            uint start = acknowledgment.TcpAcknowledgment;
            for (uint i = 0; i < segments; i++)
            {
                data.TcpSequence = start + ((swap ? i ^ 1 : i) * 1460);
                Take(ref data, payload);
                acknowledgment.TcpAcknowledgment = start + ((i + 1) * 1460);
                if (!swap || i % 2 == 1)
                    Take(ref acknowledgment, default);
            }
        }

        void Take(ref PacketInfo info, ReadOnlySpan<byte> bytes)
        {
            info.TimestampNs += 1000;
            table.Expire(info.TimestampNs);
            reassembler.Process(table.GetOrAdd(ref info, out _), ref info, bytes);
        }
    }

    private sealed class Sink : IFlowHandler, IStreamHandler
    {
        public long Bytes { get; private set; }

        public void OnFlowStart(Flow flow) { }

        public void OnFlowUpdate(Flow flow) { }

        public void OnFlowEnd(Flow flow) { }

        public void OnData(Flow flow, StreamDirection direction, long offset, long acknowledged, ReadOnlySpan<byte> data) =>
            Bytes += data.Length;

        public void OnGap(Flow flow, StreamDirection direction, long offset, long length) { }

        public void OnEnd(Flow flow, StreamDirection direction) { }
    }
}
