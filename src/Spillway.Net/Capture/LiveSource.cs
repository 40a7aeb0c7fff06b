namespace Spillway.Net.Capture;

/// <summary>A source whose packets come whether or not they are taken, with the account of what became of them.</summary>
public abstract class LiveSource : PacketSource
{
    /// <summary>For how long what the kernel has by then is still taken after a stop.</summary>
    public static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(2);

    private const string Udp = "udp:";

    private readonly Lock _gate = new();
    private CaptureCounts _counts;

    /// <inheritdoc/>
    public override bool IsLive => true;

    /// <inheritdoc/>
    public override CaptureEnd End => CaptureEnd.None;

    /// <inheritdoc/>
    public override string? EndMessage => null;

    /// <inheritdoc/>
    public override long Dropped => Counts is var counts ? counts.KernelDrops + counts.InterfaceDrops : 0;

    /// <summary>The account; a moment old while packets are read. Any thread.</summary>
    public virtual CaptureCounts Counts
    {
        get
        {
            lock (_gate)
                return _counts;
        }
        protected set
        {
            lock (_gate)
                _counts = value;
        }
    }

    /// <summary>Whether a name is that of a UDP socket, <c>udp:ADDRESS:PORT</c>, and not of an interface.</summary>
    public static bool IsUdp(string name) => name?.StartsWith(Udp, StringComparison.Ordinal) == true;

    /// <summary>Brings the account up to date when no more will be read. The reading thread's.</summary>
    public abstract void Settle();

    /// <summary>Opens interfaces, or one UDP socket.</summary>
    /// <exception cref="CaptureException">One of them cannot be opened.</exception>
    public static LiveSource Open(IReadOnlyList<string> names, LiveOptions options)
    {
        ArgumentNullException.ThrowIfNull(names);
        ArgumentNullException.ThrowIfNull(options);
        return names is [var name] && IsUdp(name) ? new UdpSource(name[Udp.Length..], options)
            : options.Readers > 1 ? new FanoutSource(names, options.Readers, options)
            : new InterfaceSource(names, options);
    }
}
