using System.Globalization;
using Microsoft.Extensions.Hosting.Systemd;
using Spillway.Pipeline;

namespace Spillway.Run;

/// <summary>
/// Tells systemd how a service goes: that it takes packets, that its lanes go on (the watchdog of the unit, <c>WatchdogSec=</c>), that it
/// ends. A lane that hangs is not reported any more, and systemd ends the service. Without systemd it says nothing.
/// </summary>
internal sealed class ServiceWatch : IDisposable
{
    private readonly SystemdNotifier _systemd;
    private readonly IReadOnlyList<PacketPath> _lanes;
    private readonly StopSignal _stop;
    private readonly long[] _turns;
    private readonly Timer? _timer;

    private ServiceWatch(SystemdNotifier systemd, IReadOnlyList<PacketPath> lanes, StopSignal stop, TimeSpan? watchdog)
    {
        (_systemd, _lanes, _stop) = (systemd, lanes, stop);
        _turns = new long[lanes.Count];
        Array.Fill(_turns, -1);
        _systemd.Notify(ServiceState.Ready);
        // Twice in the time that the unit allows, as sd_watchdog_enabled(3) advises.
        if (watchdog is { } time)
            _timer = new Timer(_ => Report(), null, time / 2, time / 2);
    }

    /// <summary>Begins, when packets are about to be taken; null if no service manager listens.</summary>
    public static ServiceWatch? Begin(IReadOnlyList<PacketPath> lanes, StopSignal stop)
    {
        var systemd = new SystemdNotifier();
        return systemd.IsEnabled ? new ServiceWatch(systemd, lanes, stop, Watchdog()) : null;
    }

    /// <summary>The input is over: what follows may take as long as the unit gives it.</summary>
    public void Dispose()
    {
        _timer?.Dispose();
        _systemd.Notify(ServiceState.Stopping);
    }

    // A lane that reads packets or waits for them has turns all the time. One that ends its input has none.
    private void Report()
    {
        bool goesOn = true;
        for (int i = 0; i < _turns.Length; i++)
        {
            long turns = _lanes[i].Turns;
            goesOn &= turns != _turns[i];
            _turns[i] = turns;
        }

        if (goesOn || _stop.IsRequested)
            _systemd.Notify(new ServiceState("WATCHDOG=1"));
    }

    private static TimeSpan? Watchdog() =>
        long.TryParse(Environment.GetEnvironmentVariable("WATCHDOG_USEC"), NumberStyles.None, CultureInfo.InvariantCulture, out long time)
        && time > 0
            ? TimeSpan.FromMicroseconds(time)
            : null;
}
