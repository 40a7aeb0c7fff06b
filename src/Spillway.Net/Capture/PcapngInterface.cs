using System.Buffers.Binary;

namespace Spillway.Net.Capture;

/// <summary>An interface of a pcapng section: link type, resolution of its clock, and the filter for its packets.</summary>
internal sealed class PcapngInterface
{
    private const ushort OptionEnd = 0;
    private const ushort OptionTimeResolution = 9;
    private const ushort OptionTimeOffset = 14;
    private const byte MicrosecondResolution = 6;

    private readonly PacketFilter? _filter;
    private readonly bool _nothingPasses;
    private byte _resolution = MicrosecondResolution;
    private ulong _multiplier;
    private long _offsetSeconds;

    private PcapngInterface(LinkType linkType, uint snapLength, PcapngFilters filters)
    {
        LinkType = linkType;
        SnapLength = snapLength == 0 ? int.MaxValue : snapLength;
        if (filters.LetsAllThrough)
            return;
        _filter = filters.For(linkType);
        _nothingPasses = _filter is null;
    }

    public LinkType LinkType { get; }

    public uint SnapLength { get; }

    /// <summary>Reads the body of an interface description block of at least 8 bytes.</summary>
    public static PcapngInterface Read(ReadOnlySpan<byte> body, bool isBigEndian, PcapngFilters filters)
    {
        var result = new PcapngInterface(
            (LinkType)PcapngReader.UInt16(body, isBigEndian),
            PcapngReader.UInt32(body[4..], isBigEndian),
            filters
        );
        ReadOnlySpan<byte> options = body[8..];
        while (options.Length >= 4)
        {
            ushort code = PcapngReader.UInt16(options, isBigEndian);
            int length = PcapngReader.UInt16(options[2..], isBigEndian);
            options = options[4..];
            if (code == OptionEnd || length > options.Length)
                break;
            if (code == OptionTimeResolution && length == 1)
                result._resolution = options[0];
            else if (code == OptionTimeOffset && length == 8)
                result._offsetSeconds = isBigEndian
                    ? BinaryPrimitives.ReadInt64BigEndian(options)
                    : BinaryPrimitives.ReadInt64LittleEndian(options);
            options = options[Math.Min((length + 3) & ~3, options.Length)..];
        }

        result._multiplier = result._resolution switch
        {
            6 => 1000,
            9 => 1,
            _ => 0,
        };
        return result;
    }

    /// <summary>
    /// Converts a timestamp in units of this interface's clock. What 64 bits do not hold (after 2262) is the first or last moment that they
    /// do.
    /// </summary>
    public long Nanoseconds(ulong time)
    {
        // By far the most clocks count micro- or nanoseconds, of a time that leaves room.
        if (_multiplier != 0 && time <= (ulong)long.MaxValue / _multiplier && _offsetSeconds == 0)
            return (long)(time * _multiplier);
        const byte powerOfTwo = 0x80;
        int exponent = _resolution & 0x7f;
        UInt128 value = (UInt128)time * 1_000_000_000;
        if ((_resolution & powerOfTwo) != 0)
        {
            value >>= exponent;
        }
        else
        {
            for (int i = 0; i < exponent && value != 0; i++)
                value /= 10;
        }

        var sum = (Int128)UInt128.Min(value, (UInt128)Int128.MaxValue >> 1) + ((Int128)_offsetSeconds * 1_000_000_000);
        return (long)Int128.Clamp(sum, long.MinValue, long.MaxValue);
    }

    public bool Passes(in PcapPacket packet) => !_nothingPasses && (_filter is null || _filter.Passes(packet));
}
