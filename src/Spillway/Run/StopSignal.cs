using System.Diagnostics;
using System.Runtime.InteropServices;
using Spillway.Life;
using Spillway.Life.Native;

namespace Spillway.Run;

/// <summary>
/// The process's signals, all in this place. The first SIGINT or SIGTERM asks the run to end well, and it must do so in time; the second
/// ends the program at once. SIGHUP does not end it, since terminals come and go: whoever rotates logs wants them opened again.
/// </summary>
internal sealed class StopSignal : IDisposable
{
    private static readonly TimeSpan ForWords = TimeSpan.FromMilliseconds(200);

    private readonly PosixSignalRegistration[] _registrations;
    private readonly Action<string> _say;
    private readonly Lock _gate = new();
    private Action? _reading;
    private readonly TimeSpan _limit;
    private readonly TimeSpan _inputEnds;
    private volatile int _exitCode;
    private long _requestedAt;
    private EndGuard? _guard;

    /// <summary>Begins to listen.</summary>
    /// <param name="say">Tells the user what happens.</param>
    /// <param name="limit">Time for tasks after the first signal.</param>
    /// <param name="inputEnds">How long the input may go on after the first signal: what interfaces have by then is still taken.</param>
    public StopSignal(Action<string> say, TimeSpan limit, TimeSpan inputEnds)
    {
        _inputEnds = inputEnds;
        _say = say;
        _limit = limit;
        ProcessCalls.HeedHangUp(); // nohup is for a terminal that goes, not against the rotation of logs
        _registrations =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal),
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal),
            PosixSignalRegistration.Create(PosixSignal.SIGHUP, OnHangUp),
        ];
    }

    /// <summary>Whether the run shall end. Read between packets.</summary>
    public bool IsRequested => _exitCode != ExitCodes.Good;

    /// <summary>How the program ends if nothing else was wrong: by the signal that came, or well if none did.</summary>
    public int ExitCode => _exitCode;

    /// <summary>When the first signal came, by <see cref="Stopwatch"/>; what it does not cover began before.</summary>
    public long RequestedAt => Volatile.Read(ref _requestedAt);

    /// <summary>Whether the time for tasks after the first signal is over.</summary>
    public bool IsOver => IsRequested && Stopwatch.GetElapsedTime(RequestedAt) >= _limit;

    /// <summary>Called on another thread when SIGHUP comes.</summary>
    public Action? HangUp { get; set; }

    /// <summary>
    /// What ends the reading of the source that is being read, also of one that waits. Called on the signal's thread, or at once if the
    /// signal has come before. Null when the source is about to be closed: afterwards it is not called any more.
    /// </summary>
    public Action? Reading
    {
        set
        {
            lock (_gate)
            {
                _reading = value;
                if (IsRequested)
                    value?.Invoke();
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations)
            registration.Dispose();
        _guard?.Dispose();
    }

    private void OnSignal(PosixSignalContext context)
    {
        if (IsRequested)
        {
            // What is left to the default action: the end of the process by the signal, as the shell expects it.
            ProcessEnd.CleanUp();
            return;
        }

        context.Cancel = true;
        Volatile.Write(ref _requestedAt, Stopwatch.GetTimestamp());
        _exitCode = context.Signal == PosixSignal.SIGTERM ? ExitCodes.Terminated : ExitCodes.Interrupted;
        TimeSpan limit = (_limit > EndGuard.Least ? _limit : EndGuard.Least) + _inputEnds;
        _guard = new EndGuard(limit, EndGuard.Grace, context.Signal == PosixSignal.SIGTERM ? "SIGTERM" : "SIGINT");

        lock (_gate)
            _reading?.Invoke();

        // Whoever writes to a terminal or pipe that does not move holds the lock that these words need.
        ProcessEnd.Within(ForWords, () => _say("stopping: no more packets are taken, tasks are finished; again to end at once"));
    }

    private void OnHangUp(PosixSignalContext context)
    {
        context.Cancel = true;
        HangUp?.Invoke();
    }
}
