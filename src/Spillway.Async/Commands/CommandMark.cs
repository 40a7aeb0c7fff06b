using System.Globalization;
using System.Text;
using Spillway.Async.Native;

namespace Spillway.Async.Commands;

/// <summary>
/// The variable in a command's environment by which everything it has started is found again: what has left its process group too
/// (<c>setsid</c>, a daemon), unless it has cleared its environment.
/// </summary>
internal static class CommandMark
{
    private const string Name = "SPILLWAY_COMMAND";

    /// <summary>Most looks at the processes for one kill: what forks faster than it is found is not chased for ever.</summary>
    private const int MaxLooks = 50;

    private static long _last;

    /// <summary>A number for a new command, never 0.</summary>
    public static long Next() => Interlocked.Increment(ref _last);

    /// <summary>The variable, with its terminating zero byte.</summary>
    public static byte[] ToVariable(long number) => Encoding.ASCII.GetBytes($"{Name}={Text(number)}\0");

    /// <summary>
    /// Sends a signal to every process that descends from one of the commands. Costs a look at each process of this user.
    /// </summary>
    public static void Signal(IReadOnlyCollection<long> commands, int signal)
    {
        if (commands.Count > 0)
            SignalMarked([.. commands.Select(ToVariable)], signal);
    }

    /// <summary>
    /// Kills every process that descends from one of the commands. One look at the processes may miss a child that is forked meanwhile, or
    /// one between <c>fork</c> and <c>exec</c>, whose environment cannot be read yet: so it looks again until two looks find none.
    /// </summary>
    public static void Kill(IReadOnlyCollection<long> commands)
    {
        if (commands.Count == 0)
            return;
        byte[][] marks = [.. commands.Select(ToVariable)];
        int empty = 0;
        for (int look = 0; look < MaxLooks && empty < 2; look++)
        {
            empty = SignalMarked(marks, Spawn.Kill) == 0 ? empty + 1 : 0;
            if (empty < 2)
                Thread.Sleep(1);
        }
    }

    private static int SignalMarked(byte[][] marks, int signal)
    {
        int found = 0;
        foreach (string directory in Directory.EnumerateDirectories("/proc"))
        {
            if (
                !int.TryParse(Path.GetFileName(directory.AsSpan()), NumberStyles.None, CultureInfo.InvariantCulture, out int process)
                || process == Environment.ProcessId
            )
                continue;

            // Opened first: the environment that is read and the process that is signalled are of one process.
            int file = Spawn.OpenProcess(process);
            if (file < 0)
                continue;
            if (TryReadEnvironment(directory) is { } environment && Array.Exists(marks, mark => Holds(environment, mark)))
            {
                found++;
                Spawn.SignalProcess(file, signal);
            }

            Libc.Close(file);
        }

        return found;
    }

    private static string Text(long number) => string.Create(CultureInfo.InvariantCulture, $"{ProcessRun.Id:x16}.{number}");

    private static bool Holds(byte[] environment, byte[] mark)
    {
        int at = environment.AsSpan().IndexOf(mark);
        return at == 0 || (at > 0 && environment[at - 1] == 0);
    }

    private static byte[]? TryReadEnvironment(string directory)
    {
        try
        {
            return File.ReadAllBytes(directory + "/environ");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null; // another user's, or gone meanwhile
        }
    }
}
