using System.Diagnostics;
using Spillway.Async;
using Spillway.Async.Commands;
using Spillway.Eve;
using Spillway.Life;
using Spillway.Logging;
using Spillway.LuaJit;
using Spillway.Metrics;
using Spillway.Metrics.Groups;
using Spillway.Metrics.Intel;
using Spillway.Metrics.Results;
using Spillway.Metrics.Stores;
using Spillway.Metrics.Thresholds;
using Spillway.Metrics.Traffic.Geo;
using Spillway.Net.Capture;
using Spillway.Net.Files;
using Spillway.Net.Tcp;
using Spillway.Pipeline;
using Spillway.Report;
using Spillway.Scripting;
using Spillway.Scripting.Loading;
using Spillway.Telemetry;

namespace Spillway.Run;

/// <summary>
/// One run, from opening the outputs to the summary: owns what there is once in it (writer, slow path, groups, backend, outputs), and
/// drives the lanes. Runs on the caller's thread, which reads; a single lane's thread is the same.
/// </summary>
internal sealed partial class Probe : IDisposable
{
    // For the store, after the last packet of an interface: well below what a run has after a signal.
    private static readonly TimeSpan PatienceAtTheEnd = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan DrainAfterSignal = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan DrainStep = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan AfterUnload = TimeSpan.FromSeconds(5);

    private readonly RunOptions _options;
    private readonly ScriptConsole _console;
    private readonly RunProblems _problems;
    private readonly RunReport _report;
    private readonly StopSignal _stop;
    private readonly GroupRegistry _groups = new();
    private readonly MetricOptions _metricOptions;
    private readonly RunJournal? _journal;
    private readonly AsyncRuntime _async;
    private readonly TaskTraces? _traces;
    private readonly InspectionPool? _inspection;
    private readonly RamDirectory _ram;
    private readonly MetricsWriter _writer;
    private readonly RunStorage _storage;
    private readonly InterfaceReader? _interfaces;
    private readonly EveLog? _eve;
    private readonly ThresholdWatch? _thresholds;
    private readonly RoomGate _room;
    private readonly LaneSet _lanes;
    private readonly ProgressLine _progress;
    private TimeSpan _readTime;
    private TimeSpan _drainTime;
    private int _scriptFailures;
    private readonly FileRefusals _refusals;
    private EndGuard? _closing;

    private Probe(
        RunOptions options,
        ScriptConsole console,
        StopSignal stop,
        RunJournal? journal,
        RamDirectory ram,
        RunStorage storage,
        LiveSource? listening
    )
    {
        _storage = storage;
        _options = options;
        _metricOptions = options.Metrics with { IsReproducible = options.Deterministic };
        _console = console;
        _problems = new RunProblems(console);
        _report = new RunReport(options, console, _problems);
        _stop = stop;
        _ram = ram;
        _refusals = new FileRefusals(ram, options, _problems.Warn);
        _writer = OpenStore();
        _eve = OpenEve();
        _journal = journal;
        _traces = options.Telemetry is { TraceSample: > 0 and var share } ? new TaskTraces(share) : null;
        _async = new AsyncRuntime(
            options.Async with
            {
                OnSlowTask = options.Quiet ? null : TellSlow,
                IsEnding = () => stop.IsRequested,
                OnTaskOver = _traces is { } traces ? traces.Note : null,
                OnTrouble = trouble => console.Problem(trouble.Plugin ?? "T.async", trouble.Message),
                InOrder = options.Deterministic,
            },
            journal?.Tasks
        );
        _inspection = options.Inspection is null
            ? null
            : new InspectionPool(_async, options.Inspection, ram, options.Lanes, options.Listens);
        if (_eve is not null)
        {
            _writer.Attach(_eve);
        }

        if (options.Reload is { } reload)
            TakeChanges(reload);
        stop.HangUp = OnHangUp;

        _writer.Attach(new SystemProbe(options.Output));
        _thresholds = RunThresholds.Attach(options, _writer, _groups);
        _room = new RoomGate(ram, stop, options.Listens);
        _lanes = new LaneSet(
            options,
            lane =>
            {
                _writer.WaitFromNowOn(PatienceAtTheEnd); // what the end of flows gives holds no packets up
                ScriptInputReader.TakeLastAlerts(lane, stop, _problems);
            },
            listening is null ? null : () => Account()!,
            lane => new LaneRunner(lane, options, _async, _writer, ram, storage.Lanes[lane.Number], _room, Refuse, _inspection)
        );
        _room.Lanes = _lanes.Lanes;
        _interfaces = listening is null ? null : new InterfaceReader(listening, options, _lanes, stop);
        _progress = new ProgressLine(
            () => _lanes.Packets,
            () => (listening?.Dropped ?? 0) + _lanes.Dropped,
            () => listening is null ? 0 : Behind().Sum,
            enabled: !options.Quiet || options.Live,
            options.Live ? RenderLive : null
        );
        _console.BeforeWrite = _progress.Clear;
    }

