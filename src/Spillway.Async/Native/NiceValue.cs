using System.Runtime.InteropServices;

namespace Spillway.Async.Native;

/// <summary>Linux schedules threads one by one, and gives each a nice value of its own.</summary>
internal static partial class NiceValue
{
    private const int OneProcess = 0;
    private const int LowestNice = 19;
    private const int IdlePolicy = 5; // SCHED_IDLE

    /// <summary>The process's nice value as it was when it was first asked for: that of its lanes.</summary>
    public static readonly int OfProcess = GetPriority(OneProcess, (uint)Environment.ProcessId);

    /// <summary>Gives the calling thread a lower priority than the process's; false if the system refuses.</summary>
    /// <param name="steps">How much lower.</param>
    public static bool TryLower(int steps) => SetPriority(OneProcess, (uint)GetThreadId(), Math.Min(OfProcess + steps, LowestNice)) == 0;

    /// <summary>The calling thread, as the system numbers it.</summary>
    public static int ThreadId => GetThreadId();

    /// <summary>Lets another thread run only when nothing else wants to, as far as the system allows it.</summary>
    public static void MakeIdle(int threadId)
    {
        int priority = 0;
        _ = SetPriority(OneProcess, (uint)threadId, LowestNice);
        _ = SetScheduler(threadId, IdlePolicy, in priority);
    }

    /// <summary>The calling thread's nice value.</summary>
    public static int Current => GetPriority(OneProcess, (uint)GetThreadId());

    [LibraryImport("libc", EntryPoint = "gettid")]
    private static partial int GetThreadId();

    [LibraryImport("libc", EntryPoint = "setpriority")]
    private static partial int SetPriority(int which, uint who, int priority);

    [LibraryImport("libc", EntryPoint = "sched_setscheduler")]
    private static partial int SetScheduler(int thread, int policy, in int priority);

    [LibraryImport("libc", EntryPoint = "getpriority")]
    private static partial int GetPriority(int which, uint who);
}
