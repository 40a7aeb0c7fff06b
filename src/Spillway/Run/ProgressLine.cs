using System.Diagnostics;
using System.Globalization;

namespace Spillway.Run;

/// <summary>
/// One line on the terminal that tells how far a run is, and more lines below it if there are details. Nothing is shown for short runs, or
/// where standard error is no terminal.
/// </summary>
internal sealed class ProgressLine : IDisposable
{
    private const int BarWidth = 24;
    private static readonly TimeSpan FirstAfter = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    private readonly Lock _gate = new();
    private readonly Func<long> _packets;
    private readonly Func<long> _lost;
    private readonly Func<long> _dropped;
    private readonly Timer? _timer;
    private readonly long _start = Stopwatch.GetTimestamp();
    private readonly Func<string>? _details;
    private int _shownLines;
    private string _name = "";
    private Func<double?> _fraction = () => null;

    /// <param name="packets">How many packets the lanes have taken.</param>
    /// <param name="lost">How many packets were lost before.</param>
    /// <param name="dropped">How many of their results were dropped behind the lanes.</param>
    /// <param name="enabled">False shows nothing.</param>
    /// <param name="details">Gives what to show below the line, whole lines that fit the terminal; null for nothing.</param>
    public ProgressLine(Func<long> packets, Func<long> lost, Func<long> dropped, bool enabled, Func<string>? details = null)
    {
        _packets = packets;
        _lost = lost;
        _dropped = dropped;
        _details = details;
        if (enabled && !Console.IsErrorRedirected)
            _timer = new Timer(_ => Show(), null, FirstAfter, Interval);
    }

    /// <summary>Says what is being read, and how to learn how much of it is done (0 to 1; null if that is not known).</summary>
    public void Reading(string name, Func<double?> fraction)
    {
        lock (_gate)
            (_name, _fraction) = (name, fraction);
    }

    /// <summary>Says that the slow path is being drained.</summary>
    public void Draining(long pending)
    {
        lock (_gate)
            (_name, _fraction) = ($"{pending} tasks left", () => null);
    }

    /// <summary>Takes the line off the terminal; the next tick shows it again.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            if (_shownLines == 0)
                return;
            Console.Error.Write(Erase());
            _shownLines = 0;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _timer?.Dispose();
        Clear();
    }

    // Whoever finds the one before still writing, to a terminal that is held, leaves it at that.
    private void Show()
    {
        if (!_gate.TryEnter())
            return;
        try
        {
            double seconds = Stopwatch.GetElapsedTime(_start).TotalSeconds;
            long packets = _packets();
            string bar = "";
            if (_fraction() is { } fraction)
            {
                int filled = (int)(Math.Clamp(fraction, 0, 1) * BarWidth);
                bar = $"[{new string('#', filled)}{new string('.', BarWidth - filled)}] {fraction:P0} ";
            }

            string line = string.Create(CultureInfo.InvariantCulture, $"{bar}{_name}: {packets:N0} packets, {packets / seconds:N0}/s");
            if (_lost() is > 0 and var lost)
                line += string.Create(CultureInfo.InvariantCulture, $", {lost:N0} lost");
            if (_dropped() is > 0 and var dropped)
                line += string.Create(CultureInfo.InvariantCulture, $", {dropped:N0} results dropped");
            string details = _details?.Invoke() ?? "";
            string text = details.Length == 0 ? line : line + "\n" + details.TrimEnd('\n');
            Console.Error.Write(Erase() + text);
            _shownLines = 1 + text.Count(c => c == '\n');
        }
        finally
        {
            _gate.Exit();
        }
    }

    // Back to the first line that is shown, and all from there on gone: in one write with what comes, so that nothing flickers.
    private string Erase() => _shownLines > 1 ? $"\r\u001b[{_shownLines - 1}A\u001b[J" : "\r\u001b[J";
}
