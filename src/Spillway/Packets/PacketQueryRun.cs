using Spectre.Console;
using Spillway.Life;
using Spillway.Net.Capture;
using Spillway.Net.Flows;
using Spillway.Net.Packets;
using Spillway.Net.Storage;
using Spillway.Report;

namespace Spillway.Packets;

/// <summary>How the result of a query is shown.</summary>
internal sealed record PacketListing
{
    /// <summary>Show times in UTC, else in this machine's zone.</summary>
    public bool IsUtc { get; init; }

    /// <summary>Write packets to this pcap file, <c>-</c> for standard output; null lists them.</summary>
    public string? Output { get; init; }

    /// <summary>List packets, else flows.</summary>
    public bool Packets { get; init; }

    /// <summary>Most lines.</summary>
    public int Limit { get; init; } = int.MaxValue;
}

/// <summary>Answers a question to a packet store. What is told goes to standard error, so that packets may go to standard output.</summary>
internal static class PacketQueryRun
{
    private const int NearestFlows = 5;

    private static readonly Style TitleStyle = new(decoration: Decoration.Dim);

    /// <summary>Does it.</summary>
    /// <returns>The exit code.</returns>
    public static int Execute(string directory, PacketQuery query, PacketListing listing)
    {
        if (query.Filter is { } filter && !CaptureFile.IsFilter(filter, out string? flaw))
            return Fail(flaw, ExitCodes.Usage);
        if (query.FromNs > query.ToNs)
            return Fail("--from is later than --to: no packet can be in between", ExitCodes.Usage);
        try
        {
            using PacketStoreReader store = PacketStoreReader.Open(directory);
            foreach (string problem in store.Problems)
                Console.Error.WriteLine("warning: " + SafeText.Clean(problem));
            IReadOnlyList<FlowTotals> flows = store.Flows(query);
            if (flows.Count == 0 && !store.MayMatchFragments(query))
                return TellNothing(store, query);
            if (listing.Output is null && !listing.Packets && store.IsAnsweredByIndex(query))
            {
                ListFlows(flows, listing);
                return ExitCodes.Good;
            }

            using PacketQueryReader packets = store.Read(query);
            int exitCode = listing.Output is { } output ? Write(packets, output) : List(packets, listing);
            if (packets.DamagedBytes > 0)
                Console.Error.WriteLine($"warning: {Units.Bytes(packets.DamagedBytes)} of packets are damaged and left out");
            if (packets.IsOrderLost)
                Console.Error.WriteLine(
                    "warning: the captures overlap in time too much to keep all packets in order: narrow the time with --from and --to"
                );
            return exitCode;
        }
        catch (Exception failure) when (failure is CaptureException or IOException or UnauthorizedAccessException)
        {
            return Fail(failure.Message, ExitCodes.Failed);
        }
    }

    private static int Fail(string message, int exitCode)
    {
        Console.Error.WriteLine("error: " + SafeText.Clean(message));
        return exitCode;
    }

    private static int TellNothing(PacketStoreReader store, PacketQuery query)
    {
        IReadOnlyList<FlowTotals> all = store.Flows(new PacketQuery());
        Console.Error.WriteLine($"error: no stored flow matches; {Units.Count(all.Count, "flow")} are in '{store.Directory}'");
        if (query.Flow is { } wanted)
        {
            var nearest = all.Where(flow => wanted.Likeness(in flow.Key) > 1)
                .OrderByDescending(flow => wanted.Likeness(in flow.Key))
                .Take(NearestFlows)
                .ToList();
            if (nearest.Count > 0)
                Console.Error.WriteLine("the nearest are:");
            foreach (FlowTotals flow in nearest)
                Console.Error.WriteLine($"  {FlowText.ToReadable(in flow.Key)}  {FlowId.ToString(in flow.Key)}");
        }

        return ExitCodes.Failed;
    }

    private static int Write(PacketQueryReader packets, string output)
    {
        using var writer = new PacketOutput(output);
        while (packets.TryRead(out CapturedPacket packet, out _))
            writer.Write(in packet);
        writer.Complete();
        Console.Error.WriteLine(
            $"{Units.Count(writer.Packets, "packet")} written{(writer.Files.Count > 1 ? $": {string.Join(", ", writer.Files)}" : "")}"
        );
        return ExitCodes.Good;
    }

    private static int List(PacketQueryReader packets, PacketListing listing)
    {
        if (!listing.Packets)
        {
            var flows = new PacketStoreReader.FlowTable();
            while (packets.TryRead(out CapturedPacket packet, out FlowKey key))
                flows.Add(FlowTotals.Of(in key, packet.TimestampNs, packet.Data.Length, packet.WireLength));
            ListFlows(flows.Sorted(), listing);
            return ExitCodes.Good;
        }

        TextTable table = new TextTable()
            .Fixed(TimeTitle(listing))
            .Fixed("From")
            .Fixed("")
            .Fixed("To")
            .Fixed("Proto")
            .Fixed("Flags")
            .Fixed("Length", alignRight: true)
            .Fixed("Stored", alignRight: true)
            .Fixed("Payload", alignRight: true);
        long count = 0;
        while (packets.TryRead(out CapturedPacket packet, out _))
        {
            if (++count <= listing.Limit)
                table.Row(PacketLine.Of(in packet, packets.IsOutermost, listing.IsUtc));
        }

        table.Write(ReportConsole.ForStandardOutput(), TitleStyle);
        Console.Error.WriteLine($"{Units.Count(count, "packet")}{More(count, listing)}");
        return ExitCodes.Good;
    }

    private static void ListFlows(IReadOnlyList<FlowTotals> flows, PacketListing listing)
    {
        TextTable table = new TextTable()
            .Fixed(TimeTitle(listing))
            .Fixed("Lasted", alignRight: true)
            .Fixed("Flow")
            .Fixed("Packets", alignRight: true)
            .Fixed("Bytes", alignRight: true)
            .Fixed("Stored", alignRight: true);
        long packets = 0,
            bytes = 0;
        for (int i = 0; i < flows.Count; i++)
        {
            FlowTotals flow = flows[i];
            packets += flow.Packets;
            bytes += flow.CapturedBytes;
            if (i >= listing.Limit)
                continue;
            table.Row(
                PacketTime.Format(flow.FirstNs, listing.IsUtc),
                Units.Duration(TimeSpan.FromTicks((flow.LastNs - flow.FirstNs) / TimeSpan.NanosecondsPerTick)),
                FlowText.ToReadable(in flow.Key),
                Units.Count(flow.Packets),
                Units.Bytes(flow.WireBytes),
                Units.Bytes(flow.CapturedBytes)
            );
        }

        table.Write(ReportConsole.ForStandardOutput(), TitleStyle);
        Console.Error.WriteLine(
            $"{Units.Count(flows.Count, "flow")}, {Units.Count(packets, "packet")}, {Units.Bytes(bytes)} stored{More(flows.Count, listing)}"
        );
    }

    private static string TimeTitle(PacketListing listing) => listing.IsUtc ? "Time (UTC)" : "Time (local)";

    private static string More(long count, PacketListing listing) =>
        count > listing.Limit ? $"; the first {Units.Count(listing.Limit)} are listed, more with --limit" : "";
}