    /// <summary>Does a run.</summary>
    /// <returns>The exit code, see <see cref="ExitCodes"/>.</returns>
    public static int Execute(RunOptions options)
    {
        FileMask.Set(options.Mask ?? FileMask.Private, onlyTightens: options.Mask is null);
        options = RoomGate.Choose(options, options.Listens);
        bool isReserved = options.Json || options.Eve is { IsStandardOutput: true };
        if (isReserved)
            StandardOutput.Reserve();
        using ScriptConsole? opened = ScriptConsole.TryOpen(isReserved, options);
        if (opened is not { } console)
            return ExitCodes.Failed;
        if (options.Filter is { } filter && !CaptureFile.IsFilter(filter, out string? flaw))
        {
            console.Error(flaw);
            return ExitCodes.Usage;
        }

        var scripts = new ScriptFiles();
        if (!ScriptSearch.TryFind(options, console, scripts) || !RunGeo.TryOpen(ref options, console, out GeoDatabases? geo))
            return ExitCodes.Usage;
        using GeoDatabases? owned = geo;
        if (!RunInspection.TryPrepare(ref options, console) || !RunIntel.TryOpen(ref options, console, out IntelSource? intel))
            return ExitCodes.Usage;
        using IntelSource? lists = intel;
        if (!RunThresholds.TryOpen(ref options, console, out ThresholdSource? thresholds))
            return ExitCodes.Usage;
        using ThresholdSource? marks = thresholds;

        try
        {
            RunUser? user = RunUser.Find(options.User);
            using var rights = new CaptureRights();
            using LiveSource? listening = InterfaceReader.Open(options, console, rights);
            Become(user, rights, options);
            using var stop = new StopSignal(
                console.Notice,
                options.DrainTimeout ?? DrainAfterSignal,
                options.Listens ? LiveSource.StopPatience : TimeSpan.Zero
            );
            using RunJournal? journal = RunJournal.Open(options);
            using RamDirectory ram =
                options.Extract is { } directory ? RunOutput.OpenKept(options, directory, line => console.Warn(line))
                : journal is not null ? RamDirectory.OpenRecoverable(journal.FilesRoot, options.RamBytes)
                : RamDirectory.Open(options.RamRoot, options.RamBytes);
            using RunStorage storage = RunStorage.Open(options, console);
            ProcessEnd.Cleanup = () => EndAtOnce(console, journal, ram);
            using var run = new Probe(options, console, stop, journal, ram, storage, listening);
            int exitCode = run.Execute(scripts.Found);
            AtWork.OnEnd("the closing of scripts");
            run._closing = new EndGuard(EndGuard.Grace, TimeSpan.Zero, "the end of the run", exitCode);
            return exitCode;
        }
        catch (Exception exception)
            when (exception
                    is StoreException
                        or LuaException
                        or IOException
                        or UnauthorizedAccessException
                        or CaptureException
                        or Web.WebException
            )
        {
            console.Error(exception.Message);
            return ExitCodes.Failed;
        }
    }

    // Between the opening of interfaces, which needs root, and that of all else: scripts, stores and logs are the user's from the start.
    private static void Become(RunUser? user, CaptureRights rights, RunOptions options)
    {
        if (user is null)
            return;
        foreach (string? directory in new[] { options.Output, options.Extract, options.Packets?.Directory, options.Journal?.Directory })
            user.Make(directory);
        user.Give(options.LogFile?.Path);
        rights.GiveUp(user);
        user.MustManageWith(options.Output);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _export?.Dispose(); // reads what comes below
        _pages?.Dispose();
        _progress.Dispose();
        _backend?.EndReloads();
        _async.Dispose();
        _lanes.Dispose();
        _writer.Dispose();
        _backend?.Dispose();
        _stop.HangUp = null;
        _eve?.Dispose();
        _traces?.Dispose();
        _closing?.Dispose();
    }

