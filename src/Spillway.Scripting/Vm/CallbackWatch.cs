using System.Diagnostics;

namespace Spillway.Scripting.Vm;

/// <summary>
/// One thread for the process that looks at what each lane's scripts are doing: a call that runs long is told and named while it runs, and
/// stopped where there is a limit. The packet path pays nothing for it: what is looked at is the generation that every callback changes at
/// its begin and end anyway, so a call is running while the number is odd and is the same call while it stays.
/// </summary>
internal static class CallbackWatch
{
    private const double LooksPerLimit = 8;
    private const double LeastMilliseconds = 5;
    private const double MostMilliseconds = 100;

    private static readonly TimeSpan ForGate = TimeSpan.FromMilliseconds(200);

    private static readonly Lock Gate = new();
    private static readonly SemaphoreSlim Signal = new(0);
    private static readonly List<WatchedScript> Scripts = [];
    private static Thread? _thread;

    /// <summary>Watches a script from now on. Any thread.</summary>
    public static void Add(ScriptInstance script)
    {
        lock (Gate)
        {
            Scripts.Add(new WatchedScript(script));
            if (_thread is null)
            {
                _thread = new Thread(Run) { IsBackground = true, Name = "callback watch" };
                _thread.Start();
            }
        }

        Signal.Release();
    }

    /// <summary>Ends it: afterwards the watch does not touch the script any more.</summary>
    public static void Remove(ScriptInstance script)
    {
        lock (Gate)
            Scripts.RemoveAll(watched => watched.Script == script);
    }

    /// <summary>The calls that run now. Whoever asks may be about to end the process: the lock is not waited for.</summary>
    public static List<string> FindRunning()
    {
        var calls = new List<string>();
        if (!Gate.TryEnter(ForGate))
            return calls;
        try
        {
            foreach (ScriptInstance script in Scripts.Select(watched => watched.Script))
            {
                if (ScriptInstance.IsRunning(script.Generation))
                    calls.Add($"{script.RunningName} of '{script.Name}'");
            }
        }
        finally
        {
            Gate.Exit();
        }

        return calls;
    }

    private static void Run()
    {
        TimeSpan interval = Timeout.InfiniteTimeSpan;
        while (true)
        {
            Signal.Wait(interval);
            lock (Gate)
            {
                long now = Stopwatch.GetTimestamp();
                interval = Timeout.InfiniteTimeSpan;
                foreach (WatchedScript watched in Scripts)
                {
                    watched.Look(now);
                    TimeSpan wanted = IntervalFor(watched.Script.Environment.Limits);
                    if (interval == Timeout.InfiniteTimeSpan || wanted < interval)
                        interval = wanted;
                }
            }
        }
    }

    private static TimeSpan IntervalFor(ScriptLimits limits)
    {
        double least = MostMilliseconds * LooksPerLimit;
        if (limits.CallbackTimeout is { } timeout)
            least = Math.Min(least, timeout.TotalMilliseconds);
        if (limits.SlowCallback > TimeSpan.Zero)
            least = Math.Min(least, limits.SlowCallback.TotalMilliseconds);
        return TimeSpan.FromMilliseconds(Math.Clamp(least / LooksPerLimit, LeastMilliseconds, MostMilliseconds));
    }
}
