using System.Globalization;
using System.Text;
using Spillway.Metrics.Groups;
using Spillway.Scripting.Native;

namespace Spillway.Scripting.Vm;

/// <content>The limits on time and memory: a script that goes beyond one is told once, and disabled; the run goes on.</content>
internal sealed unsafe partial class ScriptInstance
{
    private const int ControlRuns = -1;
    private const int DisabledPriority = 2;
    private const string Closing = "the closing";

    /// <summary>Held by the watch while it stops a call, and by the lane to undo it or to dispose the state.</summary>
    private readonly Lock _stopLock = new();

    private int _running;
    private string _runningCommand = "";
    private volatile bool _isStopped;
    private bool _isClosed;
    private long _refused;

    /// <summary>Why the script was disabled; null while it runs.</summary>
    public string? Disabled { get; private set; }

    /// <summary>Changes at the begin and end of every call. Any thread.</summary>
    public uint Generation => Volatile.Read(ref Call->Generation);

    /// <summary>
    /// The call's time does not count: a person at the terminal holds it (the debugger), or it waits for input. Any thread.
    /// </summary>
    public bool IsAttended => Volatile.Read(ref Call->Attended) != 0 || Volatile.Read(ref _running) == (int)ScriptCallback.Step;

    /// <summary>What runs has no successor: the main chunk, onload, onunload. Any thread.</summary>
    public bool RunsOnce => Volatile.Read(ref _running) == ControlRuns;

    /// <summary>Name of what runs, or ran last. Any thread.</summary>
    public string RunningName =>
        Volatile.Read(ref _running) is var running && running == ControlRuns ? _runningCommand : ScriptCallbacks.Names[running];

    /// <summary>Whether a call was running when the generation was read.</summary>
    public static bool IsRunning(uint generation) => (generation & 1) != 0;

    /// <summary>
    /// The watch: ends the call of a generation, if it still runs. Should it end just then and the next begin, that one is hit; it is the
    /// same script's, which is to be disabled anyway.
    /// </summary>
    public void RequestStop(uint generation)
    {
        lock (_stopLock)
        {
            if (_isClosed || Generation != generation)
                return;
            _isStopped = true;
            State.Interrupt();
            Commands.Terminate();
        }
    }

    private bool IsInTrouble => _isStopped || State.RefusedAllocations != _refused;

    private void Begin(string command)
    {
        _runningCommand = command;
        CrashSlots.Current->Script = Notes.Of(command);
        Volatile.Write(ref _running, ControlRuns);
        Call->Generation++;
    }

    /// <summary>A call of a command is over; what it raised becomes the limit it met, if that is why.</summary>
    private bool End(bool succeeded, ref string text)
    {
        Call->Generation++;
        CrashSlots.Current->Script = default;
        if (!IsInTrouble)
            return succeeded;
        text = Disable(_runningCommand, succeeded ? null : text);
        return false;
    }

    private new bool TryControl(string command, out string text)
    {
        Begin(command.StartsWith("on", StringComparison.Ordinal) ? command : "the plugin's table");
        bool succeeded = base.TryControl(command, out text);
        return End(succeeded, ref text);
    }

    /// <summary>A call is over that was stopped, or that was refused memory.</summary>
    private void EndTrouble(ScriptCallback callback, string? error)
    {
        string name = ScriptCallbacks.Names[(int)callback];
        string text = Disable(name, error);
        _errors.Add(name, text);
    }

    private string Disable(string name, string? error)
    {
        ScriptLimits limits = Environment.Limits;
        bool wasStopped = _isStopped;
        if (wasStopped)
            EndStop();
        _refused = State.RefusedAllocations;
        string reason = wasStopped
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"ran longer than {limits.CallbackTimeout?.TotalSeconds * (_running == ControlRuns ? 10 : 1)} s (--callback-timeout)"
            )
            : string.Create(
                CultureInfo.InvariantCulture,
                $"wanted more memory than {limits.MemoryBytes / (double)(1 << 20):0.##} MB (--script-memory)"
            );
        string text = $"{reason}; the script is disabled{(error is null ? "" : ": " + error)}";
        if (Disabled is null)
            Alert($"{Name}: {name} {reason}; the script is disabled");
        Disabled ??= $"{name} {reason}";
        Silence();
        return text;
    }

    // No callback is left, and nothing that the script has kept: its memory is free again, while tasks and figures find the state in place.
    private void Silence()
    {
        _loaded = false;
        foreach (ref Spillway.LuaJit.LuaFunction callback in _callbacks.AsSpan())
        {
            State.Release(callback);
            callback = default;
        }

        State.LimitMemory(long.MaxValue); // to clear up takes a little
        base.TryControl("abandon", out _);
        State.TryCollect();
    }

    private void Alert(string message) =>
        Lane.Metrics.AddAlert(
            Lane.Metrics.FindAlertGroup(WellKnownGuids.SystemAlertsUtf8),
            [],
            Encoding.UTF8.GetBytes(Name),
            "script"u8,
            DisabledPriority,
            Encoding.UTF8.GetBytes(message),
            "disabled"u8
        );

    private void EndStop()
    {
        lock (_stopLock)
        {
            State.ClearInterrupt();
            _isStopped = false;
        }
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        lock (_stopLock)
            _isClosed = true;
        Begin(Closing); // its finalizers are code like any other: whoever waits for them can learn so
        State.Dispose();
        CrashSlots.Current->Script = default;
        CallbackWatch.Remove(this);
        base.Dispose();
        Code.Dispose();
        _client?.Close();
    }
}
