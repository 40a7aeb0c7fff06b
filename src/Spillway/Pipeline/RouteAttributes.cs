using System.Globalization;
using System.Text;
using Spillway.Net.Flows;
using Spillway.Net.Packets;

namespace Spillway.Pipeline;

/// <summary>Attributes that say by which tunnels and VLANs a flow came.</summary>
internal static class RouteAttributes
{
    /// <summary>
    /// Sets <c>TUNNEL</c>, such as <c>vxlan:100 192.0.2.1 &gt; 192.0.2.2</c> with the outer address of end A first; and <c>VLAN</c> where
    /// VLANs are part of the key.
    /// </summary>
    /// <param name="flow">The flow.</param>
    /// <param name="route">How its first packet came.</param>
    /// <param name="keyTags">What is part of flow keys.</param>
    public static void Set(Flow flow, PacketRoute route, FlowTags keyTags)
    {
        if (!route.Levels.IsEmpty)
            flow.SetAttribute("TUNNEL"u8, Encoding.ASCII.GetBytes(TextOf(route)));
        if ((keyTags & FlowTags.Vlan) != 0 && !route.Vlans.IsEmpty)
            flow.SetAttribute("VLAN"u8, Encoding.ASCII.GetBytes(VlansOf(route)));
    }

    private static string TextOf(PacketRoute route)
    {
        FlowKey outer = route.Outer;
        if (outer.IsNone)
            return route.TunnelText;
        (UInt128 a, UInt128 z) = route.OuterAIsA ? (outer.AddressA, outer.AddressZ) : (outer.AddressZ, outer.AddressA);
        return $"{route.TunnelText} {AddressOf(a, outer.IPVersion)} > {AddressOf(z, outer.IPVersion)}";
    }

    private static string AddressOf(UInt128 address, byte version)
    {
        Span<byte> text = stackalloc byte[FlowText.MaxAddressLength];
        return Encoding.ASCII.GetString(text[..FlowText.FormatAddress(address, version, text)]);
    }

    private static string VlansOf(PacketRoute route)
    {
        var text = new StringBuilder();
        foreach (ushort vlan in route.Vlans)
            text.Append(text.Length == 0 ? "" : ".").Append(vlan.ToString(CultureInfo.InvariantCulture));
        return text.ToString();
    }
}
