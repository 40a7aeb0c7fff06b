using Spillway.Net.Packets;

namespace Spillway.Net.Storage;

/// <summary>Which stored packets are wanted. All conditions must hold.</summary>
public sealed record PacketQuery
{
    /// <summary>One flow; null for all.</summary>
    public FlowSelector? Flow { get; init; }

    /// <summary>An address that is at either end, with its IP version.</summary>
    public (UInt128 Address, byte Version)? Host { get; init; }

    /// <summary>A port that is at either end.</summary>
    public ushort? Port { get; init; }

    /// <summary>Earliest packet time, nanoseconds since 1970 UTC.</summary>
    public long FromNs { get; init; } = long.MinValue;

    /// <summary>Latest packet time.</summary>
    public long ToNs { get; init; } = long.MaxValue;

    /// <summary>A filter in the language of pcap-filter(7).</summary>
    public string? Filter { get; init; }

    /// <summary>Whether flow and address alone decide, so that the index knows the answer.</summary>
    public bool IsAnsweredByIndex => FromNs == long.MinValue && ToNs == long.MaxValue && Filter is null;

    /// <summary>Whether the conditions on flow, host and port hold.</summary>
    public bool Matches(in FlowKey key) =>
        MatchesEnds(in key) && (Port is not { } port || (HasPorts(in key) && (key.PortA == port || key.PortZ == port)));

    /// <summary>Whether fragments that are stored under a key without ports may be of a flow that is meant: their datagram tells.</summary>
    internal bool MayMatchFragments(in FlowKey key) =>
        Port is not null && key is { PortA: 0, PortZ: 0 } && HasPorts(in key) && MatchesEnds(in key);

    private bool MatchesEnds(in FlowKey key) =>
        (Flow is null || Flow.Matches(in key))
        && (Host is not { } host || (key.IPVersion == host.Version && (key.AddressA == host.Address || key.AddressZ == host.Address)));

    // The types of ICMP messages stand where others have ports.
    internal static bool HasPorts(in FlowKey key) => key.Protocol is 6 or 17 or 33 or 132 or 136;
}

/// <summary>A flow as somebody names it, whichever way round.</summary>
/// <param name="Key">Its ends and protocol.</param>
/// <param name="AnyProtocol">Whether only the ends count.</param>
public sealed record FlowSelector(FlowKey Key, bool AnyProtocol)
{
    /// <summary>Whether a flow, or a fragment of one (which has no ports), is the one that is meant.</summary>
    public bool Matches(in FlowKey key)
    {
        if (key.IPVersion != Key.IPVersion || (!AnyProtocol && key.Protocol != Key.Protocol))
            return false;
        if (key.AddressA == Key.AddressA && key.AddressZ == Key.AddressZ && key.PortA == Key.PortA && key.PortZ == Key.PortZ)
            return true;
        if (key.AddressA == Key.AddressZ && key.AddressZ == Key.AddressA && key.PortA == Key.PortZ && key.PortZ == Key.PortA)
            return true;
        return key is { PortA: 0, PortZ: 0, Protocol: 6 or 17 }
            && (
                (key.AddressA == Key.AddressA && key.AddressZ == Key.AddressZ)
                || (key.AddressA == Key.AddressZ && key.AddressZ == Key.AddressA)
            );
    }

    /// <summary>How much a flow has in common with this one: addresses count more than ports.</summary>
    public int Likeness(in FlowKey key)
    {
        if (key.IPVersion != Key.IPVersion)
            return 0;
        int straight = Of(key.AddressA, key.PortA, key.AddressZ, key.PortZ);
        int turned = Of(key.AddressZ, key.PortZ, key.AddressA, key.PortA);
        return Math.Max(straight, turned) + (!AnyProtocol && key.Protocol == Key.Protocol ? 1 : 0);

        int Of(UInt128 addressA, ushort portA, UInt128 addressZ, ushort portZ) =>
            (addressA == Key.AddressA ? 4 : 0)
            + (addressZ == Key.AddressZ ? 4 : 0)
            + (portA == Key.PortA ? 2 : 0)
            + (portZ == Key.PortZ ? 2 : 0);
    }
}
