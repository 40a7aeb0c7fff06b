using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Spillway.Net.Flows;
using Spillway.Net.Packets;
using Spillway.Net.Storage;

namespace Spillway.Questions.Texts;

/// <summary>Flows and addresses as people write them.</summary>
public static class FlowName
{
    private static readonly (string Name, byte Number)[] Protocols = [("TCP", 6), ("UDP", 17), ("SCTP", 132), ("DCCP", 33)];

    /// <summary>
    /// Reads a flow id of the script API, or both ends as <c>ip:port-ip:port</c> with IPv6 addresses in brackets, with the protocol before
    /// if it matters; null if it is neither.
    /// </summary>
    public static FlowSelector? TryParse(string text)
    {
        text = text.Trim();
        if (FlowId.TryParse(Encoding.UTF8.GetBytes(text), out FlowKey key))
            return key.IsNone ? null : new FlowSelector(key, AnyProtocol: false);

        byte protocol = 0;
        foreach ((string name, byte number) in Protocols)
        {
            if (!text.StartsWith(name + " ", StringComparison.OrdinalIgnoreCase))
                continue;
            protocol = number;
            text = text[name.Length..];
        }

        string[] ends = text.Split('-', StringSplitOptions.TrimEntries);
        if (
            ends.Length != 2
            || !TryParseEnd(ends[0], out UInt128 a, out ushort portA, out byte version)
            || !TryParseEnd(ends[1], out UInt128 z, out ushort portZ, out byte versionZ)
            || version != versionZ
        )
            return null;
        return new FlowSelector(FlowKey.CreateAsGiven(a, portA, z, portZ, protocol, version), AnyProtocol: protocol == 0);
    }

    /// <summary>Reads an IPv4 or IPv6 address.</summary>
    public static bool TryParseAddress(string text, out UInt128 address, out byte version)
    {
        address = 0;
        version = 0;
        if (!IPAddress.TryParse(text, out IPAddress? ip))
            return false;
        Span<byte> bytes = stackalloc byte[16];
        ip.TryWriteBytes(bytes, out int length);
        version = (byte)(ip.AddressFamily == AddressFamily.InterNetworkV6 ? 6 : 4);
        if (version == 4 && text.Count(c => c == '.') != 3)
            return false; // 10.1 would be 10.0.0.1: nobody means it
        address = version == 6 ? FlowKey.ReadIpv6(bytes[..length]) : BinaryPrimitives.ReadUInt32BigEndian(bytes);
        return true;
    }

    private static bool TryParseEnd(string text, out UInt128 address, out ushort port, out byte version)
    {
        address = 0;
        version = 0;
        port = 0;
        int colon = text.LastIndexOf(':');
        if (colon < 0 || !ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out port))
            return false;
        string host = text[..colon];
        if (host is ['[', .., ']'])
            host = host[1..^1];
        return TryParseAddress(host, out address, out version);
    }
}
