using System.Numerics;

namespace Spillway.Net.Flows;

/// <summary>Protocols above TCP and UDP that were found in a flow by what it carries, not by its port.</summary>
[Flags]
public enum FlowApplications : uint
{
    /// <summary>None was found, or none was looked for.</summary>
    None = 0,

    /// <summary>HTTP/1.</summary>
    Http = 1,

    /// <summary>TLS, also after CONNECT or STARTTLS.</summary>
    Tls = 2,

    /// <summary>DNS.</summary>
    Dns = 4,

    /// <summary>SMTP.</summary>
    Smtp = 8,

    /// <summary>The control connection of FTP.</summary>
    Ftp = 16,

    /// <summary>A data connection of FTP.</summary>
    FtpData = 32,

    /// <summary>POP3.</summary>
    Pop3 = 64,

    /// <summary>IMAP.</summary>
    Imap = 128,

    /// <summary>SSH.</summary>
    Ssh = 256,

    /// <summary>QUIC.</summary>
    Quic = 1 << 9,

    /// <summary>DHCP or BOOTP.</summary>
    Dhcp = 1 << 10,

    /// <summary>NTP.</summary>
    Ntp = 1 << 11,

    /// <summary>SNMP.</summary>
    Snmp = 1 << 12,

    /// <summary>Kerberos 5.</summary>
    Kerberos = 1 << 13,

    /// <summary>SMB, any version.</summary>
    Smb = 1 << 14,

    /// <summary>RDP.</summary>
    Rdp = 1 << 15,

    /// <summary>SIP.</summary>
    Sip = 1 << 16,

    /// <summary>MQTT.</summary>
    Mqtt = 1 << 17,
}

/// <summary>Names of applications.</summary>
public static class FlowApplicationNames
{
    private const string Proxied = "http,tls";

    // By the number of their bit.
    private static readonly string[] Names =
    [
        "http",
        "tls",
        "dns",
        "smtp",
        "ftp",
        "ftp-data",
        "pop3",
        "imap",
        "ssh",
        "quic",
        "dhcp",
        "ntp",
        "snmp",
        "krb5",
        "smb",
        "rdp",
        "sip",
        "mqtt",
    ];

    /// <summary>
    /// What is in a flow, joined by commas, the outermost first: <c>http,tls</c> for TLS through a proxy, <c>smtp,tls</c> after STARTTLS.
    /// Empty for none.
    /// </summary>
    public static string ToText(this FlowApplications applications)
    {
        if (applications == FlowApplications.None)
            return "";
        if (BitOperations.IsPow2((uint)applications))
            return Names[BitOperations.TrailingZeroCount((uint)applications)];
        if (applications == (FlowApplications.Http | FlowApplications.Tls))
            return Proxied;
        var all = new List<string>();
        for (uint rest = (uint)(applications & ~FlowApplications.Tls); rest != 0; rest &= rest - 1)
            all.Add(Names[BitOperations.TrailingZeroCount(rest)]);
        if ((applications & FlowApplications.Tls) != 0)
            all.Add(FlowApplications.Tls.ToText()); // inside what it began in
        return string.Join(',', all);
    }
}
