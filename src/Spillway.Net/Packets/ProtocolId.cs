namespace Spillway.Net.Packets;

/// <summary>The protocol of a layer. Values from <see cref="FirstCustom"/> on belong to protocols that scripts define.</summary>
public enum ProtocolId : ushort
{
    /// <summary>No protocol.</summary>
    None = 0,

    /// <summary>Ethernet, and what stands in its place on other links (Linux SLL, 802.11, PPP, ...).</summary>
    Ethernet = 1,

    /// <summary>IPv4 (RFC 791).</summary>
    Ipv4 = 2,

    /// <summary>IPv6 with its extension headers (RFC 8200).</summary>
    Ipv6 = 3,

    /// <summary>ICMP (RFC 792).</summary>
    Icmp = 4,

    /// <summary>ICMPv6 (RFC 4443).</summary>
    Icmpv6 = 5,

    /// <summary>UDP (RFC 768).</summary>
    Udp = 6,

    /// <summary>TCP (RFC 9293).</summary>
    Tcp = 7,

    /// <summary>An 802.1Q or 802.1ad tag.</summary>
    Vlan = 8,

    /// <summary>One MPLS label stack entry (RFC 3032).</summary>
    Mpls = 9,

    /// <summary>PPPoE session header with the PPP protocol number (RFC 2516).</summary>
    Pppoe = 10,

    /// <summary>ARP (RFC 826).</summary>
    Arp = 11,

    /// <summary>GRE (RFC 2784, 2890).</summary>
    Gre = 12,

    /// <summary>VXLAN (RFC 7348).</summary>
    Vxlan = 13,

    /// <summary>Geneve (RFC 8926).</summary>
    Geneve = 14,

    /// <summary>GTP-U version 1 (3GPP TS 29.281).</summary>
    GtpU = 15,

    /// <summary>L2TP version 2 over UDP (RFC 2661), with the PPP protocol number.</summary>
    L2tp = 16,

    /// <summary>A network service header (RFC 8300).</summary>
    Nsh = 17,

    /// <summary>
    /// A tag between Ethernet and what it carries: 802.1ah, 802.1BR, 802.1CB, HSR, TRILL, FabricPath, VN-tag, Cisco metadata.
    /// </summary>
    Tag = 18,

    /// <summary>EtherIP (RFC 3378).</summary>
    EtherIp = 19,

    /// <summary>AYIYA (draft-massar-v6ops-ayiya), IPv6 in UDP.</summary>
    Ayiya = 20,

    /// <summary>The first number for protocols that scripts define.</summary>
    FirstCustom = 64,
}
