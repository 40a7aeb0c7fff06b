using System.Collections.Concurrent;
using System.Diagnostics;
using Spillway.Async.Queues;

namespace Spillway.Async;

/// <summary>
/// The one thread that looks after all pools: it starts their workers, so that no lane has to, and watches the time of their tasks.
/// It sleeps for good until the first pool starts.
/// </summary>
internal sealed class PoolKeeper : IDisposable
{
    /// <summary>How often tasks' times are looked at, and tasks whose time is over asked to stop.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);

    private readonly ConcurrentQueue<AsyncPool> _requests = new();
    private readonly FutexSemaphore _signal = new();
    private Thread? _thread;
    private volatile bool _stopping;

    /// <summary>Starts the thread, once; under the runtime's lock.</summary>
    /// <exception cref="IOException">The system refuses the thread.</exception>
    public void Start()
    {
        if (_thread is not null)
            return;
        var thread = new Thread(Run) { IsBackground = true, Name = "async keeper" };
        try
        {
            thread.Start();
        }
        catch (Exception e) when (e is OutOfMemoryException or ThreadStartException)
        {
            throw new IOException("T.async: the system refuses a thread; see 'ulimit -u', the control group's pids.max, and memory", e);
        }

        _thread = thread;
    }

    /// <summary>Any thread.</summary>
    public void RequestStart(AsyncPool pool)
    {
        _requests.Enqueue(pool);
        _signal.Release();
    }

    /// <summary>Ends and joins the thread; afterwards no worker is started any more.</summary>
    public void Dispose()
    {
        _stopping = true;
        _signal.Release();
        _thread?.Join();
    }

    private void Run()
    {
        var started = new List<AsyncPool>();
        while (!_stopping)
        {
            _signal.Wait(started.Count == 0 ? Timeout.InfiniteTimeSpan : Interval);
            while (_requests.TryDequeue(out AsyncPool? pool))
            {
                pool.StartThreads();
                if (!started.Contains(pool))
                    started.Add(pool);
            }

            long now = Stopwatch.GetTimestamp();
            for (int i = started.Count - 1; i >= 0; i--)
            {
                AsyncPool pool = started[i];
                if (!pool.IsStopping)
                {
                    pool.CheckTimes(now);
                }
                else if (pool.TryFinishEnd())
                {
                    started.RemoveAt(i);
                    pool.Runtime.NoteEnded(pool);
                }
            }
        }
    }
}
