using Spillway.Life;
using Spillway.Net.Capture;
using Spillway.Report;

namespace Spillway.Run;

/// <content>Packets of interfaces.</content>
internal sealed partial class CaptureRun
{
    // Before anything is written: who mistypes a name leaves nothing behind.
    private static LiveSource? OpenInterfaces(RunOptions options, ScriptConsole console)
    {
        if (!options.Listens)
            return null;
        var source = LiveSource.Open(
            options.Interfaces,
            options.Listening with
            {
                Filter = options.Filter,
                Tell = line => console.Write("warning: " + line),
            }
        );
        if (source is UdpSource)
            return source;
        foreach (
            CaptureInterface one in CaptureInterface
                .All()
                .Where(one => options.Interfaces.Contains(one.Name) && one.Kind != CaptureInterface.Loopback)
        )
        {
            if (one.Offloads is not { Count: > 0 } joining)
                continue;
            console.Write(
                $"warning: '{one.Name}' joins segments ({string.Join(", ", joining)}), so that packets are seen that "
                    + "were not on the wire so; "
                    + $"to see those: ethtool -K {one.Name} {string.Join(' ', joining.Select(each => each + " off"))}"
            );
        }

        return source;
    }

    private void Listen(LiveSource source)
    {
        AtWork.On($"the capture from '{source.Name}'");
        _progress.Reading(source.Name, () => null);
        _stop.Reading = source.Stop;
        using Timer? end = _options.Duration is { } duration
            ? new Timer(_ => source.Stop(), null, duration, Timeout.InfiniteTimeSpan)
            : null;
        try
        {
            if (!_options.Quiet)
                _console.Write($"listening on {source.Name}");
            _lanes.Read(source);
        }
        finally
        {
            _stop.Reading = null;
        }
    }

    private CaptureSummary? CaptureAccount()
    {
        if (_listening is null)
            return null;
        CaptureCounts counts = _listening.Counts;
        return new CaptureSummary
        {
            Received = counts.Received,
            Processed = _lanes.Packets,
            LostInKernel = counts.KernelDrops,
            LostByInterface = counts.InterfaceDrops,
            LostBeforeLanes = _lanes.Dropped,
            Refused = counts.Refused,
            Unread = counts.Unread,
        };
    }
}
