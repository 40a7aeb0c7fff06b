namespace Spillway.Async.Figures;

/// <summary>What one worker counts, without atomic operations; readers on other threads see values a moment old.</summary>
internal sealed class WorkerFigures
{
    public long Succeeded;
    public long Failed;
    public long TimedOut;
    public long Retried;

    /// <summary>From submission to start, in nanoseconds.</summary>
    public LogHistogram Wait { get; } = new();

    /// <summary>From start to end, repeats included, in nanoseconds.</summary>
    public LogHistogram Run { get; } = new();

    /// <summary>Adds the figures of a worker that counts no more.</summary>
    public void Add(WorkerFigures other)
    {
        Succeeded += Volatile.Read(ref other.Succeeded);
        Failed += Volatile.Read(ref other.Failed);
        TimedOut += Volatile.Read(ref other.TimedOut);
        Retried += Volatile.Read(ref other.Retried);
        Wait.Add(other.Wait);
        Run.Add(other.Run);
    }
}
