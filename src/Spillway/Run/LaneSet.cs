using System.Diagnostics;
using Spillway.Async;
using Spillway.Metrics.Shards;
using Spillway.Net.Capture;
using Spillway.Net.Dispatch;
using Spillway.Net.Packets;
using Spillway.Net.Tcp;
using Spillway.Pipeline;
using Spillway.Report;
using Spillway.Scripting;

namespace Spillway.Run;

/// <summary>
/// All lanes of a run. One lane reads its sources itself, without any hand-over; with more, the caller's thread reads and deals the packets
/// out, or the kernel does. When the input has ended, all lanes are the caller's thread's again.
/// </summary>
internal sealed class LaneSet : IDisposable
{
    private readonly LaneRunner[] _runners;
    private readonly PacketPath[] _lanes;
    private readonly PacketDispatcher? _dispatcher;
    private readonly Action<PacketPath> _inputEnds;
    private readonly CountdownEvent _reading;

    /// <summary>Creates the lanes.</summary>
    /// <param name="options">What the run was asked to do.</param>
    /// <param name="inputEnds">Called on each lane's thread when its input is over, before its flows end.</param>
    /// <param name="received">The account of a live source, for the events about it; null for captures.</param>
    /// <param name="create">Makes the lane of a number.</param>
    public LaneSet(RunOptions options, Action<PacketPath> inputEnds, Func<CaptureSummary>? received, Func<LaneOptions, LaneRunner> create)
    {
        _inputEnds = inputEnds;
        int count = options.Lanes;
        _reading = new CountdownEvent(count);
        // A limit is one of the run, whatever works on it.
        var lane = new LaneOptions
        {
            Flows = options.Flows with { MaxFlows = Share(options.Flows.MaxFlows, count, 1) },
            Reassembly = TcpReassemblerOptions.Default with { MaxBytes = Share(TcpReassemblerOptions.Default.MaxBytes, count, 64 << 10) },
            Totals = count == 1 ? null : () => LaneTotals.Of(_lanes!),
            Received = received,
            Checksums = options.Checksums,
            TakesOutermost = options.TakesOutermost,
            FlowKeyTags = options.FlowKeyTags,
            Deterministic = options.Deterministic,
            Resources = options.Resources,
            Transactions = options.Transactions,
            Intel = options.Intel,
            Eve = options.Eve,
            Homes = options.Listening.Readers > 1 ? new FlowHomes() : null,
        };
        _runners = [.. Enumerable.Range(0, count).Select(number => create(lane with { Number = number }))];
        _lanes = [.. _runners.Select(runner => runner.Lane)];
        foreach (PacketPath one in _lanes)
            one.ScriptContext.Peers = [.. _lanes.Where(other => other != one).Select(other => other.ScriptContext)];
        if (count > 1 && options.Listening.Readers == 1)
            _dispatcher = new PacketDispatcher(
                count,
                options.Metrics.Window,
                lane.Defragmentation,
                lane.TakesOutermost,
                lane.FlowKeyTags == FlowTags.None ? null : new FlowScoper(lane.FlowKeyTags, lane.Scopes)
            );
    }

    /// <summary>The lanes, by number.</summary>
    public IReadOnlyList<PacketPath> Lanes => _lanes;

    /// <summary>The first lane: what there is once in a run is there.</summary>
    public PacketPath First => _lanes[0];

    /// <summary>The lanes as their scripts see them.</summary>
    public IReadOnlyList<ScriptContext> ScriptContexts => [.. _lanes.Select(lane => lane.ScriptContext)];

    /// <summary>Each lane's metrics.</summary>
    public IReadOnlyList<MetricShard> Shards => [.. _runners.Select(runner => runner.Metrics)];

    /// <summary>Each lane's end of the slow path.</summary>
    public IReadOnlyList<TaskPort> TaskPorts => [.. _runners.Select(runner => runner.Async)];

    /// <summary>Packets that all lanes have taken. Any thread.</summary>
    public long Packets => _lanes.Sum(lane => lane.Figures.Packets);

