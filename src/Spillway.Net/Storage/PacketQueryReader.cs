using System.Runtime.InteropServices;
using Spillway.Net.Capture;
using Spillway.Net.Packets;

namespace Spillway.Net.Storage;

/// <summary>
/// The packets of a store that match a query, in the order of their times across all captures. Only blocks that can hold such packets are
/// read, and of these only so many are in memory as overlap in time.
/// </summary>
public sealed class PacketQueryReader : IDisposable
{
    // Captures whose blocks all overlap in time would otherwise fill the memory: past this, packets may come out of order.
    private const int MaxBlocksInMemory = 512;

    private readonly PacketQuery _query;
    private readonly List<(StoredCapture Capture, BlockInfo Block)> _blocks;
    private readonly PriorityQueue<Waiting, (long TimestampNs, long Order)> _waiting = new();
    private readonly Dictionary<LinkType, PacketFilter?> _filters = [];
    private readonly Stack<byte[]> _free = new();
    private readonly FragmentPorts _ports = new();
    private readonly List<(StoredCapture Capture, BlockInfo Block)> _withFragments = [];
    private int _nextBlock;
    private int _blocksInMemory;
    private long _order;
    private LoadedBlock? _current;

    internal PacketQueryReader(IEnumerable<StoredCapture> captures, PacketQuery query)
    {
        _query = query;
        var blocks = new List<(StoredCapture Capture, BlockInfo Block)>();
        foreach (StoredCapture capture in captures)
        {
            CompileFor(capture.LinkType);
            Select(capture, blocks);
        }

        if (_filters.Count > 0 && _filters.Values.All(filter => filter is null) && query.Filter is not null)
        {
            CaptureFile.IsFilter(query.Filter, out string? flaw);
            throw new CaptureException(flaw ?? $"the filter '{query.Filter}' means nothing for the link types that are stored");
        }

        foreach ((StoredCapture capture, BlockInfo block) in _withFragments)
            LearnPorts(capture, in block);
        _withFragments.Clear();
        _blocks = [.. blocks.OrderBy(each => each.Block.MinNs)]; // stable: of equal times, the earlier file's come first
    }

    /// <summary>Bytes of packets that could not be read, since a capture was damaged after its index was written.</summary>
    public long DamagedBytes { get; private set; }

    /// <summary>Whether the flow of the last packet read is that of the outermost packet of a tunnel, as the run took it.</summary>
    public bool IsOutermost { get; private set; }

    /// <summary>Whether so many blocks overlapped in time that packets may not be in order.</summary>
    public bool IsOrderLost { get; private set; }

    /// <summary>Reads the next packet.</summary>
    /// <param name="packet">Valid until the next call.</param>
    /// <param name="key">Its flow, as decoding it alone gives; that of no flow without one. If the query names a port, a fragment has those
    /// of its datagram, as far as the first fragment is stored.</param>
    public bool TryRead(out CapturedPacket packet, out FlowKey key)
    {
        Release(ref _current);
        while (
            _nextBlock < _blocks.Count
            && (!_waiting.TryPeek(out _, out (long Ns, long Order) first) || first.Ns > _blocks[_nextBlock].Block.MinNs)
        )
        {
            if (_blocksInMemory >= MaxBlocksInMemory && _waiting.Count > 0)
            {
                IsOrderLost = true;
                break;
            }

            Load(_blocks[_nextBlock++]);
        }

        if (!_waiting.TryDequeue(out Waiting next, out (long TimestampNs, long Order) time))
        {
            packet = default;
            key = default;
            return false;
        }

        _current = next.Block;
        key = next.Key;
        packet = new CapturedPacket(
            next.Block.Bytes.AsSpan(next.Offset, next.Length),
            time.TimestampNs,
            next.WireLength,
            next.Block.Capture.LinkType
        );
        IsOutermost = next.Block.Capture.IsOutermost;
        return true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (PacketFilter? filter in _filters.Values)
            filter?.Dispose();
    }

    private void CompileFor(LinkType linkType)
    {
        if (_query.Filter is { } filter && !_filters.ContainsKey(linkType))
            _filters[linkType] = PacketFilter.TryCompile(filter, linkType, out _);
    }

