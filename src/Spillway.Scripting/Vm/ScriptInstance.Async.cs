using System.Text;
using Spillway.Async;
using Spillway.Async.Rings;
using Spillway.Scripting.Native;

namespace Spillway.Scripting.Vm;

/// <summary>What <c>async.lua</c> submits.</summary>
internal enum SubmitKind
{
    Cat = 1,
    Copy = 2,
    Remove = 3,
    CopyBuffer = 4,
    Schedule = 5,
    Move = 6,
    Hash = 7,
    Scan = 8,
}

/// <content>T.async: tasks out, results back in.</content>
internal sealed unsafe partial class ScriptInstance
{
    private const int ResultError = 3; // async.lua: RESULT_ERROR
    private const int WantsResult = 16;
    private const double NanosecondsPerSecond = 1e9;

    /// <summary>Scripts give the same name to task after task.</summary>
    private (byte[] Bytes, string Text) _lastName = ([], "");

    private TaskFailures? _failures;

    /// <summary>The lane's waits that this script knows of.</summary>
    private long _waits;

    /// <summary>The functions that its tasks run.</summary>
    public HeldCode Code { get; }

    /// <summary>Tasks of this script submitted and not completed.</summary>
    public long PendingTasks => _client?.Pending ?? 0;

    /// <summary>Submits a task. Fields: source or key, target or name, data, function with upvalues.</summary>
    /// <param name="number">A position in a file, or a time-out in seconds; negative for none.</param>
    /// <param name="slot">Where the script keeps what waits for the result; 0 if nothing does.</param>
    /// <returns>The task's id; 0 if it was not accepted.</returns>
    public double Submit(SubmitKind kind, NativeBytes* fields, double number, int code, int dataKind, int retries, int slot)
    {
        if (_client is not { } client)
            return 0; // probing: a script that is looked at must have no effects
        long id = kind switch
        {
            SubmitKind.Cat => client.SubmitCat(fields[0].Span, fields[1].Span),
            SubmitKind.Copy => client.SubmitCopy(fields[0].Span, fields[1].Span),
            SubmitKind.Remove => client.SubmitRemove(fields[0].Span),
            SubmitKind.Move => client.SubmitMove(fields[0].Span, fields[1].Span),
            SubmitKind.Hash => client.SubmitHash(fields[0].Span, fields[1].Span, (byte)dataKind, slot),
            SubmitKind.Scan => client.SubmitScan(
                fields[0].Span,
                fields[1].Span,
                (byte)dataKind,
                slot,
                number >= 0 ? TimeSpan.FromSeconds(number) : null
            ),
            SubmitKind.CopyBuffer when number < 0 => client.SubmitAppend(fields[2].Span, fields[0].Span),
            SubmitKind.CopyBuffer => client.SubmitWriteAt(fields[2].Span, fields[0].Span, (long)number),
            SubmitKind.Schedule => Schedule(client, fields, number, code, dataKind, retries, slot),
            _ => 0,
        };
        if (id == 0)
            Failures.AddDropped(client);
        else if (Lane.Async.Waits != _waits)
            TellWait(client);
        return id;
    }

    /// <summary>
    /// Tells the script of a finished task: the result, or the error. Errors are logged whether or not the script listens.
    /// </summary>
    public void Deliver(AsyncTask task)
    {
        bool failed = task.Error is not null;
        if (failed)
            Failures.Add(task);
        if ((task.DataKind & WantsResult) == 0)
            return;
        if (_isClosed)
        {
            DropResult();
            return;
        }

        Call->TimestampNs = Lane.NowNs;
        PutResult(task);
        ReadOnlySpan<byte> error = failed ? Encoding.UTF8.GetBytes(task.Error!) : [];
        fixed (byte* bytes = error)
        {
            if (failed)
            {
                Call->ResultKind = ResultError;
                Call->Data = new NativeBytes { Data = bytes, Length = error.Length };
            }

            Invoke(ScriptCallback.OnResult);
        }
    }

