using System.Buffers.Binary;
using System.IO.Compression;

namespace Spillway.Net.Tests.Capture;

/// <summary>Builds capture files in either byte order.</summary>
internal sealed class CaptureBytes(bool isBigEndian)
{
    private readonly List<byte> _bytes = [];

    public byte[] ToArray() => [.. _bytes];

    public static byte[] Gzip(byte[] content)
    {
        using var result = new MemoryStream();
        using (var gzip = new GZipStream(result, CompressionLevel.Fastest))
            gzip.Write(content);
        return result.ToArray();
    }

    public CaptureBytes PcapHeader(uint magic, uint linkType, uint snapLength = 65535) =>
        U32(magic).U16(2).U16(4).U32(0).U32(0).U32(snapLength).U32(linkType);

    public CaptureBytes PcapPacket(uint seconds, uint fraction, byte[] data, uint? wireLength = null) =>
        U32(seconds).U32(fraction).U32((uint)data.Length).U32(wireLength ?? (uint)data.Length).Raw(data);

    public CaptureBytes Section() => Block(0x0a0d0d0a, body => body.U32(0x1a2b3c4d).U16(1).U16(0).U32(uint.MaxValue).U32(uint.MaxValue));

    public CaptureBytes Interface(ushort linkType, uint snapLength = 65535, byte? timeResolution = null, ulong? offsetSeconds = null) =>
        Block(
            1,
            body =>
            {
                body.U16(linkType).U16(0).U32(snapLength);
                if (timeResolution is { } resolution)
                    body.U16(9).U16(1).Raw([resolution, 0, 0, 0]);
                if (offsetSeconds is { } offset)
                    body.U16(14).U16(8).U64(offset);
                body.U32(0);
            }
        );

    public CaptureBytes Enhanced(uint number, ulong time, byte[] data, uint? wireLength = null) =>
        Block(
            6,
            body =>
                body.U32(number)
                    .U32((uint)(time >> 32))
                    .U32((uint)time)
                    .U32((uint)data.Length)
                    .U32(wireLength ?? (uint)data.Length)
                    .Raw(data)
        );

    public CaptureBytes Simple(byte[] data, uint wireLength) => Block(3, body => body.U32(wireLength).Raw(data));

    public CaptureBytes Block(uint type, Action<CaptureBytes> write)
    {
        var body = new CaptureBytes(isBigEndian);
        write(body);
        while (body._bytes.Count % 4 != 0)
            body._bytes.Add(0);
        uint length = (uint)body._bytes.Count + 12;
        return U32(type).U32(length).Raw(body.ToArray()).U32(length);
    }

    private CaptureBytes Raw(byte[] data)
    {
        _bytes.AddRange(data);
        return this;
    }

    private CaptureBytes U16(ushort value) => Raw(BitConverter.GetBytes(isBigEndian ? BinaryPrimitives.ReverseEndianness(value) : value));

    private CaptureBytes U32(uint value) => Raw(BitConverter.GetBytes(isBigEndian ? BinaryPrimitives.ReverseEndianness(value) : value));

    private CaptureBytes U64(ulong value) => Raw(BitConverter.GetBytes(isBigEndian ? BinaryPrimitives.ReverseEndianness(value) : value));
}
