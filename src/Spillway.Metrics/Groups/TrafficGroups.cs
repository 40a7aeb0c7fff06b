using System.Globalization;

namespace Spillway.Metrics.Groups;

/// <summary>GUIDs, meters and keys of the groups that traffic feeds.</summary>
internal static class TrafficGroups
{
    public const int AppTotal = 0;
    public const int IcmpKeyLength = 10;

    public static ReadOnlySpan<byte> Aggregates => "{393B5EBC-AB41-4387-8F31-8077DB917336}"u8;
    public static ReadOnlySpan<byte> Hosts => "{4CD742B1-C1CA-4708-BE78-0FCA2EB01A86}"u8;
    public static ReadOnlySpan<byte> HostsIPv6 => "{6CD742B1-C1CA-4708-BE78-0FCA2EB01A86}"u8;
    public static ReadOnlySpan<byte> InternalHosts => "{889900CC-0063-11A5-8380-FEBDBABBDBEA}"u8;
    public static ReadOnlySpan<byte> ExternalHosts => "{00AA77BB-0063-11A5-8380-FEBDBABBDBEA}"u8;
    public static ReadOnlySpan<byte> WebHosts => "{EEF95297-0C8D-4673-AD6B-F4BD2345FD69}"u8;
    public static ReadOnlySpan<byte> EmailHosts => "{22D4082E-B8BA-40D0-A287-1F524DF8DA7B}"u8;
    public static ReadOnlySpan<byte> SshHosts => "{439002E4-3758-4E88-9438-8034FE1616AF}"u8;
    public static ReadOnlySpan<byte> Apps => "{C51B48D4-7876-479E-B0D9-BD9EFF03CE2E}"u8;
    public static ReadOnlySpan<byte> Subnets => "{429B65AD-CDA4-452E-A852-24D8A3D0FBB3}"u8;
    public static ReadOnlySpan<byte> LinkLayer => "{9F5AD3A9-C74D-46D8-A8A8-DCDD773730BA}"u8;
    public static ReadOnlySpan<byte> NetworkLayer => "{E89BCD56-30AD-40F5-B1C8-8B7683F440BD}"u8;
    public static ReadOnlySpan<byte> Mac => "{4B09BD22-3B99-40FC-8215-94A430EA0A35}"u8;
    public static ReadOnlySpan<byte> DirMac => "{79F60A94-44BD-4C55-891A-77823D59161B}"u8;
    public static ReadOnlySpan<byte> Vlans => "{0EC72E9E-3AD2-43FD-8173-74693EEA08D0}"u8;
    public static ReadOnlySpan<byte> Mpls => "{6C312435-80C1-401F-AEDD-090FF4F46212}"u8;
    public static ReadOnlySpan<byte> IcmpTypes => "{FA6466E2-EA6A-4E75-8F39-ADE7708C6F46}"u8;
    public static ReadOnlySpan<byte> HttpHosts => "{D2AAD7C6-E129-4366-A2AD-A8CB9AA4C2F4}"u8;
    public static ReadOnlySpan<byte> HttpContentTypes => "{C0C9757F-2005-4CC5-BB96-D72F607E6188}"u8;
    public static ReadOnlySpan<byte> HttpMethods => "{2A6957EB-4992-46CD-8E49-BE32318669D3}"u8;
    public static ReadOnlySpan<byte> HttpStatusCodes => "{25E80A84-C175-4C01-977C-1411F5D10B56}"u8;
    public static ReadOnlySpan<byte> TlsOrganizations => "{432D7552-0363-4640-9CC5-23E4CA8410EA}"u8;
    public static ReadOnlySpan<byte> TlsCiphers => "{5B64A573-623F-4F5B-8865-78C62BF466A7}"u8;
    public static ReadOnlySpan<byte> TlsAuthorities => "{15856A98-7F87-46D7-84D2-18DD549F8A6F}"u8;

    public static ReadOnlySpan<byte> BaseDomains => "{74FE9532-EDEB-421E-BD92-B5C62E7F2346}"u8;
    public static ReadOnlySpan<byte> AlertSignatures => "{A0FA9464-B496-4A20-A9AB-4D2D09AFF902}"u8;
    public static ReadOnlySpan<byte> AlertClasses => "{20BC4345-37F0-44D0-ABFF-3BED97363CB1}"u8;
    public static ReadOnlySpan<byte> AlertPriorities => "{9EFAFDD0-6CBB-4C04-8B13-2C8E0A9D3F85}"u8;