    private void Select(StoredCapture capture, List<(StoredCapture Capture, BlockInfo Block)> blocks)
    {
        int at = PacketIndex.HeaderLength;
        while (PacketIndex.TryReadEntry(capture.Index, ref at, out BlockInfo block, out ReadOnlySpan<FlowTotals> flows))
        {
            if (block.MaxNs < _query.FromNs || block.MinNs > _query.ToNs)
                continue;
            bool matches = false;
            bool mayHaveFragments = false;
            foreach (ref readonly FlowTotals flow in flows)
            {
                matches |= _query.Matches(in flow.Key);
                mayHaveFragments |= _query.MayMatchFragments(in flow.Key);
            }

            if (mayHaveFragments)
                _withFragments.Add((capture, block));
            if (matches || mayHaveFragments)
                blocks.Add((capture, block));
        }
    }

    // All fragments are looked at before the first packet is given out: the one with the ports may come last.
    private void LearnPorts(StoredCapture capture, in BlockInfo block)
    {
        byte[] bytes = Rent(block.Length);
        int length = capture.Read(in block, bytes);
        var info = default(PacketInfo);
        int at = 0;
        while (capture.TryReadPacket(bytes.AsSpan(0, length), ref at, out CapturedPacket packet))
        {
            PacketDecoder.Decode(in packet, ref info, capture.IsOutermost);
            _ports.Learn(in packet, in info);
        }

        _free.Push(bytes);
    }

    private void Load((StoredCapture Capture, BlockInfo Block) place)
    {
        StoredCapture capture = place.Capture;
        byte[] bytes = Rent(place.Block.Length);
        int length = capture.Read(in place.Block, bytes);
        var loaded = new LoadedBlock(bytes, capture);
        var info = default(PacketInfo);
        int at = 0;
        while (capture.TryReadPacket(bytes.AsSpan(0, length), ref at, out CapturedPacket packet))
        {
            int offset = at - packet.Data.Length;
            if (packet.TimestampNs < _query.FromNs || packet.TimestampNs > _query.ToNs || !Passes(bytes, offset, in packet))
                continue;
            PacketDecoder.Decode(in packet, ref info, capture.IsOutermost);
            FlowKey key = _ports.KeyOf(in info);
            if (!_query.Matches(in key))
                continue;
            loaded.Waiting++;
            _waiting.Enqueue(new Waiting(loaded, offset, packet.Data.Length, packet.WireLength, key), (packet.TimestampNs, _order++));
        }

        DamagedBytes += place.Block.Length - at;
        _blocksInMemory++;
        if (loaded.Waiting > 0)
            return;
        loaded.Waiting = 1;
        LoadedBlock? unused = loaded;
        Release(ref unused);
    }

    // The blocks lie in pinned arrays: libpcap may be given their addresses.
    private bool Passes(byte[] bytes, int offset, in CapturedPacket packet)
    {
        if (_query.Filter is null)
            return true;
        return _filters[packet.LinkType] is { } filter
            && filter.Passes(
                new PcapPacket(
                    Marshal.UnsafeAddrOfPinnedArrayElement(bytes, offset),
                    packet.Data.Length,
                    packet.WireLength,
                    packet.TimestampNs
                )
            );
    }

    private byte[] Rent(int length)
    {
        if (_free.TryPop(out byte[]? bytes) && bytes.Length >= length)
            return bytes;
        return GC.AllocateUninitializedArray<byte>(Math.Max(length, PacketFileWriter.BlockBytes * 2), pinned: true);
    }

    private void Release(ref LoadedBlock? block)
    {
        if (block is not null && --block.Waiting == 0)
        {
            _blocksInMemory--;
            if (block.Bytes.Length <= PacketFileWriter.BlockBytes * 4)
                _free.Push(block.Bytes);
        }

        block = null;
    }

    private sealed class LoadedBlock(byte[] bytes, StoredCapture capture)
    {
        public byte[] Bytes { get; } = bytes;

        public StoredCapture Capture { get; } = capture;

        public int Waiting { get; set; }
    }

    private readonly record struct Waiting(LoadedBlock Block, int Offset, int Length, int WireLength, FlowKey Key);
}
