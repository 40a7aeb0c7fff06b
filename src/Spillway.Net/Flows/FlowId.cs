using System.Text;
using Spillway.Net.Packets;

namespace Spillway.Net.Flows;

/// <summary>
/// Flow ids as scripts know them (script API, section 5): <c>06A:0A.01.02.03:p-C000_C6.33.64.07:p-01BB</c>. Upper-case hexadecimal of fixed
/// width, for scripts cut them by position.
/// </summary>
public static partial class FlowId
{
    /// <summary>The length of the longest id that <see cref="Format"/> writes (IPv6).</summary>
    public const int MaxLength = Ipv6Length + ScopeLength;

    /// <summary>The length of an IPv6 id.</summary>
    public const int Ipv6Length = 83;

    /// <summary>The length of an IPv4 id, and of the id of no flow.</summary>
    public const int Ipv4Length = 41;

    /// <summary>The length of a port field, such as <c>p-01BB</c>.</summary>
    public const int PortLength = 6;

    /// <summary>The length of an IPv4 address key, such as <c>0A.01.02.03</c>.</summary>
    public const int Ipv4KeyLength = 11;

    /// <summary>The length of an IPv6 address key: 32 digits.</summary>
    public const int Ipv6KeyLength = 32;

    /// <summary>
    /// The length of what follows if tags are part of flow keys: <c>_0001</c>, the number of the flow's VLANs and networks in the run.
    /// </summary>
    public const int ScopeLength = 5;

    /// <summary>Writes the id of a flow as ASCII. The key of no flow gives the id whose fields are all zero.</summary>
    /// <returns>
    /// The number of bytes written: <see cref="Ipv4Length"/> or <see cref="Ipv6Length"/>, and <see cref="ScopeLength"/> in a scope.
    /// </returns>
    /// <exception cref="ArgumentException">The destination is too short.</exception>
    public static int Format(in FlowKey key, Span<byte> destination)
    {
        bool isVersion6 = key.IPVersion == 6;
        int length = (isVersion6 ? Ipv6Length : Ipv4Length) + (key.Scope == 0 ? 0 : ScopeLength);
        if (destination.Length < length)
            throw new ArgumentException($"A flow id needs {length} bytes.", nameof(destination));

        Hex.Write(key.Protocol, destination);
        destination[2] = isVersion6 ? (byte)'B' : (byte)'A';
        destination[3] = (byte)':';
        int at = 4 + FormatAddress(key.AddressA, key.IPVersion, destination[4..]);
        destination[at++] = (byte)':';
        at += FormatPort(key.PortA, key.Protocol, destination[at..]);
        destination[at++] = (byte)'_';
        at += FormatAddress(key.AddressZ, key.IPVersion, destination[at..]);
        destination[at++] = (byte)':';
        at += FormatPort(key.PortZ, key.Protocol, destination[at..]);
        if (key.Scope == 0)
            return at;
        destination[at++] = (byte)'_';
        Hex.Write(key.Scope, destination[at..]);
        return length;
    }

    /// <summary>The id of a flow as text, for messages and stores. The packet path uses <see cref="Format"/>.</summary>
    public static string ToString(in FlowKey key)
    {
        Span<byte> id = stackalloc byte[MaxLength];
        return Encoding.ASCII.GetString(id[..Format(key, id)]);
    }

    /// <summary>Writes the key of an address: <c>0A.01.02.03</c>, or for IPv6 32 digits.</summary>
    /// <returns>The number of bytes written.</returns>
    public static int FormatAddress(UInt128 address, byte version, Span<byte> destination)
    {
        if (version == 6)
        {
            Hex.Write((ulong)(address >> 64), destination);
            Hex.Write((ulong)address, destination[16..]);
            return Ipv6KeyLength;
        }

        uint value = (uint)address;
        Hex.Write((byte)(value >> 24), destination);
        destination[2] = (byte)'.';
        Hex.Write((byte)(value >> 16), destination[3..]);
        destination[5] = (byte)'.';
        Hex.Write((byte)(value >> 8), destination[6..]);
        destination[8] = (byte)'.';
        Hex.Write((byte)value, destination[9..]);
        return Ipv4KeyLength;
    }

    /// <summary>
    /// Writes a port field: <c>p-01BB</c>, or for protocols without ports a word of the same length (<c>icmp08</c>, <c>gre000</c>).
    /// </summary>
    /// <returns>The number of bytes written: <see cref="PortLength"/>.</returns>
    public static int FormatPort(ushort port, byte protocol, Span<byte> destination)
    {
        ReadOnlySpan<byte> word = Word(protocol);
        if (word.Length == 4 && port <= 0xff)
        {
            word.CopyTo(destination);
            Hex.Write((byte)port, destination[4..]);
        }
        else if (word.Length == PortLength && port == 0)
        {
            word.CopyTo(destination);
        }
        else
        {
            destination[0] = (byte)'p';
            destination[1] = (byte)'-';
            Hex.Write(port, destination[2..]);
        }

        return PortLength;
    }

    // Words of 4 letters are followed by the port as two digits; those of 6 stand for themselves.
    private static ReadOnlySpan<byte> Word(byte protocol) =>
        protocol switch
        {
            1 or 58 => "icmp"u8,
            2 => "igmp"u8,
            47 => "gre000"u8,
            50 or 51 => "ipsec0"u8,
            _ => default,
        };
}
