namespace Spillway.Async;

/// <summary>Receives results on the lane that submitted the tasks.</summary>
public interface IResultHandler
{
    /// <summary>
    /// Tells one result or failure to its script. <paramref name="task"/> is valid until the return. Tasks submitted meanwhile by
    /// the task's client inherit its lease. Must not throw.
    /// </summary>
    void Deliver(AsyncTask task);
}
