using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Spillway.Async;
using Spillway.Metrics;
using Spillway.Metrics.Groups;
using Spillway.Metrics.Intel;
using Spillway.Metrics.Shards;
using Spillway.Net.Capture;
using Spillway.Net.Files;
using Spillway.Net.Packets;
using Spillway.Net.Tcp;
using Spillway.Pipeline;
using Spillway.Scripting;

namespace Spillway.Benchmarks;

/// <summary>
/// What a long list of known-bad things costs: to read it, to look things up that are not in it, and for each packet of the lane, in the
/// worst case that each packet begins a flow, and on a capture of Ethernet frames.
/// </summary>
internal static class IntelCosts
{
    private const int Rounds = 5;
    private const int Lookups = 2_000_000;
    private const int Packets = 200_000;

    public static void Print(int entries, string? capture)
    {
        string path = Path.Combine(Path.GetTempPath(), $"spillway-intel-{Environment.ProcessId}.txt");
        try
        {
            Write(path, entries);
            PrintLoad(path);
            PrintLookups(path);
            PrintLane(path, capture);
        }
        finally
        {
            File.Delete(path);
        }
    }

    // Half addresses, a quarter domains, the rest hashes, URLs and networks of many lengths.
    private static void Write(string path, int entries)
    {
        var random = new Random(4711);
        using var writer = new StreamWriter(path);
        for (int i = 0; i < entries; i++)
        {
            uint word = (uint)random.NextInt64(1L << 32);
            string line = (i % 20) switch
            {
                < 10 => Address(word),
                < 15 => string.Create(CultureInfo.InvariantCulture, $"host{word:x}.evil{i / 7}.example,seen by somebody"),
                < 17 => Convert.ToHexStringLower(Bytes(random, 32)),
                17 => Convert.ToHexStringLower(Bytes(random, 16)),
                18 => string.Create(CultureInfo.InvariantCulture, $"http://host{word:x}.example/path/{i}?id={i}"),
                _ => string.Create(CultureInfo.InvariantCulture, $"{Address(word)}/{22 + (i % 10)}"),
            };
            writer.WriteLine(line);
        }
    }

    private static void PrintLoad(string path)
    {
        double seconds = double.MaxValue,
            processor = double.MaxValue;
        long bytes = 0;
        int count = 0;
        for (int round = 0; round < Rounds; round++)
        {
            long before = GC.GetTotalMemory(forceFullCollection: true);
            (long started, long startedNs) = (Stopwatch.GetTimestamp(), ThreadNs());
            var set = new IntelSet();
            IntelReader.Read(path, set);
            set.TryFindAddress(0, 4, out _); // what is left for the first look-up
            seconds = Math.Min(seconds, Stopwatch.GetElapsedTime(started).TotalSeconds);
            processor = Math.Min(processor, (ThreadNs() - startedNs) / 1e9);
            bytes = Math.Max(bytes, GC.GetTotalMemory(forceFullCollection: true) - before);
            count = set.Count;
            GC.KeepAlive(set);
        }

        Line($"{count:N0} entries of {new FileInfo(path).Length / 1e6:F0} MB, {bytes / 1e6:F0} MB of memory");
        Line($"  read in {seconds:F2} s, of which {processor:F2} s of processor time");
    }

    private static void PrintLookups(string path)
    {
        var set = new IntelSet();
        IntelReader.Read(path, set);
        var random = new Random(4712);
        uint[] addresses = [.. Enumerable.Range(0, 1 << 16).Select(_ => (uint)random.NextInt64(1L << 32))];
        byte[][] names = [.. Enumerable.Range(0, 1 << 16).Select(i => Encoding.ASCII.GetBytes($"www.good{i}.example.org"))];
        string[] hashes = [.. Enumerable.Range(0, 1 << 16).Select(_ => Convert.ToHexStringLower(Bytes(random, 32)))];
        Print("address", i => set.TryFindAddress(addresses[i & 0xFFFF], 4, out _));
        Print("name of four labels", i => set.TryFindName(names[i & 0xFFFF], out _));
        Print("URL", i => set.TryFindUrl(names[i & 0xFFFF], "/path/of/it"u8, out _));
        Print("hash", i => set.TryFindHash(hashes[i & 0xFFFF], out _));

        static void Print(string what, Func<int, bool> find)
        {
            double ns = double.MaxValue;
            long allocated = 0;
            for (int round = 0; round < Rounds; round++)
            {
                long before = GC.GetAllocatedBytesForCurrentThread();
                long started = ThreadNs();
                for (int i = 0; i < Lookups; i++)
                    find(i);
                ns = Math.Min(ns, (double)(ThreadNs() - started) / Lookups);
                allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            }

            Line($"  {what, -22}{ns, 8:F1} ns a look-up, {(double)allocated / Lookups:F1} bytes allocated");
        }
    }

