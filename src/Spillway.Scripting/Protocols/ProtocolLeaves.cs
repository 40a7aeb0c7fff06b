using Spillway.Net.Packets;

namespace Spillway.Scripting.Protocols;

/// <summary>
/// Protocols with a published GUID whose content is the scripts' own matter: flow exports. Their layer is all that a UDP datagram carries
/// on the ports that exporters use; a script's <c>protocol_handler</c> can lead to them from other ports, and goes first on these.
/// </summary>
internal static class ProtocolLeaves
{
    // IPFIX collectors listen on 4739 (RFC 7011, section 10.3), sFlow ones on 6343; NetFlow has no registered port.
    private static readonly (string Guid, ushort[] UdpPorts)[] All =
    [
        ("{CEF0774D-F1F3-40A6-8987-168BD69D9901}", [2055, 4739, 9995, 9996]),
        ("{462919DD-EE84-497C-AC6F-05D1162BCC5B}", [6343]),
    ];

    /// <summary>Whether a GUID is one of them.</summary>
    public static bool Contains(string guid) => Array.Exists(All, leaf => leaf.Guid == guid);

    /// <summary>Those that a script has named, by UDP port.</summary>
    public static Dictionary<ushort, ProtocolId> Named(ProtocolNumbers numbers)
    {
        Dictionary<ushort, ProtocolId> byPort = [];
        foreach ((string guid, ushort[] ports) in All)
        {
            if (!numbers.TryFind(guid, out ProtocolId number))
                continue;
            foreach (ushort port in ports)
                byPort.Add(port, number);
        }

        return byPort;
    }
}
