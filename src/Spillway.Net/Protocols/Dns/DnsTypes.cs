using System.Globalization;
using System.Text;

namespace Spillway.Net.Protocols.Dns;

/// <summary>Types of records that are read (IANA's registry).</summary>
public enum DnsType : ushort
{
    /// <summary>IPv4 address.</summary>
    A = 1,

    /// <summary>Name server.</summary>
    NS = 2,

    /// <summary>Alias.</summary>
    CNAME = 5,

    /// <summary>Start of a zone.</summary>
    SOA = 6,

    /// <summary>Anything.</summary>
    NULL = 10,

    /// <summary>Name of an address.</summary>
    PTR = 12,

    /// <summary>Mail exchange.</summary>
    MX = 15,

    /// <summary>Text.</summary>
    TXT = 16,

    /// <summary>IPv6 address (RFC 3596).</summary>
    AAAA = 28,

    /// <summary>Service (RFC 2782).</summary>
    SRV = 33,

    /// <summary>Other name for a tree (RFC 6672).</summary>
    DNAME = 39,

    /// <summary>EDNS (RFC 6891).</summary>
    OPT = 41,

    /// <summary>Fingerprint of an SSH key (RFC 4255).</summary>
    SSHFP = 44,

    /// <summary>Service binding (RFC 9460).</summary>
    SVCB = 64,

    /// <summary>Service binding of HTTPS (RFC 9460).</summary>
    HTTPS = 65,
}

/// <summary>Names of types and classes as zone files have them.</summary>
internal static class DnsMnemonics
{
    private static readonly Dictionary<ushort, byte[]> Types = new (ushort Type, string Name)[]
    {
        (1, "A"),
        (2, "NS"),
        (3, "MD"),
        (4, "MF"),
        (5, "CNAME"),
        (6, "SOA"),
        (7, "MB"),
        (8, "MG"),
        (9, "MR"),
        (10, "NULL"),
        (11, "WKS"),
        (12, "PTR"),
        (13, "HINFO"),
        (14, "MINFO"),
        (15, "MX"),
        (16, "TXT"),
        (17, "RP"),
        (18, "AFSDB"),
        (19, "X25"),
        (20, "ISDN"),
        (21, "RT"),
        (22, "NSAP"),
        (23, "NSAP-PTR"),
        (24, "SIG"),
        (25, "KEY"),
        (26, "PX"),
        (27, "GPOS"),
        (28, "AAAA"),
        (29, "LOC"),
        (30, "NXT"),
        (31, "EID"),
        (32, "NIMLOC"),
        (33, "SRV"),
        (34, "ATMA"),
        (35, "NAPTR"),
        (36, "KX"),
        (37, "CERT"),
        (38, "A6"),
        (39, "DNAME"),
        (40, "SINK"),
        (41, "OPT"),
        (42, "APL"),
        (43, "DS"),
        (44, "SSHFP"),
        (45, "IPSECKEY"),
        (46, "RRSIG"),
        (47, "NSEC"),
        (48, "DNSKEY"),
        (49, "DHCID"),
        (50, "NSEC3"),
        (51, "NSEC3PARAM"),
        (52, "TLSA"),
        (53, "SMIMEA"),
        (55, "HIP"),
        (56, "NINFO"),
        (57, "RKEY"),
        (58, "TALINK"),
        (59, "CDS"),
        (60, "CDNSKEY"),
        (61, "OPENPGPKEY"),
        (62, "CSYNC"),
        (63, "ZONEMD"),
        (64, "SVCB"),
        (65, "HTTPS"),
        (66, "DSYNC"),
        (67, "HHIT"),
        (68, "BRID"),
        (99, "SPF"),
        (100, "UINFO"),
        (101, "UID"),
        (102, "GID"),
        (103, "UNSPEC"),
        (104, "NID"),
        (105, "L32"),
        (106, "L64"),
        (107, "LP"),
        (108, "EUI48"),
        (109, "EUI64"),
        (128, "NXNAME"),
        (249, "TKEY"),
        (250, "TSIG"),
        (251, "IXFR"),
        (252, "AXFR"),
        (253, "MAILB"),
        (254, "MAILA"),
        (255, "ANY"),
        (256, "URI"),
        (257, "CAA"),
        (258, "AVC"),
        (259, "DOA"),
        (260, "AMTRELAY"),
        (261, "RESINFO"),
        (262, "WALLET"),
        (263, "CLA"),
        (264, "IPN"),
        (32768, "TA"),
        (32769, "DLV"),
    }.ToDictionary(pair => pair.Type, pair => Encoding.ASCII.GetBytes(pair.Name));

    /// <summary>Appends a type's name; <c>TYPE65280</c> for an unknown one (RFC 3597).</summary>
    public static void AppendType(WireTextBuilder text, ushort type)
    {
        if (Types.TryGetValue(type, out byte[]? name))
        {
            text.Append(name);
            return;
        }

        text.Append("TYPE"u8);
        text.AppendNumber(type);
    }

    /// <summary>Appends a class's name; <c>CLASS4096</c> for an unknown one.</summary>
    public static void AppendClass(WireTextBuilder text, ushort recordClass)
    {
        switch (recordClass)
        {
            case 1:
                text.Append("IN"u8);
                break;
            case 3:
                text.Append("CH"u8);
                break;
            case 4:
                text.Append("HS"u8);
                break;
            case 255:
                text.Append("ANY"u8);
                break;
            default:
                text.Append("CLASS"u8);
                text.AppendNumber(recordClass);
                break;
        }
    }

    /// <summary>A type's name as text.</summary>
    public static string TypeName(ushort type) =>
        Types.TryGetValue(type, out byte[]? name) ? Encoding.ASCII.GetString(name) : "TYPE" + type.ToString(CultureInfo.InvariantCulture);

    /// <summary>A response code's name (IANA's registry); <c>RCODE12</c> for an unassigned one.</summary>
    public static string ResponseCodeName(int code) =>
        code switch
        {
            0 => "NOERROR",
            1 => "FORMERR",
            2 => "SERVFAIL",
            3 => "NXDOMAIN",
            4 => "NOTIMP",
            5 => "REFUSED",
            6 => "YXDOMAIN",
            7 => "YXRRSET",
            8 => "NXRRSET",
            9 => "NOTAUTH",
            10 => "NOTZONE",
            11 => "DSOTYPENI",
            16 => "BADVERS",
            17 => "BADKEY",
            18 => "BADTIME",
            19 => "BADMODE",
            20 => "BADNAME",
            21 => "BADALG",
            22 => "BADTRUNC",
            23 => "BADCOOKIE",
            _ => "RCODE" + code.ToString(CultureInfo.InvariantCulture),
        };
}
