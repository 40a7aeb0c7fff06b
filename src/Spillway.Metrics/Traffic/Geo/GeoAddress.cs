using System.Buffers.Binary;
using System.Net;

namespace Spillway.Metrics.Traffic.Geo;

/// <summary>Addresses as the reader of databases wants them.</summary>
internal static class GeoAddress
{
    /// <summary>An address of a flow's key.</summary>
    public static IPAddress Of(UInt128 address, byte version)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, address);
        return new IPAddress(version == 4 ? bytes[12..] : bytes);
    }
}
