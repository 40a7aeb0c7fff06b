using System.Globalization;
using Spillway.Async;
using Spillway.Metrics;
using Spillway.Metrics.Groups;
using Spillway.Metrics.Shards;
using Spillway.Metrics.Traffic;
using Spillway.Net.Capture;
using Spillway.Net.Files;
using Spillway.Pipeline;

namespace Spillway.Benchmarks.Worst;

/// <summary>
/// What traffic costs that is made to cost much, beside usual traffic of the same protocol: nanoseconds of the lane's processor time for
/// each byte of the frames, headers included. The lane is that of a run without scripts: it counts, hashes contents with SHA-1 and records
/// transactions.
/// </summary>
internal static class WorstCosts
{
    private const double MostTimesUsual = 20;
    private const long StartNs = 1_700_000_000_000_000_000;

    /// <summary>Measures and prints.</summary>
    /// <param name="filter">A part of the group or name; empty for all.</param>
    /// <param name="rounds">Rounds, of which the best counts: whatever else the machine does only adds.</param>
    public static void Print(string filter, int rounds)
    {
        WorstCase[] cases = [.. WorstCases.All.Where(c => $"{c.Group} {c.Name}".Contains(filter, StringComparison.OrdinalIgnoreCase))];
        // Compiled once for all: the first rounds of a process would pay for it.
        foreach (WorstCase one in cases)
            Measure(FramesOf(one), one.StepNs);
        Console.WriteLine($"best of {rounds} rounds\n\n{"", -72}{"wire bytes", 11}{"ns/packet", 11}{"ns/byte", 9}{"usual", 8}");
        foreach (IGrouping<string, WorstCase> group in cases.GroupBy(c => c.Group))
        {
            double usual = 0;
            foreach (WorstCase one in group)
            {
                IReadOnlyList<byte[]> frames = FramesOf(one);
                long bytes = frames.Sum(frame => (long)frame.Length);
                double ns = Enumerable.Range(0, rounds).Min(_ => Measure(frames, one.StepNs));
                double perByte = ns / bytes;
                if (usual == 0)
                    usual = perByte;
                double times = perByte / usual;
                Console.WriteLine(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"{$"{group.Key}: {one.Name}", -72}{bytes, 11}{ns / frames.Count, 11:F0}{perByte, 9:F2}{times, 7:F1}x"
                    ) + (times > MostTimesUsual ? " !" : "")
                );
            }
        }
    }

    private static IReadOnlyList<byte[]> FramesOf(WorstCase one) => [.. one.Make().Select(WorstPackets.Padded)];

    private static double Measure(IReadOnlyList<byte[]> frames, long stepNs)
    {
        GC.Collect();
        using var ram = RamDirectory.Open();
        using var runtime = new AsyncRuntime(new AsyncOptions());
        using TaskPort port = runtime.CreateLane("worst");
        var metrics = new MetricShard(new GroupRegistry(), new MetricOptions { Traffic = new TrafficOptions() }, 0, new DiscardingSink());
        var content = new ContentSink(ram, new ContentFileOptions { Hashes = ContentHashes.Sha1 }, metrics, extractsAll: false, _ => { });
        using var lane = new PacketPath(new LaneOptions { Transactions = TransactionKinds.All }, metrics, port, content);
        lane.Attach(Scripting.ScriptHost.Empty(lane.ScriptContext));
        long now = StartNs;
        long started = ThreadClock.Now();
        foreach (byte[] frame in frames)
        {
            now += stepNs;
            lane.Process(new CapturedPacket(frame, now, frame.Length, LinkType.Ethernet));
        }

        lane.EndFlows();
        return ThreadClock.Now() - started;
    }
}
