using System.Diagnostics;
using Spillway.Async;
using Spillway.Async.Figures;
using Spillway.Figures;
using Spillway.Metrics;
using Spillway.Net.Files;
using Spillway.Pipeline;
using Spillway.Report;

namespace Spillway.Run;

/// <summary>
/// The figures of a run that goes on, and how it is. Reads what lanes count without stopping them: values may be a moment old, and of
/// different moments.
/// </summary>
/// <param name="lanes">The lanes.</param>
/// <param name="account">The account of a live source; null for captures.</param>
/// <param name="async">The slow path.</param>
/// <param name="writer">The metrics.</param>
/// <param name="ram">Where extracted files lie.</param>
internal sealed class RunFigures(LaneSet lanes, Func<CaptureSummary?> account, AsyncRuntime async, MetricsWriter writer, RamDirectory ram)
{
    private static readonly TimeSpan HangsAfter = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Recent = TimeSpan.FromMinutes(1);

    private readonly long[] _turns = new long[lanes.Lanes.Count];
    private readonly long[] _turnedAt = [.. Enumerable.Repeat(Stopwatch.GetTimestamp(), lanes.Lanes.Count)];
    private readonly Queue<(long At, long Lost, long Behind)> _losses = new();

    /// <summary>Whether packets are being taken.</summary>
    public bool IsReading { get; set; }

    /// <summary>All figures.</summary>
    public IEnumerable<Figure> All()
    {
        LaneTotals totals = lanes.Live();
        AsyncStatistics[] pools = async.GetStatistics();
        using var process = Process.GetCurrentProcess();
        return
        [
            Counter("packets_total", "Packets that lanes have taken.", lanes.Lanes.Select((lane, i) => Of(lane.Figures.Packets, Lane(i)))),
            Counter(
                "bytes_total",
                "Bytes of those packets, on the wire.",
                lanes.Lanes.Select((lane, i) => Of(lane.Figures.Bytes, Lane(i)))
            ),
            .. Account(),
            Gauge("flows_open", "Flows in the flow tables.", lanes.Lanes.Select((lane, i) => Of(lane.Flows.Active, Lane(i)))),
            new("flows_total", FigureKind.Counter, "Flows that have begun.", totals.Flows.Created),
            .. Tasks(pools),
            new("task_result_bytes", FigureKind.Gauge, "Results of tasks that wait for their lanes.", async.ResultBytes),
            new(
                "store_batches_dropped_total",
                FigureKind.Counter,
                "Batches of results that the store was too slow for.",
                writer.DroppedBatches
            ),
            new("ram_directory_bytes", FigureKind.Gauge, "Extracted files that lie in the ram directory.", ram.BytesInUse),
            Counter(
                "script_errors_total",
                "Errors that scripts have raised.",
                lanes.Lanes.Select((lane, i) => Of(lane.Scripts.Errors, Lane(i)))
            ),
            new("resident_memory_bytes", FigureKind.Gauge, "Memory of the process.", process.WorkingSet64),
            new(
                "managed_heap_bytes",
                FigureKind.Gauge,
                "Memory of managed objects, as of the last collection.",
                GC.GetGCMemoryInfo().HeapSizeBytes
            ),
            new("cpu_seconds_total", FigureKind.Counter, "Processor time of the process.", process.TotalProcessorTime.TotalSeconds),
            .. SummaryBuilder.CountersOf(totals, ram).Select(OfDetail),
        ];
    }

    /// <summary>How the run is. Looks at what has happened since it was asked before.</summary>
    public Health Health()
    {
        long now = Stopwatch.GetTimestamp();
        var reasons = new List<string>();
        bool isAlive = true;
        for (int i = 0; i < _turns.Length; i++)
        {
            long turns = lanes.Lanes[i].Turns;
            if (turns != _turns[i] || !IsReading)
                (_turns[i], _turnedAt[i]) = (turns, now);
            TimeSpan still = Stopwatch.GetElapsedTime(_turnedAt[i], now);
            if (still < HangsAfter)
                continue;
            isAlive = false;
            reasons.Add(FormattableString.Invariant($"lane {i} has done nothing for {still.TotalSeconds:0} s"));
        }

        (long lost, long behind) = account() is { } counts ? (counts.Lost, counts.Behind.Sum) : (0, 0);
        while (_losses.TryPeek(out (long At, long Lost, long Behind) oldest) && Stopwatch.GetElapsedTime(oldest.At, now) > Recent)
            _losses.Dequeue();
        (long _, long lostBefore, long behindBefore) = _losses.Count > 0 ? _losses.Peek() : (now, lost, behind);
        _losses.Enqueue((now, lost, behind));
        if (lost > lostBefore)
            reasons.Add($"{Units.Count(lost - lostBefore, "packet")} lost within a minute");
        if (behind > behindBefore)
            reasons.Add($"{Units.Count(behind - behindBefore, "result")} dropped within a minute");
        foreach (AsyncStatistics pool in async.GetStatistics().Where(pool => pool.MissingWorkers > 0))
            reasons.Add($"{Units.Count(pool.MissingWorkers, "worker")} of {pool.Plugin} missing");
        return new Health(isAlive, IsReading, reasons);
    }

