using System.Globalization;

namespace Spillway.Questions;

/// <summary>What part of a store a question is about: a run, a range of time, so many rows.</summary>
public sealed class QuestionScope
{
    private const long NsPerSecond = 1_000_000_000;
    private const long EndOfTimes = long.MaxValue / 2;

    private QuestionScope(long? run, long firstNs, long lastNs, int windowSeconds)
    {
        Run = run;
        FirstNs = firstNs;
        LastNs = lastNs;
        WindowSeconds = windowSeconds;
    }

    /// <summary>The run; null for all runs of the store.</summary>
    public long? Run { get; }

    /// <summary>Time of the first packet, nanoseconds; 0 if nothing was seen.</summary>
    public long FirstNs { get; }

    /// <summary>Time of the last packet; for a run that goes on, the end of what it has written.</summary>
    public long LastNs { get; }

    /// <summary>Length of a window.</summary>
    public int WindowSeconds { get; }

    /// <summary>From this time on.</summary>
    public long FromNs { get; private init; } = long.MinValue;

    /// <summary>Up to this time, with it.</summary>
    public long ToNs { get; private init; } = long.MaxValue;

    /// <summary>Most rows; null for all.</summary>
    public int? Limit { get; private init; }

    /// <summary>Whether the last comes first.</summary>
    public bool IsReversed { get; private init; }

    /// <summary>Whether times are given and shown in UTC, else in this machine's zone.</summary>
    public bool IsUtc { get; private init; }

    /// <summary>False if a run goes on, or was killed.</summary>
    public bool IsFinished { get; private init; }

    /// <summary>Whether a part of it was removed, by <c>--keep-days</c> or <c>--store-size</c>.</summary>
    public bool IsCut { get; private init; }

    /// <summary>Whether a range was given.</summary>
    public bool HasRange => FromNs != long.MinValue || ToNs != long.MaxValue;

    /// <summary>Reads from the store what the request leaves open.</summary>
    /// <exception cref="QuestionException">No such run, or a range that holds no time.</exception>
    public static QuestionScope Of(QuestionStore store, QuestionRequest request)
    {
        List<StoredRun> runs =
        [
            .. store.Read(
                new Query(
                    "SELECT run_id, first_packet_ns, last_packet_ns, window_seconds, finished_at, kept_from_ns FROM runs ORDER BY run_id"
                ),
                row => new StoredRun(
                    row.Number(0),
                    row.NumberOrNull(1),
                    row.NumberOrNull(2),
                    (int)row.Number(3),
                    !row.IsNull(4),
                    row.NumberOrNull(5)
                )
            ),
        ];
        if (runs.Count == 0)
            throw new QuestionException($"'{store.Path}' holds no run yet: run 'spillway run -r FILE' first");
        long? run = request.AllRuns ? null : request.Run ?? runs[^1].Id;
        if (run is not null)
            runs.RemoveAll(candidate => candidate.Id != run);
        if (runs.Count == 0)
            throw new QuestionException($"'{store.Path}' has no run {run}: {RunsOf(store)}");

        long first = long.MaxValue,
            last = long.MinValue;
        bool isCut = runs.Exists(each => each.KeptFromNs > each.LastNs);
        foreach (StoredRun each in runs)
        {
            (long? begin, long? end) = each.LastNs is null ? Seen(store, each.Id) : (each.FirstNs, each.LastNs);
            // Of what was removed there is nothing to ask about, and of some runs nothing is left.
            if (each.KeptFromNs > end)
                continue;
            if (each.KeptFromNs > begin)
                (begin, isCut) = (each.KeptFromNs, true);
            first = Math.Min(first, begin ?? long.MaxValue);
            last = Math.Max(last, end ?? long.MinValue);
        }

        if (last == long.MinValue)
            (first, last) = (0, 0);
        var scope = new QuestionScope(run, first, last, runs[^1].Window)
        {
            IsUtc = request.IsUtc,
            IsCut = isCut,
            IsFinished = runs.TrueForAll(candidate => candidate.IsFinished),
            Limit = request.Limit,
            IsReversed = request.IsReversed,
            FromNs = Time(request.From, last, request.IsUtc, isEnd: false) ?? long.MinValue,
            ToNs = Time(request.To, last, request.IsUtc, isEnd: true) ?? long.MaxValue,
        };
        return scope.FromNs <= scope.ToNs ? scope : throw new QuestionException("--from is later than --to: nothing can be in between");
    }

    /// <summary>SQL that puts rows in the order of columns, or the other way round.</summary>
    public string OrderBy(params ReadOnlySpan<string> columns)
    {
        string order = "";
        foreach (string column in columns)
            order += $"{(order.Length == 0 ? "ORDER BY " : ", ")}{column}{(IsReversed ? " DESC" : "")}";
        return order;
    }

