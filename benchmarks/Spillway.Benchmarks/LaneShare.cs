using System.Diagnostics;
using System.Globalization;
using Spillway.Async;

namespace Spillway.Benchmarks;

/// <summary>
/// Packets per second of a lane while every processor has a worker that computes, beside the same lane with idle workers; with workers at
/// the lower priority they have, and at the lane's own.
/// </summary>
internal static class LaneShare
{
    private const int PacketsPerLook = 256;

    private static readonly TimeSpan Phase = TimeSpan.FromSeconds(0.4);

    public static void Print(string script, int rounds)
    {
        int workers = Environment.ProcessorCount;
        Console.WriteLine($"{workers} workers on {workers} processors, {rounds} rounds, medians");
        foreach (int nice in new[] { new AsyncOptions().WorkerNice, 0 })
        {
            using var lane = new BenchmarkLane(
                script,
                workers.ToString(CultureInfo.InvariantCulture),
                new AsyncOptions { WorkerNice = nice }
            );
            var idle = new List<double>();
            var busy = new List<double>();
            Measure(lane);
            for (int round = 0; round < rounds; round++)
            {
                idle.Add(Measure(lane));
                lane.Trigger();
                while (lane.Pool.GetStatistics().Busy < workers)
                    Thread.Yield();
                busy.Add(Measure(lane));
                lane.Drain();
            }

            double ratio = Median([.. idle.Zip(busy, (without, with) => with / without)]);
            Console.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"workers at nice {nice, 2}: {Median(idle):N0} packets/s with idle workers, {Median(busy):N0} with "
                        + $"busy ones, ratio {ratio:F2}"
                )
            );
        }
    }

    private static double Measure(BenchmarkLane lane)
    {
        long packets = 0;
        long start = Stopwatch.GetTimestamp();
        TimeSpan elapsed;
        do
        {
            for (int i = 0; i < PacketsPerLook; i++)
                lane.NextPacket();
            packets += PacketsPerLook;
            elapsed = Stopwatch.GetElapsedTime(start);
        } while (elapsed < Phase);
        return packets / elapsed.TotalSeconds;
    }

    private static double Median(List<double> values)
    {
        values.Sort();
        return values[values.Count / 2];
    }
}
