namespace Spillway.Async.Dispatch;

/// <summary>
/// For a pool of one worker: everything in submission order, and no lock, since the worker is the queue's only consumer. A worker
/// that replaces an abandoned one takes the role over, for the abandoned one never comes back to the queue.
/// </summary>
internal sealed class SerialDispatcher : TaskDispatcher
{
    public override bool HasWork => !Intake.IsEmpty;

    public override long? OldestSubmittedAt => Intake.PeekOldest()?.SubmittedAt;

    public override AsyncTask? PeekNext() => Intake.PeekOldest();

    public override AsyncTask? TryTake() => Intake.TryDequeue();

    public override int Finished(KeyLines? lines) => 0;

    public override void RemoveAll(Action<AsyncTask> receiver)
    {
        while (!Intake.IsEmpty)
        {
            if (Intake.TryDequeue() is { } task)
                receiver(task);
        }
    }
}
