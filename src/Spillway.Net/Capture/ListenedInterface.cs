namespace Spillway.Net.Capture;

/// <summary>
/// One interface of an <see cref="InterfaceSource"/>: open, or waited for while it is down or gone. The reading thread's.
/// </summary>
internal sealed class ListenedInterface : IDisposable
{
    private readonly LiveOptions _options;
    private PcapHandle? _pcap;
    private LinkType _linkType;
    private int _index;
    private PcapPacket _head;
    private bool _hasHead;
    private bool _isDown;
    private bool _isRefused; // and that is reported
    private long _given;
    private CaptureCounts _counts;

    /// <summary>Opens it; one that is down is waited for.</summary>
    /// <exception cref="CaptureException">It cannot be captured.</exception>
    public ListenedInterface(string name, LiveOptions options)
    {
        Name = name;
        _options = options;
        if (!TryOpen(out LiveFailure failure, out string message))
        {
            if (failure != LiveFailure.Down)
                throw new CaptureException(Explain(failure, message));
            _isDown = true;
            _options.Tell($"interface '{name}' is down: capture begins when it is up (ip link set {name} up)");
        }
    }

    public string Name { get; }

    private FanoutGroup? Group => _options.Groups?.GetValueOrDefault(Name);

    /// <summary>Readable when packets are there; -1 if it is not open.</summary>
    public int Descriptor => _pcap?.Descriptor ?? -1;

    /// <summary>Whether the kernel cannot tell how many packets there are to read, see <see cref="PcapHandle.CountsCopies"/>.</summary>
    public bool CountsCopies { get; private set; }

    /// <summary>The account of all openings, as of the last <see cref="Count"/>.</summary>
    public CaptureCounts Counts =>
        _counts with
        {
            Given = _given,
            Received = Math.Max(CountsCopies ? 0 : _counts.Received, _given + _counts.KernelDrops + _counts.InterfaceDrops),
        };

    /// <summary>Takes the next packet, without waiting.</summary>
    public bool TryRead(out CapturedPacket packet)
    {
        packet = default;
        if (!TryLook())
            return false;
        packet = Take();
        return true;
    }

    /// <summary>
    /// The time of the packet that <see cref="Take"/> gives, as <see cref="ArrivalOrder"/> wants it; reads on if that was taken.
    /// </summary>
    public long Look() =>
        TryLook() ? _head.TimestampNs
        : _pcap is null ? ArrivalOrder.Closed
        : ArrivalOrder.Empty;

    /// <summary>Gives the packet that was looked at, valid until the next look.</summary>
    public CapturedPacket Take()
    {
        _given++;
        _hasHead = false;
        return _head.View(_linkType);
    }

    private bool TryLook()
    {
        if (_hasHead)
            return true;
        if (_pcap is not { } pcap)
            return false;
        int result = pcap.Next(out _head);
        if (result == 1)
            return _hasHead = true;

        // libpcap ends when the interface has gone, and with some versions when it is down; what is the matter shows when it is looked
        // after.
        if (result < 0)
            Close();
        return false;
    }

    /// <summary>Asks the kernel for its counts.</summary>
    public void Count()
    {
        if (_pcap is { } pcap)
            _counts += pcap.CountMore();
    }

    /// <summary>Sees whether it is down, gone, made anew or back. To be called now and then.</summary>
    public void LookAfter()
    {
        if (_pcap is not null && _index == 0)
            return; // no interface of this machine: 'any', or what else libpcap knows
        int index = NetworkLink.IndexOf(Name);
        if (_pcap is not null && index != _index)
            Close();
        bool isUp = index != 0 && NetworkLink.IsUp(Name);
        if (!isUp)
        {
            if (!_isDown)
                _options.Tell(
                    index == 0
                        ? $"interface '{Name}' is gone: capture goes on when it is there again"
                        : $"interface '{Name}' is down: capture goes on when it is up"
                );
            _isDown = true;
            return;
        }

        // Whatever keeps it from being opened now may be over at the next look.
        if (_pcap is null && !TryOpen(out LiveFailure failure, out string message))
        {
            if (!_isRefused && failure is LiveFailure.NoPermission or LiveFailure.Filter)
                _options.Tell(Explain(failure, message));
            _isRefused |= failure is LiveFailure.NoPermission or LiveFailure.Filter;
            return;
        }

        _isRefused = false;
        if (_isDown)
            _options.Tell($"interface '{Name}' is up: capture goes on");
        _isDown = false;
    }

    public void Dispose() => Close();

    private bool TryOpen(out LiveFailure failure, out string message)
    {
        (PcapHandle? Opened, LiveFailure Failure, string Message) result = (null, LiveFailure.Other, "");
        _options.Open(() => result.Opened = PcapHandle.TryListen(Name, _options, out result.Failure, out result.Message));
        (_pcap, failure, message) = result;
        if (_pcap is null)
            return false;
        if (Group is { } group && group.TryJoin(_pcap.Descriptor) is { } reason)
        {
            (failure, message) = (LiveFailure.Other, reason);
            _pcap.Dispose();
            _pcap = null;
            return false;
        }

        _linkType = _pcap.LinkType;
        CountsCopies |= _pcap.CountsCopies;
        _index = NetworkLink.IndexOf(Name);
        return true;
    }

    private void Close()
    {
        Count();
        _hasHead = false; // it is in memory of libpcap's
        if (_pcap is not null)
            Group?.Leave();
        _pcap?.Dispose();
        _pcap = null;
    }

    private string Explain(LiveFailure failure, string message)
    {
        const string fewest = "CAP_NET_RAW";
        bool isThere = NetworkLink.IndexOf(Name) != 0 || PcapHandle.List() is not { } all || all.Any(each => each.Name == Name);
        if (!isThere || failure == LiveFailure.NoSuchInterface)
            return $"there is no interface '{Name}'; there are: "
                + $"{string.Join(", ", (PcapHandle.List() ?? []).Where(each => each.IsNetwork).Select(each => each.Name))}";
        return failure switch
        {
            LiveFailure.NoPermission => $"no permission to capture from '{Name}': run as root, or give the program {fewest}: sudo setcap "
                + $"cap_net_raw+ep '{Environment.ProcessPath}'"
                + "; or for once: sudo setpriv --reuid $(id -u) --regid $(id -g) --init-groups --inh-caps +net_raw "
                + "--ambient-caps +net_raw spillway run ...",
            LiveFailure.Filter => $"the filter '{_options.Filter}' does not fit interface '{Name}': {message}",
            _ => $"interface '{Name}' cannot be captured: {message.ReplaceLineEndings(" ").TrimEnd('.')}; see spillway interfaces",
        };
    }
}
