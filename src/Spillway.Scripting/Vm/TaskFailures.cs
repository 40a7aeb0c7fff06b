using System.Text;
using Spillway.Async;
using Spillway.Metrics.Groups;
using Spillway.Metrics.Shards;

namespace Spillway.Scripting.Vm;

/// <summary>
/// Tells of a script's tasks that went wrong, in the log and as alerts of the system group: all that is known of where it happened, for
/// nobody will ask again. On the lane's thread.
/// </summary>
internal sealed class TaskFailures(string script, ScriptErrors errors, IScriptOutput output, MetricShard metrics)
{
    private const int AlertPriority = 2;

    private long _dropped;
    private long _tellDroppedAt = 1;
    private bool _toldWait;

    /// <summary>A task has failed. Errors that repeat are counted in full and told sparingly.</summary>
    public void Add(AsyncTask task)
    {
        bool isSchedule = task.Kind == TaskKind.Schedule;
        string text = task.Error!;
        if (isSchedule && (task.Outcome != TaskOutcome.Failed || task.ErrorDetail is not null))
            // else the error's own text has the line
            text = $"{text} ({task.Function!.Source}){(task.ErrorDetail is { } detail ? "\n" + detail : "")}";
        Add(
            !isSchedule ? "T.async"
                : task.Name is { } name ? $"onexecute of '{name}'"
                : "onexecute",
            text,
            task.Outcome == TaskOutcome.TimedOut ? "timed out"u8 : "failed"u8,
            task.ErrorKind
        );
    }

    /// <summary>A task of an earlier run will not be tried again.</summary>
    public void GiveUp(string task, int recoveries) =>
        Add("T.async", $"given up: {task}: {recoveries} runs that took it from the journal ended during it", "given up"u8);

    /// <summary>A task was refused, since memory and disk are full.</summary>
    public void AddDropped(AsyncClient client)
    {
        if (++_dropped < _tellDroppedAt)
            return;
        _tellDroppedAt = _dropped * 10;
        string message = $"{(_dropped == 1 ? "a task is" : $"{_dropped} tasks are")} dropped, {Reason(client)}; see --async-policy";
        output.Problem(script, message);
        Alert(message, "dropped"u8);
    }

    /// <summary>A call had to wait, since memory and disk are full. Told once.</summary>
    public void AddWait(AsyncClient client)
    {
        if (_toldWait)
            return;
        _toldWait = true;
        string message = $"packets are held up until tasks are done, {Reason(client)}; see --async-policy";
        output.Problem(script, message);
        Alert(message, "waiting"u8);
    }

    private static string Reason(AsyncClient client)
    {
        AsyncRuntime runtime = client.Pool.Runtime;
        string trouble = client.Pool.SpillTrouble ?? runtime.Journal?.LastError ?? "";
        return $"since --async-memory ({runtime.Options.MemoryCap} bytes) and disk are full{(trouble.Length > 0 ? $" ({trouble})" : "")}";
    }

    private void Add(string callback, string text, ReadOnlySpan<byte> status, string? same = null)
    {
        if (!errors.Add(callback, text, same))
            return;
        int end = text.IndexOf('\n', StringComparison.Ordinal);
        Alert($"{callback}: {(end < 0 ? text : text[..end])}", status);
    }

    private void Alert(string message, ReadOnlySpan<byte> status) =>
        metrics.AddAlert(
            metrics.FindAlertGroup(WellKnownGuids.SystemAlertsUtf8),
            [],
            Encoding.UTF8.GetBytes(script),
            "T.async"u8,
            AlertPriority,
            Encoding.UTF8.GetBytes($"{script}: {message}"),
            status
        );
}
