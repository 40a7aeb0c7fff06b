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
}

/// <summary>Names of applications.</summary>
public static class FlowApplicationNames
{
    /// <summary>
    /// What is in a flow, joined by commas, the outermost first: <c>http,tls</c> for TLS through a proxy. Empty for none.
    /// </summary>
    public static string ToText(this FlowApplications applications) =>
        applications switch
        {
            FlowApplications.None => "",
            FlowApplications.Http => "http",
            FlowApplications.Tls => "tls",
            FlowApplications.Dns => "dns",
            FlowApplications.Smtp => "smtp",
            FlowApplications.Ftp => "ftp",
            FlowApplications.FtpData => "ftp-data",
            FlowApplications.Pop3 => "pop3",
            FlowApplications.Imap => "imap",
            FlowApplications.Ssh => "ssh",
            FlowApplications.Http | FlowApplications.Tls => "http,tls",
            _ => string.Join(
                ',',
                Enum.GetValues<FlowApplications>().Where(one => one != 0 && applications.HasFlag(one)).Select(one => one.ToText())
            ),
        };
}
