using Spillway.Async.Spill;

namespace Spillway.Async.Lanes;

/// <summary>The empty task records of one lane, so that a submission makes no garbage. On the lane's thread.</summary>
internal sealed class RecordStore
{
    private const int Limit = 16384;

    private AsyncTask? _first;
    private int _count;

    /// <summary>An empty record.</summary>
    public AsyncTask Rent()
    {
        if (_first is not { } task)
            return new AsyncTask();

        _first = task.Next;
        _count--;
        return task;
    }

    /// <summary>
    /// Takes a record back that is not used any more; what is too many goes to the tasks that are still to come back from disk.
    /// </summary>
    public void Return(AsyncTask task, SpillQueue spill)
    {
        task.Reset();
        if (_count == Limit)
        {
            if (!spill.TryTakeSpare(task))
                task.Discard();
            return;
        }

        task.Next = _first;
        _first = task;
        _count++;
    }

    /// <summary>Gives the records' memory back.</summary>
    public void Clear()
    {
        for (; _first is { } record; _first = record.Next)
            record.Discard();
        _count = 0;
    }
}