    /// <summary>The fast way of its tasks; <see cref="OpenRing"/> was true.</summary>
    public TaskRing Ring => _client!.Ring!;

    /// <summary>Has the ring made, and tells Lua where it is. False if there is none.</summary>
    public bool OpenRing()
    {
        if (_client is not { } client)
            return false;
        Call->Ring = client.OpenRing(out nint share);
        Call->Account = share;
        return Call->Ring != 0;
    }

    /// <inheritdoc/>
    public void DeliverRing()
    {
        AsyncClient client = _client!;
        if (_isClosed || !Has(ScriptCallback.OnResult))
        {
            for (int dropped = Ring.DropResults(client); dropped > 0; dropped--)
                DropResult();
            return;
        }

        Call->TimestampNs = Lane.NowNs;
        Call->FromRing = 1;
        long before = client.RingCalls;
        Invoke(ScriptCallback.OnResult);
        CallCounts[(int)ScriptCallback.OnResult] += client.RingCalls - before - 1; // one was counted
        Call->FromRing = 0;
    }

    /// <summary>Lua has taken the result: on to the next one, if it is this script's too and there is time.</summary>
    public bool TryContinueDelivery()
    {
        if (!Lane.Async.TryTakeFollowing(out AsyncTask? task))
            return false;
        CallCounts[(int)ScriptCallback.OnResult]++;
        Call->Generation += 2; // one for the end of a callback, one for the beginning of the next
        PutResult(task);
        return true;
    }

    private void PutResult(AsyncTask task)
    {
        Call->Task = task.Id;
        Call->Slot = (int)task.Cookie;
        Call->ResultKind = task.ResultKind;
        Call->Data.Set(task.Result); // native memory, which stays until the task is completed
    }

    private TaskFailures Failures => _failures ??= new TaskFailures(Name, _errors, Output, Lane.Metrics);

    /// <summary>The plugin's figures for <c>T.async:stats()</c>.</summary>
    public AsyncFigures GetFigures()
    {
        if (Plugin.Pool?.GetStatistics() is not { } statistics)
            return default;
        return new AsyncFigures
        {
            Submitted = statistics.Submitted,
            Completed = statistics.Completed,
            Failed = statistics.Failed,
            TimedOut = statistics.TimedOut,
            Retried = statistics.Retried,
            Spilled = statistics.Spilled,
            Dropped = statistics.Dropped,
            Pending = statistics.Pending,
            Workers = Plugin.Workers,
            WaitP50 = statistics.Wait.Quantile(0.5) / NanosecondsPerSecond,
            WaitP99 = statistics.Wait.Quantile(0.99) / NanosecondsPerSecond,
            WaitMax = statistics.Wait.Max / NanosecondsPerSecond,
            RunP50 = statistics.Run.Quantile(0.5) / NanosecondsPerSecond,
            RunP99 = statistics.Run.Quantile(0.99) / NanosecondsPerSecond,
            RunMax = statistics.Run.Max / NanosecondsPerSecond,
        };
    }

    private void TellWait(AsyncClient client)
    {
        _waits = Lane.Async.Waits;
        Failures.AddWait(client);
    }

    private string? NameOf(ReadOnlySpan<byte> name)
    {
        if (name.IsEmpty)
            return null;
        if (!name.SequenceEqual(_lastName.Bytes))
            _lastName = (name.ToArray(), Encoding.UTF8.GetString(name));
        return _lastName.Text;
    }

    private long Schedule(AsyncClient client, NativeBytes* fields, double timeout, int code, int dataKind, int retries, int slot)
    {
        return client.SubmitSchedule(
            new ScheduleRequest
            {
                Function = Code.Find(code),
                Key = fields[0].Span,
                Name = NameOf(fields[1].Span),
                Timeout = timeout >= 0 ? TimeSpan.FromSeconds(timeout) : null,
                Retries = retries,
                Data = fields[2].Span,
                Upvalues = fields[3].Span,
                DataKind = (byte)dataKind,
                Cookie = slot,
                WantsResult = (dataKind & WantsResult) != 0,
            }
        );
    }
}
