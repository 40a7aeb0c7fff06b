using Spillway.Figures;
using Spillway.Report;
using static Spillway.Figures.Samples;

namespace Spillway.Run;

/// <summary>The figures of a live source: what came, what was lost and where, what of the results was dropped.</summary>
internal static class CaptureFigures
{
    /// <summary>The figures; none if captures are read.</summary>
    public static IEnumerable<Figure> Of(CaptureSummary? account)
    {
        if (account is not { } counts)
            return [];
        return
        [
            new(
                "received_packets_total",
                FigureKind.Counter,
                "Packets that came and passed the filter: processed and lost.",
                counts.Received
            ),
            Counter(
                "lost_packets_total",
                "Packets that were lost, by place.",
                [
                    Samples.Of(counts.LostInKernel, ("where", "kernel")),
                    Samples.Of(counts.LostByInterface, ("where", "interface")),
                    Samples.Of(counts.LostBeforeLanes, ("where", "hand_over")),
                    Samples.Of(counts.Refused, ("where", "no_frame")),
                    Samples.Of(counts.Unread, ("where", "end")),
                ]
            ),
            Counter(
                "dropped_results_total",
                "What of the results of processed packets was dropped, since something behind the lanes was full.",
                [
                    Samples.Of(counts.Behind.ResultBatches, ("what", "result_batches")),
                    Samples.Of(counts.Behind.PacketsNotStored, ("what", "stored_packets")),
                    Samples.Of(counts.Behind.FilesNotExtracted, ("what", "files")),
                    Samples.Of(counts.Behind.Tasks, ("what", "tasks")),
                    Samples.Of(counts.Behind.EveEvents, ("what", "eve_events")),
                    Samples.Of(counts.Behind.ConsoleLines, ("what", "console_lines")),
                ]
            ),
            new(
                "longest_pause_seconds",
                FigureKind.Gauge,
                "The longest time that packets waited for a lane.",
                counts.LongestPause.Time.TotalSeconds
            ),
        ];
    }
}
