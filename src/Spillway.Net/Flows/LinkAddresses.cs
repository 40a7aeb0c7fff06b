using System.Buffers.Binary;

namespace Spillway.Net.Flows;

/// <summary>
/// The Ethernet addresses of a flow's two ends as its first packet had them: of the hosts, or of the routers between them and the capture.
/// </summary>
/// <param name="A">Of end A, the first byte in bits 40 to 47; 0 if it is not known.</param>
/// <param name="Z">Of end Z.</param>
public readonly record struct LinkAddresses(ulong A, ulong Z)
{
    /// <summary>Characters of an address as text.</summary>
    public const int TextLength = 17;

    private const int AddressBytes = 6;

    /// <summary>Whether they are known.</summary>
    public bool AreKnown => (A | Z) != 0;

    /// <summary>Those of a packet: destination, then source.</summary>
    /// <param name="frame">The packet from its link layer on; with anything but Ethernet there are none.</param>
    /// <param name="fromA">Whether end A has sent it.</param>
    public static LinkAddresses OfEthernet(ReadOnlySpan<byte> frame, bool fromA)
    {
        if (frame.Length < 2 * AddressBytes)
            return default;
        ulong destination = Read(frame),
            source = Read(frame[AddressBytes..]);
        return fromA ? new LinkAddresses(source, destination) : new LinkAddresses(destination, source);
    }

    /// <summary>Writes an address: six numbers of two hexadecimal digits, parted by colons.</summary>
    public static void Format(ulong address, Span<byte> text)
    {
        for (int i = 0; i < AddressBytes; i++)
        {
            byte value = (byte)(address >> (8 * (AddressBytes - 1 - i)));
            text[i * 3] = Digit(value >> 4);
            text[(i * 3) + 1] = Digit(value & 15);
            if (i < AddressBytes - 1)
                text[(i * 3) + 2] = (byte)':';
        }
    }

    private static byte Digit(int value) => "0123456789abcdef"u8[value];

    private static ulong Read(ReadOnlySpan<byte> bytes) =>
        ((ulong)BinaryPrimitives.ReadUInt32BigEndian(bytes) << 16) | BinaryPrimitives.ReadUInt16BigEndian(bytes[4..]);
}
