using System.Buffers.Binary;

namespace Spillway.Net.Protocols;

/// <summary>
/// Reads fields in network byte order. Reading past the end gives zeros and empty spans and leaves <see cref="IsExhausted"/> set, so that a
/// parser checks once, behind its last field.
/// </summary>
internal ref struct WireReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _rest = bytes;

    /// <summary>What has not been read.</summary>
    public readonly ReadOnlySpan<byte> Rest => _rest;

    /// <summary>Something was asked for that is not there.</summary>
    public bool IsExhausted { get; private set; }

    public byte ReadByte()
    {
        ReadOnlySpan<byte> field = ReadBytes(1);
        return field.IsEmpty ? (byte)0 : field[0];
    }

    public ushort ReadUInt16()
    {
        ReadOnlySpan<byte> field = ReadBytes(2);
        return field.IsEmpty ? (ushort)0 : BinaryPrimitives.ReadUInt16BigEndian(field);
    }

    public int ReadUInt24()
    {
        ReadOnlySpan<byte> field = ReadBytes(3);
        return field.IsEmpty ? 0 : (field[0] << 16) | (field[1] << 8) | field[2];
    }

    public uint ReadUInt32()
    {
        ReadOnlySpan<byte> field = ReadBytes(4);
        return field.IsEmpty ? 0 : BinaryPrimitives.ReadUInt32BigEndian(field);
    }

    public ReadOnlySpan<byte> ReadBytes(int count)
    {
        if (count > _rest.Length)
        {
            IsExhausted = true;
            _rest = default;
            return default;
        }

        ReadOnlySpan<byte> field = _rest[..count];
        _rest = _rest[count..];
        return field;
    }

    /// <summary>A field behind its length of one byte.</summary>
    public ReadOnlySpan<byte> ReadVector8() => ReadBytes(ReadByte());

    /// <summary>A field behind its length of two bytes.</summary>
    public ReadOnlySpan<byte> ReadVector16() => ReadBytes(ReadUInt16());

    /// <summary>A field behind its length of three bytes.</summary>
    public ReadOnlySpan<byte> ReadVector24() => ReadBytes(ReadUInt24());
}
