using System.Diagnostics;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Spillway.Net.Capture;

/// <summary>
/// Interfaces as one source, until it is stopped: packets as the kernel hands them over, those of several by their time. An interface that
/// is down, or deleted and made anew, is waited for. While nothing comes packet time follows the clock.
/// </summary>
/// <remarks>
/// libpcap reads the kernel's ring (packet(7), TPACKET_V3); its reads do not wait, the waiting is done here for all interfaces and for the
/// stop at once.
/// At a stop the packets that the kernel has by then are still taken, so that the account has no rest.
/// </remarks>
public sealed unsafe partial class InterfaceSource : LiveSource
{
    // Packets until the next look at the clock and the interfaces.
    private const int Turn = 64;

    // The kernel holds packets back for a moment: time goes on behind them.
    private const long LagNs = 100_000_000;

    private static readonly TimeSpan UpkeepInterval = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan HoldInterval = TimeSpan.FromMilliseconds(5);

    private readonly ListenedInterface[] _interfaces;
    private readonly SafeFileHandle _stopEvent;
    private readonly PauseWatch _pauses = new();
    private long _lastNs;
    private long _upkeepAt = Stopwatch.GetTimestamp();
    private long _stopSeenAt;
    private long _lastTarget;
    private bool _isEmpty; // since the stop
    private readonly long[] _heads;
    private long _clockNs;
    private int _taken = -1;
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
        _heads = [.. opened.Select(_ => ArrivalOrder.Empty)];
        _stopEvent = new SafeFileHandle(eventfd(0, closeOnExec | nonBlocking), ownsHandle: true);
        Name = string.Join(", ", names);
    }

    /// <inheritdoc/>
    public override string Name { get; }

    /// <inheritdoc/>
    public override PacketPause LongestPause => _pauses.Longest;

    /// <inheritdoc/>
    public override SourceEvent Read(out CapturedPacket packet) =>
        _interfaces.Length == 1 ? ReadOne(_interfaces[0], out packet) : ReadMany(out packet);

    /// <inheritdoc/>
    public override void Settle() => CountAll();

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

    private SourceEvent ReadOne(ListenedInterface one, out CapturedPacket packet)
    {
        while (true)
        {
            if (_left-- > 0 && one.TryRead(out packet))
                return Given(in packet);
            packet = default;
            bool wasTurn = _left <= 0;
            if (IsOverAfterUpkeep())
                return SourceEvent.End;
            if (!wasTurn && !Wait(IdleInterval))
                return Idle();
        }
    }

    // Of all the packet that came first. Those that have none at present are looked at anew whenever the clock is.
    private SourceEvent ReadMany(out CapturedPacket packet)
    {
        if (_taken >= 0)
            _heads[_taken] = _interfaces[_taken].Look();
        _taken = -1;
        bool hasWaited = false;
        while (true)
        {
            int first = _left-- > 0 ? ArrivalOrder.First(_heads, _clockNs) : -1;
            if (first >= 0)
            {
                _taken = first;
                packet = _interfaces[first].Take();
                return Given(in packet);
            }

            packet = default;
            if (IsOverAfterUpkeep())
                return SourceEvent.End;
            _clockNs = _isStopped ? long.MaxValue : Now(); // at the end nobody waits
            for (int i = 0; i < _heads.Length; i++)
                _heads[i] = _interfaces[i].Look();
            if (ArrivalOrder.First(_heads, _clockNs) >= 0)
                continue;
            if (hasWaited)
                return Idle();
            hasWaited = true;
            Wait(Array.Exists(_heads, IsTime) ? HoldInterval : IdleInterval);
        }
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

        bool isMore = Packets < _lastTarget || (!_isEmpty && Array.Exists(_interfaces, one => one.CountsCopies));
        if (isMore && Stopwatch.GetElapsedTime(_stopSeenAt) < StopPatience)
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

    private SourceEvent Given(scoped in CapturedPacket packet)
    {
        Packets++;
        if (packet.TimestampNs > _lastNs)
            _lastNs = packet.TimestampNs;
        return SourceEvent.Packet;
    }

    private SourceEvent Idle()
    {
        _isEmpty = _stopSeenAt != 0;
        IdleNs = Math.Max(_lastNs, Now() - LagNs);
        return SourceEvent.Idle;
    }

    private bool IsOverAfterUpkeep()
    {
        _pauses.Look();
        _left = _isStopped ? 1 : Turn; // what a packet costs is not known, and at the end there is little time
        if (Stopwatch.GetElapsedTime(_upkeepAt) >= UpkeepInterval)
            LookAfter();
        return _isStopped && IsOver();
    }

    private static bool IsTime(long head) => head is not (ArrivalOrder.Empty or ArrivalOrder.Closed);

    private static long Now() => (DateTime.UtcNow - DateTime.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick;

    // True if there may be packets. One whose packet waits for others is not looked at: it is readable all the time.
    private bool Wait(TimeSpan most)
    {
        const short readable = 1;
        int count = _interfaces.Length;
        PollWish* wanted = stackalloc PollWish[count + 1];
        for (int i = 0; i < count; i++)
            wanted[i] = new PollWish { fd = IsTime(_heads[i]) ? -1 : _interfaces[i].Descriptor, events = readable };
        wanted[count] = new PollWish { fd = _isStopped ? -1 : (int)_stopEvent.DangerousGetHandle(), events = readable };
        bool isThere = poll(wanted, (nuint)count + 1, (int)most.TotalMilliseconds) > 0;
        _pauses.Begin();
        return isThere;
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