    // Of our own: the reference has no counter groups of DNS.
    public static ReadOnlySpan<byte> DnsQueryTypes => "{5CDC1F7A-5EF0-4EE0-8AEE-B7CABA88477F}"u8;
    public static ReadOnlySpan<byte> DnsResponseCodes => "{99FEEADE-A524-4954-ADDB-9D93B7724714}"u8;
    public static ReadOnlySpan<byte> DnsDomains => "{377C9077-EB13-4E71-951A-49A0ACB96FDE}"u8;
    public static ReadOnlySpan<byte> DnsServers => "{E2A93030-0E39-41E5-82DE-71847B1E6E40}"u8;
    public static ReadOnlySpan<byte> DnsClients => "{71513B70-7265-46CD-A711-AFB84DAD6C64}"u8;

    /// <summary>Whether traffic itself feeds the group with that canonical GUID.</summary>
    public static bool Feeds(string guid) =>
        guid
            is "{393B5EBC-AB41-4387-8F31-8077DB917336}"
                or WellKnownGuids.Hosts
                or WellKnownGuids.HostsIPv6
                or "{889900CC-0063-11A5-8380-FEBDBABBDBEA}"
                or "{00AA77BB-0063-11A5-8380-FEBDBABBDBEA}"
                or WellKnownGuids.Apps
                or "{429B65AD-CDA4-452E-A852-24D8A3D0FBB3}"
                or "{9F5AD3A9-C74D-46D8-A8A8-DCDD773730BA}"
                or WellKnownGuids.NetworkLayer
                or "{4B09BD22-3B99-40FC-8215-94A430EA0A35}"
                or "{79F60A94-44BD-4C55-891A-77823D59161B}"
                or "{0EC72E9E-3AD2-43FD-8173-74693EEA08D0}"
                or "{6C312435-80C1-401F-AEDD-090FF4F46212}"
                or "{FA6466E2-EA6A-4E75-8F39-ADE7708C6F46}"
                or "{D2AAD7C6-E129-4366-A2AD-A8CB9AA4C2F4}"
                or "{C0C9757F-2005-4CC5-BB96-D72F607E6188}"
                or "{2A6957EB-4992-46CD-8E49-BE32318669D3}"
                or "{25E80A84-C175-4C01-977C-1411F5D10B56}"
                or "{432D7552-0363-4640-9CC5-23E4CA8410EA}"
                or "{5B64A573-623F-4F5B-8865-78C62BF466A7}"
                or "{15856A98-7F87-46D7-84D2-18DD549F8A6F}"
                or "{EEF95297-0C8D-4673-AD6B-F4BD2345FD69}"
                or "{22D4082E-B8BA-40D0-A287-1F524DF8DA7B}"
                or "{439002E4-3758-4E88-9438-8034FE1616AF}"
                or "{74FE9532-EDEB-421E-BD92-B5C62E7F2346}"
                or "{A0FA9464-B496-4A20-A9AB-4D2D09AFF902}"
                or "{20BC4345-37F0-44D0-ABFF-3BED97363CB1}"
                or "{9EFAFDD0-6CBB-4C04-8B13-2C8E0A9D3F85}"
                or "{5CDC1F7A-5EF0-4EE0-8AEE-B7CABA88477F}"
                or "{99FEEADE-A524-4954-ADDB-9D93B7724714}"
                or "{377C9077-EB13-4E71-951A-49A0ACB96FDE}"
                or "{E2A93030-0E39-41E5-82DE-71847B1E6E40}"
                or "{71513B70-7265-46CD-A711-AFB84DAD6C64}"
                or "{0D39F2A7-2627-49D5-9DCF-707E6F1C0571}"
                or "{4D88CC23-2883-4DEA-A313-A23B60FE8BDA}"
                or "{594606BD-EEB2-4E0B-BAC4-84B7057088C8}";

    /// <summary>Writes <c>icmp08/00</c>, or for ICMPv6 <c>icmp680/00</c>: type and code in hexadecimal.</summary>
    public static int WriteIcmpKey(bool isVersion6, byte type, byte code, Span<byte> key)
    {
        "icmp6"u8.CopyTo(key);
        int at = isVersion6 ? 5 : 4;
        type.TryFormat(key[at..], out _, "X2", CultureInfo.InvariantCulture);
        key[at + 2] = (byte)'/';
        code.TryFormat(key[(at + 3)..], out _, "X2", CultureInfo.InvariantCulture);
        return at + 5;
    }
}
