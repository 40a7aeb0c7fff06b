using System.Diagnostics;
using Spillway.Metrics;
using Spillway.Metrics.Groups;
using Spillway.Metrics.Shards;
using Spillway.Metrics.Stores;
using Spillway.Metrics.Traffic;
using Spillway.Net.Flows;
using Spillway.Net.Packets;
using Spillway.Net.Protocols.Dns;

namespace Spillway.Benchmarks;

/// <summary>What counting a DNS message costs: the lane beside reading it, and the writer who makes keys of it.</summary>
internal static class DnsCosts
{
    private const long Noon = 1_700_000_040L * 1_000_000_000;
    private const int Messages = 1_000_000;

    // Queries and responses for 500 names of 25 domains.
    private static readonly byte[][] Texts =
    [
        .. Enumerable
            .Range(0, 1000)
            .Select(i => Traffic.DnsMessage((ushort)i, $"host{i / 2}.department.example{i / 40}.co.uk", isResponse: i % 2 == 1)),
    ];

    public static void Print()
    {
        double without = double.MaxValue,
            with = double.MaxValue,
            allocated = double.MaxValue;
        for (int round = 0; round < 5; round++)
        {
            without = Math.Min(without, Run(null).Ns);
            var shard = new MetricShard(new GroupRegistry(), new MetricOptions { Traffic = new TrafficOptions() }, 0, new DiscardingSink());
            Run(shard.Traffic);
            (double ns, double bytes) = Run(shard.Traffic);
            with = Math.Min(with, ns);
            allocated = Math.Min(allocated, bytes);
        }

        Console.WriteLine(
            $"DNS: {with - without:F1} ns a message in the lane ({without:F1} without, {with:F1} with), {allocated:F2} "
                + $"bytes allocated; {WithWriter():F0} ns with all that the writer does"
        );
    }

    private static double WithWriter()
    {
        using var writer = new MetricsWriter(
            new GroupRegistry(),
            new MetricOptions { Traffic = new TrafficOptions() },
            new NullStore(),
            lanes: 1
        );
        writer.Start(new RunInfo("benchmark", "probe0", [], DateTimeOffset.UnixEpoch));
        MetricShard shard = writer.CreateShard(0);
        shard.AdvanceTo(Noon);
        long started = Stopwatch.GetTimestamp();
        Run(shard.Traffic);
        shard.Complete();
        writer.Complete(new RunEnd(DateTimeOffset.UnixEpoch, 0, 0, null, null, 0));
        return Stopwatch.GetElapsedTime(started).TotalNanoseconds / Messages;
    }

    private static (double Ns, double Bytes) Run(TrafficMeter? meter)
    {
        PacketInfo info = Traffic.Decode(Traffic.Segment(0, 1, TcpFlags.Ack, 100, port: 53), Noon);
        Flow flow = new FlowTable<NoHandler>(FlowTableOptions.Default, default).GetOrAdd(ref info, out _);
        long before = GC.GetAllocatedBytesForCurrentThread();
        long started = Stopwatch.GetTimestamp();
        for (int n = 0, i = 0; n < Messages; n++)
        {
            DnsMessage message = DnsMessage.Read(Texts[i]);
            if (message.Status != DnsMessageStatus.Good)
                throw new InvalidOperationException("the message is not good");
            meter?.Applications.OnDnsMessage(flow, in message);
            if (++i == Texts.Length)
                i = 0;
        }

        return (
            Stopwatch.GetElapsedTime(started).TotalNanoseconds / Messages,
            (GC.GetAllocatedBytesForCurrentThread() - before) / (double)Messages
        );
    }

    private struct NoHandler : IFlowHandler
    {
        public readonly void OnFlowStart(Flow flow) { }

        public readonly void OnFlowUpdate(Flow flow) { }

        public readonly void OnFlowEnd(Flow flow) { }
    }
}
