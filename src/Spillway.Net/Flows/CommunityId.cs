using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Spillway.Net.Packets;

namespace Spillway.Net.Flows;

/// <summary>
/// Community ID, version 1 (https://github.com/corelight/community-id-spec): a name of a flow that Zeek, Suricata, Arkime and others give
/// it too.
/// </summary>
public static class CommunityId
{
    /// <summary>Bytes of the text form: "1:" and Base64 of a SHA-1.</summary>
    public const int TextLength = 30;

    /// <summary>Bytes of a digest.</summary>
    public const int DigestLength = SHA1.HashSizeInBytes;

    private const byte Icmp = 1,
        Tcp = 6,
        Udp = 17,
        Icmpv6 = 58,
        Sctp = 132;
    private const int MaxInput = 2 + 16 + 16 + 2 + 4;

    /// <summary>The digest of a flow.</summary>
    /// <param name="key">The flow; not <see cref="FlowKey.IsNone"/>.</param>
    /// <param name="clientIsA">For ICMP, whether end A sent the first message; the ports decide for everything else.</param>
    /// <param name="seed">The seed that all tools of a site share.</param>
    /// <param name="digest">Receives it.</param>
    /// <returns>False for ICMP messages without a counterpart (errors): their id depends on the code, of which flows have
    /// several.</returns>
    public static bool TryHash(in FlowKey key, bool clientIsA, ushort seed, Span<byte> digest)
    {
        UInt128 source = key.AddressA,
            destination = key.AddressZ;
        int sourcePort = key.PortA,
            destinationPort = key.PortZ;
        if (key.Protocol is Icmp or Icmpv6)
        {
            sourcePort = key.PortA;
            destinationPort = Counterpart(key.Protocol, (byte)key.PortA);
            if (!clientIsA)
                (source, destination) = (destination, source);
        }

        Hash(source, destination, sourcePort, destinationPort, key, seed, digest);
        return destinationPort >= 0;
    }

    /// <summary>Writes a digest's text form, such as <c>1:LQU9qZlK+B5F3KDmev6m5PMibrg=</c>.</summary>
    /// <param name="digest">The digest.</param>
    /// <param name="destination">At least <see cref="TextLength"/> bytes.</param>
    public static void Format(ReadOnlySpan<byte> digest, Span<byte> destination)
    {
        "1:"u8.CopyTo(destination);
        System.Buffers.Text.Base64.EncodeToUtf8(digest, destination[2..], out _, out _);
    }

    /// <summary>The id as text; null where <see cref="TryHash"/> has none.</summary>
    public static string? ToString(in FlowKey key, bool clientIsA = true, ushort seed = 0)
    {
        Span<byte> digest = stackalloc byte[DigestLength],
            text = stackalloc byte[TextLength];
        if (!TryHash(in key, clientIsA, seed, digest))
            return null;
        Format(digest, text);
        return Encoding.ASCII.GetString(text);
    }

    private static void Hash(
        UInt128 source,
        UInt128 destination,
        int sourcePort,
        int destinationPort,
        in FlowKey key,
        ushort seed,
        Span<byte> digest
    )
    {
        bool isOrdered = source < destination || (source == destination && sourcePort < destinationPort);
        if (!isOrdered)
            (source, destination, sourcePort, destinationPort) = (destination, source, destinationPort, sourcePort);
        Span<byte> input = stackalloc byte[MaxInput];
        BinaryPrimitives.WriteUInt16BigEndian(input, seed);
        int length = 2;
        length += WriteAddress(source, key.IPVersion, input[length..]);
        length += WriteAddress(destination, key.IPVersion, input[length..]);
        input[length++] = key.Protocol;
        input[length++] = 0;
        if (key.Protocol is Icmp or Tcp or Udp or Icmpv6 or Sctp)
        {
            BinaryPrimitives.WriteUInt16BigEndian(input[length..], (ushort)sourcePort);
            BinaryPrimitives.WriteUInt16BigEndian(input[(length + 2)..], (ushort)destinationPort);
            length += 4;
        }

#pragma warning disable CA5350 // The specification says SHA-1; it names, and protects nothing.
        SHA1.HashData(input[..length], digest);
#pragma warning restore CA5350
    }

    private static int WriteAddress(UInt128 address, byte version, Span<byte> destination)
    {
        if (version == 6)
        {
            BinaryPrimitives.WriteUInt128BigEndian(destination, address);
            return 16;
        }

        BinaryPrimitives.WriteUInt32BigEndian(destination, (uint)address);
        return 4;
    }

    // The type that answers a type; -1 for messages that stand alone.
    private static int Counterpart(byte protocol, byte type) =>
        (protocol, type) switch
        {
            (Icmp, 8) => 0,
            (Icmp, 0) => 8,
            (Icmp, 9) => 10,
            (Icmp, 10) => 9,
            (Icmp, 13) => 14,
            (Icmp, 14) => 13,
            (Icmp, 15) => 16,
            (Icmp, 16) => 15,
            (Icmp, 17) => 18,
            (Icmp, 18) => 17,
            (Icmpv6, 128) => 129,
            (Icmpv6, 129) => 128,
            (Icmpv6, 130) => 131,
            (Icmpv6, 131) => 130,
            (Icmpv6, 133) => 134,
            (Icmpv6, 134) => 133,
            (Icmpv6, 135) => 136,
            (Icmpv6, 136) => 135,
            (Icmpv6, 139) => 140,
            (Icmpv6, 140) => 139,
            (Icmpv6, 144) => 145,
            (Icmpv6, 145) => 144,
            _ => -1,
        };
}
