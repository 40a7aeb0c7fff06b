namespace Spillway.Net.Capture;

/// <summary>Something that could be captured: a network interface, or what else libpcap lists.</summary>
/// <param name="Name">Its name, as <c>-i</c> takes it.</param>
/// <param name="Description">What libpcap says of it, or empty.</param>
/// <param name="Addresses">Its addresses.</param>
/// <param name="Flags">libpcap's flags, see pcap_findalldevs(3).</param>
public sealed record CaptureInterface(string Name, string Description, IReadOnlyList<string> Addresses, uint Flags)
{
    private const uint LoopbackFlag = 1,
        UpFlag = 2,
        RunningFlag = 4,
        WirelessFlag = 8;

    /// <summary>The <see cref="Kind"/> of what a machine sends to itself.</summary>
    public const string Loopback = "loopback";

    /// <summary>Whether it is a network interface of this machine, and no other thing that libpcap can capture from.</summary>
    public bool IsNetwork => NetworkLink.IndexOf(Name) != 0;

    /// <summary>Its state, in the words of ip(8).</summary>
    public string State =>
        (Flags & UpFlag) == 0 ? "down"
        : (Flags & RunningFlag) == 0 ? "no carrier"
        : "up";

    /// <summary>What kind it is.</summary>
    public string Kind =>
        (Flags & LoopbackFlag) != 0 ? Loopback
        : (Flags & WirelessFlag) != 0 ? "wireless"
        : "";

    /// <summary>What joins segments on it, by the names that <c>ethtool -K</c> takes.</summary>
    public IReadOnlyList<string> Offloads => NetworkLink.OffloadsOf(Name);

    /// <summary>All there are.</summary>
    /// <exception cref="CaptureException">libpcap cannot list them.</exception>
    public static IReadOnlyList<CaptureInterface> All() =>
        PcapHandle.List() ?? throw new CaptureException("interfaces cannot be listed: the system lets this process see none");

    /// <summary>Tries to capture from it, for a moment.</summary>
    /// <returns>Null if that can be done; else why not, in a few words.</returns>
    public string? WhyNot()
    {
        using PcapHandle? pcap = PcapHandle.TryListen(
            Name,
            new LiveOptions { IsPromiscuous = false, BufferBytes = 1 << 20 },
            out LiveFailure failure,
            out string message
        );
        return failure switch
        {
            LiveFailure.None => null,
            LiveFailure.NoPermission => "no permission",
            LiveFailure.Down => "is down",
            LiveFailure.NoSuchInterface => "is gone",
            _ => message,
        };
    }
}
