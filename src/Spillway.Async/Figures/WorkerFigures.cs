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
}
