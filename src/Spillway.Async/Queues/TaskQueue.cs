using System.Runtime.InteropServices;

namespace Spillway.Async.Queues;

/// <summary>
/// Unbounded first-in-first-out queue of task records for any number of producers and one consumer, without locks and without
/// allocation: the records are the nodes (Vyukov's intrusive queue).
/// </summary>
/// <remarks>
/// A producer swaps itself in as the newest record and then links its predecessor to itself. Between the two steps the consumer
/// finds a queue that is not empty but yields nothing; it looks again. The swap is a full fence, and <see cref="IsEmpty"/> reads
/// what was swapped: a producer that swaps and then looks for sleepers, and a consumer that says it sleeps and then looks at
/// <see cref="IsEmpty"/>, cannot miss each other.
/// </remarks>
internal sealed class TaskQueue
{
    private readonly AsyncTask _stub = new();
    private Ends _ends;

    public TaskQueue()
    {
        _ends.Newest = _stub;
        _ends.Oldest = _stub;
    }

    /// <summary>Consumer only. False as soon as a producer has begun to enqueue.</summary>
    public bool IsEmpty => ReferenceEquals(_ends.Oldest, _stub) && ReferenceEquals(Volatile.Read(ref _ends.Newest), _stub);

    /// <summary>Any thread: a look at the next record, for figures. It may be gone, and even serve another task, when it is read.</summary>
    public AsyncTask? PeekOldest()
    {
        AsyncTask oldest = Volatile.Read(ref _ends.Oldest);
        return ReferenceEquals(oldest, _stub) ? Volatile.Read(ref oldest.Next) : oldest;
    }

    /// <summary>Any thread.</summary>
    public void Enqueue(AsyncTask task)
    {
        task.Next = null;
        AsyncTask before = Interlocked.Exchange(ref _ends.Newest, task);
        Volatile.Write(ref before.Next, task);
    }

    /// <summary>Consumer only. Null if the queue is empty, or if the next record is just being linked.</summary>
    public AsyncTask? TryDequeue()
    {
        AsyncTask oldest = _ends.Oldest;
        AsyncTask? next = Volatile.Read(ref oldest.Next);
        if (ReferenceEquals(oldest, _stub))
        {
            if (next is null)
                return null;
            _ends.Oldest = oldest = next;
            next = Volatile.Read(ref oldest.Next);
        }

        if (next is null)
        {
            if (!ReferenceEquals(oldest, Volatile.Read(ref _ends.Newest)))
                return null;

            // The last record can leave only when another one stands behind it.
            Enqueue(_stub);
            next = Volatile.Read(ref oldest.Next);
            if (next is null)
                return null;
        }

        _ends.Oldest = next;
        return oldest;
    }

    /// <summary>The producers' end and the consumer's end, on cache lines of their own.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct Ends
    {
        [FieldOffset(64)]
        public AsyncTask Newest;

        [FieldOffset(128)]
        public AsyncTask Oldest;
    }
}
