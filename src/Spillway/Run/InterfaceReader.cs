using Spillway.Life;
using Spillway.Logging;
using Spillway.Net.Capture;
using Spillway.Report;

namespace Spillway.Run;

/// <summary>Has the lanes take what interfaces see, until a signal or the time is over, and keeps the account of losses.</summary>
internal sealed class InterfaceReader(LiveSource source, RunOptions options, LaneSet lanes, StopSignal stop)
{
    /// <summary>Opens the interfaces of a run; null if it reads captures. Before anything is written: who mistypes a name leaves nothing
    /// behind.</summary>
    /// <exception cref="CaptureException">One cannot be opened.</exception>
    public static LiveSource? Open(RunOptions options, ScriptConsole console, CaptureRights rights)
    {
        if (!options.Listens)
            return null;
        return LiveSource.Open(
            options.Interfaces,
            options.Listening with
            {
                Filter = options.Filter,
                Open = rights.Do,
                Tell = line => console.Warn(line),
            }
        );
    }

    /// <summary>Listens.</summary>
    public void Read(ProgressLine progress, ScriptConsole console)
    {
        AtWork.On($"the capture from '{source.Name}'");
        if (options.Lanes > Environment.ProcessorCount)
        {
            console.Warn(
                $"{options.Lanes} lanes share {Units.Count(Environment.ProcessorCount, "processor")}, and more than there are "
                    + "gain nothing; --lanes auto takes one for each but one"
            );
        }

        if (source is not UdpSource)
            WarnOfOffloads(options, console);
        progress.Reading(source.Name, () => null);
        stop.Reading = source.Stop;
        using Timer? end = options.Duration is { } duration
            ? new Timer(_ => source.Stop(), null, duration, Timeout.InfiniteTimeSpan)
            : null;
        try
        {
            if (!options.Quiet)
                console.Run.Listening(source.Name);
            if (options.Count is { } count)
                lanes.Read(new FirstPackets(source, count));
            else
                lanes.Read(source);
            source.Settle();
        }
        finally
        {
            stop.Reading = null;
        }
    }

    /// <summary>What was received, and what became of it.</summary>
    public CaptureSummary Account()
    {
        CaptureCounts counts = source.Counts;
        return new CaptureSummary
        {
            Received = counts.Received,
            Processed = lanes.Packets,
            LostInKernel = counts.KernelDrops,
            LostByInterface = counts.InterfaceDrops,
            LostBeforeLanes = lanes.Dropped,
            Refused = counts.Refused,
            Unread = counts.Unread,
            OnWrongLane = source is FanoutSource ? lanes.Lanes.Sum(lane => lane.Figures.OnWrongLane) : null,
            LongestPause = PacketPause.LongestOf([source.LongestPause, lanes.LongestPause]),
        };
    }

    private static void WarnOfOffloads(RunOptions options, ScriptConsole console)
    {
        foreach (CaptureInterface one in CaptureInterface.All())
        {
            if (!options.Interfaces.Contains(one.Name) || one.Kind == CaptureInterface.Loopback)
                continue;
            if (one.Offloads is not { Count: > 0 } joining)
                continue;
            console.Warn(
                $"'{one.Name}' joins segments ({string.Join(", ", joining)}), so that packets are seen that were not on the wire "
                    + $"so; to see those: ethtool -K {one.Name} {string.Join(' ', joining.Select(each => each + " off"))}"
            );
        }
    }
}
