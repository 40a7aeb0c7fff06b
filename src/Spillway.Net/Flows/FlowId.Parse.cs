using System.Text;
using Spillway.Net.Packets;

namespace Spillway.Net.Flows;

public static partial class FlowId
{
    /// <summary>
    /// Reads a flow id that a script made. Digits of either case and any text for a port are accepted; what only ids with NetFlow parts
    /// have (types C and D) is ignored. The ends stay as they are given, never turned.
    /// </summary>
    /// <returns>False if it is no flow id; the key is then that of no flow. The id of no flow gives true and that key.</returns>
    public static bool TryParse(ReadOnlySpan<byte> id, out FlowKey key)
    {
        key = default;
        if (id.Length < 4 || !Hex.TryRead(id[..2], out ulong protocol) || id[3] != ':' || !TryParseType(id[2], out byte version))
            return false;

        ReadOnlySpan<byte> rest = id[4..];
        if (!TryParseAddress(ref rest, version, out UInt128 addressA))
            return false;
        int endA = rest.IndexOf((byte)'_');
        if (endA < 0)
            return false;
        ushort portA = ParsePort(rest[..endA]);

        rest = rest[(endA + 1)..];
        if (!TryParseAddress(ref rest, version, out UInt128 addressZ))
            return false;
        int endZ = rest.IndexOf((byte)'_');
        ushort portZ = ParsePort(endZ < 0 ? rest : rest[..endZ]);

        bool isNone = version == 4 && protocol == 0 && addressA == 0 && addressZ == 0 && portA == 0 && portZ == 0;
        key = isNone ? default : FlowKey.CreateAsGiven(addressA, portA, addressZ, portZ, (byte)protocol, version);
        if (!isNone && endZ >= 0 && (id[2] | 0x20) is 'a' or 'b' && rest.Length == endZ + ScopeLength)
            key = key.WithScope(Hex.TryRead(rest[(endZ + 1)..], out ulong scope) ? (ushort)scope : (ushort)0);
        return true;
    }

    /// <summary>Reads the key of an address, as <see cref="FormatAddress"/> writes it, in either case.</summary>
    /// <param name="version">4 or 6; 0 if the text is no key.</param>
    public static bool TryParseAddress(ReadOnlySpan<byte> text, out UInt128 address, out byte version)
    {
        version = text.Length switch
        {
            Ipv4KeyLength => 4,
            Ipv6KeyLength => 6,
            _ => 0,
        };
        address = 0;
        if (version != 0 && (version == 6 ? TryParseIpv6(text, out address) : TryParseIpv4(text, out address)))
            return true;
        version = 0;
        return false;
    }

    /// <summary>Reads a port field: <c>p-01BB</c> and <c>icmp08</c> have a number, any other text gives 0.</summary>
    public static ushort ParsePort(ReadOnlySpan<byte> text)
    {
        if (text.Length != PortLength)
            return 0;
        bool isPort = (text[0] | 0x20) == 'p' && text[1] == '-';
        bool isWord = Ascii.EqualsIgnoreCase(text[..4], "icmp"u8) || Ascii.EqualsIgnoreCase(text[..4], "igmp"u8);
        int digitsAt =
            isPort ? 2
            : isWord ? 4
            : PortLength;
        return Hex.TryRead(text[digitsAt..], out ulong port) ? (ushort)port : (ushort)0;
    }

    private static bool TryParseType(byte type, out byte version)
    {
        version = (type | 0x20) switch
        {
            'a' or 'c' => 4,
            'b' or 'd' => 6,
            _ => 0,
        };
        return version != 0;
    }

    // An address and the colon behind it.
    private static bool TryParseAddress(ref ReadOnlySpan<byte> rest, byte version, out UInt128 address)
    {
        int length = version == 6 ? Ipv6KeyLength : Ipv4KeyLength;
        address = 0;
        if (rest.Length <= length || rest[length] != ':')
            return false;
        ReadOnlySpan<byte> text = rest[..length];
        rest = rest[(length + 1)..];
        return version == 6 ? TryParseIpv6(text, out address) : TryParseIpv4(text, out address);
    }

    private static bool TryParseIpv4(ReadOnlySpan<byte> text, out UInt128 address)
    {
        uint value = 0;
        address = 0;
        for (int at = 0; at < Ipv4KeyLength; at += 3)
        {
            if (!Hex.TryRead(text.Slice(at, 2), out ulong part) || (at > 0 && text[at - 1] != '.'))
                return false;
            value = (value << 8) | (uint)part;
        }

        address = value;
        return true;
    }

    private static bool TryParseIpv6(ReadOnlySpan<byte> text, out UInt128 address)
    {
        bool isValid = Hex.TryRead(text[16..], out ulong low) & Hex.TryRead(text[..16], out ulong high);
        address = isValid ? new UInt128(high, low) : 0;
        return isValid;
    }
}
