using System.Diagnostics;
using System.Runtime;
using Spillway.Net.Capture;
using Spillway.Net.Flows;
using Spillway.Net.Packets;

namespace Spillway.Benchmarks;

/// <summary>
/// Runs a capture through the first stage, then the first two, and so on, and prints what each one adds to a packet: time and managed bytes.
/// Rounds are interleaved and the best counts, since whatever else the machine does only adds.
/// </summary>
internal static class StageCosts
{
    private static readonly string[] Names = ["read", "decode", "flow", "reassembly"];

    public static void Print(string path, int rounds)
    {
        var best = new (double Ns, double Bytes)[Names.Length];
        Array.Fill(best, (double.MaxValue, double.MaxValue));
        for (int round = 0; round < rounds; round++)
        {
            for (int stages = 1; stages <= Names.Length; stages++)
            {
                (double ns, double bytes) = Measure(path, stages);
                ref (double Ns, double Bytes) entry = ref best[stages - 1];
                entry = (Math.Min(entry.Ns, ns), Math.Min(entry.Bytes, bytes));
            }
        }

        Console.WriteLine($"{path}, best of {rounds} rounds\n\n{"stage",-12}{"ns/packet",12}{"in all",10}{"bytes/packet",14}");
        (double Ns, double Bytes) before = default;
        for (int i = 0; i < Names.Length; i++)
        {
            Console.WriteLine($"{Names[i],-12}{best[i].Ns - before.Ns,12:F1}{best[i].Ns,10:F1}{best[i].Bytes - before.Bytes,14:F2}");
            before = best[i];
        }
    }

    private static (double Ns, double Bytes) Measure(string path, int stages)
    {
        GCSettings.LargeObjectHeapCompactionMode = GCLargeObjectHeapCompactionMode.CompactOnce;
        GC.Collect();
        var lane = new Lane(stages);
        using CaptureFile capture = CaptureFile.Open(path);
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        long started = Stopwatch.GetTimestamp();
        while (capture.TryRead(out CapturedPacket packet)) lane.Take(packet);
        lane.Flows.TerminateAll();
        double elapsed = Stopwatch.GetElapsedTime(started).TotalNanoseconds;
        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        return (elapsed / capture.Packets, (double)allocated / capture.Packets);
    }

    /// <summary>The packet path without its scripts.</summary>
    private sealed class Lane : IFlowHandler
    {
        private readonly int _stages;
        private readonly TcpReassembler<CountingStreamHandler> _reassembler = new(new TcpReassemblerOptions(), default);
        private PacketInfo _info;

        public Lane(int stages)
        {
            _stages = stages;
            Flows = new FlowTable<Lane>(new FlowTableOptions(), this);
        }

        public FlowTable<Lane> Flows { get; }

        public void Take(scoped in CapturedPacket packet)
        {
            if (_stages < 2) return;
            PacketDecoder.Decode(packet, ref _info);
            if (_stages < 3) return;
            Flows.Expire(_info.TimestampNs);
            if (_info.Kind != PacketKind.Ip) return;
            Flow flow = Flows.GetOrAdd(ref _info, out _);
            if (_stages < 4 || _info.Protocol != 6) return;
            _reassembler.Process(flow, ref _info, packet.Data.Slice(_info.PayloadOffset, _info.PayloadLength));
        }

        public void OnFlowStart(Flow flow)
        {
        }

        public void OnFlowEnd(Flow flow) => _reassembler.End(flow);
    }
}
