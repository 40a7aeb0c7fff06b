using System.Diagnostics;
using System.Globalization;
using Spillway.Pipeline;

namespace Spillway.Run;

/// <summary>One line on the terminal that tells how far a run is. Nothing is shown for short runs, or where standard error is no terminal.</summary>
internal sealed class ProgressLine : IDisposable
{
    private const int BarWidth = 24;
    private static readonly TimeSpan FirstAfter = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    private readonly Lock _gate = new();
    private readonly LaneFigures _figures;
    private readonly Timer? _timer;
    private readonly long _start = Stopwatch.GetTimestamp();
    private bool _isShown;
    private string _name = "";
    private Func<double?> _fraction = () => null;

    public ProgressLine(LaneFigures figures, bool enabled)
    {
        _figures = figures;
        if (enabled && !Console.IsErrorRedirected) _timer = new Timer(_ => Show(), null, FirstAfter, Interval);
    }

    /// <summary>Says what is being read, and how to learn how much of it is done (0 to 1; null if that is not known).</summary>
    public void Reading(string name, Func<double?> fraction)
    {
        lock (_gate) (_name, _fraction) = (name, fraction);
    }

    /// <summary>Says that the slow path is being drained.</summary>
    public void Draining(long pending)
    {
        lock (_gate) (_name, _fraction) = ($"{pending} tasks left", () => null);
    }

    /// <summary>Takes the line off the terminal; the next tick shows it again.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            if (!_isShown) return;
            Console.Error.Write("\r\u001b[K");
            _isShown = false;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _timer?.Dispose();
        Clear();
    }

    private void Show()
    {
        lock (_gate)
        {
            double seconds = Stopwatch.GetElapsedTime(_start).TotalSeconds;
            long packets = _figures.Packets;
            string bar = "";
            if (_fraction() is { } fraction)
            {
                int filled = (int)(Math.Clamp(fraction, 0, 1) * BarWidth);
                bar = $"[{new string('#', filled)}{new string('.', BarWidth - filled)}] {fraction:P0} ";
            }

            string line = string.Create(CultureInfo.InvariantCulture, $"{bar}{_name}: {packets:N0} packets, {packets / seconds:N0}/s");
            Console.Error.Write("\r" + line + "\u001b[K");
            _isShown = true;
        }
    }
}
