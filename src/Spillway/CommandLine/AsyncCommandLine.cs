using System.CommandLine;
using Spillway.Async;
using Spillway.Configuration;

namespace Spillway.CommandLine;

/// <summary>The options of <c>run</c> that set the limits of T.async.</summary>
internal static class AsyncCommandLine
{
    private const double MostSeconds = 7 * 86_400;

    private static readonly Option<double?> TaskTimeout = new("--task-timeout")
    {
        Description =
            "Stop a scheduled task that runs longer than so many seconds, with the commands it has started; 0 for never [default: 60]",
        HelpName = "SECONDS",
        CustomParser = Seconds.UpTo(MostSeconds),
    };

    private static readonly Option<long?> Memory = new("--async-memory")
    {
        Description = "Most memory of tasks that wait; further ones wait on disk [default: 64M]",
        HelpName = "SIZE",
        CustomParser = ByteSize.Between(64 << 10, 1L << 40, "from 64K to 1T"),
    };

    private static readonly Option<long?> Disk = new("--async-disk")
    {
        Description = "Most disk (/var/tmp) of each script's tasks that wait; 0 for none [default: 4G]",
        HelpName = "SIZE",
        CustomParser = ByteSize.Between(0, 1L << 50, "at most 1024T"),
    };

    private static readonly Option<string> Policy = new("--async-policy")
    {
        Description = "When both are full: wait blocks the packets, drop refuses tasks and counts them",
        HelpName = "NAME",
        DefaultValueFactory = _ => "wait",
    };

    private static readonly Option<string?> FilesRoot = new("--files-root")
    {
        Description = "Confine what T.async writes, moves and removes to this directory, whatever '..' and symbolic links say",
        HelpName = "DIR",
    };

    private static readonly Option<bool> NoShell = new("--no-shell") { Description = "Take io.popen and os.execute away from scripts" };

    private static readonly Option<bool> Live = new("--live")
    {
        Description = "On a terminal: show the workers and queues of T.async while the run goes on",
    };

    /// <summary>Adds the options.</summary>
    public static void AddTo(Command command)
    {
        Policy.AcceptOnlyFromAmong("wait", "drop");
        FilesRoot.Validators.Add(result =>
        {
            if (result.GetValue(FilesRoot) is { } directory && !Directory.Exists(directory))
                result.AddError($"--files-root {directory}: there is no such directory");
        });
        foreach (Option option in new Option[] { TaskTimeout, Memory, Disk, Policy, FilesRoot, NoShell, Live })
            command.Options.Add(option);
    }

    /// <summary>The limits that were given, and the usual ones for the rest.</summary>
    public static AsyncOptions ToOptions(ParseResult result)
    {
        var usual = new AsyncOptions();
        return usual with
        {
            TaskTimeout = result.GetValue(TaskTimeout) is { } seconds ? TimeSpan.FromSeconds(seconds) : usual.TaskTimeout,
            MemoryCap = result.GetValue(Memory) ?? usual.MemoryCap,
            DiskCap = result.GetValue(Disk) ?? usual.DiskCap,
            LoadPolicy = result.GetValue(Policy) == "drop" ? AsyncLoadPolicy.Drop : AsyncLoadPolicy.Wait,
            FilesRoot = result.GetValue(FilesRoot),
        };
    }

    /// <summary>Whether scripts may start commands.</summary>
    public static bool AllowsShell(ParseResult result) => !result.GetValue(NoShell);

    /// <summary>Whether the live view was asked for.</summary>
    public static bool IsLive(ParseResult result) => result.GetValue(Live);
}