    private int Execute(IReadOnlyList<(string Path, bool Named)> scripts)
    {
        if (_ram.FallbackReason is { } reason)
            _problems.Warn(reason);
        if (_ram.StaleDirectoriesRemoved > 0)
            _console.Run.Recovered(
                $"{Units.Count(_ram.StaleDirectoriesRemoved, "directory", "directories")} of extracted files that "
                    + "killed runs had left: removed"
            );
        if (_options.Live && Console.IsErrorRedirected)
            _problems.Warn("--live shows nothing: standard error is no terminal");
        if (!LuaState.InterruptsCompiledCode)
            _problems.Warn(
                "this LuaJIT cannot end compiled loops from outside: a task that does not end costs a worker when its time is over"
            );
        NativeFaults.Report();
        ScriptEnvironment environment = ProbeConfiguration.Create(_options, _ram.Path);
        var loader = new ScriptLoader(environment, _console, _async, _groups)
        {
            InputScript = _options.Input,
            Recovery = _journal?.Begin(environment, _console, _async, _problems.Warn, _ram),
        };
        ScriptWatcher? watcher = WatchScripts();
        AtWork.On("the loading of scripts");
        IReadOnlyList<ScriptHost> scriptInstances = loader.Load(scripts, _lanes.ScriptContexts);
        LoadBackend(loader, watcher);
        // What cannot be kept is not worth hours of reading.
        _writer.WaitUntilOpen();
        if (_writer.Interrupted is { } interrupted)
            _console.Run.Recovered(interrupted);
        _lanes.Start(scriptInstances);

        long start = Stopwatch.GetTimestamp();
        ReadInput();
        _readTime = Stopwatch.GetElapsedTime(start);
        Finish();
        _export?.Dispose(); // the last tasks are over
        _export = null;
        return Report();
    }

    // After the store, in whose directory it may lie. A run that cannot begin is not in the store.
    private EveLog? OpenEve()
    {
        try
        {
            return RunEve.Open(_options, _groups, _stop, line => _console.Warn(line));
        }
        catch
        {
            _writer.Dispose();
            throw;
        }
    }

    private MetricsWriter OpenStore()
    {
        string version = ScriptEnvironment.ProgramVersion;
        var info = new RunInfo(version, "probe0", _options.Sources, DateTimeOffset.UtcNow) { Captures = _options.CapturesRead };
        var writer = new MetricsWriter(
            _groups,
            _metricOptions,
            new SqliteStore(_options.Output, _groups, RunOutput.StoreOf(_options)),
            lanes: _options.Lanes
        )
        {
            Progress = _options.Listens ? HowFar : null,
            StoreFailed = _options.Listens ? _report.TellStoreFault : null,
        };
        try
        {
            writer.Start(info);
            return writer;
        }
        catch
        {
            writer.Dispose();
            throw;
        }
    }

    // A few are forged or damaged on the way. Many are the capture's fault, and then more is missing than anybody wants.
    private void WarnOfChecksums()
    {
        const int few = 10;
        const int many = 100; // one in so many
        long refused = _lanes.Lanes.Sum(lane => lane.Checksums.Refused);
        if (refused < few || refused * many < _lanes.Packets || _options.Checksums != ChecksumPolicy.Auto)
            return;
        _problems.Warn(
            $"{Units.Count(refused, "packet")} with a wrong checksum are left out of their connections, as their receivers do; "
                + "if the capture was altered after it was made, take them with --checksums ignore"
        );
    }

