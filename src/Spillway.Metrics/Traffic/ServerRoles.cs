namespace Spillway.Metrics.Traffic;

/// <summary>What a host serves, as far as there are groups for it.</summary>
[Flags]
internal enum HostRoles : byte
{
    None = 0,

    /// <summary>HTTP, over TLS and QUIC too.</summary>
    Web = 1,

    /// <summary>SMTP, IMAP and POP3.</summary>
    Email = 2,

    /// <summary>SSH.</summary>
    Ssh = 4,
}

/// <summary>Tells what the server of a flow serves: by its port if it has answered, and HTTP on any port if it was seen.</summary>
internal static class ServerRoles
{
    private const byte Tcp = 6,
        Udp = 17;

    /// <summary>What is served on a port.</summary>
    public static HostRoles OfPort(byte protocol, ushort port) =>
        (protocol, port) switch
        {
            (Tcp, 80 or 443 or 8080 or 8443) or (Udp, 443) => HostRoles.Web,
            (Tcp, 25 or 465 or 587 or 110 or 995 or 143 or 993) => HostRoles.Email,
            (Tcp, 22) => HostRoles.Ssh,
            _ => HostRoles.None,
        };

    /// <summary>What the server of a row's flow serves.</summary>
    /// <param name="row">The row.</param>
    /// <param name="httpHosts">Index of HTTP Hosts.</param>
    public static HostRoles Of(in FlowDelta row, int httpHosts)
    {
        if ((row.Marks & FlowMarks.Fragments) != 0)
            return HostRoles.None;
        bool clientIsA = (row.Marks & FlowMarks.ClientIsA) != 0;
        HostRoles roles = OfPort(row.Key.Protocol, clientIsA ? row.Key.PortZ : row.Key.PortA);
        if (roles != HostRoles.None && !HasAnswered(in row, clientIsA))
            roles = HostRoles.None;
        return IsSeenToSpeakHttp(row.Labels, httpHosts) ? roles | HostRoles.Web : roles;
    }

    private static bool IsSeenToSpeakHttp(FlowLabel? labels, int httpHosts)
    {
        for (FlowLabel? label = labels; label is not null; label = label.Next)
        {
            if (label.Group == httpHosts || label.Group == FlowLabel.WebServer || label is { Group: FlowLabel.ServerName, Meter: 1 })
                return true;
        }

        return false;
    }

    // A scan makes no server of a host: to a SYN it must have said SYN-ACK. A connection that had begun before needs a packet of the
    // server.
    private static bool HasAnswered(in FlowDelta row, bool clientIsA)
    {
        (uint packets, uint synAcks, uint clientSyns) = clientIsA
            ? (row.PacketsZA, row.SynAckZ, row.SynA)
            : (row.PacketsAZ, row.SynAckA, row.SynZ);
        return packets > 0 && (clientSyns == 0 || synAcks > 0);
    }
}
