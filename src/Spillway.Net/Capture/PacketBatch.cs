using System.Diagnostics.CodeAnalysis;

namespace Spillway.Net.Capture;

/// <summary>What a record of a <see cref="PacketBatch"/> is.</summary>
public enum BatchRecordKind : byte
{
    /// <summary>A packet.</summary>
    Packet,

    /// <summary>A fragment that completes a datagram; the datagram is the next record.</summary>
    LastFragment,

    /// <summary>A datagram that was put together from fragments, in the shape of a packet.</summary>
    Datagram,

    /// <summary>No packet: the time that the reader has reached before it, and with it.</summary>
    Time,
}

/// <summary>
/// Packets on their way from the thread that reads them to the one that works on them, copied into one piece of pinned memory. Belongs to
/// one of the two at a time.
/// </summary>
public sealed class PacketBatch
{
    /// <summary>
    /// Most records in a batch: enough that the hand-over costs each packet next to nothing, few enough to stay in the processor's cache.
    /// </summary>
    public const int MaxRecords = 256;

    private const int UsualBytes = 128 * 1024;

    // Scripts look at 8 bytes at a time: what they see of a packet begins where they may.
    private const int Alignment = 16;

    private readonly Record[] _records = new Record[MaxRecords];
    private byte[] _bytes = GC.AllocateUninitializedArray<byte>(UsualBytes, pinned: true);
    private int _used;

    /// <summary>Records in it.</summary>
    public int Count { get; private set; }

    /// <summary>Which of the run's captures its packets are in; 0 for none.</summary>
    public int Capture { get; set; }

    /// <summary>Empties it.</summary>
    public void Clear() => (Count, _used) = (0, 0);

    /// <summary>
    /// Whether packets of this many bytes have room. In an empty batch all have: it grows for one that is larger than usual.
    /// </summary>
    public bool HasRoom(int records, int bytes) =>
        Count == 0 || (Count + records <= MaxRecords && _used + bytes + (records * Alignment) <= _bytes.Length);

    /// <summary>Copies a packet, for which there is room.</summary>
    public void Add(scoped in CapturedPacket packet, BatchRecordKind kind = BatchRecordKind.Packet)
    {
        int length = packet.Data.Length;
        if (_used + length > _bytes.Length)
            Grow(_used + length);
        packet.Data.CopyTo(_bytes.AsSpan(_used));
        ref Record record = ref _records[Count++];
        record.TimestampNs = packet.TimestampNs;
        record.Offset = _used;
        record.Length = length;
        record.WireLength = packet.WireLength;
        record.LinkType = packet.LinkType;
        record.Kind = kind;
        _used = (_used + length + Alignment - 1) & ~(Alignment - 1);
    }

    /// <summary>Adds a time, for which there is room.</summary>
    /// <param name="reachedNs">The latest time before.</param>
    /// <param name="nowNs">The time now.</param>
    public void AddTime(long reachedNs, long nowNs)
    {
        ref Record record = ref _records[Count++];
        record.TimestampNs = nowNs;
        record.ReachedNs = reachedNs;
        record.Kind = BatchRecordKind.Time;
    }

    /// <summary>Gives a record.</summary>
    /// <param name="index">From 0 to <see cref="Count"/>.</param>
    /// <param name="packet">A packet in the batch's memory, valid until the batch is cleared; of a time only its timestamp.</param>
    public BatchRecordKind Get(int index, out CapturedPacket packet)
    {
        ref Record record = ref _records[index];
        packet =
            record.Kind == BatchRecordKind.Time
                ? new CapturedPacket(default, record.TimestampNs, 0, default)
                : new CapturedPacket(_bytes.AsSpan(record.Offset, record.Length), record.TimestampNs, record.WireLength, record.LinkType);
        return record.Kind;
    }

    /// <summary>Of a record that is a time: the latest time before it.</summary>
    public long ReachedNs(int index) => _records[index].ReachedNs;

    /// <summary>Packets in it, fragments among them.</summary>
    public int CountPackets()
    {
        int packets = 0;
        for (int i = 0; i < Count; i++)
        {
            if (_records[i].Kind is BatchRecordKind.Packet or BatchRecordKind.LastFragment)
                packets++;
        }

        return packets;
    }

    private void Grow(int bytes)
    {
        byte[] larger = GC.AllocateUninitializedArray<byte>(Math.Max(bytes, 2 * _bytes.Length), pinned: true);
        _bytes.AsSpan(0, _used).CopyTo(larger);
        _bytes = larger;
    }

    [SuppressMessage("Performance", "CA1815", Justification = "never compared")]
    private struct Record
    {
        public long TimestampNs;
        public long ReachedNs;
        public int Offset;
        public int Length;
        public int WireLength;
        public LinkType LinkType;
        public BatchRecordKind Kind;
    }
}