    private static void PrintLane(string path, string? capture)
    {
        using var source = new IntelSource([path], follows: false, _ => { });
        Print(
            "a packet that begins a flow",
            [
                .. Enumerable
                    .Range(0, Packets)
                    .Select(client => (Traffic.Segment(client, 1, TcpFlags.Syn, 0), 1_700_000_040_000_000_000 + (client * 1000L))),
            ]
        );
        if (capture is not null)
            Print($"a packet of {Path.GetFileName(capture)}", Read(capture));

        void Print(string what, (byte[] Frame, long TimestampNs)[] packets)
        {
            double without = double.MaxValue,
                with = double.MaxValue;
            for (int round = 0; round < 2 * Rounds; round++)
            {
                without = Math.Min(without, LaneNs(packets, null));
                with = Math.Min(with, LaneNs(packets, source));
            }

            Line($"  {what}: {with - without:F1} ns ({without:F1} without lists, {with:F1} with), {packets.Length:N0} packets");
        }
    }

    // Again and again, hours apart, until there are as many packets.
    private static (byte[], long)[] Read(string capture)
    {
        const long hoursNs = 12 * 3600 * 1_000_000_000L;
        using PacketSource file = PacketSource.Open(capture);
        var packets = new List<(byte[] Frame, long TimestampNs)>();
        while (file.Read(out CapturedPacket packet) == SourceEvent.Packet)
            packets.Add((packet.Data.ToArray(), packet.TimestampNs));
        int times = (Packets / packets.Count) + 1;
        return
        [
            .. Enumerable.Range(0, times).SelectMany(i => packets.Select(packet => (packet.Frame, packet.TimestampNs + (i * hoursNs)))),
        ];
    }

    private static double LaneNs((byte[] Frame, long TimestampNs)[] packets, IntelSource? source)
    {
        using var runtime = new AsyncRuntime(new AsyncOptions());
        using TaskPort taskPort = runtime.CreateLane("benchmark");
        using RamDirectory ram = RamDirectory.Open();
        var metrics = new MetricShard(new GroupRegistry(), new MetricOptions(), lane: 0, new DiscardingSink());
        var content = new ContentSink(ram, new ContentFileOptions(), metrics, extractsAll: false, _ => { });
        // As in a usual run: what is compared has been read for the records of transactions.
        var options = new LaneOptions
        {
            Intel = source,
            Checksums = ChecksumPolicy.Ignore,
            Transactions = TransactionKinds.All,
        };
        using var lane = new PacketPath(options, metrics, taskPort, content);
        lane.Record(ResourceKinds.None, DocumentKinds.None);
        lane.Attach(ScriptHost.Empty(lane.ScriptContext));
        long started = ThreadNs();
        foreach ((byte[] frame, long timestampNs) in packets)
            lane.Process(new CapturedPacket(frame, timestampNs, frame.Length, LinkType.Ethernet));
        double ns = (double)(ThreadNs() - started) / packets.Length;
        lane.EndFlows();
        return ns;
    }

    private static string Address(uint word) =>
        string.Create(CultureInfo.InvariantCulture, $"{1 + (word >> 24) % 223}.{(word >> 16) & 255}.{(word >> 8) & 255}.{word & 255}");

    private static byte[] Bytes(Random random, int length)
    {
        byte[] bytes = new byte[length];
        random.NextBytes(bytes);
        return bytes;
    }

    // Processor time of this thread: others on the machine do not count.
    private static unsafe long ThreadNs()
    {
        const int threadCpuTime = 3;
        long* time = stackalloc long[2];
        _ = clock_gettime(threadCpuTime, time);
        return (time[0] * 1_000_000_000) + time[1];
    }

    [DllImport("libc")]
    private static extern unsafe int clock_gettime(int clock, long* time);

    private static void Line(FormattableString text) => Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));
}
