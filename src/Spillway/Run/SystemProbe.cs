using System.Diagnostics;
using System.Globalization;
using Spillway.Metrics.Engine;

namespace Spillway.Run;

/// <summary>
/// Looks at the machine by way of <c>/proc</c> (proc(5)), at most once a second: a capture that is read fast has many windows in one
/// second. What the machine does not tell is left out.
/// </summary>
/// <param name="output">Where results are written.</param>
internal sealed class SystemProbe(string output) : ISystemProbe
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private long _lastAt;
    private ProcessorTimes? _lastTimes = ProcessorTimes.Read(); // so that runs of less than a second have a share of the processor too
    private bool _isFirst = true;

    /// <inheritdoc/>
    public bool TrySample(out SystemSample sample)
    {
        sample = default;
        if (!_isFirst && Stopwatch.GetElapsedTime(_lastAt) < Interval)
            return false;
        (_isFirst, _lastAt) = (false, Stopwatch.GetTimestamp());
        ProcessorTimes? times = ProcessorTimes.Read();
        (double? all, double? own) = times is { } now && _lastTimes is { } last ? now.Since(last) : (null, null);
        _lastTimes = times;
        long? total = Field("/proc/meminfo", "MemTotal:") * 1024,
            available = Field("/proc/meminfo", "MemAvailable:") * 1024;
        (long? diskBytes, long? usedDiskBytes) = Disk();
        sample = new SystemSample
        {
            ProcessorPercent = all,
            OwnProcessorPercent = own,
            MemoryBytes = total,
            UsedMemoryBytes = total - available,
            OwnMemoryBytes = Environment.WorkingSet,
            DiskBytes = diskBytes,
            UsedDiskBytes = usedDiskBytes,
            Reads = Field("/proc/self/io", "syscr:"),
            Writes = Field("/proc/self/io", "syscw:"),
        };
        return true;
    }

    private (long? Size, long? Used) Disk()
    {
        try
        {
            var drive = new DriveInfo(Path.GetFullPath(output));
            return (drive.TotalSize, drive.TotalSize - drive.TotalFreeSpace);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return (null, null);
        }
    }

    // The number behind a name at the beginning of a line.
    private static long? Field(string path, string name)
    {
        foreach (string line in Lines(path))
        {
            if (!line.StartsWith(name, StringComparison.Ordinal))
                continue;
            string number = line[name.Length..].Trim().Split(' ')[0];
            return long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out long value) ? value : null;
        }

        return null;
    }

    private static string[] Lines(string path)
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

    /// <summary>Ticks of all processors and of this process since their beginning.</summary>
    private readonly record struct ProcessorTimes(long All, long Idle, long Own)
    {
        private const long TicksPerSecond = 100; // USER_HZ, on every Linux machine that .NET runs on

        public static ProcessorTimes? Read()
        {
            // "cpu  user nice system idle iowait irq softirq steal ..."; guests are in user already.
            string line = Lines("/proc/stat").FirstOrDefault() ?? "";
            long[] ticks =
            [
                .. line.Split(' ', StringSplitOptions.RemoveEmptyEntries)
                    .Skip(1)
                    .Take(8)
                    .Select(text => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long value) ? value : 0),
            ];
            if (ticks.Length < 5)
                return null;
            long own = (long)(Environment.CpuUsage.TotalTime.TotalSeconds * TicksPerSecond);
            return new ProcessorTimes(ticks.Sum(), ticks[3] + ticks[4], own);
        }

        public (double? All, double? Own) Since(ProcessorTimes before)
        {
            double all = All - before.All;
            return all <= 0
                ? (null, null)
                : (Math.Clamp(100 * (1 - ((Idle - before.Idle) / all)), 0, 100), Math.Clamp(100 * (Own - before.Own) / all, 0, 100));
        }
    }
}
