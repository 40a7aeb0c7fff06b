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
        (1, "A"), (2, "NS"), (5, "CNAME"), (6, "SOA"), (10, "NULL"), (12, "PTR"), (13, "HINFO"), (15, "MX"), (16, "TXT"), (17, "RP"),
        (24, "SIG"), (25, "KEY"), (28, "AAAA"), (29, "LOC"), (33, "SRV"), (35, "NAPTR"), (39, "DNAME"), (41, "OPT"), (43, "DS"), (44, "SSHFP"),
        (46, "RRSIG"), (47, "NSEC"), (48, "DNSKEY"), (50, "NSEC3"), (51, "NSEC3PARAM"), (52, "TLSA"), (59, "CDS"), (60, "CDNSKEY"),
        (64, "SVCB"), (65, "HTTPS"), (99, "SPF"), (249, "TKEY"), (250, "TSIG"), (251, "IXFR"), (252, "AXFR"), (255, "ANY"), (256, "URI"), (257, "CAA"),
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
    public static string ResponseCodeName(int code) => code switch
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
