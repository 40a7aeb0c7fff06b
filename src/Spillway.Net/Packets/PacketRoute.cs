using System.Globalization;
using System.Text;

namespace Spillway.Net.Packets;

/// <summary>A kind of tunnel.</summary>
public enum TunnelKind : byte
{
    /// <summary>None.</summary>
    None,

    /// <summary>IPv4 right in IP.</summary>
    Ipv4,

    /// <summary>IPv6 right in IP.</summary>
    Ipv6,

    /// <summary>IPv6 right in UDP: Teredo (RFC 4380).</summary>
    Teredo,

    /// <summary>GRE (RFC 2784), over IP or UDP.</summary>
    Gre,

    /// <summary>A mirrored frame in GRE.</summary>
    Erspan,

    /// <summary>NVGRE (RFC 7637).</summary>
    Nvgre,

    /// <summary>VXLAN (RFC 7348) and its generic extension.</summary>
    Vxlan,

    /// <summary>Geneve (RFC 8926).</summary>
    Geneve,

    /// <summary>GTP-U.</summary>
    Gtp,

    /// <summary>L2TP, version 2 or 3.</summary>
    L2tp,

    /// <summary>EtherIP (RFC 3378).</summary>
    EtherIp,

    /// <summary>A network service header (RFC 8300).</summary>
    Nsh,

    /// <summary>A provider backbone (IEEE 802.1ah).</summary>
    Pbb,

    /// <summary>AYIYA.</summary>
    Ayiya,

    /// <summary>MPLS over IP or UDP (RFC 4023, RFC 7510).</summary>
    Mpls,
}

/// <summary>One level of tunnels.</summary>
/// <param name="Kind">Its kind.</param>
/// <param name="Network">Its network identifier; -1 without one.</param>
public readonly record struct TunnelLevel(TunnelKind Kind, int Network)
{
    /// <inheritdoc/>
    public override string ToString()
    {
        string name = Kind.ToString().ToLowerInvariant();
        return Network < 0 ? name : string.Create(CultureInfo.InvariantCulture, $"{name}:{Network}");
    }
}

/// <summary>
/// By which VLANs and tunnels the first packet of a flow came. Immutable, and shared by flows that came the same way. Any thread.
/// </summary>
public sealed class PacketRoute
{
    private readonly ushort[] _vlans;
    private readonly TunnelLevel[] _levels;

    internal PacketRoute(in RouteEnds ends, ReadOnlySpan<ushort> vlans, ReadOnlySpan<TunnelLevel> levels)
    {
        Ends = ends;
        _vlans = vlans.ToArray();
        _levels = levels.ToArray();
        VlanText = string.Join(',', _vlans);
    }

    /// <summary>VLAN ids, the outermost first.</summary>
    public ReadOnlySpan<ushort> Vlans => _vlans;

    /// <summary>The same as <c>100,200</c>; empty without any.</summary>
    public string VlanText { get; }

    /// <summary>Tunnels, the outermost first.</summary>
    public ReadOnlySpan<TunnelLevel> Levels => _levels;

    /// <summary>The flow of the outermost packet; that of no flow if the tunnel has no IP of its own (IEEE 802.1ah).</summary>
    public FlowKey Outer => Ends.Outer;

    /// <summary>Whether end A of <see cref="Outer"/> is on the side of end A of the flow.</summary>
    public bool OuterAIsA => Ends.OuterAIsA;

    internal RouteEnds Ends { get; }

    /// <summary>The tunnels as <c>vxlan:100/gre</c>; empty without any.</summary>
    public string TunnelText
    {
        get
        {
            var text = new StringBuilder();
            foreach (TunnelLevel level in _levels)
                text.Append(text.Length == 0 ? "" : "/").Append(level.ToString());
            return text.ToString();
        }
    }

    internal bool Is(in RouteEnds ends, ReadOnlySpan<ushort> vlans, ReadOnlySpan<TunnelLevel> levels) =>
        Ends.Equals(ends) && vlans.SequenceEqual(_vlans) && levels.SequenceEqual(_levels);
}

/// <summary>The ends of the outermost tunnel of a route.</summary>
internal readonly record struct RouteEnds(FlowKey Outer, bool OuterAIsA);
