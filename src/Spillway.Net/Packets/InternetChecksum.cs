using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Spillway.Net.Packets;

/// <summary>
/// The ones' complement sum of IP, TCP and UDP (RFC 1071). It does not depend on the order of bytes within a word, so that words are added
/// as the processor reads them; numbers that are added to a sum are given in the same order.
/// </summary>
internal static class InternetChecksum
{
    /// <summary>What a sum over bytes and their checksum gives if it is right.</summary>
    public const ushort Right = 0xffff;

    /// <summary>Adds bytes up; the sum begins at an even place.</summary>
    public static ulong Add(ulong sum, ReadOnlySpan<byte> bytes)
    {
        if (Vector256.IsHardwareAccelerated && bytes.Length >= 2 * Vector256<byte>.Count)
        {
            Vector256<ulong> lower = Vector256<ulong>.Zero,
                upper = Vector256<ulong>.Zero;
            ReadOnlySpan<Vector256<uint>> blocks = MemoryMarshal.Cast<byte, Vector256<uint>>(bytes);
            foreach (ref readonly Vector256<uint> block in blocks)
            {
                lower += Vector256.WidenLower(block);
                upper += Vector256.WidenUpper(block);
            }

            sum += Vector256.Sum(lower + upper);
            bytes = bytes[(blocks.Length * Vector256<byte>.Count)..];
        }

        ReadOnlySpan<uint> words = MemoryMarshal.Cast<byte, uint>(bytes);
        foreach (uint word in words)
            sum += word;
        bytes = bytes[(words.Length * 4)..];
        if (bytes.Length >= 2)
        {
            sum += MemoryMarshal.Read<ushort>(bytes);
            bytes = bytes[2..];
        }

        return bytes.IsEmpty ? sum : sum + (BitConverter.IsLittleEndian ? bytes[0] : (uint)bytes[0] << 8);
    }

    /// <summary>Adds a number of 16 bits as it stands in a header.</summary>
    public static ulong Add(ulong sum, ushort value) =>
        sum + (BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(value) : value);

    /// <summary>Folds a sum to 16 bits, in the order of a header read as a number.</summary>
    public static ushort Fold(ulong sum)
    {
        sum = (sum & 0xffffffff) + (sum >> 32);
        sum = (sum & 0xffff) + ((sum >> 16) & 0xffff) + (sum >> 32);
        sum = (sum & 0xffff) + (sum >> 16);
        ushort folded = (ushort)((sum & 0xffff) + (sum >> 16));
        return BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(folded) : folded;
    }
}
