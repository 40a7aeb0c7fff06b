using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using Spillway.Metrics;
using Spillway.Metrics.Groups;
using Spillway.Metrics.Shards;
using Spillway.Metrics.Stores;
using Spillway.Metrics.Traffic;
using Spillway.Metrics.Traffic.Geo;
using Spillway.Net.Flows;
using Spillway.Net.Packets;

namespace Spillway.Benchmarks;

/// <summary>
/// What databases of countries, cities and AS numbers add to counting: packets of hosts all over the Internet through a lane's meter and
/// the metrics thread, in windows of a minute, without a meter, with it, and with databases too.
/// </summary>
internal static class GeoCosts
{
    private const long Second = 1_000_000_000;
    private const long Noon = 1_700_000_040L * Second;
    private const int Packets = 1_000_000,
        Rounds = 3,
        Windows = 5;

    public static void Print(string[] files)
    {
        foreach (int hosts in (int[])[100, 10_000, 100_000])
            Print(hosts, files);
    }

    private static void Print(int hosts, string[] files)
    {
        // In turns, and the best counts: other programs are at work too.
        Cost none = Cost.Most,
            plain = Cost.Most,
            located = Cost.Most;
        string lookups = "";
        for (int round = 0; round < Rounds; round++)
        {
            if (!GeoDatabases.TryOpen(files, new GeoOptions(), out GeoDatabases? databases, out string? flaw))
                throw new InvalidOperationException(flaw);
            using (databases)
            {
                none = none.Least(Run(hosts, null));
                plain = plain.Least(Run(hosts, new TrafficOptions()));
                located = located.Least(Run(hosts, new TrafficOptions { Geo = databases }));
                lookups =
                    $"{databases.Statistics.Lookups:N0} look-ups, {databases.Statistics.Unknown:N0} unknown, "
                    + $"{databases.Statistics.CacheHits:N0} remembered";
            }
        }

        Console.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{hosts, 9:N0} hosts in turn, {Packets:N0} packets in {Windows} windows: lane and metrics thread "
                    + $"{plain.All - none.All, 6:F1} ns a packet without databases, {located.All - none.All, 6:F1} with; "
                    + $"lane alone {plain.Lane - none.Lane:F1} and {located.Lane - none.Lane:F1}; {plain.Bytes:F2} and "
                    + $"{located.Bytes:F2} bytes a packet allocated there; {lookups}"
            )
        );
    }

    private static Cost Run(int hosts, TrafficOptions? traffic)
    {
        var registry = new GroupRegistry();
        using var writer = new MetricsWriter(registry, new MetricOptions { Traffic = traffic }, new NullStore(), lanes: 1);
        writer.Start(new RunInfo("benchmark", "probe0", [], DateTimeOffset.UnixEpoch));
        writer.WaitUntilOpen();
        MetricShard shard = writer.CreateShard(0);
        var table = new FlowTable<NoHandler>(FlowTableOptions.Default, default);
        var random = new Random(1);
        var infos = new PacketInfo[hosts];
        byte[][] frames = new byte[hosts][];
        for (int i = 0; i < hosts; i++)
        {
            frames[i] = Traffic.Segment(i, 1, TcpFlags.Ack, 100);
            BinaryPrimitives.WriteUInt32BigEndian(frames[i].AsSpan(30), (uint)random.NextInt64(0x0B000000, 0xDF000000));
            infos[i] = Traffic.Decode(frames[i], Noon);
        }

        TimeSpan processor = ProcessorTime();
        long before = GC.GetAllocatedBytesForCurrentThread(),
            started = LanePause.ProcessorTime();
        for (int n = 0, i = 0; n < Packets; n++)
        {
            ref PacketInfo info = ref infos[i];
            info.TimestampNs = Noon + ((long)n * Windows * 60 * Second / Packets);
            shard.AdvanceTo(info.TimestampNs);
            Flow flow = table.GetOrAdd(ref info, out _);
            shard.Traffic?.Count(in info, frames[i], flow);
            if (++i == hosts)
                i = 0;
        }

        double lane = LanePause.ProcessorTime() - started;
        double bytes = GC.GetAllocatedBytesForCurrentThread() - before;
        shard.Complete();
        writer.Complete(new RunEnd(DateTimeOffset.UnixEpoch, 0, 0, null, null, 0));
        return new Cost((ProcessorTime() - processor).TotalNanoseconds / Packets, lane / Packets, bytes / Packets);
    }

    private static TimeSpan ProcessorTime() => Process.GetCurrentProcess().TotalProcessorTime;

    /// <summary>Nanoseconds of processor time a packet, of all threads and of the lane's, and bytes that the lane allocates.</summary>
    private readonly record struct Cost(double All, double Lane, double Bytes)
    {
        public static Cost Most { get; } = new(double.MaxValue, double.MaxValue, double.MaxValue);

        public Cost Least(Cost other) => new(Math.Min(All, other.All), Math.Min(Lane, other.Lane), Math.Min(Bytes, other.Bytes));
    }

    private struct NoHandler : IFlowHandler
    {
        public readonly void OnFlowStart(Flow flow) { }

        public readonly void OnFlowUpdate(Flow flow) { }

        public readonly void OnFlowEnd(Flow flow) { }
    }
}
