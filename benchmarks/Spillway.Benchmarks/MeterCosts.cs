using System.Diagnostics;
using System.Runtime.CompilerServices;
using Spillway.Metrics;
using Spillway.Metrics.Groups;
using Spillway.Metrics.Records;
using Spillway.Metrics.Shards;
using Spillway.Metrics.Stores;
using Spillway.Metrics.Traffic;
using Spillway.Net.Flows;
using Spillway.Net.Packets;

namespace Spillway.Benchmarks;

/// <summary>
/// What counting traffic costs: the lane for each packet, the writer for each row of a flow, the lane at the end of a window with a million
/// keys, and the store for each row of counters.
/// </summary>
internal static class MeterCosts
{
    private const long Second = 1_000_000_000;
    private const long Noon = 1_700_000_040L * Second;

    public static void Print()
    {
        foreach (int flows in (int[])[100, 10_000, 100_000])
            PrintPackets(flows);
        DnsCosts.Print();
        PrintWindowEnd(keys: 1_000_000);
        PrintStore(rows: 2_000_000);
    }

    // The same packets with and without the meter, in turns; the best counts.
    private static void PrintPackets(int flowCount)
    {
        const int packets = 2_000_000;
        double without = double.MaxValue,
            with = double.MaxValue,
            allocated = double.MaxValue;
        for (int round = 0; round < 5; round++)
        {
            without = Math.Min(without, Run(flowCount, packets, metered: false).Ns);
            (double ns, double bytes) = Run(flowCount, packets, metered: true);
            with = Math.Min(with, ns);
            allocated = Math.Min(allocated, bytes);
        }

        Console.WriteLine(
            $"{flowCount, 9:N0} flows in turn: {with - without, 6:F1} ns a packet in the lane ({without:F1} without, "
                + $"{with:F1} with), {allocated:F2} bytes allocated"
        );
    }

    private static (double Ns, double Bytes) Run(int flowCount, int packets, bool metered)
    {
        var registry = new GroupRegistry();
        var shard = new MetricShard(
            registry,
            new MetricOptions { Traffic = metered ? new TrafficOptions() : null },
            0,
            new DiscardingSink()
        );
        var table = new FlowTable<NoHandler>(FlowTableOptions.Default, default);
        var infos = new PacketInfo[flowCount];
        byte[][] frames = new byte[flowCount][];
        for (int i = 0; i < flowCount; i++)
        {
            frames[i] = Traffic.Segment(i, 1, TcpFlags.Ack, 100);
            infos[i] = Traffic.Decode(frames[i], Noon);
        }

        for (int i = 0; i < flowCount; i++)
            Take(i);
        long before = GC.GetAllocatedBytesForCurrentThread();
        long started = Stopwatch.GetTimestamp();
        for (int n = 0, i = 0; n < packets; n++)
        {
            Take(i);
            if (++i == flowCount)
                i = 0;
        }

        return (
            Stopwatch.GetElapsedTime(started).TotalNanoseconds / packets,
            (GC.GetAllocatedBytesForCurrentThread() - before) / (double)packets
        );

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        void Take(int i)
        {
            ref PacketInfo info = ref infos[i];
            shard.AdvanceTo(info.TimestampNs);
            Flow flow = table.GetOrAdd(ref info, out _);
            shard.Traffic?.Count(in info, frames[i], flow);
        }
    }

    private static void PrintWindowEnd(int keys)
    {
        var registry = new GroupRegistry();
        var options = new MetricOptions { Traffic = new TrafficOptions(), MaxKeysPerGroup = 2 * keys };
        using var writer = new MetricsWriter(registry, options, new NullStore(), lanes: 1);
        writer.Start(new RunInfo("benchmark", "probe0", [], DateTimeOffset.UnixEpoch));
        MetricShard shard = writer.CreateShard(0);
        var table = new FlowTable<NoHandler>(new FlowTableOptions { MaxFlows = keys }, default);
        int http = shard.FindCounterGroup("{D2AAD7C6-E129-4366-A2AD-A8CB9AA4C2F4}"u8);
        Span<byte> key = stackalloc byte[12];
        var stalls = new List<double>();
        for (int window = 0; window < 5; window++)
        {
            long now = Noon + (window * 60 * Second);
            for (int i = 0; i < keys; i++)
            {
                byte[] frame = Traffic.Segment(i, 1, TcpFlags.Ack, 10);
                PacketInfo info = Traffic.Decode(frame, now);
                long started = Stopwatch.GetTimestamp();
                shard.AdvanceTo(now);
                if (i == 0 && window > 0)
                    stalls.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
                shard.Traffic!.Count(in info, frame, table.GetOrAdd(ref info, out _));
                i.TryFormat(key, out int length, default, null);
                shard.Update(http, key[..length], 0, 1);
            }
        }

        long last = Stopwatch.GetTimestamp();
        shard.Complete();
        stalls.Add(Stopwatch.GetElapsedTime(last).TotalMilliseconds);
        writer.Complete(new RunEnd(DateTimeOffset.UnixEpoch, 0, 0, null, null, 0));
        string times = string.Join(", ", stalls.Select(stall => stall.ToString("F2", System.Globalization.CultureInfo.InvariantCulture)));
        Console.WriteLine(
            $"end of a window with {keys:N0} flows, as many hosts and as many keys of a script: {times} ms in the lane; "
                + $"the writer was done {Stopwatch.GetElapsedTime(last).TotalSeconds:F1} s after the last"
        );
    }

    private static void PrintStore(int rows)
    {
        string directory = Path.Combine(Path.GetTempPath(), $"spillway-meters-{Environment.ProcessId}");
        try
        {
            var registry = new GroupRegistry();
            using var writer = new MetricsWriter(
                registry,
                new MetricOptions { MaxKeysPerGroup = rows },
                new SqliteStore(directory, registry),
                lanes: 1
            );
            writer.Start(new RunInfo("benchmark", "probe0", [], DateTimeOffset.UnixEpoch));
            writer.WaitUntilOpen();
            MetricShard shard = writer.CreateShard(0);
            int hosts = shard.FindCounterGroup("{4CD742B1-C1CA-4708-BE78-0FCA2EB01A86}"u8);
            Span<byte> key = stackalloc byte[12];
            shard.AdvanceTo(Noon);
            for (int i = 0; i < rows / 4; i++)
            {
                i.TryFormat(key, out int length, "X8", null);
                for (int meter = 0; meter < 4; meter++)
                    shard.Update(hosts, key[..length], meter, i + 1);
            }

            long started = Stopwatch.GetTimestamp();
            shard.Complete();
            writer.Complete(new RunEnd(DateTimeOffset.UnixEpoch, 0, 0, null, null, 0));
            double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
            Console.WriteLine($"store: {rows:N0} rows of counters in {seconds:F2} s, {rows / seconds:N0} a second");
        }
        finally
        {
            if (Directory.Exists(directory))
                Directory.Delete(directory, recursive: true);
        }
    }

    private struct NoHandler : IFlowHandler
    {
        public readonly void OnFlowStart(Flow flow) { }

        public readonly void OnFlowUpdate(Flow flow) { }

        public readonly void OnFlowEnd(Flow flow) { }
    }

    private sealed class DiscardingSink : IMetricSink
    {
        public void Post(Metrics.Counters.CounterWindow window) { }

        public void Post(EventBatch batch) { }
    }
}
