using System.Buffers.Binary;

namespace Spillway.Net.Protocols;

/// <summary>
/// The header of the PROXY protocol, by which a load balancer says for whom a connection is: a line of text (version 1) or a block (version
/// 2). The protocol of the connection begins behind it.
/// </summary>
internal static class ProxyHeader
{
    private const int MaxLineBytes = 107;
    private const int BlockHeaderBytes = 16;

    private static ReadOnlySpan<byte> LineStart => "PROXY "u8;

    private static ReadOnlySpan<byte> BlockStart => [0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A];

    /// <summary>
    /// Bytes of the header that the data begin with; 0 if they begin with none, or it is not whole (its sender must write it at once).
    /// </summary>
    public static int LengthOf(ReadOnlySpan<byte> data)
    {
        if (data.StartsWith(LineStart))
        {
            int end = data[..Math.Min(data.Length, MaxLineBytes)].IndexOf("\r\n"u8);
            return end < 0 ? 0 : end + 2;
        }

        if (data.Length < BlockHeaderBytes || !data.StartsWith(BlockStart) || data[BlockStart.Length] >> 4 != 2)
            return 0;
        int length = BlockHeaderBytes + BinaryPrimitives.ReadUInt16BigEndian(data[(BlockHeaderBytes - 2)..]);
        return length > data.Length ? 0 : length;
    }
}
