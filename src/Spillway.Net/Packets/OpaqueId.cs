using System.Globalization;

namespace Spillway.Net.Packets;

/// <summary>In which space of numbers the name of something stands that a decoder does not look into.</summary>
public enum OpaqueKind : byte
{
    /// <summary>Nothing: all was looked into.</summary>
    None,

    /// <summary>An EtherType (IEEE 802), or the protocol type of GRE.</summary>
    EtherType,

    /// <summary>A destination service access point of IEEE 802.2.</summary>
    LlcSap,

    /// <summary>Organisation (upper bits) and protocol (lower 16 bits) of SNAP.</summary>
    Snap,

    /// <summary>A PPP protocol number.</summary>
    Ppp,

    /// <summary>The next protocol of VXLAN-GPE.</summary>
    VxlanGpe,

    /// <summary>The next protocol of a network service header (RFC 8300).</summary>
    Nsh,

    /// <summary>The version of L2TP.</summary>
    L2tp,

    /// <summary>GRE in UDP that is encrypted (RFC 8086, section 2.2).</summary>
    GreDtls,

    /// <summary>A frame of IEEE 802.11: type (bits 4 and 5) and subtype; 0x40 is set if it is encrypted.</summary>
    Wireless,

    /// <summary>A link type (<see cref="Capture.LinkType"/>).</summary>
    LinkType,
}

/// <summary>What a decoder has come upon and does not look into.</summary>
/// <param name="Kind">The space of numbers.</param>
/// <param name="Number">The number.</param>
public readonly record struct OpaqueId(OpaqueKind Kind, ulong Number)
{
    /// <summary>A name for people: the number, and what it usually stands for.</summary>
    public override string ToString() =>
        Kind switch
        {
            OpaqueKind.EtherType => Named("EtherType", 4, EtherTypeName()),
            OpaqueKind.LlcSap => Named("LLC", 2, SapName()),
            OpaqueKind.Snap => string.Create(CultureInfo.InvariantCulture, $"SNAP {Number >> 16:x6}:{Number & 0xffff:x4}")
                + InBrackets(SnapName()),
            OpaqueKind.Ppp => Named("PPP", 4, PppName()),
            OpaqueKind.VxlanGpe => Named("VXLAN-GPE", 2, null),
            OpaqueKind.Nsh => Named("NSH", 2, null),
            OpaqueKind.L2tp => string.Create(CultureInfo.InvariantCulture, $"L2TP version {Number}"),
            OpaqueKind.GreDtls => "GRE in UDP, encrypted (DTLS)",
            OpaqueKind.Wireless => WirelessName(),
            OpaqueKind.LinkType => string.Create(CultureInfo.InvariantCulture, $"link type {Number}"),
            _ => "others",
        };

    private string Named(string space, int digits, string? name) =>
        space
        + " 0x"
        + Number.ToString("x" + digits.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture)
        + InBrackets(name);

    private static string InBrackets(string? name) => name is null ? "" : $" ({name})";

    private string WirelessName() =>
        (Number & 0x40) != 0
            ? "802.11, encrypted data"
            : ((Number >> 4) & 3) switch
            {
                0 => "802.11 management",
                1 => "802.11 control",
                2 => "802.11 without data",
                _ => "802.11 extension",
            };

    // IEEE and IANA registries; the names that administrators use.
    private string? EtherTypeName() =>
        Number switch
        {
            0x0000 => "GRE keep-alive",
            0x0806 => "ARP",
            0x2000 => "CDP",
            0x4305 => "B.A.T.M.A.N.",
            0x6002 or 0x6003 or 0x6004 => "DECnet",
            0x8035 => "RARP",
            0x809b => "AppleTalk",
            0x80f3 => "AppleTalk ARP",
            0x8137 => "IPX",
            0x8808 => "Ethernet flow control",
            0x8809 => "LACP and other slow protocols",
            0x8863 => "PPPoE discovery",
            0x8874 => "Broadcom tag",
            0x887b => "HomePlug",
            0x888e => "802.1X",
            0x8892 => "PROFINET",
            0x88a2 => "ATA over Ethernet",
            0x88a4 => "EtherCAT",
            0x88ab => "Powerlink",
            0x88b8 => "GOOSE",
            0x88ba => "IEC 61850 sampled values",
            0x88ca => "TIPC",
            0x88cc => "LLDP",
            0x88cd => "SERCOS III",
            0x88e1 => "HomePlug AV",
            0x88e3 => "MRP",
            0x88e5 => "MACsec",
            0x88f5 => "MVRP",
            0x88f7 => "PTP",
            0x88fb => "PRP",
            0x8902 => "802.1ag CFM",
            0x8906 => "FCoE",
            0x8914 => "FCoE initialization",
            0x8915 => "RoCE",
            0x893a => "1905.1",
            0x9000 => "loopback test",
            0xd28b => "Arista tag",
            0xdada => "DSA tag",
            _ => null,
        };

    private string? SapName() =>
        Number switch
        {
            0x42 => "STP",
            0xe0 or 0xff => "IPX",
            0xf0 => "NetBIOS",
            0xfe => "OSI, IS-IS",
            _ => null,
        };

    private string? SnapName() =>
        Number switch
        {
            0x00000c_2000 => "CDP",
            0x00000c_2003 => "VTP",
            0x00000c_2004 => "DTP",
            0x00000c_010b => "PVST",
            0x00000c_0111 => "UDLD",
            0x080007_809b => "AppleTalk",
            0x00e02b_00bb => "EDP",
            _ => null,
        };

    private string? PppName() =>
        Number switch
        {
            0x002d or 0x002f => "compressed TCP/IP",
            0x0031 => "bridging",
            0x003d => "multilink",
            0x00fd => "compressed",
            0x0053 => "encrypted",
            0x8021 => "IPCP",
            0x8057 => "IPv6CP",
            0x80fd => "CCP",
            0xc021 => "LCP",
            0xc023 => "PAP",
            0xc223 => "CHAP",
            _ => null,
        };
}
