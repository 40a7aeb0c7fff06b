using System.Diagnostics;
using System.Runtime;
using Spillway.Net.Capture;

namespace Spillway.Benchmarks;

/// <summary>
/// Runs a capture through the first stage, then the first two, and so on, and prints what each one adds to a packet: time and managed
/// bytes.
/// Rounds are interleaved and the best counts, since whatever else the machine does only adds.
/// </summary>
internal static class StageCosts
{
    private static readonly string[] Names = ["read", "decode", "flow", "reassembly", "http"];

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

        Console.WriteLine($"{path}, best of {rounds} rounds\n\n{"stage", -12}{"ns/packet", 12}{"in all", 10}{"bytes/packet", 14}");
        (double Ns, double Bytes) before = default;
        for (int i = 0; i < Names.Length; i++)
        {
            Console.WriteLine($"{Names[i], -12}{best[i].Ns - before.Ns, 12:F1}{best[i].Ns, 10:F1}{best[i].Bytes - before.Bytes, 14:F2}");
            before = best[i];
        }
    }

    private static (double Ns, double Bytes) Measure(string path, int stages)
    {
        GCSettings.LargeObjectHeapCompactionMode = GCLargeObjectHeapCompactionMode.CompactOnce;
        GC.Collect();
        var lane = new StageLane(stages);
        using CaptureFile capture = CaptureFile.Open(path);
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        long started = Stopwatch.GetTimestamp();
        while (capture.TryRead(out CapturedPacket packet))
            lane.Take(packet);
        lane.Flows.TerminateAll();
        double elapsed = Stopwatch.GetElapsedTime(started).TotalNanoseconds;
        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        return (elapsed / capture.Packets, (double)allocated / capture.Packets);
    }
}
