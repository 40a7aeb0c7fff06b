using Spillway.Async;
using Spillway.Async.Journal;
using Spillway.Net.Files;
using Spillway.Pipeline;

namespace Spillway.Run;

/// <summary>
/// Decides for a whole run whether packets wait or are dropped when something behind them is full: a capture can wait, and then nothing
/// need be lost; live packets cannot.
/// </summary>
internal sealed class RoomGate
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(20);

    private readonly RamDirectory _directory;
    private readonly StopSignal _stop;
    private readonly bool _isLive;

    public RoomGate(RamDirectory directory, StopSignal stop, bool isLive)
    {
        _isLive = isLive;
        _directory = directory;
        _stop = stop;
    }

    /// <summary>The lanes whose tasks free the room.</summary>
    public IReadOnlyList<PacketPath> Lanes { get; set; } = [];

    /// <summary>Chooses for a run: what the writer's queue, the packet store and T.async do when they are full, and when
    /// the journal is brought to the device.</summary>
    /// <param name="options">As the user gave them.</param>
    /// <param name="isLive">Whether packets come whether or not they are taken.</param>
    public static RunOptions Choose(RunOptions options, bool isLive) =>
        options with
        {
            Metrics = options.Metrics with { WaitWhenQueueFull = !isLive },
            Packets = options.Packets is { } packets
                ? packets with
                {
                    WaitsForDisk = !isLive,
                    TakesOutermost = options.TakesOutermost,
                }
                : null,
            Journal = isLive && options.Journal is { } journal ? journal with { Sync = JournalSync.Batch } : options.Journal,
            Async = isLive ? options.Async with { LoadPolicy = AsyncLoadPolicy.Drop } : options.Async,
        };

    /// <summary>
    /// Between two packets: holds a lane up while extracted files that wait for tasks of any lane fill most of the ram directory. Live
    /// packets do not wait: there the directory's limit decides.
    /// </summary>
    public void Wait(PacketPath lane)
    {
        long capacity = _directory.Kept?.CapacityBytes ?? _directory.CapacityBytes;
        if (_isLive)
            return;
        if (_directory.BytesInUse >= capacity / 4 * 3)
        {
            while (_directory.BytesInUse > capacity / 2 && !_stop.IsRequested && Lanes.Any(other => other.PendingTasks > 0))
                lane.WaitForResults(PollInterval);
        }

        _directory.Kept?.MakeRoom();
    }
}
