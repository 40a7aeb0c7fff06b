using System.Diagnostics;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Spillway.Net.Capture;

/// <summary>
/// Interfaces as one source: packets as the kernel hands them over, in turns if there are several, until it is stopped. An interface that
/// is down, or deleted and made anew, is waited for. While nothing comes packet time follows the clock.
/// </summary>
/// <remarks>
/// libpcap reads the kernel's ring (packet(7), TPACKET_V3); its reads do not wait, the waiting is done here for all interfaces and for the
/// stop at once.
/// At a stop the packets that the kernel has by then are still taken, so that the account has no rest.
/// </remarks>
public sealed unsafe partial class InterfaceSource : LiveSource
{
    // Packets of an interface before it is the next one's turn.
    private const int Turn = 64;

    // The kernel holds packets back for a moment: time goes on behind them.
    private const long LagNs = 100_000_000;

    private static readonly TimeSpan UpkeepInterval = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(2);

    private readonly ListenedInterface[] _interfaces;
    private readonly SafeFileHandle _stopEvent;
    private long _lastNs;
    private long _upkeepAt = Stopwatch.GetTimestamp();
    private long _stopSeenAt;
    private long _lastTarget;
    private int _current;
    private int _left = Turn;
    private volatile bool _isStopped;

    /// <summary>Opens interfaces.</summary>
    /// <param name="names">Their names; <c>any</c> is all.</param>
    /// <param name="options">How they are listened to.</param>
    /// <exception cref="CaptureException">One of them cannot be captured.</exception>
    public InterfaceSource(IReadOnlyList<string> names, LiveOptions options)
    {
        ArgumentNullException.ThrowIfNull(names);
        ArgumentOutOfRangeException.ThrowIfZero(names.Count);
        const int closeOnExec = 0x80000,
            nonBlocking = 0x800;
        var opened = new List<ListenedInterface>();
        try
        {
            foreach (string name in names)
                opened.Add(new ListenedInterface(name, options));
        }
        catch
        {
            opened.ForEach(one => one.Dispose());
            throw;
        }

        _interfaces = [.. opened];
        _stopEvent = new SafeFileHandle(eventfd(0, closeOnExec | nonBlocking), ownsHandle: true);
        Name = string.Join(", ", names);
    }

    /// <inheritdoc/>
    public override string Name { get; }

    /// <inheritdoc/>
    public override SourceEvent Read(out CapturedPacket packet)
    {
        while (true)
        {
            for (int tried = 0; tried <= _interfaces.Length; tried++)
            {
                if (_left-- > 0 && _interfaces[_current].TryRead(out packet))
                {
                    Packets++;
                    if (packet.TimestampNs > _lastNs)
                        _lastNs = packet.TimestampNs;
                    return SourceEvent.Packet;
                }

                _left = Turn;
                _current = _current + 1 == _interfaces.Length ? 0 : _current + 1;
                if (_current == 0 && Stopwatch.GetElapsedTime(_upkeepAt) >= UpkeepInterval)
                    LookAfter();
                if (_isStopped && IsOver())
                {
                    packet = default;
                    return SourceEvent.End;
                }
            }

            packet = default;
            if (Wait())
                continue;
            IdleNs = Math.Max(_lastNs, ((DateTime.UtcNow - DateTime.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick) - LagNs);
            return SourceEvent.Idle;
        }
    }

    /// <inheritdoc/>
    public override void Stop()
    {
        _isStopped = true;
        bool isHeld = false;
        try
        {
            _stopEvent.DangerousAddRef(ref isHeld);
            ulong one = 1;
            _ = write((int)_stopEvent.DangerousGetHandle(), &one, sizeof(ulong));
        }
        catch (ObjectDisposedException)
        {
            // Closed meanwhile: nobody reads.
        }
        finally
        {
            if (isHeld)
                _stopEvent.DangerousRelease();
        }
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        foreach (ListenedInterface one in _interfaces)
            one.Dispose();
        _stopEvent.Dispose();
    }

    // What the kernel had at the stop is still taken, unless that takes long.
    private bool IsOver()
    {
        if (_stopSeenAt == 0)
        {
            _stopSeenAt = Stopwatch.GetTimestamp();
            CountAll();
            CaptureCounts counts = Counts;
            _lastTarget = counts.Received - counts.KernelDrops - counts.InterfaceDrops;
        }

        if (Packets < _lastTarget && Stopwatch.GetElapsedTime(_stopSeenAt) < StopPatience)
            return false;
        CountAll();
        return true;
    }

    private void LookAfter()
    {
        _upkeepAt = Stopwatch.GetTimestamp();
        if (_isStopped)
            return;
        foreach (ListenedInterface one in _interfaces)
            one.LookAfter();
        CountAll();
    }

    private void CountAll()
    {
        CaptureCounts sum = default;
        foreach (ListenedInterface one in _interfaces)
        {
            one.Count();
            sum += one.Counts;
        }

        Counts = sum;
    }

    // True if there may be packets.
    private bool Wait()
    {
        const short readable = 1;
        int count = _interfaces.Length;
        PollWish* wanted = stackalloc PollWish[count + 1];
        for (int i = 0; i < count; i++)
            wanted[i] = new PollWish { fd = _interfaces[i].Descriptor, events = readable };
        wanted[count] = new PollWish { fd = _isStopped ? -1 : (int)_stopEvent.DangerousGetHandle(), events = readable };
        return poll(wanted, (nuint)count + 1, (int)IdleInterval.TotalMilliseconds) > 0;
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int eventfd(uint initial, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int poll(PollWish* wanted, nuint count, int milliseconds);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint write(int descriptor, ulong* value, nint length);

    [StructLayout(LayoutKind.Sequential)]
    private struct PollWish
    {
        public int fd;
        public short events;
        public short revents;
    }
}