    // The order matters: flows end, which may make tasks; tasks end, which may add metrics; then scripts say good-bye.
    private void Finish()
    {
        AtWork.OnEnd("the end of flows");
        _lanes.EndInput();
        WarnOfChecksums();
        if (_refusals.Complaint is { } refused)
            _problems.Fail(refused);
        if (_storage.Complete(_problems) is { } lost)
            _problems.Fail(lost);
        long start = Stopwatch.GetTimestamp();
        AtWork.OnEnd("the wait for tasks of T.async");
        long left = Drain(out TimeSpan waited);
        _drainTime = Stopwatch.GetElapsedTime(start);
        if (left > 0)
        {
            _problems.Fail(
                $"{Units.Count(left, "task")} of T.async not done after {waited.TotalSeconds:0.#} s and "
                    + $"{(_journal is null ? "lost" : "left in the journal")}: "
                    + "give more time with --drain-timeout"
            );
        }

        AtWork.OnEnd("the work of backend scripts");
        left = EndTrafficOfBackend(left);
        AtWork.OnEnd("the unloading of scripts");
        _lanes.Unload();
        if (left == 0)
            left = _lanes.Drain(AfterUnload); // what onunload has scheduled
        AtWork.OnEnd("the writing of results");
        _lanes.Complete();
        if (RunInspection.Complaint(_inspection) is { } notInspected)
            _problems.Warn(notInspected);
        if (RunYara.Complaint(_inspection) is { } notScanned)
            _problems.Warn(notScanned);
        EndBackend();
        _journal?.End(_ram, left + _lanes.TaskPorts.Sum(lane => lane.LeftInJournal) + (_backend?.TasksLeft ?? 0));
    }

    // In short waits: a signal may come at any time, and sets a limit where there was none.
    private long Drain(out TimeSpan waited)
    {
        bool isStopping = _stop.IsRequested;
        long start = isStopping ? _stop.RequestedAt : Stopwatch.GetTimestamp();
        while (true)
        {
            long left = _lanes.Drain(DrainStep);
            if (!isStopping && _stop.IsRequested)
                (isStopping, start) = (true, _stop.RequestedAt);
            waited = Stopwatch.GetElapsedTime(start);
            TimeSpan limit = _options.DrainTimeout ?? (isStopping ? DrainAfterSignal : TimeSpan.MaxValue);
            if (left == 0 || waited >= limit)
                return left;
            _progress.Draining(left);
        }
    }

    private int Report()
    {
        LaneTotals totals = _lanes.Totals;
        LaneFigures figures = totals.Figures;
        int exitCode = _report.ExitCode(
            _stop,
            totals.ScriptErrors > 0 || _backend is { Host.Errors: > 0 } || _scriptFailures > 0 || _journal is { Errors: > 0 }
        );
        long? lastNs = figures.FirstNs is null ? null : figures.LastNs;
        RunResults results = _writer.Complete(
            new RunEnd(DateTimeOffset.UtcNow, figures.Packets, figures.Bytes, figures.FirstNs, lastNs, exitCode)
        );
        exitCode = _report.Close(exitCode, results, _eve);
        _pages?.End();
        _progress.Dispose();
        return _report.Write(exitCode, () => Summarise(totals, results, exitCode));
    }

    private RunSummary Summarise(LaneTotals totals, RunResults results, int exitCode)
    {
        RunSummary summary = SummaryBuilder
            .Build(_options, totals, _ram, results, _problems.Lines, exitCode, _report.WallTime)
            .WithBackend(_backend?.Host)
            .WithMetrics([.. _lanes.Shards.Select(shard => shard.Counters), _backend?.Host.MetricCounters])
            .WithResults(results, _groups)
            .WithAsync(_lanes.TaskPorts, _journal)
            .WithEve(_eve)
            .WithInspection(_inspection)
            .WithGeo(_metricOptions.Traffic?.Geo)
            .WithIntel(_options.Intel)
            .WithThresholds(_options, _thresholds);
        return summary with
        {
            Packets = _storage.Summarise(_lanes.First.Scripts.StorageVoters > 0),
            ReadTime = _readTime,
            DrainTime = _drainTime,
            Capture = Account(),
            Details = [.. summary.Details, .. DetailsOfInput(), new("console.lines_lost", _console.LostLines)],
        };
    }

    // A task's own commands are in groups of their own, which a terminal's Ctrl-C does not reach.
    private static void EndAtOnce(ScriptConsole console, RunJournal? journal, RamDirectory ram)
    {
        console.FallSilent();
        CommandTable.KillAll();
        RunJournal.EndAtOnce(journal, ram);
    }

    // Of any lane.
    private void Refuse(ContentFile content)
    {
        lock (_refusals)
            _refusals.Add(content);
    }
}
