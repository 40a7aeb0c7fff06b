using BenchmarkDotNet.Attributes;
using Spillway.Net.Flows;
using Spillway.Net.Packets;
using Spillway.Net.Tcp;

namespace Spillway.Benchmarks;

/// <summary>One long stream, segment after segment: in order, and with every second pair exchanged.</summary>
public class ReassemblyBenchmarks
{
    private const int Segments = 1024;
    private const int Length = 1460;

    private readonly byte[] _frame = Traffic.Segment(client: 1, sequence: 0, TcpFlags.Ack, Length);
    private PacketInfo _info;
    private FlowTable<NoFlowHandler> _table = null!;
    private TcpReassembler<CountingStreamHandler> _reassembler = null!;
    private Flow _flow = null!;
    private uint _next;

    [GlobalSetup]
    public void Open()
    {
        _table = new FlowTable<NoFlowHandler>(new FlowTableOptions(), default);
        _reassembler = new TcpReassembler<CountingStreamHandler>(new TcpReassemblerOptions(), default);
        _next = 1001;
        PacketInfo syn = Traffic.Decode(Traffic.Segment(client: 1, sequence: 1000, TcpFlags.Syn, payloadLength: 0), timestampNs: 1);
        _flow = _table.GetOrAdd(ref syn, out _);
        _reassembler.Process(_flow, ref syn, default);
        _info = Traffic.Decode(_frame, timestampNs: 2);
    }

    [Benchmark(OperationsPerInvoke = Segments)]
    public long InOrder()
    {
        for (int i = 0; i < Segments; i++)
            Process((uint)i);
        return Advance();
    }

    [Benchmark(OperationsPerInvoke = Segments)]
    public long PairsExchanged()
    {
        for (int i = 0; i < Segments; i++)
            Process((uint)i ^ 1);
        return Advance();
    }

    private void Process(uint index)
    {
        _info.TcpSequence = _next + index * Length;
        _flow.PayloadAZ += Length; // as the flow table does
        _reassembler.Process(_flow, ref _info, _frame.AsSpan(Traffic.PayloadOffset));
    }

    private long Advance()
    {
        _next = unchecked(_next + Segments * Length);
        return _reassembler.Handler.Bytes;
    }
}

internal struct CountingStreamHandler : IStreamHandler
{
    public long Bytes;

    public void OnData(Flow flow, StreamDirection direction, long offset, long acknowledged, ReadOnlySpan<byte> data) =>
        Bytes += data.Length;

    public readonly void OnGap(Flow flow, StreamDirection direction, long offset, long length) { }

    public readonly void OnEnd(Flow flow, StreamDirection direction) { }
}
