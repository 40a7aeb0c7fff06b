namespace Spillway.Async;

/// <summary>Who hears of the end of a client's tasks; found at <see cref="AsyncClient.Owner"/>.</summary>
public interface ITaskOwner
{
    /// <summary>A task has ended with a result or an error. On the lane's thread, between two packets.</summary>
    void Deliver(AsyncTask task);

    /// <summary>Results wait in the ring; see <see cref="IResultHandler.DeliverRing"/>.</summary>
    void DeliverRing() => throw new NotSupportedException();
}
