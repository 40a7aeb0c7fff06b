using System.Diagnostics;
using Spillway.Scripting.Vm;

namespace Spillway.Scripting.Backend;

/// <content>Packet time passes faster than the clock when captures are read: ticks, and tasks that windows wait for.</content>
public sealed partial class BackendHost
{
    private const double TickSeconds = 1;
    private const long SecondNs = 1_000_000_000;

    private long _ticks;
    private long _lastTick = Stopwatch.GetTimestamp();
    private long? _lastTickSecond;

    /// <summary>Whether the run is to end: then no window waits for tasks. Asked on the metrics thread; null never ends.</summary>
    public Func<bool>? IsEnding { get; set; }

    /// <inheritdoc/>
    public bool IsBehind =>
        !Options.TicksByWallClock
        && !_isUnloaded
        && Lane.Async.Pending > 0
        && Options.CatchUpTime > TimeSpan.Zero
        && IsEnding?.Invoke() != true;

    private bool HasMetronomes => _scripts.Exists(script => script.Has(ScriptCallback.OnMetronome));

    /// <inheritdoc/>
    /// <remarks>
    /// Live, tasks that were begun in one window are done before the next ends, unless they take very long. Here they have time too, and no
    /// more than they need: so their results are counted in the window in which they would be, however fast the captures are read.
    /// </remarks>
    public void CatchUp()
    {
        long start = Stopwatch.GetTimestamp();
        BackendHost handler = this;
        while (IsBehind)
        {
            TimeSpan left = Options.CatchUpTime - Stopwatch.GetElapsedTime(start);
            if (left <= TimeSpan.Zero)
            {
                Counters.WindowsBehind++;
                return;
            }

            Lane.Async.Drain(ref handler, left < DrainStep ? left : DrainStep);
            TakeOwn();
            TakeChange();
        }
    }

    private void Tick()
    {
        _lastTick = Stopwatch.GetTimestamp();
        _ticks++;
        foreach (ScriptInstance script in _scripts)
            script.OnMetronome(_ticks, TickSeconds);
    }

    // Seconds without packets tick too, for as long as a window lasts: in a longer pause there are no windows either.
    private void TickUpTo(long nowNs)
    {
        long now = nowNs / SecondNs;
        if (now == _lastTickSecond)
            return;
        if (_lastTickSecond is { } last && HasMetronomes)
        {
            for (long second = Math.Max(last + 1, now - (long)WindowSeconds + 1); second < now; second++)
            {
                Advance(second * SecondNs);
                Tick();
            }
        }

        _lastTickSecond = now;
        Advance(nowNs);
        Tick();
    }
}
