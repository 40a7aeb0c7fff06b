using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Spillway.Net.Capture;

/// <summary>
/// Reads pcapng files: sections of either byte order, interfaces that are described anywhere before their first packet and differ in link
/// type, snap length and clock. libpcap refuses all that it cannot know from the file's beginning.
/// Blocks: https://www.ietf.org/archive/id/draft-ietf-opsawg-pcapng-03.html.
/// </summary>
internal sealed class PcapngReader : IDisposable
{
    private const uint SectionHeader = 0x0a0d0d0a;
    private const uint InterfaceDescription = 1;
    private const uint ObsoletePacket = 2;
    private const uint SimplePacket = 3;
    private const uint EnhancedPacket = 6;

    private const int BlockHeader = 8;
    private const int BlockTrailer = 4;
    private const int MaxBlockLength = 16 << 20; // libpcap's own limit
    private const int MaxInterfaces = 1 << 16;

    private readonly Stream _stream;
    private readonly PcapngFilters _filters;
    private readonly List<PcapngInterface> _interfaces = [];

    // Pinned, for packets are looked at in place. What has been read lies between the two positions.
    private byte[] _buffer = NewBuffer(256 * 1024);
    private int _start;
    private int _end;
    private int _blockLength;
    private bool _isBigEndian;
    private string _error = "";

    /// <summary>Opens a file whose section header is at the stream's position.</summary>
    /// <param name="filter">Packets of interfaces whose link type does not know it do not pass.</param>
    public PcapngReader(Stream stream, string? filter)
    {
        _stream = stream;
        _filters = new PcapngFilters(filter);
    }

    /// <summary>What ended reading with an error.</summary>
    public string LastError => SourceFailure?.Message ?? _error;

    /// <summary>Whether the error is that the file ends in the middle of a block.</summary>
    public bool IsCut { get; private set; }

    /// <summary>What the stream threw.</summary>
    public Exception? SourceFailure { get; private set; }

    /// <summary>Whether a file is pcapng, by its first bytes.</summary>
    public static bool IsPcapng(ReadOnlySpan<byte> head) =>
        head.Length >= 4 && BinaryPrimitives.ReadUInt32LittleEndian(head) == SectionHeader;

    /// <summary>The link types of the interfaces that the first bytes of a file describe.</summary>
    public static IReadOnlyList<LinkType> LinkTypes(ReadOnlySpan<byte> head)
    {
        var result = new List<LinkType>();
        bool isBigEndian = false;
        while (head.Length >= 16)
        {
            if (IsPcapng(head))
                isBigEndian = IsBigEndian(head);
            uint length = UInt32(head[4..], isBigEndian);
            if (UInt32(head, isBigEndian) == InterfaceDescription)
                result.Add((LinkType)UInt16(head[8..], isBigEndian));
            if (length < 12 || length > head.Length)
                break;
            head = head[(int)length..];
        }

        return result;
    }

