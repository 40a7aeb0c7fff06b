namespace Spillway.Eve;

/// <summary>Types of EVE events.</summary>
[Flags]
internal enum EveTypes
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>Alerts of scripts.</summary>
    Alert = 1,

    /// <summary>DNS messages.</summary>
    Dns = 2,

    /// <summary>Files over HTTP and FTP, and parts of mail.</summary>
    FileInfo = 4,

    /// <summary>Finished flows.</summary>
    Flow = 8,

    /// <summary>HTTP transactions.</summary>
    Http = 16,

    /// <summary>What the program has counted, each minute of packet time and at the end.</summary>
    Stats = 32,

    /// <summary>TLS handshakes.</summary>
    Tls = 64,

    /// <summary>Messages over SMTP.</summary>
    Smtp = 128,

    /// <summary>SSH connections.</summary>
    Ssh = 256,

    /// <summary>DHCP messages.</summary>
    Dhcp = 512,

    /// <summary>Commands of FTP with their replies, and data connections.</summary>
    Ftp = 1024,

    /// <summary>All.</summary>
    All = Alert | Dhcp | Dns | FileInfo | Flow | Ftp | Http | Smtp | Ssh | Stats | Tls,
}

/// <summary>What is written as EVE JSON, and where.</summary>
internal sealed record EveOptions
{
    /// <summary>The file, to which events are appended; <c>-</c> is standard output.</summary>
    public required string Path { get; init; }

    /// <summary>Types that are written.</summary>
    public EveTypes Types { get; init; } = EveTypes.All;

    /// <summary>Seed of community ids.</summary>
    public ushort CommunityIdSeed { get; init; }

    /// <summary>Whether events have the Ethernet addresses of their flow.</summary>
    public bool Ethernet { get; init; }

    /// <summary>Whether events of TLS have the chains of certificates, in base64.</summary>
    public bool Chains { get; init; }

    /// <summary>Version of the object <c>dns</c>: 2 as Suricata before 8 writes it, or 3.</summary>
    public int DnsVersion { get; init; } = 2;

    /// <summary>Whether standard output is taken.</summary>
    public bool IsStandardOutput => Path == "-";

    /// <summary>Whether a type is written.</summary>
    public bool Has(EveTypes type) => (Types & type) != 0;
}
