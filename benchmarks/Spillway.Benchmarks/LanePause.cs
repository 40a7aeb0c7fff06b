using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Spillway.Async;

namespace Spillway.Benchmarks;

/// <summary>
/// How long each packet takes while very many results wait to be delivered, beside packets without. Wall time is what a packet feels, and
/// is also longer when another program takes the processor; processor time is what the lane itself did.
/// </summary>
internal static partial class LanePause
{
    private const int ThreadProcessorTime = 3; // CLOCK_THREAD_CPUTIME_ID
    private const int WarmUpRounds = 20;

    public static void Print(string script, int results, int rounds)
    {
        using var lane = new BenchmarkLane(script, results.ToString(CultureInfo.InvariantCulture), new AsyncOptions());
        var loaded = new Series();
        var idle = new Series();
        for (int round = -WarmUpRounds; round < rounds; round++)
        {
            if (round == 0)
                (loaded, idle) = (new Series(), new Series());
            long completed = lane.Pool.GetStatistics().Completed;
            lane.Trigger();
            while (lane.Pool.GetStatistics().Completed < completed + results)
                Thread.Yield();

            int packets = 0;
            for (; lane.Pending > 0; packets++)
                loaded.Time(lane);
            for (; packets > 0; packets--)
                idle.Time(lane);
        }

        Console.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{results:N0} results waiting, {rounds:N0} times; {loaded.Count:N0} packets met them, as many did not"
            )
        );
        Console.WriteLine($"{"microseconds a packet", -34}{"p50", 10}{"p99", 10}{"p99.99", 10}{"max", 10}");
        idle.Print("without results");
        loaded.Print("with results waiting");
    }

    /// <summary>The calling thread's processor time in nanoseconds.</summary>
    internal static long ProcessorTime()
    {
        _ = GetTime(ThreadProcessorTime, out TimeSpec time);
        return (time.Seconds * 1_000_000_000) + time.Nanoseconds;
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int GetTime(int clock, out TimeSpec time);

    private struct TimeSpec
    {
        public long Seconds;
        public long Nanoseconds;
    }

    private sealed class Series
    {
        private readonly List<double> _wall = [];
        private readonly List<double> _processor = [];

        public int Count => _wall.Count;

        public void Time(BenchmarkLane lane)
        {
            long processor = ProcessorTime();
            long start = Stopwatch.GetTimestamp();
            lane.NextPacket();
            _wall.Add(Stopwatch.GetElapsedTime(start).TotalMicroseconds);
            _processor.Add((ProcessorTime() - processor) / 1e3);
        }

        public void Print(string name)
        {
            PrintRow(name + ", wall", _wall);
            PrintRow(name + ", processor", _processor);
        }

        private static void PrintRow(string name, List<double> times)
        {
            times.Sort();
            string cells = string.Concat(
                new[] { 0.5, 0.99, 0.9999, 1 }.Select(quantile =>
                    times[Math.Max(0, (int)Math.Ceiling(quantile * times.Count) - 1)]
                        .ToString("F1", CultureInfo.InvariantCulture)
                        .PadLeft(10)
                )
            );
            Console.WriteLine($"{name, -34}{cells}");
        }
    }
}
