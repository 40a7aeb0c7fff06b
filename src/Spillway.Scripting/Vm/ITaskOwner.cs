using Spillway.Async;

namespace Spillway.Scripting.Vm;

/// <summary>Who hears of the end of a client's tasks; found at <see cref="AsyncClient.Owner"/>.</summary>
internal interface ITaskOwner
{
    /// <summary>A task has ended with a result or an error. On the lane's thread, between two packets.</summary>
    void Deliver(AsyncTask task);
}
