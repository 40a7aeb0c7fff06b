using System.Globalization;
using System.Text;
using Spillway.Net.Packets;

namespace Spillway.Net.Flows;

/// <summary>Addresses, ports and flows as people read them.</summary>
public static class FlowText
{
    /// <summary>The longest text that <see cref="FormatAddress"/> writes.</summary>
    public const int MaxAddressLength = 45;

    /// <summary>Writes an address as ASCII: <c>192.168.1.2</c>, or for IPv6 the one form of RFC 5952 (<c>2001:db8::1</c>).</summary>
    /// <returns>The number of bytes written.</returns>
    public static int FormatAddress(UInt128 address, byte version, Span<byte> destination)
    {
        if (version != 6)
            return FormatIpv4((uint)address, destination);

        // RFC 5952, section 5: mapped IPv4 addresses keep their dots.
        if (address >> 32 == 0xffff)
        {
            "::ffff:"u8.CopyTo(destination);
            return 7 + FormatIpv4((uint)address, destination[7..]);
        }

        (int zerosAt, int zeros) = LongestZeros(address);
        int length = 0;
        for (int group = 0; group < 8; group++)
        {
            if (group == zerosAt)
            {
                destination[length++] = (byte)':';
                if (group + zeros == 8)
                    destination[length++] = (byte)':';
                group += zeros - 1;
                continue;
            }

            if (group != 0)
                destination[length++] = (byte)':';
            Group(address, group).TryFormat(destination[length..], out int written, "x", CultureInfo.InvariantCulture);
            length += written;
        }

        return length;
    }

    /// <summary>An address as text.</summary>
    public static string Address(UInt128 address, byte version)
    {
        Span<byte> text = stackalloc byte[MaxAddressLength];
        return Encoding.ASCII.GetString(text[..FormatAddress(address, version, text)]);
    }

    /// <summary>
    /// A port as text: its number, or for protocols without ports the word that stands in flow ids (<c>icmp08</c>, <c>gre000</c>).
    /// </summary>
    public static string Port(ushort port, byte protocol)
    {
        Span<byte> text = stackalloc byte[FlowId.PortLength];
        return Encoding.ASCII.GetString(text[..FormatPort(port, protocol, text)]);
    }

    /// <summary>Writes a port as <see cref="Port"/> gives it, in ASCII.</summary>
    /// <param name="destination">At least <see cref="FlowId.PortLength"/> bytes.</param>
    /// <returns>The number of bytes written.</returns>
    public static int FormatPort(ushort port, byte protocol, Span<byte> destination)
    {
        int length = FlowId.FormatPort(port, protocol, destination);
        if (destination[1] == '-')
            port.TryFormat(destination, out length, default, CultureInfo.InvariantCulture);
        return length;
    }

    /// <summary>The usual name of an IP protocol (<c>TCP</c>), or its number.</summary>
    public static string Protocol(byte protocol) =>
        protocol switch
        {
            1 => "ICMP",
            2 => "IGMP",
            4 => "IPIP",
            6 => "TCP",
            17 => "UDP",
            33 => "DCCP",
            41 => "IPv6",
            47 => "GRE",
            50 => "ESP",
            51 => "AH",
            58 => "ICMPv6",
            89 => "OSPF",
            103 => "PIM",
            112 => "VRRP",
            132 => "SCTP",
            136 => "UDPLite",
            _ => protocol.ToString(CultureInfo.InvariantCulture),
        };

    /// <summary>A flow on one line, end A first: <c>TCP 10.1.2.3:49152 - 198.51.100.7:443</c>.</summary>
    public static string ToReadable(in FlowKey key)
    {
        return key.IsNone
            ? "no flow"
            : $"{Protocol(key.Protocol)} {End(key.AddressA, key.PortA, key)} - {End(key.AddressZ, key.PortZ, key)}";
    }

    private static string End(UInt128 address, ushort port, in FlowKey key)
    {
        string host = Address(address, key.IPVersion);
        return $"{(key.IPVersion == 6 ? $"[{host}]" : host)}:{Port(port, key.Protocol)}";
    }

    private static int FormatIpv4(uint address, Span<byte> destination)
    {
        int length = 0;
        for (int shift = 24; shift >= 0; shift -= 8)
        {
            if (shift != 24)
                destination[length++] = (byte)'.';
            ((byte)(address >> shift)).TryFormat(destination[length..], out int written, default, CultureInfo.InvariantCulture);
            length += written;
        }

        return length;
    }

    // RFC 5952, section 4.2: the longest run of two zero groups or more, and of equal ones the first.
    private static (int At, int Count) LongestZeros(UInt128 address)
    {
        (int At, int Count) best = (-1, 1);
        int run = 0;
        for (int group = 0; group < 8; group++)
        {
            run = Group(address, group) == 0 ? run + 1 : 0;
            if (run > best.Count)
                best = (group - run + 1, run);
        }

        return best;
    }

    private static ushort Group(UInt128 address, int index) => (ushort)(address >> (112 - (16 * index)));
}
