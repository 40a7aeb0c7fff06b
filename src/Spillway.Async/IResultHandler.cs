namespace Spillway.Async;

/// <summary>Receives results on the lane that submitted the tasks.</summary>
public interface IResultHandler
{
    /// <summary>
    /// Tells one result or failure to its script. <paramref name="task"/> is valid until the return. Tasks submitted meanwhile by
    /// the task's client inherit its lease. Must not throw.
    /// </summary>
    void Deliver(AsyncTask task);

    /// <summary>
    /// Has the client's script take its results out of its ring, until its next one is not there, or time is over. Only clients that have
    /// used theirs get here.
    /// </summary>
    void DeliverRing(AsyncClient client) => throw new NotSupportedException();
}