    /// <summary>The second in which the range begins.</summary>
    public long FromSecond => FromNs == long.MinValue ? 0 : Floor(FromNs);

    /// <summary>The second in which the range ends; far beyond all times if it has no end.</summary>
    public long ToSecond => ToNs == long.MaxValue ? EndOfTimes : Floor(ToNs);

    /// <summary>
    /// What is asked about, for a heading: the run, the time from the first to the last packet or as it was limited, the zone.
    /// </summary>
    public string Heading
    {
        get
        {
            string run =
                (Run is { } number ? string.Create(CultureInfo.InvariantCulture, $"run {number}") : "all runs")
                + (IsFinished ? "" : ", not finished");
            if (IsCut)
                run += LastNs == 0 ? ", nothing of it is kept" : ", older results removed";
            if (LastNs == 0)
                return run;
            (long first, long last) = (Math.Max(FirstNs, FromNs), Math.Min(LastNs, ToNs));
            if (first > last)
                return run;
            (string zone, string lastZone) = IsUtc ? ("UTC", "UTC") : (QuestionTime.ZoneOf(first), QuestionTime.ZoneOf(last));
            return $"{run}, {Second(first)}{(zone == lastZone ? "" : " " + zone)} to {Second(last)} {lastZone}";
        }
    }

    private string Second(long ns) => QuestionTime.ToText(ns, IsUtc)[..QuestionTime.SecondLength];

    /// <summary>What there is, for somebody who found nothing.</summary>
    public string TellRange() =>
        LastNs == 0
            ? $"the run has {(IsCut ? "nothing left: older results were removed" : IsFinished ? "seen no packet" : "stored nothing yet")}"
            : $"the run's packets{(IsCut ? " that are kept" : IsFinished ? "" : " so far")} are from "
                + $"{QuestionTime.ToText(FirstNs, IsUtc)}{Zone(FirstNs)} to {QuestionTime.ToText(LastNs, IsUtc)}{Zone(LastNs)}";

    private string Zone(long ns) => IsUtc ? " UTC" : " " + QuestionTime.ZoneOf(ns);

    private static long Floor(long ns) => Math.DivRem(ns, NsPerSecond, out long rest) - (rest < 0 ? 1 : 0);

    private static long? Time(string? text, long endNs, bool isUtc, bool isEnd) =>
        text is null
            ? null
            : QuestionTime.TryParse(text, endNs, isUtc, isEnd)
                ?? throw new QuestionException(
                    LocalClock.Complaint(text, isUtc, utc => QuestionTime.TryParse(text, endNs, utc))
                        ?? $"'{text}' is no time: give one such as {QuestionTime.Examples}"
                );

    // A run that goes on, or was killed, has not said what it saw: what is stored does.
    private static (long? First, long? Last) Seen(QuestionStore store, long run)
    {
        long? Edge(string column, string table) =>
            store.ReadNumber(new Query($"SELECT {column} FROM {table}").Where("run_id = $run", "$run", run));
        long? first = Edge("min(start)", "counter_slices") * NsPerSecond,
            last = Edge("max(start + seconds)", "counter_slices") * NsPerSecond;
        return first is not null ? (first, last) : (Edge("min(first_ns)", "flows"), Edge("max(last_ns)", "flows"));
    }

    private static string RunsOf(QuestionStore store) =>
        "it has "
        + string.Join(
            ", ",
            store.Read(
                new Query("SELECT run_id FROM runs ORDER BY run_id DESC LIMIT 10"),
                row => row.Number(0).ToString(CultureInfo.InvariantCulture)
            )
        );

    private sealed record StoredRun(long Id, long? FirstNs, long? LastNs, int Window, bool IsFinished, long? KeptFromNs);
}

/// <summary>What the command line says about the part of the store that is meant.</summary>
public sealed record QuestionRequest
{
    /// <summary>Directory or store; null for the newest.</summary>
    public string? Place { get; init; }

    /// <summary>Run; null for the last.</summary>
    public long? Run { get; init; }

    /// <summary>All runs together.</summary>
    public bool AllRuns { get; init; }

    /// <summary>Begin of the range as given.</summary>
    public string? From { get; init; }

    /// <summary>End of the range as given.</summary>
    public string? To { get; init; }

    /// <summary>Most rows; null for all.</summary>
    public int? Limit { get; init; }

    /// <summary>The last first.</summary>
    public bool IsReversed { get; init; }

    /// <summary>Times in UTC.</summary>
    public bool IsUtc { get; init; }
}
