namespace Spillway.Async.Queues;

/// <summary>
/// Results in the order in which their tasks were submitted (<see cref="AsyncOptions.InOrder"/>): handed out when all that are pending have
/// come.
/// </summary>
internal sealed class ResultOrder
{
    private readonly PriorityQueue<AsyncTask, long> _tasks = new();
    private int _due;

    /// <summary>The next one; null until all are there.</summary>
    /// <param name="arrived">Where results come in, in any order.</param>
    /// <param name="pending">How many tasks are not completed, those with results here included.</param>
    /// <param name="takesAll">Not to wait for the others: nothing more will come, or what waits here takes the memory that they
    /// need.</param>
    public AsyncTask? Next(TaskQueue arrived, long pending, bool takesAll)
    {
        while (arrived.TryDequeue() is { } task)
            _tasks.Enqueue(task, task.Id);
        if (_due == 0 && (_tasks.Count == pending || takesAll))
            _due = _tasks.Count;
        if (_due == 0)
            return null;

        // What is submitted on the way comes behind: its number is higher.
        _due--;
        return _tasks.Dequeue();
    }
}
