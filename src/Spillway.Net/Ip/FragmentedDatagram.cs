using System.Buffers;
using Spillway.Net.Capture;
using Spillway.Net.Packets;

namespace Spillway.Net.Ip;

/// <summary>What became of a fragment.</summary>
internal enum FragmentResult
{
    /// <summary>Its bytes were new.</summary>
    Added,

    /// <summary>It was there already.</summary>
    Duplicate,

    /// <summary>Part of its range was there already; for IPv4 the rest was added.</summary>
    Overlap,

    /// <summary>It contradicts the end of the datagram.</summary>
    Malformed,

    /// <summary>The datagram would have more pieces than allowed.</summary>
    TooMany,
}

/// <summary>
/// The pieces of one datagram. Bytes are appended to a buffer as they come, so that memory follows what was received, not the offsets a
/// sender claims; a list in order of offset says where they belong.
/// </summary>
internal sealed partial class FragmentedDatagram
{
    public const int MaxPayloadLength = 65535;

    /// <summary>Headers up to the fragment's payload; longer stacks of headers are not taken.</summary>
    public const int MaxHeaderLength = 2048;

    private const int PieceSize = 12;

    // Small memory stays for the next datagram.
    private const int KeptBytes = 2048;
    private const int KeptPieces = 16;

    private byte[] _buffer = [];
    private int _used;
    private Piece[] _pieces = [];
    private int _count;
    private int _covered;
    private int _total;
    private int _furthest;
    private int _headerAt;
    private int _headerLength;
    private int _ipOffset;
    private int _layerCount;
    private LayerArray _layers;

    public DatagramKey Key { get; private set; }

    /// <summary>Packet time of the fragment that came first.</summary>
    public long FirstNs { get; private set; }

    public LinkType LinkType { get; private set; }

    /// <summary>True if nothing more is taken for this datagram.</summary>
    public bool IsDiscarded { get; private set; }

    public FragmentedDatagram? Older { get; set; }

    public FragmentedDatagram? Newer { get; set; }

    public int MemoryBytes => _buffer.Length + (_pieces.Length * PieceSize);

    public bool IsComplete => _headerLength > 0 && _covered == _total;

    public void Begin(in DatagramKey key, long timestampNs)
    {
        Key = key;
        FirstNs = timestampNs;
        _total = -1;
    }

    public FragmentResult Add(scoped in CapturedPacket packet, in PacketInfo info, int maxPieces)
    {
        int offset = info.FragmentOffset;
        int end = offset + info.PayloadLength;
        if (_total >= 0 ? end > _total || (!info.MoreFragments && end != _total) : !info.MoreFragments && end < _furthest)
            return FragmentResult.Malformed;

        ReadOnlySpan<byte> payload = packet.Data.Slice(info.PayloadOffset, info.PayloadLength);
        FragmentResult result = Insert(offset, payload, maxPieces);
        if (result is FragmentResult.Duplicate or FragmentResult.TooMany)
            return result;
        if (!info.MoreFragments)
            _total = end;
        if (offset == 0 && _headerLength == 0)
            KeepHeader(packet, info);
        return result;
    }

    /// <summary>Gives the memory back and refuses what comes.</summary>
    public void Discard()
    {
        Release(keptBytes: 0, keptPieces: 0);
        IsDiscarded = true;
    }

    /// <summary>Makes the object ready for another datagram.</summary>
    public void Reset()
    {
        Release(KeptBytes, KeptPieces);
        IsDiscarded = false;
        Older = null;
        Newer = null;
    }

    private void Release(int keptBytes, int keptPieces)
    {
        if (_buffer.Length > keptBytes)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = [];
        }

        if (_pieces.Length > keptPieces)
        {
            ArrayPool<Piece>.Shared.Return(_pieces);
            _pieces = [];
        }

        _used = 0;
        _count = 0;
        _covered = 0;
        _furthest = 0;
        _headerLength = 0;
    }

    private FragmentResult Insert(int offset, ReadOnlySpan<byte> payload, int maxPieces)
    {
        int end = offset + payload.Length;
        int index = FirstEndingAfter(offset);
        bool overlaps = index < _count && _pieces[index].Offset < end;
        if (overlaps)
        {
            Piece there = _pieces[index];
            if (
                there.Offset == offset
                && there.Length == payload.Length
                && payload.SequenceEqual(_buffer.AsSpan(there.Position, there.Length))
            )
                return FragmentResult.Duplicate;
            if (Key.Version == 6)
                return FragmentResult.Overlap;
        }

        // What is there stays; the gaps between are filled.
        int at = offset;
        while (at < end)
        {
            if (index < _count && _pieces[index].Offset <= at)
            {
                at = _pieces[index++].End;
                continue;
            }

            int gapEnd = index < _count ? Math.Min(end, _pieces[index].Offset) : end;
            if (_count == maxPieces)
                return FragmentResult.TooMany;
            InsertPiece(index++, new Piece(at, gapEnd - at, _used));
            Append(payload[(at - offset)..(gapEnd - offset)]);
            _covered += gapEnd - at;
            at = gapEnd;
        }

        _furthest = Math.Max(_furthest, end);
        return overlaps ? FragmentResult.Overlap : FragmentResult.Added;
    }

    // Fragments mostly come in order: look from the end.
    private int FirstEndingAfter(int offset)
    {
        if (_count == 0 || _pieces[_count - 1].End <= offset)
            return _count;
        int low = 0;
        int high = _count - 1;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (_pieces[middle].End > offset)
                high = middle;
            else
                low = middle + 1;
        }

        return low;
    }

    private void InsertPiece(int index, Piece piece)
    {
        if (_count == _pieces.Length)
            Grow(ref _pieces, _count, Math.Max(16, _count * 2));
        _pieces.AsSpan(index, _count - index).CopyTo(_pieces.AsSpan(index + 1));
        _pieces[index] = piece;
        _count++;
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        if (_used + bytes.Length > _buffer.Length)
            Grow(ref _buffer, _used, Math.Max(_used + bytes.Length, _buffer.Length * 2));
        bytes.CopyTo(_buffer.AsSpan(_used));
        _used += bytes.Length;
    }

    private static void Grow<T>(ref T[] array, int used, int length)
    {
        T[] larger = ArrayPool<T>.Shared.Rent(length);
        array.AsSpan(0, used).CopyTo(larger);
        if (array.Length > 0)
            ArrayPool<T>.Shared.Return(array);
        array = larger;
    }

    private readonly record struct Piece(int Offset, int Length, int Position)
    {
        public int End => Offset + Length;
    }
}
