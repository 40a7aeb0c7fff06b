using System.Diagnostics;
using Spillway.Async.Figures;
using Spillway.Metrics.Results;
using Spillway.Net.Files;
using Spillway.Net.Flows;
using Spillway.Net.Ip;
using Spillway.Net.Packets;
using Spillway.Net.Protocols.Http;
using Spillway.Net.Tcp;
using Spillway.Pipeline;
using Spillway.Report;
using Spillway.Scripting;

namespace Spillway.Run;

/// <summary>Gathers what a run's parts have counted into the summary.</summary>
internal static class SummaryBuilder
{
    /// <summary>Builds the summary.</summary>
    public static RunSummary Build(
        RunOptions options,
        LaneTotals lanes,
        RamDirectory ram,
        RunResults results,
        IReadOnlyList<string> warnings,
        int exitCode,
        TimeSpan wallTime
    )
    {
        LaneFigures figures = lanes.Figures;
        return new RunSummary
        {
            Version = ScriptEnvironment.ProgramVersion,
            Sources = options.Sources,
            OutputDirectory = results.StoreLocation is null ? null : options.Output,
            WallTime = wallTime,
            ProcessorTime = Process.GetCurrentProcess().TotalProcessorTime,
            ExitCode = exitCode,
            Traffic = new TrafficSummary
            {
                Packets = figures.Packets,
                Bytes = figures.Bytes,
                FirstPacketNs = figures.FirstNs,
                LastPacketNs = figures.FirstNs is null ? null : figures.LastNs,
                Flows = lanes.Flows.Created + lanes.ImportedCreated,
                NotLookedInto = [.. figures.Opaque.ToList().Select(each => new NamedCount(each.Id.ToString(), each.Packets))],
                DecodeErrors =
                [
                    .. figures
                        .DecodeErrors.Select((count, i) => new NamedCount(((DecodeError)i).ToString(), count))
                        .Where(error => error.Count > 0),
                ],
            },
            Tcp = new TcpSummary
            {
                ReassembledBytes = lanes.Reassembly.BytesDelivered,
                Gaps = lanes.Reassembly.Gaps,
                MissingBytes = lanes.Reassembly.GapBytes,
                RetransmittedBytes = lanes.Reassembly.RetransmittedBytes,
                OutOfOrder = lanes.Reassembly.OutOfOrder,
                LimitHits = lanes.Reassembly.GivenUpByLimit + lanes.Reassembly.DroppedByLimit,
            },
            Http = HttpOf(lanes),
            Files = new FileSummary { Refused = ram.Statistics.RefusedFull + ram.Statistics.RefusedNoSpace + ram.Statistics.Failed },
            Scripts = [.. lanes.Scripts.Select(ScriptOf)],
            Details = [.. CountersOf(lanes, ram), .. CountersOf(results)],
            Warnings = warnings,
        };
    }

    internal static ScriptSummary ScriptOf(ScriptFigures figures) =>
        new()
        {
            Name = figures.Name,
            Title = figures.Title,
            Callbacks = [.. figures.Callbacks.Select(pair => new NamedCount(pair.Callback, pair.Calls))],
            Errors = figures.Errors,
            FirstError = figures.FirstError,
            Disabled = figures.Disabled,
            Declined = figures.Declined,
            Async = figures.Tasks is { Submitted: > 0 } statistics ? AsyncOf(statistics) : null,
        };

    private static AsyncSummary AsyncOf(AsyncStatistics statistics) =>
        new()
        {
            Workers = statistics.Workers,
            Submitted = statistics.Submitted,
            Completed = statistics.Completed,
            Failed = statistics.Failed,
            TimedOut = statistics.TimedOut,
            Retried = statistics.Retried,
            Spilled = statistics.Spilled,
            Dropped = statistics.Dropped,
            Replaced = statistics.AbandonedWorkers,
            Pending = statistics.Pending,
            OldestWaiting = statistics.OldestWaiting,
            LastError = statistics.LastError,
            Wait = LatencyOf(statistics.Wait),
            Run = LatencyOf(statistics.Run),
        };

    private static LatencySummary LatencyOf(LogHistogram histogram)
    {
        return new LatencySummary(At(histogram.Quantile(0.5)), At(histogram.Quantile(0.99)), At(histogram.Max));

        static TimeSpan At(long nanoseconds) => TimeSpan.FromMicroseconds(nanoseconds / 1000.0);
    }

