using System.Diagnostics;
using Spillway.Async;

namespace Spillway.Telemetry;

/// <summary>
/// Makes an activity of a task that is over: one for the whole from its submission on, and in it one each for its wait, its run and its
/// delivery. Some tasks only, chosen by their numbers. On the lane's thread; what exports has a queue of its own and drops what it has no
/// room for.
/// </summary>
internal sealed class TaskTraces : IDisposable
{
    private const ulong Golden = 0x9E37_79B9_7F4A_7C15;

    private readonly ActivitySource _source = new(FigureMeter.Name, Scripting.ScriptEnvironment.ProgramVersion);
    private readonly ulong _most;

    /// <summary>Makes activities of a share of tasks.</summary>
    /// <param name="share">From 0 to 1.</param>
    public TaskTraces(double share) => _most = share >= 1 ? ulong.MaxValue : (ulong)(share * ulong.MaxValue);

    /// <summary>A task has been delivered, or needs no delivery.</summary>
    public void Note(AsyncTask task)
    {
        if (unchecked((ulong)task.Id * Golden) > _most || !_source.HasListeners())
            return;
        long now = Stopwatch.GetTimestamp();
        DateTime end = DateTime.UtcNow;
        DateTime submitted = At(task.SubmittedAt);
        // What was never begun has no more than a submission.
        bool hasRun = task.StartedAt >= task.SubmittedAt && task.EndedAt >= task.StartedAt;
        using Activity? whole = Start("task", submitted, default);
        if (whole is null)
            return;
        whole.SetTag("script", task.Client.Pool.Plugin);
        whole.SetTag("task.id", task.Id);
        whole.SetTag("task.kind", task.Kind.ToString());
        whole.SetTag("task.outcome", task.Outcome.ToString());
        if (task.Name is { } name)
            whole.SetTag("task.name", name);
        if (task.Function is { } function)
            whole.SetTag("task.function", function.Source);
        whole.AddEvent(new ActivityEvent("submit", submitted));
        if (task.Outcome != TaskOutcome.Succeeded)
            whole.SetStatus(ActivityStatusCode.Error, task.Error);
        if (hasRun)
        {
            Part("wait", submitted, At(task.StartedAt), whole.Context);
            Part("run", At(task.StartedAt), At(task.EndedAt), whole.Context);
            Part("deliver", At(task.EndedAt), end, whole.Context);
        }

        whole.SetEndTime(end);

        DateTime At(long timestamp) => end - Stopwatch.GetElapsedTime(timestamp, now);
    }

    /// <inheritdoc/>
    public void Dispose() => _source.Dispose();

    private void Part(string name, DateTime from, DateTime to, ActivityContext parent)
    {
        using Activity? part = Start(name, from, parent);
        part?.SetEndTime(to);
    }

    private Activity? Start(string name, DateTime from, ActivityContext parent) =>
        _source.StartActivity(name, ActivityKind.Internal, parent, tags: null, links: null, startTime: from);
}
