using Spillway.Async;
using Spillway.Async.Rings;
using Spillway.LuaJit;
using Spillway.Scripting.Native;

namespace Spillway.Scripting.Vm;

/// <summary>
/// The state of one worker: runs <c>onexecute</c> of its plugin's tasks. Made, used and disposed on the worker's thread; only
/// <c>RequestStop</c> comes from another.
/// </summary>
internal sealed unsafe class WorkerScript : ScriptMachine, IRingExecutor
{
    private const int WantsResult = 16; // async.lua adds it to the kind of data

    private const int Stopped = 3; // ring_worker.lua
    private const int Slow = 5;

    private readonly LuaFunction _execute;
    private readonly LuaFunction _work;
    private readonly Action _clearInterrupt;
    private readonly ScriptErrors _errors;

    /// <summary>
    /// Held by whoever stops a task, and by the worker to undo it or to dispose the state; not taken by a task that ends by itself.
    /// </summary>
    private readonly Lock _stopLock = new();

    /// <summary>The task that runs; its negative once it was asked to stop; 0 between two tasks.</summary>
    private long _running;
    private bool _disposed;
    private long _refused;

    public WorkerScript(ScriptPlugin plugin, ScriptEnvironment environment, IScriptOutput output, int worker)
        : base(plugin, environment, output, "worker", $"worker{worker}", canBeInterrupted: true)
    {
        _errors = new ScriptErrors(plugin.Name, output);
        if (!TryControl("take execute", out string error))
            throw new LuaException(error);
        _execute = TakeFunction();
        if (!TryControl("take work", out error))
            throw new LuaException(error);
        _work = TakeFunction();
        _clearInterrupt = State.ClearInterrupt;
    }

    /// <summary>The function of the task that runs.</summary>
    public TaskFunction? Running { get; private set; }

    /// <inheritdoc/>
    public override void AddError(string where, string text)
    {
        _errors.Add($"{where} on a worker", text);
        Plugin.AddWorkerError();
    }

    /// <inheritdoc/>
    public void Execute(AsyncTask task)
    {
        Running = task.Function!;
        Call->Task = task.Id;
        Call->Code = (int)Running.Id;
        Call->DataKind = task.DataKind & (WantsResult - 1);

        // The task's bytes are native memory that stays until it is recycled.
        Call->Data.Set(task.Data);
        Call->Blob.Set(task.Upvalues);
        Volatile.Write(ref _running, task.Id);
        CrashSlots.Current->Script = Notes.Of("a task of T.async");
        bool succeeded = State.TryCall(_execute);
        CrashSlots.Current->Script = default;
        Running = null;
        bool stopped = Interlocked.CompareExchange(ref _running, 0, task.Id) != task.Id;
        if (stopped)
            EndStop();
        if (!succeeded)
        {
            task.Fail(TakeTaskError());
            return;
        }

        if (stopped)
        {
            // Its last instruction was through when the interrupt came; what it gives may be made of a killed command's output.
            task.Fail("stopped at its end");
            return;
        }

        // A task that is waited for tells its end even without a result, so that the lane forgets what it kept for it.
        if (Call->ResultKind != 0)
            task.SetResult((byte)Call->ResultKind, Call->Out.Span);
        else if ((task.DataKind & WantsResult) != 0)
            task.SetResult(0, []);
    }

    /// <summary>The ring in which it works.</summary>
    public TaskRing? Ring { get; private set; }

    /// <inheritdoc/>
    public RingOutcome Execute(TaskRing ring, RingRun run, out string? error, out TaskFunction? slow)
    {
        Ring = ring;
        Call->Ring = ring.Address;
        Call->Run = run.Address;
        Call->Left = 0;
        CrashSlots.Current->Script = Notes.Of("a task of T.async");
        bool succeeded = State.TryCall(_work);
        CrashSlots.Current->Script = default;
        slow = null;
        error = null;
        if (succeeded && Call->Left != Stopped)
        {
            if (Call->Left == Slow)
                slow = ring.Find(Call->Code);
            return RingOutcome.Left;
        }

        RingOutcome outcome = run.End(_stopLock, _clearInterrupt);
        error = succeeded ? "stopped at its end" : TakeTaskError();
        return outcome;
    }

    /// <inheritdoc/>
    public void RequestStop(RingRun run, int number)
    {
        ArgumentNullException.ThrowIfNull(run);
        lock (_stopLock)
        {
            if (_disposed || !run.TryMark(number))
                return;
            State.Interrupt();
            Commands.Terminate();
        }
    }

    private string TakeTaskError()
    {
        string error = State.TakeError();
        return IsOutOfMemory() ? $"wanted more memory than {Environment.Limits.MemoryBytes >> 20} MB (--script-memory): {error}" : error;
    }

    /// <inheritdoc/>
    public void RequestStop(long taskId)
    {
        lock (_stopLock)
        {
            // Once the negative is there, the task cannot end without taking the lock: what is done here hits no other.
            long seen = Interlocked.CompareExchange(ref _running, -taskId, taskId);
            if (_disposed || (seen != taskId && seen != -taskId))
                return;
            State.Interrupt(); // before a command ends, and the script goes on with half of its output
            Commands.Terminate();
        }
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        lock (_stopLock)
            _disposed = true;
        base.Dispose();
    }

    // The next task begins with what this one leaves free.
    private bool IsOutOfMemory()
    {
        long refused = State.RefusedAllocations;
        bool isOutOfMemory = refused != _refused;
        _refused = refused;
        if (isOutOfMemory)
            State.TryCollect();
        return isOutOfMemory;
    }

    private void EndStop()
    {
        lock (_stopLock)
        {
            State.ClearInterrupt();
            Volatile.Write(ref _running, 0);
        }
    }
}
