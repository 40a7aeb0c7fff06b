using Spillway.Life.Native;

namespace Spillway.Life;

/// <summary>
/// The end of the process when it cannot end by itself: one line, the tasks' commands killed, the ram directory removed, the exit code.
/// Nothing here waits for a lock, a pipe or a thread of the run for longer than a moment.
/// </summary>
internal static class ProcessEnd
{
    private static readonly TimeSpan ForWords = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan ForCleaning = TimeSpan.FromSeconds(5);

    private static int _isEnding;

    /// <summary>What must not be left behind: kills commands, removes files. Runs on a thread of its own; may be called again.</summary>
    public static Action? Cleanup { get; set; }

    /// <summary>Ends the process. Does not return; a second caller waits for the first one's end.</summary>
    /// <param name="exitCode">See <see cref="ExitCodes"/>.</param>
    /// <param name="line">What the user is told.</param>
    public static void Now(int exitCode, string line)
    {
        if (Interlocked.Exchange(ref _isEnding, 1) != 0)
            Thread.Sleep(Timeout.Infinite);
        Say(line);
        CleanUp();
        ProcessCalls.Exit(exitCode);
    }

    /// <summary>Leaves nothing behind, as far as a few seconds allow.</summary>
    public static void CleanUp()
    {
        if (Cleanup is { } cleanup)
            Within(ForCleaning, cleanup);
    }

    /// <summary>A line on standard error that no lock holds up; a pipe that is full gets it for half a second.</summary>
    public static void Say(string line) => Within(ForWords, () => ProcessCalls.WriteError(line + "\n"));

    /// <summary>Does something on a thread of its own, and goes on when it is done, has failed, or takes too long.</summary>
    public static void Within(TimeSpan time, Action action)
    {
        var thread = new Thread(() => Try(action)) { IsBackground = true, Name = "process end" };
        thread.Start();
        thread.Join(time);
    }

    // The process ends: there is nobody left who could do something about a failure.
    private static void Try(Action action)
    {
        try
        {
            action();
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            _ = exception;
        }
    }
}
