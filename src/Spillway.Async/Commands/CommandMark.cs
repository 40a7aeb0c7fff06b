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

    private static long _last;

    /// <summary>A number for a new command, never 0.</summary>
    public static long Next() => Interlocked.Increment(ref _last);

    /// <summary>The variable, with its terminating zero byte.</summary>
    public static byte[] ToVariable(long number) => Encoding.ASCII.GetBytes($"{Name}={Text(number)}\0");

    /// <summary>Sends a signal to every process that descends from one of the commands. Costs a look at each process of this user.</summary>
    public static void Signal(IReadOnlyCollection<long> commands, int signal)
    {
        if (commands.Count == 0)
            return;
        byte[][] marks = [.. commands.Select(ToVariable)];
        foreach (string directory in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(directory.AsSpan()), NumberStyles.None, CultureInfo.InvariantCulture, out int process) || process == Environment.ProcessId)
                continue;

            // Opened first: the environment that is read and the process that is signalled are of one process.
            int file = Spawn.OpenProcess(process);
            if (file < 0)
                continue;
            if (TryReadEnvironment(directory) is { } environment && Array.Exists(marks, mark => Holds(environment, mark)))
                Spawn.SignalProcess(file, signal);
            Libc.Close(file);
        }
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
            return null;   // another user's, or gone meanwhile
        }
    }
}
