using System.Text;
using Spillway.Async;
using Spillway.Scripting.Interop;

namespace Spillway.Scripting.Vm;

/// <summary>What <c>async.lua</c> submits.</summary>
internal enum SubmitKind
{
    Cat = 1,
    Copy = 2,
    Remove = 3,
    CopyBuffer = 4,
    Schedule = 5,
}

/// <content>T.async: tasks out, results back in.</content>
internal sealed unsafe partial class LaneScript
{
    private const int ResultError = 3;   // async.lua: RESULT_ERROR
    private const int WantsResult = 16;

    /// <summary>Tasks of this script submitted and not completed.</summary>
    public long PendingTasks => _client?.Pending ?? 0;

    /// <summary>Submits a task. Fields: source or key, target or name, data, function with upvalues.</summary>
    /// <returns>The task's id; 0 if it was not accepted.</returns>
    public double Submit(SubmitKind kind, NativeBytes* fields, double position, int code, int dataKind)
    {
        if (_client is not { } client) return 0;   // probing: a script that is looked at must have no effects
        return kind switch
        {
            SubmitKind.Cat => client.SubmitCat(fields[0].Span, fields[1].Span),
            SubmitKind.Copy => client.SubmitCopy(fields[0].Span, fields[1].Span),
            SubmitKind.Remove => client.SubmitRemove(fields[0].Span),
            SubmitKind.CopyBuffer when position < 0 => client.SubmitAppend(fields[2].Span, fields[0].Span),
            SubmitKind.CopyBuffer => client.SubmitWriteAt(fields[2].Span, fields[0].Span, (long)position),
            SubmitKind.Schedule => Schedule(client, fields, code, dataKind),
            _ => 0,
        };
    }

    /// <summary>Tells the script of a finished task: the result, or the error. Errors are logged whether or not the script listens.</summary>
    public void Deliver(AsyncTask task)
    {
        bool failed = task.Error is not null;
        if (failed) _errors.Add(task.Kind == TaskKind.Schedule ? "onexecute" : "T.async", task.Error!);
        if ((task.DataKind & WantsResult) == 0) return;

        Call->TimestampNs = Lane.NowNs;
        Call->Task = task.Id;
        Call->ResultKind = failed ? ResultError : task.ResultKind;
        ReadOnlySpan<byte> result = failed ? Encoding.UTF8.GetBytes(task.Error!) : task.Result;
        fixed (byte* bytes = result)
        {
            Call->Data = new NativeBytes { Data = bytes, Length = result.Length };
            Invoke(ScriptCallback.OnResult);
        }
    }

    private long Schedule(AsyncClient client, NativeBytes* fields, int code, int dataKind)
    {
        ReadOnlySpan<byte> name = fields[1].Span;
        return client.SubmitSchedule(new ScheduleRequest
        {
            Function = Plugin.Code.Find(code) ?? CodeStore.WithTask,
            Key = fields[0].Span,
            Name = name.IsEmpty ? null : Encoding.UTF8.GetString(name),
            Data = fields[2].Span,
            Upvalues = fields[3].Span,
            DataKind = (byte)dataKind,
            WantsResult = (dataKind & WantsResult) != 0,
        });
    }
}
