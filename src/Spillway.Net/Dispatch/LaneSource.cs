using Spillway.Net.Capture;

namespace Spillway.Net.Dispatch;

/// <summary>
/// What a <see cref="PacketDispatcher"/> hands to one lane, as the lane's source: packets, and the reader's time as idle. Read by the
/// lane's thread.
/// </summary>
public sealed class LaneSource : PacketSource
{
    private const int Batches = 8;

    private readonly int _number;
    private readonly PauseWatch _pauses = new();
    private PacketBatch? _batch;
    private int _position;
    private int _datagram = -1;
    private bool _isTimePending;

    internal LaneSource(int number) => _number = number;

    /// <inheritdoc/>
    public override string Name => FormattableString.Invariant($"lane {_number}");

    /// <inheritdoc/>
    public override CaptureEnd End => Queue.IsAtEnd ? CaptureEnd.EndOfFile : CaptureEnd.None;

    /// <inheritdoc/>
    public override string? EndMessage => null;

    /// <inheritdoc/>
    public override long Dropped => Queue.Dropped;

    /// <inheritdoc/>
    public override PacketPause LongestPause => _pauses.Longest;

    internal BatchQueue Queue { get; } = new(Batches);

    /// <inheritdoc/>
    public override SourceEvent Read(out CapturedPacket packet)
    {
        _datagram = -1;
        if (_batch is null || _position == _batch.Count)
        {
            _pauses.Look();
            _batch = Queue.Take(IdleInterval);
            _pauses.Begin();
            _position = 0;
            if (_batch is null)
            {
                packet = default;
                IdleNs = NoTime;
                return Queue.IsAtEnd ? SourceEvent.End : SourceEvent.Idle;
            }

            Capture = _batch.Capture;
        }

        BatchRecordKind kind = _batch.Get(_position, out packet);
        if (kind == BatchRecordKind.Time)
            return ReadTime(packet.TimestampNs);
        _position++;
        if (kind == BatchRecordKind.LastFragment)
            _datagram = _position++;
        Packets++;
        return SourceEvent.Packet;
    }

    /// <summary>
    /// Takes the datagram that the packet read last has completed, if it is a fragment that does. Valid until the next read.
    /// </summary>
    public bool TryTakeDatagram(out CapturedPacket datagram)
    {
        datagram = default;
        if (_datagram < 0)
            return false;
        _batch!.Get(_datagram, out datagram);
        _datagram = -1;
        return true;
    }

    /// <inheritdoc/>
    public override void Stop() => Queue.Abandon();

    /// <inheritdoc/>
    public override void Dispose() => Stop();

    // What happened up to the latest time before belongs there; only then the time moves on.
    private SourceEvent ReadTime(long nowNs)
    {
        IdleNs = _isTimePending ? nowNs : _batch!.ReachedNs(_position);
        if (_isTimePending)
            _position++;
        _isTimePending = !_isTimePending;
        return SourceEvent.Idle;
    }
}