    private static HttpSummary HttpOf(LaneTotals lanes)
    {
        HttpStatistics http = lanes.Http;
        return new HttpSummary
        {
            Requests = http.Requests,
            Responses = http.Responses,
            BodyBytes = http.BodyBytes,
            Errors = http.Truncated + http.WithGap + http.Corrupt + http.Limited + http.BadLengths + http.BadChunks + http.MalformedLines,
        };
    }

    /// <summary>What lanes and the ram directory have counted so far, by name.</summary>
    internal static IEnumerable<NamedCount> CountersOf(LaneTotals lanes, RamDirectory ram)
    {
        TcpReassemblyStatistics tcp = lanes.Reassembly;
        FlowTableStatistics flows = lanes.Flows;
        HttpStatistics http = lanes.Http;
        IpDefragmenterCounters fragments = lanes.Defragmentation;
        return
        [
            new("flows.timed_out", flows.TimedOut),
            new("flows.evicted", flows.Evicted),
            new("flows.port_reused", flows.Reused),
            new("flows.expired_early", flows.ExpiredEarly),
            new("tcp.ignored_resets", flows.IgnoredResets),
            new("tcp.left_over", flows.LeftOver),
            new("tcp.doubtful_syns", flows.DoubtfulSyns),
            new("flows.peak", flows.Peak),
            new("flows.scopes", lanes.Scopes),
            new("flows.interim_reports", flows.Updates),
            new("flows.told_by_scripts", lanes.ImportedCreated),
            new("flows.told_evicted", lanes.ImportedEvicted),
            new("flows.told_ignored", lanes.ImportedIgnored),
            new("flows.attributes_refused", lanes.RefusedAttributes),
            new("scripts.messages_dropped", lanes.DroppedMessages),
            new("scripts.files_skipped", lanes.FilesSkipped),
            new("protocols.cut", lanes.ProtocolsCut),
            new("checksums.wrong", lanes.ChecksumsWrong),
            new("checksums.refused", lanes.ChecksumsRefused),
            new("tcp.conflicting_overlaps", tcp.ConflictingOverlaps),
            new("tcp.out_of_window", tcp.OutOfWindow),
            new("tcp.resynchronised", tcp.Resynchronised),
            new("tcp.after_end", tcp.AfterEnd),
            new("tcp.memory_peak_bytes", tcp.MemoryPeak),
            new("tcp.held_for_opposite", tcp.HeldForOpposite),
            new("tcp.opposite_not_seen", tcp.OppositeNotSeen),
            new("ip.fragments", fragments.Fragments),
            new("ip.reassembled", fragments.Reassembled),
            new("ip.timed_out", fragments.TimedOut),
            new("ip.overlaps", fragments.Overlaps),
            new("ip.dropped_by_limit", fragments.DroppedByLimit),
            new("ip.malformed", fragments.Malformed),
            new("http.connections", http.Connections),
            new("http.tunnels", http.Tunnels),
            new("http.unanswered", http.Unanswered),
            new("http.unrequested", http.Unrequested),
            new("http.pipelined_beyond_limit", http.OutstandingDropped),
            new("http.resynchronised", http.Resynchronisations),
            new("http.missing_bytes", http.MissingBytes),
            new("http.truncated", http.Truncated),
            new("http.with_gap", http.WithGap),
            new("http.corrupt", http.Corrupt),
            new("http.limited", http.Limited),
            new("http.headers_too_long", http.HeadersTooLong),
            new("http.malformed_lines", http.MalformedLines),
            new("http.bad_lengths", http.BadLengths),
            new("http.bad_chunks", http.BadChunks),
            new("http.unknown_codings", http.UnknownCodings),
            new("http.garbage_bytes", http.GarbageBytes),
            .. ProtocolFigures.DetailsOf(lanes),
            new("files.peak_bytes", ram.PeakBytes),
            new("files.stale_directories_removed", ram.StaleDirectoriesRemoved),
            new("files.holes_too_large", ram.Statistics.RefusedHole),
            new("files.not_deleted", ram.Statistics.DeleteFailed),
            new("files.removed_for_room", ram.Kept?.RemovedFiles ?? 0),
        ];
    }

    private static IEnumerable<NamedCount> CountersOf(RunResults results) =>
        [
            new("store.lost_rows", results.LostRows),
            new("store.dropped_batches", results.DroppedBatches),
            new("store.removed_rows", results.RemovedRows),
            new("metrics.keys_left_out", results.KeysLeftOut),
            new("metrics.keys_evicted", results.KeysEvicted),
        ];
}
