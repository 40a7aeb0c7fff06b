using Spillway.Async;
using Spillway.LuaJit;

namespace Spillway.Scripting.Vm;

/// <summary>The state of one worker: runs <c>onexecute</c> of its plugin's tasks. Made, used and disposed on the worker's thread.</summary>
internal sealed unsafe class WorkerScript : ScriptMachine, ITaskExecutor
{
    private const int WantsResult = 16;   // async.lua adds it to the kind of data

    private readonly LuaFunction _execute;

    public WorkerScript(ScriptPlugin plugin, ScriptEnvironment environment, IScriptOutput output, int worker)
        : base(plugin, environment, output, "worker", $"worker{worker}")
    {
        if (!TryControl("take execute", out string error)) throw new LuaException(error);
        _execute = TakeFunction();
    }

    /// <inheritdoc/>
    public void Execute(AsyncTask task)
    {
        TaskFunction function = task.Function!;
        Call->Task = task.Id;
        Call->Code = (int)function.Id;
        Call->DataKind = task.DataKind & (WantsResult - 1);

        // The task's bytes are native memory that stays until it is recycled.
        Call->Data.Set(task.Data);
        Call->Blob.Set(task.Upvalues);
        if (!State.TryCall(_execute))
        {
            task.Fail(State.TakeError());
            return;
        }

        // A task that is waited for tells its end even without a result, so that the lane forgets what it kept for it.
        if (Call->ResultKind != 0) task.SetResult((byte)Call->ResultKind, Call->Out.Span);
        else if ((task.DataKind & WantsResult) != 0) task.SetResult(0, []);
    }

    /// <inheritdoc/>
    public void RequestStop(long taskId)
    {
        // Compiled code cannot be stopped from outside; the pool abandons and replaces a worker that does not come back.
    }
}
