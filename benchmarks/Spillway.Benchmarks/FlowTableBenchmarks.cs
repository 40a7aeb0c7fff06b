using BenchmarkDotNet.Attributes;
using Spillway.Net.Flows;
using Spillway.Net.Packets;

namespace Spillway.Benchmarks;

/// <summary>Finding the flow of a packet and counting the packet in it, among so many open flows, in no order a cache would like.</summary>
public class FlowTableBenchmarks
{
    private const int Packets = 4096;

    private readonly PacketInfo[] _packets = new PacketInfo[Packets];
    private FlowTable<NoFlowHandler> _table = null!;

    [Params(100, 10_000, 200_000)]
    public int Flows { get; set; }

    [GlobalSetup]
    public void Fill()
    {
        _table = new FlowTable<NoFlowHandler>(new FlowTableOptions(), default);
        for (int client = 0; client < Flows; client++)
        {
            PacketInfo info = Traffic.Decode(Traffic.Segment(client, sequence: 1, TcpFlags.Ack, payloadLength: 1), timestampNs: 1);
            _table.GetOrAdd(ref info, out _);
        }

        var random = new Random(1);
        for (int i = 0; i < Packets; i++)
        {
            _packets[i] = Traffic.Decode(Traffic.Segment(random.Next(Flows), sequence: 2, TcpFlags.Ack, payloadLength: 1), timestampNs: 1);
        }
    }

    [Benchmark(OperationsPerInvoke = Packets)]
    public long Lookup()
    {
        long sum = 0;
        foreach (ref PacketInfo info in _packets.AsSpan())
        {
            _table.Expire(info.TimestampNs);
            sum += _table.GetOrAdd(ref info, out _).Number;
        }

        return sum;
    }
}

internal struct NoFlowHandler : IFlowHandler
{
    public readonly void OnFlowStart(Flow flow) { }

    public readonly void OnFlowUpdate(Flow flow) { }

    public readonly void OnFlowEnd(Flow flow) { }
}
