using System.Buffers.Binary;

namespace Spillway.Benchmarks.Worst;

/// <summary>Checksums of IPv4 and TCP, so that packets are not left out of their connections.</summary>
internal static class WorstChecksum
{
    private const int IpBytes = 20,
        AddressOffset = 12,
        TcpProtocol = 6,
        TcpChecksumOffset = 16;

    /// <summary>Puts the checksum into an IPv4 header.</summary>
    public static void FillIp(Span<byte> packet) => BinaryPrimitives.WriteUInt16BigEndian(packet[10..], (ushort)~Sum(packet[..IpBytes], 0));

    /// <summary>Puts the checksums into a packet of IPv4 and TCP.</summary>
    public static void FillTcp(Span<byte> packet)
    {
        FillIp(packet);
        Span<byte> tcp = packet[IpBytes..];
        uint pseudo = Sum(packet[AddressOffset..IpBytes], TcpProtocol + (uint)tcp.Length);
        BinaryPrimitives.WriteUInt16BigEndian(tcp[TcpChecksumOffset..], (ushort)~Sum(tcp, pseudo));
    }

    private static uint Sum(ReadOnlySpan<byte> bytes, uint sum)
    {
        for (int i = 0; i < bytes.Length; i += 2)
            sum += i + 1 < bytes.Length ? BinaryPrimitives.ReadUInt16BigEndian(bytes[i..]) : (uint)bytes[i] << 8;
        while (sum > 0xFFFF)
            sum = (sum & 0xFFFF) + (sum >> 16);
        return sum;
    }
}
