using System.Globalization;
using Spillway.Async;

namespace Spillway.Benchmarks;

/// <summary>What a long queue costs in memory: while it grows behind a worker that is held, and while it drains.</summary>
internal static class AsyncMemory
{
    private const int Payload = 100;

    public static void Print(int tasks)
    {
        using var runtime = new AsyncRuntime(new AsyncOptions());
        using var release = new ManualResetEventSlim();
        AsyncPool pool = runtime.GetOrAddPool("memory", 1, (_, _) => new Executor(release));
        using TaskPort lane = runtime.CreateLane("lane");
        AsyncClient client = lane.CreateClient(pool, "memory.lua");
        var function = new TaskFunction(1, default, "memory.lua:1");
        var counter = new Counter();
        byte[] data = new byte[Payload];

        Submit(client, function, data, 1);
        GC.Collect();
        double resident = ResetPeak();
        for (int i = 1; i < tasks; i++)
            Submit(client, function, data, i);
        double queued = ResetPeak();
        release.Set();
        lane.Drain(ref counter, Timeout.InfiniteTimeSpan);
        double drained = ResetPeak();
        Console.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{tasks:N0} tasks of {Payload} bytes: base {resident:F0} MiB, +{queued - resident:F0} MiB while "
                    + $"queued, +{drained - resident:F0} MiB while draining; "
                    + $"{pool.GetStatistics().Spilled:N0} spilled, {counter.Delivered:N0} delivered, lane waited {lane.Waits} times"
            )
        );
    }

    private static void Submit(AsyncClient client, TaskFunction function, byte[] data, int number)
    {
        BitConverter.TryWriteBytes(data, number);
        client.SubmitSchedule(
            new ScheduleRequest
            {
                Function = function,
                Data = data,
                WantsResult = true,
            }
        );
    }

    /// <summary>The peak of resident memory since the last call, in MiB; afterwards it counts from now.</summary>
    private static double ResetPeak()
    {
        string line = File.ReadLines("/proc/self/status").First(line => line.StartsWith("VmHWM:", StringComparison.Ordinal));
        File.WriteAllText("/proc/self/clear_refs", "5");
        return double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture) / 1024;
    }

    private struct Counter : IResultHandler
    {
        public int Delivered { get; private set; }

        public void Deliver(AsyncTask task) => Delivered++;
    }

    private sealed class Executor(ManualResetEventSlim release) : ITaskExecutor
    {
        public void Execute(AsyncTask task)
        {
            release.Wait();
            task.SetResult(1, task.Data[..8]);
        }

        public void RequestStop(long taskId) { }

        public void Dispose() { }
    }
}
