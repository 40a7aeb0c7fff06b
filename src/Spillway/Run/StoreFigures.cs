using Spillway.Metrics;
using Spillway.Metrics.Stores;
using Spillway.Pipeline;

namespace Spillway.Run;

/// <summary>The figures of what becomes of results: the writer's queue, how far it is behind, the store and its disk.</summary>
internal static class StoreFigures
{
    /// <summary>The figures.</summary>
    /// <param name="writer">The metrics.</param>
    /// <param name="lanes">What all lanes have counted.</param>
    /// <param name="output">The output directory.</param>
    public static IEnumerable<Figure> Of(MetricsWriter writer, LaneFigures lanes, string output)
    {
        var store = new FileInfo(Path.Combine(output, SqliteStore.FileName));
        return
        [
            new(
                "store_batches_dropped_total",
                FigureKind.Counter,
                "Batches of results that the store was too slow for.",
                writer.DroppedBatches
            ),
            new("store_queue_batches", FigureKind.Gauge, "Batches of results that wait for the store.", writer.QueuedBatches),
            new(
                "store_lag_seconds",
                FigureKind.Gauge,
                "How long the oldest result has been on its way from a lane to the store.",
                writer.StoreLag.TotalSeconds
            ),
            new(
                "window_lag_seconds",
                FigureKind.Gauge,
                "Packet time from the end of the last complete window to the latest packet; one window at most if all goes well.",
                WindowLag(writer.ClosedNs, lanes)
            ),
            new("store_bytes", FigureKind.Gauge, "Size of the store, without its log.", store.Exists ? store.Length : 0),
            .. Free(output),
        ];
    }

    private static double WindowLag(long closedNs, LaneFigures lanes) =>
        lanes.FirstNs is not { } first ? 0 : Math.Max(0, lanes.LastNs - Math.Max(first, closedNs)) / 1e9;

    private static IEnumerable<Figure> Free(string output)
    {
        long free;
        try
        {
            free = new DriveInfo(Path.GetFullPath(output)).AvailableFreeSpace;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return [];
        }

        return [new("output_free_bytes", FigureKind.Gauge, "Free space of the disk with the output directory.", free)];
    }
}
