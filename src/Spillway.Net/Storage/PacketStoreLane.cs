using Spillway.Net.Capture;
using Spillway.Net.Packets;

namespace Spillway.Net.Storage;

/// <summary>One lane's way into a <see cref="PacketStore"/>: a ring that the lane fills and the store's thread empties.</summary>
public sealed class PacketStoreLane : IDisposable
{
    // The writer is woken for this much; less waits for the flush interval.
    private const int WakeBytes = 256 * 1024;
    private const long MaxTimestampNs = uint.MaxValue * 1_000_000_000L; // what a pcap file can tell

    private static readonly TimeSpan LongestWait = TimeSpan.FromMilliseconds(100);

    private readonly PacketStore _store;
    private readonly PacketStoreOptions _options;
    private readonly int _number;
    private readonly PacketRing _ring;
    private readonly AutoResetEvent _hasRoom = new(false);
    private volatile bool _isWaiting;

    internal PacketStoreLane(PacketStore store, PacketStoreOptions options, int number)
    {
        _store = store;
        _options = options;
        _number = number;
        _ring = new PacketRing(options.RingBytes);
    }

    /// <summary>Whether so much waits that the writer should not sleep.</summary>
    internal bool IsWorthWaking => _ring.Used >= WakeBytes;

    /// <summary>Stores a packet. Called by the lane's thread.</summary>
    /// <param name="key">The flow that decoding this packet alone gives.</param>
    /// <param name="length">How many of its bytes are kept.</param>
    public void Store(scoped in CapturedPacket packet, in FlowKey key, int length)
    {
        length = Math.Min(length, Math.Min(CaptureWriter.DefaultSnapLength, _ring.MaxRecord - PacketRecord.HeaderLength));
        long timestampNs = Math.Clamp(packet.TimestampNs, 0, MaxTimestampNs);
        var record = new PacketRecord(
            key,
            timestampNs,
            packet.LinkType,
            Math.Max(packet.WireLength, packet.Data.Length),
            packet.Data[..length]
        );
        if (
            !_ring.TryReserve(PacketRecord.HeaderLength + length, out Span<byte> space)
            && !TryWait(PacketRecord.HeaderLength + length, out space)
        )
        {
            _store.Statistics.AddRefused();
            return;
        }

        record.Write(space);
        _ring.Publish();
        if (_store.IsIdle && IsWorthWaking)
            _store.Wake();
    }

    /// <summary>Closes it; the lane and the store's thread have ended.</summary>
    public void Dispose() => _hasRoom.Dispose();

    /// <summary>The store's thread has ended: nobody need wait for room.</summary>
    internal void Release() => _hasRoom.Set();

    /// <summary>The store's thread: writes what is in the ring.</summary>
    internal void WriteTo(PacketStoreWriter writer)
    {
        const int packetsPerLook = 1024;
        int left = packetsPerLook;
        while (_ring.TryTake(out ReadOnlySpan<byte> bytes))
        {
            PacketRecord record = PacketRecord.Read(bytes);
            writer.Write(in record, _number);
            _ring.Release();
            if (_isWaiting && _ring.Used <= _options.RingBytes / 2)
                _hasRoom.Set();
            if (--left > 0)
                continue;
            left = packetsPerLook;
            writer.FlushIfDue();
        }
    }

    // The lane's thread: the ring is full.
    private bool TryWait(int length, out Span<byte> space)
    {
        space = default;
        if (!_options.WaitsForDisk)
            return false;
        _store.Statistics.AddWait();
        _isWaiting = true;
        bool isReserved;
        while (!(isReserved = _ring.TryReserve(length, out space)) && !_store.HasEnded)
        {
            _store.Wake();
            _hasRoom.WaitOne(LongestWait); // a signal that was missed costs no more than this
        }

        _isWaiting = false;
        return isReserved;
    }
}
