using System.Diagnostics;
using System.Globalization;

namespace Spillway.Scripting.Vm;

/// <summary>What <see cref="CallbackWatch"/> knows of one script. Used by its thread only.</summary>
internal sealed class WatchedScript(ScriptInstance script)
{
    private const int TimesForOnce = 10; // the main chunk, onload and onunload run once

    // A script whose every call is slow is told of once in a while.
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan StopGrace = TimeSpan.FromSeconds(1);

    private uint _generation;
    private long _since;
    private TimeSpan _tellAt = script.Environment.Limits.SlowCallback;
    private string? _told;
    private long _toldAt;
    private bool _isToldStuck;
    private long _untold;

    /// <summary>The script.</summary>
    public ScriptInstance Script { get; } = script;

    /// <summary>Looks at it once.</summary>
    public void Look(long now)
    {
        uint generation = Script.Generation;
        if (generation != _generation || Script.IsAttended)
        {
            if (_told is not null && generation != _generation)
                TellEnd(now);
            _generation = generation;
            _since = now;
            _isToldStuck = false;
            _tellAt = Script.Environment.Limits.SlowCallback;
            return;
        }

        if (!ScriptInstance.IsRunning(generation))
            return;
        ScriptLimits limits = Script.Environment.Limits;
        TimeSpan elapsed = Stopwatch.GetElapsedTime(_since, now);
        TimeSpan? most = Script.RunsOnce ? limits.CallbackTimeout * TimesForOnce : limits.CallbackTimeout;
        if (most is not null && elapsed >= most)
        {
            Script.RequestStop(generation); // again at every look until it has ended
            if (!_isToldStuck && elapsed >= most + StopGrace)
                TellStuck(elapsed);
            return;
        }

        if (_tellAt > TimeSpan.Zero && elapsed >= _tellAt)
            Tell(now, elapsed);
    }

    // No instruction of Lua is run that an interrupt could meet; in a finalizer LuaJIT looks for none.
    private void TellStuck(TimeSpan elapsed)
    {
        _isToldStuck = true;
        _told = Script.RunningName;
        Script.Output.Problem(
            Script.Name,
            $"{_told} has been running for {Text(elapsed)} and cannot be stopped: it is in a C function or in a "
                + "finalizer (__gc); the run goes on when that returns, SIGTERM ends it"
        );
    }

    private void Tell(long now, TimeSpan elapsed)
    {
        _tellAt = elapsed * 10;
        if (_told is null && _toldAt != 0 && Stopwatch.GetElapsedTime(_toldAt, now) < Interval)
        {
            _untold++;
            return;
        }

        _told = Script.RunningName;
        _toldAt = now;
        string more = _untold > 0 ? $", as {_untold} more calls did" : "";
        string remedy = Script.Environment.Limits.CallbackTimeout is null ? " (--callback-timeout SECONDS would stop it)" : "";
        _untold = 0;
        Script.Output.Problem(Script.Name, $"{_told} has been running for {Text(elapsed)} and holds the packets up{more}{remedy}");
    }

    private void TellEnd(long now)
    {
        Script.Output.Problem(Script.Name, $"{_told} has ended after {Text(Stopwatch.GetElapsedTime(_since, now))}");
        _told = null;
    }

    private static string Text(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.0} s");
}
