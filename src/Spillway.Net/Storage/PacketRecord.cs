using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Spillway.Net.Capture;
using Spillway.Net.Packets;

namespace Spillway.Net.Storage;

/// <summary>A packet on its way through the ring.</summary>
internal readonly ref struct PacketRecord(FlowKey key, long timestampNs, LinkType linkType, int wireLength, ReadOnlySpan<byte> data)
{
    /// <summary>Bytes before the packet's own.</summary>
    public const int HeaderLength = 56;

    private const int KeyLength = 40;

    /// <summary>The flow that decoding the packet alone gives: the same as when its capture is scanned.</summary>
    public readonly FlowKey Key = key;

    public long TimestampNs { get; } = timestampNs;

    public LinkType LinkType { get; } = linkType;

    public int WireLength { get; } = wireLength;

    public ReadOnlySpan<byte> Data { get; } = data;

    /// <summary>Writes the record into the ring.</summary>
    public void Write(Span<byte> record)
    {
        MemoryMarshal.Write(record, in Key);
        BinaryPrimitives.WriteInt64LittleEndian(record[KeyLength..], TimestampNs);
        BinaryPrimitives.WriteInt32LittleEndian(record[48..], (int)LinkType);
        BinaryPrimitives.WriteInt32LittleEndian(record[52..], WireLength);
        Data.CopyTo(record[HeaderLength..]);
    }

    /// <summary>Reads it back.</summary>
    public static PacketRecord Read(ReadOnlySpan<byte> record) =>
        new(
            MemoryMarshal.Read<FlowKey>(record),
            BinaryPrimitives.ReadInt64LittleEndian(record[KeyLength..]),
            (LinkType)BinaryPrimitives.ReadInt32LittleEndian(record[48..]),
            BinaryPrimitives.ReadInt32LittleEndian(record[52..]),
            record[HeaderLength..]
        );
}
