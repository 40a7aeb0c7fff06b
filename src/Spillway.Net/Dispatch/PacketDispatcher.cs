using Spillway.Net.Capture;
using Spillway.Net.Ip;
using Spillway.Net.Packets;

namespace Spillway.Net.Dispatch;

/// <summary>
/// Deals a source's packets out to lanes, by copy and in batches: each packet to the lane of its innermost addresses. Datagrams are put
/// together here, since only the whole tells where it belongs. Used by the reading thread.
/// </summary>
/// <remarks>
/// All lanes hear of the time whenever a second or a window begins, at the same place among the packets where one lane alone would see it:
/// so windows end for all with the packets they would end with, and lanes without packets do not hold them up.
/// </remarks>
public sealed class PacketDispatcher
{
    private const long SecondNs = 1_000_000_000;

    // Packets after which lanes get what there is, though their batch is not full.
    private const int RoundPackets = 4096;

    private readonly LaneChooser _chooser;
    private readonly IpDefragmenter _defragmenter;
    private readonly LaneSource[] _lanes;
    private readonly long _windowNs;
    private long _reachedNs = PacketSource.NoTime;
    private long _fromNs;
    private long _untilNs; // of time within which lanes need not hear of it: [_fromNs, _untilNs)
    private int _untilRound = RoundPackets;

    /// <summary>Creates a dispatcher.</summary>
    /// <param name="lanes">How many lanes there are.</param>
    /// <param name="window">How long the windows of metrics are.</param>
    /// <param name="defragmentation">Limits of the datagrams that wait for fragments; null for the defaults.</param>
    /// <param name="outermost">Whether flows are those of the outermost packet.</param>
    /// <param name="scoper">Makes tags a part of flow keys; null if they are none.</param>
    public PacketDispatcher(
        int lanes,
        TimeSpan window,
        IpDefragmenterOptions? defragmentation = null,
        bool outermost = false,
        FlowScoper? scoper = null
    )
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(lanes);
        _chooser = new LaneChooser(lanes, outermost, scoper);
        _defragmenter = new IpDefragmenter(defragmentation);
        _lanes = [.. Enumerable.Range(0, lanes).Select(number => new LaneSource(number))];
        _windowNs = window.Ticks * TimeSpan.NanosecondsPerTick;
    }

    /// <summary>Where each lane takes its packets.</summary>
    public IReadOnlyList<LaneSource> Lanes => _lanes;

    /// <summary>What became of fragments.</summary>
    public IpDefragmenterCounters Defragmentation => _defragmenter.Counters;

    /// <summary>Packets that lanes had no room for. Any thread.</summary>
    public long Dropped => _lanes.Sum(lane => lane.Dropped);

    /// <summary>Deals out a source to its end.</summary>
    public void Run(PacketSource source)
    {
        ArgumentNullException.ThrowIfNull(source);
        bool waits = !source.IsLive;
        foreach (LaneSource lane in _lanes)
            lane.Queue.Capture = source.Capture; // the source before has left nothing that is not handed over
        while (true)
        {
            switch (source.Read(out CapturedPacket packet))
            {
                case SourceEvent.Packet:
                    Add(in packet, waits);
                    break;
                case SourceEvent.Idle:
                    if (source.IdleNs != PacketSource.NoTime)
                        Tell(source.IdleNs, waits);
                    PublishAll(waits);
                    break;
                default:
                    PublishAll(waits);
                    return;
            }
        }
    }

    /// <summary>No more packets will come: the lanes' sources end.</summary>
    public void Complete()
    {
        foreach (LaneSource lane in _lanes)
            lane.Queue.Complete();
    }

    private void Add(scoped in CapturedPacket packet, bool waits)
    {
        long now = packet.TimestampNs;
        if (now < _fromNs || now >= _untilNs)
            Tell(now, waits);
        if (now > _reachedNs)
            _reachedNs = now;
        int lane = _chooser.Choose(in packet, out bool isFragment);
        if (isFragment)
            AddFragment(in packet, lane, waits);
        else
            RoomFor(lane, 1, packet.Data.Length, waits).Add(in packet);
        if (--_untilRound == 0)
            PublishAll(waits);
    }

    private void AddFragment(scoped in CapturedPacket packet, int lane, bool waits)
    {
        if (!_defragmenter.TryComplete(in packet, in _chooser.Info, out CapturedPacket datagram))
        {
            RoomFor(lane, 1, packet.Data.Length, waits).Add(in packet);
            return;
        }

        // A datagram may be a fragment of another one around or inside it.
        lane = _chooser.Choose(in datagram, out bool isFragment);
        while (isFragment && _defragmenter.TryComplete(in datagram, in _chooser.Info, out CapturedPacket whole))
        {
            datagram = whole;
            lane = _chooser.Choose(in datagram, out isFragment);
        }

        PacketBatch batch = RoomFor(lane, 2, packet.Data.Length + datagram.Data.Length, waits);
        batch.Add(in packet, BatchRecordKind.LastFragment);
        batch.Add(in datagram, BatchRecordKind.Datagram);
    }

    private PacketBatch RoomFor(int lane, int records, int bytes, bool waits)
    {
        BatchQueue queue = _lanes[lane].Queue;
        if (!queue.Filling.HasRoom(records, bytes))
            queue.Publish(waits);
        return queue.Filling;
    }

    private void Tell(long nowNs, bool waits)
    {
        for (int lane = 0; lane < _lanes.Length; lane++)
            RoomFor(lane, 1, 0, waits).AddTime(_reachedNs == PacketSource.NoTime ? nowNs : _reachedNs, nowNs);
        _reachedNs = nowNs;
        _fromNs = FloorOf(nowNs, SecondNs);
        _untilNs = Math.Min(_fromNs + SecondNs, FloorOf(nowNs, _windowNs) + _windowNs);
    }

    private void PublishAll(bool waits)
    {
        _untilRound = RoundPackets;
        foreach (LaneSource lane in _lanes)
            lane.Queue.Publish(waits);
    }

    private static long FloorOf(long value, long divisor)
    {
        long rest = value % divisor;
        return value - (rest < 0 ? rest + divisor : rest);
    }
}
