using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Spillway.Net.Storage;

/// <summary>Where one block of packets lies in a capture, and when its packets came.</summary>
internal readonly record struct BlockInfo(long Offset, int Length, int Packets, long MinNs, long MaxNs)
{
    public long End => Offset + Length;
}

/// <summary>
/// The index of a stored capture: a header, then one entry for each block of packets, in their order, with the flows in it. Entries are
/// only ever appended, each after its block is in the capture and each with a checksum: whatever happens, what can be read of an index is
/// true.
/// </summary>
/// <remarks>
/// Little-endian. Header: magic (8 bytes), size of <see cref="FlowTotals"/> (4), marks (4; 1: flows are those of the outermost packets of
/// tunnels). Entry: length of what follows the checksum
/// (4), its CRC-32C (4), block offset (8), block length (4), packets (4), earliest and latest packet time (8 each), flows.
/// </remarks>
internal static class PacketIndex
{
    /// <summary>What is added to a capture's name for its index.</summary>
    public const string Extension = ".idx";

    public const int HeaderLength = 16;
    private const int EntryPrefix = 8;
    private const int EntryFixed = 32;
    private const ulong Magic = 0x0A31_5844_4950_5753; // "SWPIDX1\n"

    private static readonly int FlowLength = Unsafe.SizeOf<FlowTotals>();

    /// <summary>The file header.</summary>
    /// <param name="isOutermost">Whether flows are those of the outermost packets of tunnels.</param>
    public static byte[] Header(bool isOutermost)
    {
        byte[] header = new byte[HeaderLength];
        BinaryPrimitives.WriteUInt64LittleEndian(header, Magic);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(8), FlowLength);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(12), isOutermost ? 1 : 0);
        return header;
    }

    /// <summary>Whether bytes begin with the file header.</summary>
    public static bool HasHeader(ReadOnlySpan<byte> index) =>
        index.Length >= HeaderLength && (index.StartsWith(Header(isOutermost: false)) || IsOutermost(index));

    /// <summary>Whether bytes begin with the file header of flows of outermost packets.</summary>
    public static bool IsOutermost(ReadOnlySpan<byte> index) => index.StartsWith(Header(isOutermost: true));

    /// <summary>The length of the entry of a block with so many flows.</summary>
    public static int EntryLength(int flows) => EntryPrefix + EntryFixed + (flows * FlowLength);

    /// <summary>Writes an entry of <see cref="EntryLength"/> bytes.</summary>
    public static void WriteEntry(Span<byte> entry, long offset, int length, BlockFlows flows)
    {
        BinaryPrimitives.WriteInt32LittleEndian(entry, entry.Length - EntryPrefix);
        Span<byte> body = entry[EntryPrefix..];
        BinaryPrimitives.WriteInt64LittleEndian(body, offset);
        BinaryPrimitives.WriteInt32LittleEndian(body[8..], length);
        BinaryPrimitives.WriteInt32LittleEndian(body[12..], flows.Packets);
        BinaryPrimitives.WriteInt64LittleEndian(body[16..], flows.MinNs);
        BinaryPrimitives.WriteInt64LittleEndian(body[24..], flows.MaxNs);
        MemoryMarshal.AsBytes(flows.Flows).CopyTo(body[EntryFixed..]);
        BinaryPrimitives.WriteUInt32LittleEndian(entry[4..], Checksum(body));
    }

    /// <summary>Reads the next entry.</summary>
    /// <param name="at">Where it begins; then where the next one does.</param>
    /// <returns>False at the end, and where no good entry is.</returns>
    public static bool TryReadEntry(ReadOnlySpan<byte> index, ref int at, out BlockInfo block, out ReadOnlySpan<FlowTotals> flows)
    {
        block = default;
        flows = default;
        if (index.Length - at < EntryPrefix + EntryFixed)
            return false;
        int length = BinaryPrimitives.ReadInt32LittleEndian(index[at..]);
        if (length < EntryFixed || length > index.Length - at - EntryPrefix || (length - EntryFixed) % FlowLength != 0)
            return false;
        ReadOnlySpan<byte> body = index.Slice(at + EntryPrefix, length);
        if (BinaryPrimitives.ReadUInt32LittleEndian(index[(at + 4)..]) != Checksum(body))
            return false;

        block = new BlockInfo(
            BinaryPrimitives.ReadInt64LittleEndian(body),
            BinaryPrimitives.ReadInt32LittleEndian(body[8..]),
            BinaryPrimitives.ReadInt32LittleEndian(body[12..]),
            BinaryPrimitives.ReadInt64LittleEndian(body[16..]),
            BinaryPrimitives.ReadInt64LittleEndian(body[24..])
        );
        flows = MemoryMarshal.Cast<byte, FlowTotals>(body[EntryFixed..]);
        at += EntryPrefix + length;
        return true;
    }

    private static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        foreach (ulong word in MemoryMarshal.Cast<byte, ulong>(bytes))
            crc = BitOperations.Crc32C(crc, word);
        return crc;
    }
}
