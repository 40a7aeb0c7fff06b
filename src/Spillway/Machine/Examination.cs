using System.Globalization;
using Spillway.Async.Inspection;
using Spillway.LuaJit;
using Spillway.Net.Capture;
using Spillway.Net.Files;

namespace Spillway.Machine;

/// <summary>What a probe needs of its machine, looked at one by one.</summary>
internal static class Examination
{
    private const string NoPermission = "no permission";
    private const long LeastDisk = 1L << 30;
    private const long LeastDescriptors = 4096;

    /// <summary>All findings.</summary>
    /// <param name="output">Where results are to be written.</param>
    /// <param name="ram">Where extracted files are to lie.</param>
    public static IEnumerable<Finding> All(string output, string ram) =>
        [LuaJit(), .. Interfaces(), Typer(), Yara(), Processors(), Descriptors(), RoomOf(ram), DiskOf(output)];

    // The program does not start without the libraries themselves.
    private static Finding LuaJit() =>
        LuaState.InterruptsCompiledCode
            ? Finding.Good($"LuaJIT, bytecode {LuaVersion.Bytecode}")
            : Finding.Advice(
                "this LuaJIT cannot end compiled loops from outside",
                "a task that does not end costs a worker when its time is over"
            );

    private static IEnumerable<Finding> Interfaces()
    {
        IReadOnlyList<CaptureInterface> all;
        Finding? failure = null;
        try
        {
            all = [.. CaptureInterface.All().Where(one => one.IsNetwork)];
        }
        catch (CaptureException exception)
        {
            all = [];
            failure = Finding.Lacking(exception.Message, "captures can be read all the same");
        }

        if (failure is not null)
            yield return failure;
        bool saidRight = false;
        foreach (CaptureInterface one in all)
        {
            if (one.State == "down")
            {
                yield return Finding.Good($"interface {one.Name} is down: ip link set {one.Name} up");
            }
            else if (one.WhyNot() is { } reason)
            {
                // The right is the same for all of them.
                if (!saidRight || reason != NoPermission)
                {
                    yield return Finding.Lacking(
                        $"interface {one.Name} cannot be captured: {reason.ReplaceLineEndings(" ")}",
                        RemedyOf(reason)
                    );
                }

                saidRight |= reason == NoPermission;
            }
            else if (one.Offloads is { Count: > 0 } joining && one.Kind != CaptureInterface.Loopback)
            {
                yield return Finding.Advice(
                    $"interface {one.Name} joins segments ({string.Join(", ", joining)}): packets are seen that were not on the wire so",
                    $"ethtool -K {one.Name} {string.Join(' ', joining.Select(each => each + " off"))}"
                );
            }
            else
            {
                yield return Finding.Good($"interface {one.Name} can be captured");
            }
        }
    }

    private static string RemedyOf(string reason) =>
        reason == NoPermission
            ? $"sudo setpriv --reuid {Environment.UserName} --init-groups --inh-caps +net_raw --ambient-caps +net_raw spillway run -i NAME"
            : "spillway interfaces lists those that can be captured";

    private static Finding Typer() =>
        FileTyper.FindFlaw() is { } flaw
            ? Finding.Advice("types of files by content will not be determined", flaw)
            : Finding.Good("libmagic, for types of files by content");

    private static Finding Yara() =>
        YaraRules.FindFlaw() is { } flaw
            ? Finding.Advice("--yara and T.async:scan will not work", flaw)
            : Finding.Good("libyara, for --yara and T.async:scan");

    private static Finding Processors() =>
        Environment.ProcessorCount > 1
            ? Finding.Good($"{Units.Count(Environment.ProcessorCount, "processor")}: --lanes auto takes all but one")
            : Finding.Advice("one processor", "the store and the workers of T.async take their time from the packets");

    private static Finding Descriptors()
    {
        string? line = ReadLines("/proc/self/limits").FirstOrDefault(each => each.StartsWith("Max open files", StringComparison.Ordinal));
        string[] words = line?.Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? [];
        if (words.Length < 5 || !long.TryParse(words[4], NumberStyles.None, CultureInfo.InvariantCulture, out long most))
            return Finding.Good("no limit on open files is known");
        return most >= LeastDescriptors
            ? Finding.Good($"{most} open files at a time")
            : Finding.Advice(
                $"only {most} open files at a time: each extracted file takes one while it is written",
                $"ulimit -n {LeastDescriptors}"
            );
    }

    private static Finding RoomOf(string directory)
    {
        if (DriveOf(directory) is not { } drive)
            return Finding.Lacking($"{directory}, for extracted files, cannot be looked at", "give --ramfs a directory that exists");
        string room = $"{directory}, for extracted files: {Units.Bytes(drive.AvailableFreeSpace)} free on {drive.DriveFormat}";
        if (drive.DriveFormat is not ("tmpfs" or "ramfs"))
            return Finding.Advice(room + ", which is no memory", "mount -t tmpfs -o size=2G tmpfs DIR, and --ramfs DIR");
        return drive.AvailableFreeSpace < RamDirectory.DefaultCapacityBytes
            ? Finding.Advice(room, $"mount -o remount,size=2G {drive.Name}, or a smaller --ramfs-size")
            : Finding.Good(room);
    }

    private static Finding DiskOf(string directory)
    {
        string existing = Path.GetFullPath(directory);
        while (!Directory.Exists(existing) && Path.GetDirectoryName(existing) is { } parent)
            existing = parent;
        if (DriveOf(existing) is not { } drive)
            return Finding.Lacking($"{directory}, for results, cannot be looked at", "give --output a directory that exists");
        string room = $"{existing}, for results: {Units.Bytes(drive.AvailableFreeSpace)} free";
        return drive.AvailableFreeSpace < LeastDisk
            ? Finding.Lacking(room, "give --output another disk, and bound the store with --keep-days and --store-size")
            : Finding.Good(room);
    }

    private static DriveInfo? DriveOf(string directory)
    {
        try
        {
            var drive = new DriveInfo(Path.GetFullPath(directory));
            return drive.IsReady && drive.AvailableFreeSpace >= 0 ? drive : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }

    private static string[] ReadLines(string path)
    {
        try
        {
            return File.ReadAllLines(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