    private IEnumerable<Figure> Account()
    {
        if (account() is not { } counts)
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
                    Of(counts.LostInKernel, ("where", "kernel")),
                    Of(counts.LostByInterface, ("where", "interface")),
                    Of(counts.LostBeforeLanes, ("where", "hand_over")),
                    Of(counts.Refused, ("where", "no_frame")),
                    Of(counts.Unread, ("where", "end")),
                ]
            ),
            Counter(
                "dropped_results_total",
                "What of the results of processed packets was dropped, since something behind the lanes was full.",
                [
                    Of(counts.Behind.ResultBatches, ("what", "result_batches")),
                    Of(counts.Behind.PacketsNotStored, ("what", "stored_packets")),
                    Of(counts.Behind.FilesNotExtracted, ("what", "files")),
                    Of(counts.Behind.Tasks, ("what", "tasks")),
                    Of(counts.Behind.EveEvents, ("what", "eve_events")),
                    Of(counts.Behind.ConsoleLines, ("what", "console_lines")),
                ]
            ),
            new(
                "longest_pause_seconds",
                FigureKind.Gauge,
                "The longest time that packets waited for a lane.",
                counts.LongestPause.TotalSeconds
            ),
        ];
    }

    private static IEnumerable<Figure> Tasks(AsyncStatistics[] pools) =>
        [
            Counter(
                "tasks_submitted_total",
                "Tasks of T.async that scripts have submitted.",
                pools.Select(pool => Of(pool.Submitted, Script(pool)))
            ),
            Counter(
                "tasks_total",
                "Tasks of T.async that have ended, by how.",
                pools.SelectMany(pool =>
                    new[]
                    {
                        Of(pool.Succeeded, Script(pool), ("outcome", "succeeded")),
                        Of(pool.Failed, Script(pool), ("outcome", "failed")),
                        Of(pool.TimedOut, Script(pool), ("outcome", "timed_out")),
                        Of(pool.Cancelled, Script(pool), ("outcome", "cancelled")),
                        Of(pool.Dropped, Script(pool), ("outcome", "dropped")),
                    }
                )
            ),
            Gauge(
                "tasks_waiting",
                "Tasks that wait for a worker.",
                pools.Select(pool => Of(Math.Max(0, pool.Queued - pool.Busy), Script(pool)))
            ),
            Gauge(
                "tasks_oldest_wait_seconds",
                "How long the first of them has waited.",
                pools.Select(pool => Of(pool.OldestWaiting?.TotalSeconds ?? 0, Script(pool)))
            ),
            Gauge("workers", "Workers of a script.", pools.Select(pool => Of(pool.Workers, Script(pool)))),
            Gauge("workers_busy", "Workers that have a task.", pools.Select(pool => Of(pool.Busy, Script(pool)))),
            Gauge("task_wait_seconds", "How long tasks waited so far, by quantile.", pools.SelectMany(pool => Quantiles(pool, pool.Wait))),
            Gauge("task_run_seconds", "How long tasks ran so far, by quantile.", pools.SelectMany(pool => Quantiles(pool, pool.Run))),
        ];

    private static IEnumerable<FigureSample> Quantiles(AsyncStatistics pool, LogHistogram times) =>
        [
            Of(times.Quantile(0.5) / 1e9, Script(pool), ("quantile", "0.5")),
            Of(times.Quantile(0.99) / 1e9, Script(pool), ("quantile", "0.99")),
            Of(times.Max / 1e9, Script(pool), ("quantile", "1")),
        ];

    // The counters of the summary, by their own names.
    private static Figure OfDetail(NamedCount count)
    {
        string name = count.Name.Replace('.', '_');
        return count.Name.EndsWith("peak", StringComparison.Ordinal) || count.Name.Contains("peak_", StringComparison.Ordinal)
            ? new Figure(name, FigureKind.Gauge, $"{count.Name} of the summary: the most so far.", count.Count)
            : new Figure(name + "_total", FigureKind.Counter, $"{count.Name} of the summary.", count.Count);
    }

    private static Figure Counter(string name, string help, IEnumerable<FigureSample> samples) =>
        new(name, FigureKind.Counter, help, [.. samples]);

    private static Figure Gauge(string name, string help, IEnumerable<FigureSample> samples) =>
        new(name, FigureKind.Gauge, help, [.. samples]);

    private static FigureSample Of(double value, params (string Name, string Value)[] labels) => new(value, labels);

    private static (string Name, string Value) Lane(int number) => ("lane", FormattableString.Invariant($"{number}"));

    private static (string Name, string Value) Script(AsyncStatistics pool) => ("script", pool.Plugin);
}
