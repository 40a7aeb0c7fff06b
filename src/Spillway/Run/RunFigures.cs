using System.Diagnostics;
using Spillway.Async;
using Spillway.Async.Figures;
using Spillway.Metrics;
using Spillway.Net.Files;
using Spillway.Pipeline;
using Spillway.Report;
using Spillway.Scripting.Backend;
using static Spillway.Figures.Samples;

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
/// <param name="output">The output directory.</param>
internal sealed class RunFigures(
    LaneSet lanes,
    Func<CaptureSummary?> account,
    AsyncRuntime async,
    MetricsWriter writer,
    RamDirectory ram,
    string output
)
{
    private static readonly TimeSpan HangsAfter = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Recent = TimeSpan.FromMinutes(1);

    // The figures of Prometheus and the pages ask on threads of their own.
    private readonly Lock _gate = new();
    private readonly long[] _turns = new long[lanes.Lanes.Count];
    private readonly long[] _turnedAt = [.. Enumerable.Repeat(Stopwatch.GetTimestamp(), lanes.Lanes.Count)];
    private readonly BackendHost? _backend;
    private readonly Queue<(long At, long Lost, long Behind)> _losses = new();

    /// <summary>Whether packets are being taken.</summary>
    public bool IsReading { get; set; }

    /// <summary>The scripts behind the lanes; null without any.</summary>
    public BackendHost? Backend
    {
        get => _backend;
        init
        {
            _backend = value;
            if (value is not null)
                value.PublishesFigures = true;
        }
    }

    /// <summary>All figures.</summary>
    public IEnumerable<Figure> All()
    {
        using Lock.Scope scope = _gate.EnterScope();
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
            .. CaptureFigures.Of(account()),
            Gauge("flows_open", "Flows in the flow tables.", lanes.Lanes.Select((lane, i) => Of(lane.Flows.Active, Lane(i)))),
            new("flows_total", FigureKind.Counter, "Flows that have begun.", totals.Flows.Created),
            .. TaskFigures.Of(pools),
            .. StoreFigures.Of(writer, totals.Figures, output),
            new("ram_directory_bytes", FigureKind.Gauge, "Extracted files that lie in the ram directory.", ram.BytesInUse),
            .. ScriptCosts.Of([.. totals.Scripts, .. Backend?.LatestFigures ?? []]),
            new("resident_memory_bytes", FigureKind.Gauge, "Memory of the process.", process.WorkingSet64),
            Gauge("memory_bytes", "Memory of the process's parts, as far as they keep an account of it.", Memory(totals)),
            new("cpu_seconds_total", FigureKind.Counter, "Processor time of the process.", process.TotalProcessorTime.TotalSeconds),
            .. SummaryBuilder.CountersOf(totals, ram).Select(OfDetail),
        ];
    }

    /// <summary>How the run is. Looks at what has happened since it was asked before.</summary>
    public Health Health()
    {
        using Lock.Scope scope = _gate.EnterScope();
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
        if (IsRecent(writer.DiskFullAt, now) || IsRecent(ram.Kept?.FullAt ?? 0, now))
            reasons.Add("the disk for results was full within a minute");
        foreach (AsyncStatistics pool in async.GetStatistics().Where(pool => pool.MissingWorkers > 0))
            reasons.Add($"{Units.Count(pool.MissingWorkers, "worker")} of {pool.Plugin} missing");
        return new Health(isAlive, IsReading, reasons);
    }

    private static bool IsRecent(long at, long now) => at != 0 && Stopwatch.GetElapsedTime(at, now) < Recent;

    private IEnumerable<FigureSample> Memory(LaneTotals totals) =>
        [
            Of(totals.Reassembly.MemoryInUse, ("part", "tcp_reassembly")),
            Of(async.QueuedBytes, ("part", "tasks_waiting")),
            Of(async.ResultBytes, ("part", "task_results")),
            Of(writer.QueuedBytes, ("part", "store_queue")),
            Of(totals.Scripts.Concat(Backend?.LatestFigures ?? []).Sum(script => script.MemoryBytes), ("part", "scripts")),
            // As of the last collection.
            Of(GC.GetGCMemoryInfo().HeapSizeBytes, ("part", "managed_heap")),
        ];

    // The counters of the summary, by their own names.
    private static Figure OfDetail(NamedCount count)
    {
        string name = count.Name.Replace('.', '_');
        return count.Name.EndsWith("peak", StringComparison.Ordinal) || count.Name.Contains("peak_", StringComparison.Ordinal)
            ? new Figure(name, FigureKind.Gauge, $"{count.Name} of the summary: the most so far.", count.Count)
            : new Figure(name + "_total", FigureKind.Counter, $"{count.Name} of the summary.", count.Count);
    }
}