    /// <summary>
    /// Reads the next packet that passes the filter, with libpcap's codes: 1 for a packet, -2 at the end, -1 on an error.
    /// </summary>
    public int Next(out PcapPacket packet, out LinkType linkType)
    {
        packet = default;
        linkType = default;
        try
        {
            int result;
            while ((result = ReadBlock(out ReadOnlySpan<byte> body, out uint type)) == 1)
            {
                int verdict = Take(body, type, ref packet, out PcapngInterface? source);
                if (verdict < 0)
                    return verdict;
                if (verdict == 0 || !source!.Passes(packet))
                    continue;
                linkType = source.LinkType;
                return 1;
            }

            return result;
        }
        catch (Exception failure) when (failure is IOException or InvalidDataException)
        {
            SourceFailure = failure;
            return -1;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _filters.Dispose();

    // 1 if the block holds a packet, 0 if not, -1 if it is damaged.
    private int Take(ReadOnlySpan<byte> body, uint type, ref PcapPacket packet, out PcapngInterface? source)
    {
        source = null;
        switch (type)
        {
            case SectionHeader:
                _interfaces.Clear(); // numbered anew in each section
                return 0;
            case InterfaceDescription:
                if (body.Length < 8 || _interfaces.Count == MaxInterfaces)
                    return Fail("an interface description is damaged");
                _interfaces.Add(PcapngInterface.Read(body, _isBigEndian, _filters));
                return 0;
            case EnhancedPacket or ObsoletePacket:
                const int header = 20;
                if (body.Length < header)
                    return Fail("a packet block is too short");
                uint number = type == EnhancedPacket ? UInt32(body, _isBigEndian) : UInt16(body, _isBigEndian);
                if (number >= _interfaces.Count)
                    return Fail($"a packet names interface {number}, which is not described");
                source = _interfaces[(int)number];
                ulong time = ((ulong)UInt32(body[4..], _isBigEndian) << 32) | UInt32(body[8..], _isBigEndian);
                return Make(
                    body[header..],
                    UInt32(body[12..], _isBigEndian),
                    UInt32(body[16..], _isBigEndian),
                    source.Nanoseconds(time),
                    header,
                    ref packet
                );
            case SimplePacket:
                if (body.Length < 4 || _interfaces.Count == 0)
                    return Fail("a packet block is too short, or no interface is described");
                source = _interfaces[0];
                uint wireLength = UInt32(body, _isBigEndian);
                uint captured = Math.Min(Math.Min(wireLength, source.SnapLength), (uint)(body.Length - 4));
                return Make(body[4..], captured, wireLength, 0, 4, ref packet);
            default:
                return 0;
        }
    }

    private int Make(ReadOnlySpan<byte> data, uint captured, uint wireLength, long timestampNs, int at, ref PcapPacket packet)
    {
        if (captured > data.Length)
            return Fail($"a packet of {captured} bytes does not fit its block of {data.Length}");
        nint address = Marshal.UnsafeAddrOfPinnedArrayElement(_buffer, _start + BlockHeader + at);
        packet = new PcapPacket(address, (int)captured, PcapPacket.SaneWireLength(captured, wireLength), timestampNs);
        return 1;
    }

    // The block before is no longer needed: its packet was valid until this call.
    private int ReadBlock(out ReadOnlySpan<byte> body, out uint type)
    {
        body = default;
        type = 0;
        _start += _blockLength;
        _blockLength = 0;
        const int known = 12; // the byte order of a section stands in the third word
        if (!Fill(known))
            return _end == _start ? -2 : Cut(known);
        ReadOnlySpan<byte> head = _buffer.AsSpan(_start, known);
        if (IsPcapng(head))
        {
            if (UInt32(head[8..], isBigEndian: false) is not (0x1a2b3c4d or 0x4d3c2b1a))
                return Fail("a section does not tell its byte order");
            _isBigEndian = IsBigEndian(head);
        }

        type = UInt32(head, _isBigEndian);
        uint length = UInt32(head[4..], _isBigEndian);
        if (length < known || length > MaxBlockLength)
            return Fail($"a block claims {length} bytes");
        if (!Fill((int)length))
            return Cut((int)length);
        _blockLength = (int)length;
        body = _buffer.AsSpan(_start + BlockHeader, _blockLength - BlockHeader - BlockTrailer);
        return 1;
    }

    // Makes so many bytes lie behind the start, if the file has them. A pipe gives what it has: no more is waited for than is needed.
    private bool Fill(int needed)
    {
        if (_end - _start >= needed)
            return true;
        if (_start + needed > _buffer.Length)
        {
            byte[] target = needed > _buffer.Length ? NewBuffer(needed) : _buffer;
            _buffer.AsSpan(_start, _end - _start).CopyTo(target);
            (_buffer, _start, _end) = (target, 0, _end - _start);
        }

        while (_end - _start < needed)
        {
            int count = _stream.Read(_buffer.AsSpan(_end));
            if (count == 0)
                return false;
            _end += count;
        }

        return true;
    }

    private int Cut(int wanted)
    {
        IsCut = true;
        return Fail($"the file ends inside a block ({_end - _start} of {wanted} bytes)");
    }

    private int Fail(string message)
    {
        _error = message;
        return -1;
    }

    // The byte-order magic 0x1a2b3c4d of a section header.
    private static bool IsBigEndian(ReadOnlySpan<byte> sectionHeader) => sectionHeader[8] == 0x1a;

    private static byte[] NewBuffer(int length) => GC.AllocateUninitializedArray<byte>(length, pinned: true);

    internal static ushort UInt16(ReadOnlySpan<byte> bytes, bool isBigEndian) =>
        isBigEndian ? BinaryPrimitives.ReadUInt16BigEndian(bytes) : BinaryPrimitives.ReadUInt16LittleEndian(bytes);

    internal static uint UInt32(ReadOnlySpan<byte> bytes, bool isBigEndian) =>
        isBigEndian ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : BinaryPrimitives.ReadUInt32LittleEndian(bytes);
}
