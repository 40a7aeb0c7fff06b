using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Spillway.Net.Capture;

/// <summary>
/// Reads pcapng files whose interfaces differ in link type or snap length, which libpcap refuses. All others are left to libpcap.
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
    private const int MaxInterfaces = 4096;

    private readonly Stream _stream;
    private readonly string? _filter;
    private readonly List<PcapngInterface> _interfaces = [];
    private byte[] _block = NewBlock(256 * 1024);
    private bool _isBigEndian;
    private string _error = "";

    /// <summary>Opens a file whose section header is at the stream's position.</summary>
    /// <param name="filter">Packets of interfaces whose link type does not know it do not pass.</param>
    public PcapngReader(Stream stream, string? filter)
    {
        _stream = stream;
        _filter = filter;
    }

    /// <summary>What ended reading with an error.</summary>
    public string LastError => SourceFailure?.Message ?? _error;

    /// <summary>Whether the error is that the file ends in the middle of a block.</summary>
    public bool IsCut { get; private set; }

    /// <summary>What the stream threw.</summary>
    public Exception? SourceFailure { get; private set; }

    /// <summary>Whether a file needs this reader, as far as its first bytes tell.</summary>
    public static bool IsNeeded(ReadOnlySpan<byte> head) => Interfaces(head).Distinct().Count() > 1;

    /// <summary>The link types of the interfaces that the first bytes of a file describe.</summary>
    public static IEnumerable<LinkType> LinkTypes(ReadOnlySpan<byte> head) => Interfaces(head).Select(description => (LinkType)description.LinkType);

    /// <summary>Reads the next packet that passes the filter, with libpcap's codes: 1 for a packet, -2 at the end, -1 on an error.</summary>
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
    public void Dispose()
    {
        foreach (PcapngInterface description in _interfaces)
            description.Dispose();
        _interfaces.Clear();
    }

    private static List<(ushort LinkType, uint SnapLength)> Interfaces(ReadOnlySpan<byte> head)
    {
        var result = new List<(ushort, uint)>();
        if (head.Length < 12 || BinaryPrimitives.ReadUInt32LittleEndian(head) != SectionHeader)
            return result;
        bool isBigEndian = false;
        while (head.Length >= 16)
        {
            if (BinaryPrimitives.ReadUInt32LittleEndian(head) == SectionHeader)
                isBigEndian = IsBigEndian(head);
            uint length = UInt32(head[4..], isBigEndian);
            if (UInt32(head, isBigEndian) == InterfaceDescription)
                result.Add((UInt16(head[8..], isBigEndian), UInt32(head[12..], isBigEndian)));
            if (length < 12 || length > head.Length)
                break;
            head = head[(int)length..];
        }

        return result;
    }

    // 1 if the block holds a packet, 0 if not, -1 if it is damaged.
    private int Take(ReadOnlySpan<byte> body, uint type, ref PcapPacket packet, out PcapngInterface? source)
    {
        source = null;
        switch (type)
        {
            case SectionHeader:
                Dispose(); // interfaces are numbered anew in each section
                return 0;
            case InterfaceDescription:
                if (body.Length < 8 || _interfaces.Count == MaxInterfaces)
                    return Fail("an interface description is damaged");
                _interfaces.Add(PcapngInterface.Read(body, _isBigEndian, _filter));
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
                return Make(body[header..], UInt32(body[12..], _isBigEndian), UInt32(body[16..], _isBigEndian), source.Nanoseconds(time), header, ref packet);
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
        if (captured > data.Length || wireLength > int.MaxValue)
            return Fail($"a packet of {captured} bytes does not fit its block of {data.Length}");
        nint address = Marshal.UnsafeAddrOfPinnedArrayElement(_block, BlockHeader + at);
        packet = new PcapPacket(address, (int)captured, (int)wireLength, timestampNs);
        return 1;
    }

    private int ReadBlock(out ReadOnlySpan<byte> body, out uint type)
    {
        body = default;
        type = 0;
        const int known = 12; // the byte order of a section stands in the third word
        int got = _stream.ReadAtLeast(_block.AsSpan(0, known), known, throwOnEndOfStream: false);
        if (got == 0)
            return -2;
        if (got < known)
            return Cut(got, known);
        if (BinaryPrimitives.ReadUInt32LittleEndian(_block) == SectionHeader)
            _isBigEndian = IsBigEndian(_block);
        type = UInt32(_block, _isBigEndian);
        uint length = UInt32(_block.AsSpan(4), _isBigEndian);
        if (length < known || length > MaxBlockLength)
            return Fail($"a block claims {length} bytes");
        if (length > _block.Length)
        {
            byte[] larger = NewBlock((int)length);
            _block.AsSpan(0, known).CopyTo(larger);
            _block = larger;
        }

        int rest = (int)length - known;
        got = _stream.ReadAtLeast(_block.AsSpan(known, rest), rest, throwOnEndOfStream: false);
        if (got < rest)
            return Cut(known + got, (int)length);
        body = _block.AsSpan(BlockHeader, (int)length - BlockHeader - BlockTrailer);
        return 1;
    }

    private int Cut(int got, int wanted)
    {
        IsCut = true;
        return Fail($"the file ends inside a block ({got} of {wanted} bytes)");
    }

    private int Fail(string message)
    {
        _error = message;
        return -1;
    }

    // The byte-order magic 0x1a2b3c4d of a section header.
    private static bool IsBigEndian(ReadOnlySpan<byte> sectionHeader) => sectionHeader[8] == 0x1a;

    // Pinned, for the packets in it are looked at in place.
    private static byte[] NewBlock(int length) => GC.AllocateUninitializedArray<byte>(length, pinned: true);

    internal static ushort UInt16(ReadOnlySpan<byte> bytes, bool isBigEndian) =>
        isBigEndian ? BinaryPrimitives.ReadUInt16BigEndian(bytes) : BinaryPrimitives.ReadUInt16LittleEndian(bytes);

    internal static uint UInt32(ReadOnlySpan<byte> bytes, bool isBigEndian) =>
        isBigEndian ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : BinaryPrimitives.ReadUInt32LittleEndian(bytes);
}
