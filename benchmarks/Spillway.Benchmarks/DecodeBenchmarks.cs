using BenchmarkDotNet.Attributes;
using Spillway.Net.Packets;

namespace Spillway.Benchmarks;

/// <summary>Ethernet, IPv4, TCP: the usual packet.</summary>
public class DecodeBenchmarks
{
    private readonly byte[] _frame = Traffic.Segment(client: 1, sequence: 1, TcpFlags.Ack, payloadLength: 1460);
    private PacketInfo _info;

    [Benchmark]
    public int Tcp()
    {
        PacketDecoder.Decode(Traffic.Packet(_frame, timestampNs: 1), ref _info);
        return _info.PayloadLength;
    }
}
