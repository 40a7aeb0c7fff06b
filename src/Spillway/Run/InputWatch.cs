using System.Diagnostics;
using Spillway.Scripting;

namespace Spillway.Run;

/// <summary>
/// Looks after the steps of an input script from another thread: one that takes long is told, and one that keeps a run from stopping is
/// interrupted if it is in Lua code. What waits in the operating system (a socket, a pipe) may do so; a second signal ends the program.
/// </summary>
internal sealed class InputWatch : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan LongStep = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan StopGrace = TimeSpan.FromSeconds(1);

    private readonly ScriptHost _scripts;
    private readonly StopSignal _stop;
    private readonly Action<string> _tell;
    private readonly Timer _timer;
    private long _since; // Stopwatch time at which the running step began; 0 between steps
    private bool _told;

    /// <param name="tell">Takes one line, on the timer's thread.</param>
    public InputWatch(ScriptHost scripts, StopSignal stop, Action<string> tell)
    {
        _scripts = scripts;
        _stop = stop;
        _tell = tell;
        _timer = new Timer(_ => Look(), null, Interval, Interval);
    }

    /// <summary>A step begins.</summary>
    public void Begin() => Volatile.Write(ref _since, Stopwatch.GetTimestamp());

    /// <summary>The step is over.</summary>
    public void End() => Volatile.Write(ref _since, 0);

    /// <summary>Ends the watch, and waits until nothing of it runs: the scripts may be disposed afterwards.</summary>
    public void Dispose()
    {
        using var done = new ManualResetEvent(false);
        if (_timer.Dispose(done))
            done.WaitOne();
    }

    private void Look()
    {
        long since = Volatile.Read(ref _since);
        if (since == 0)
            return;
        TimeSpan taken = Stopwatch.GetElapsedTime(since);
        if (_stop.IsRequested && taken > StopGrace)
            _scripts.InterruptInput();
        if (_told || taken < LongStep)
            return;
        _told = true;
        _tell(
            $"the input's step has been running for {LongStep.TotalSeconds:0} s: it waits for data or does not end; Ctrl-C stops the run"
        );
    }
}