    /// <summary>Packets that lanes had no room for, since they were live.</summary>
    public long Dropped => _dispatcher?.Dropped ?? 0;

    /// <summary>The longest time for which a lane with a thread of its own left packets waiting.</summary>
    public PacketPause LongestPause => PacketPause.LongestOf(_dispatcher?.Lanes.Select(lane => lane.LongestPause) ?? []);

    /// <summary>What all lanes have counted. While they work, the sums may be a moment old.</summary>
    public LaneTotals Totals => LaneTotals.AllOf(_lanes, _dispatcher?.Defragmentation ?? default);

    /// <summary>What all lanes have counted so far, while they go on. Any thread.</summary>
    public LaneTotals Live() => Totals;

    /// <summary>Gives the lanes their scripts, and starts those that have threads.</summary>
    public void Start(IReadOnlyList<ScriptHost> scripts)
    {
        for (int i = 0; i < _lanes.Length; i++)
            _lanes[i].Attach(scripts[i]);
        for (int i = 0; i < _lanes.Length && _dispatcher is not null; i++)
            _runners[i].Start(_dispatcher.Lanes[i], _reading, _inputEnds);
    }

    /// <summary>Takes a source to its end.</summary>
    public void Read(PacketSource source)
    {
        if (source is FanoutSource fanout)
            ReadAll(fanout);
        else if (_dispatcher is not null)
            _dispatcher.Run(source);
        else
            _runners[0].Read(source);
    }

    // Each lane reads for itself.
    private void ReadAll(FanoutSource source)
    {
        for (int i = 0; i < _runners.Length; i++)
            _runners[i].Start(source.Readers[i], _reading, _inputEnds);
        _reading.Wait();
    }

    /// <summary>No more input: ends all flows, and the lanes' threads.</summary>
    public void EndInput()
    {
        if (_runners.Length == 1)
        {
            _inputEnds(First);
            First.EndFlows();
        }
        else
        {
            _dispatcher?.Complete();
            foreach (LaneRunner runner in _runners)
                runner.Join();
        }

        First.TellLastStats();
    }

    /// <summary>Works on until nothing is pending on the slow path and no message is on its way, or the time is over.</summary>
    /// <returns>Tasks that are still pending.</returns>
    public long Drain(TimeSpan timeout)
    {
        const int maxRounds = 100; // scripts that answer each other for ever must not keep a run from its end
        long start = Stopwatch.GetTimestamp();
        long left = 0;
        for (int round = 0; round < maxRounds; round++)
        {
            left = 0;
            foreach (PacketPath lane in _lanes)
                left += lane.Drain(Left(), null);
            if (left > 0 ? Left() == TimeSpan.Zero : !Array.Exists(_lanes, lane => lane.PendingTasks > 0 || lane.ScriptContext.HasRequests))
                break;
        }

        return left;

        TimeSpan Left() => Stopwatch.GetElapsedTime(start) is var spent && spent < timeout ? timeout - spent : TimeSpan.Zero;
    }

    /// <summary>Has all lanes do what is done between two packets.</summary>
    public void Turn()
    {
        foreach (PacketPath lane in _lanes)
            lane.Turn();
    }

    /// <summary>Runs onunload of all scripts.</summary>
    public void Unload()
    {
        foreach (PacketPath lane in _lanes)
            lane.Scripts.Unload();
    }

    /// <summary>Hands over what is left of the metrics; nothing may be counted afterwards.</summary>
    public void Complete()
    {
        foreach (LaneRunner runner in _runners)
        {
            runner.Lane.ScriptContext.Imported.EndAll();
            runner.PublishFiles();
            runner.Metrics.Complete();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (LaneSource source in _dispatcher?.Lanes ?? [])
            source.Stop();
        foreach (LaneRunner runner in _runners)
        {
            runner.Wait();
            runner.Dispose();
        }

        _reading.Dispose();
    }

    private static int Share(int limit, int lanes, int least) => (int)Share((long)limit, lanes, least);

    private static long Share(long limit, int lanes, long least) => Math.Max(least, (limit + lanes - 1) / lanes);
}
