using System.Runtime.InteropServices;
using Spillway.CommandLine;

namespace Spillway.Run;

/// <summary>SIGINT and SIGTERM: the first asks the run to end well, the second ends the program at once.</summary>
internal sealed class StopSignal : IDisposable
{
    private readonly PosixSignalRegistration[] _registrations;
    private readonly Action<string> _say;
    private volatile int _exitCode;

    /// <summary>Begins to listen.</summary>
    /// <param name="say">Tells the user what happens.</param>
    public StopSignal(Action<string> say)
    {
        _say = say;
        _registrations = [PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal), PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal)];
    }

    /// <summary>Whether the run shall end. Read between packets.</summary>
    public bool IsRequested => _exitCode != ExitCodes.Good;

    /// <summary>How the program ends if nothing else was wrong: by the signal that came, or well if none did.</summary>
    public int ExitCode => _exitCode;

    /// <summary>Called on another thread when the program is about to end at once.</summary>
    public Action? Ending { get; set; }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations) registration.Dispose();
    }

    private void OnSignal(PosixSignalContext context)
    {
        if (IsRequested)
        {
            // What is left to the default action: the end of the process, as the shell expects it.
            Ending?.Invoke();
            return;
        }

        context.Cancel = true;
        _exitCode = context.Signal == PosixSignal.SIGTERM ? ExitCodes.Terminated : ExitCodes.Interrupted;
        _say("stopping: no more packets are taken, tasks are finished; again to end at once");
    }
}
