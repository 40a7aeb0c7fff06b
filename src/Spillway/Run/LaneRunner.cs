using System.Runtime.ExceptionServices;
using Spillway.Async;
using Spillway.Metrics;
using Spillway.Metrics.Shards;
using Spillway.Net.Capture;
using Spillway.Net.Dispatch;
using Spillway.Net.Files;
using Spillway.Pipeline;

namespace Spillway.Run;

/// <summary>
/// One lane of a run with all that is its own: the metrics' shard, the end of the slow path, the sink of contents, the way into the packet
/// store. Reads a source on the caller's thread, or what a reader or the kernel hands over on a thread of its own.
/// </summary>
internal sealed class LaneRunner : IDisposable
{
    private readonly RoomGate _room;
    private readonly ContentSink _contents;
    private Thread? _thread;
    private ExceptionDispatchInfo? _fault;

    /// <param name="options">What the lane does; numbers it.</param>
    /// <param name="run">What the run was asked to do.</param>
    /// <param name="async">The slow path of all lanes.</param>
    /// <param name="writer">The metrics of all lanes.</param>
    /// <param name="ram">Where all lanes put extracted files.</param>
    /// <param name="storage">What becomes of the lane's packets.</param>
    /// <param name="room">Says when to wait.</param>
    /// <param name="refused">Told of contents that could not be stored; on the lane's thread.</param>
    /// <param name="inspection">Workers that find out about files; null if nothing is to be found out.</param>
    public LaneRunner(
        LaneOptions options,
        RunOptions run,
        AsyncRuntime async,
        MetricsWriter writer,
        RamDirectory ram,
        StorageDecider storage,
        RoomGate room,
        Action<ContentFile> refused,
        InspectionPool? inspection
    )
    {
        _room = room;
        Async = async.CreateLane(FormattableString.Invariant($"lane {options.Number}"));
        Metrics = writer.CreateShard(options.Number);
        // A directory of the user's gets whole files; chunks are there to keep memory free.
        var contentOptions = new ContentFileOptions
        {
            ChunkBytes = ram.Keeps ? long.MaxValue : run.ChunkBytes,
            Heads = inspection?.Options.Types ?? ContentHeads.None,
            Hashes = run.Hash | ((run.Resources & ResourceKinds.Files) != 0 ? ContentHashes.Md5 : ContentHashes.None),
        };
        FileInspections? inspections = inspection is null ? null : new FileInspections(inspection, Async, Metrics);
        _contents = new ContentSink(ram, contentOptions, Metrics, extractsAll: ram.Keeps, refused, inspections)
        {
            Run = RunIdentity.Of(run),
        };
        Lane = new PacketPath(options, Metrics, Async, _contents, storage);
    }

    /// <summary>The lane.</summary>
    public PacketPath Lane { get; }

    /// <summary>Its metrics.</summary>
    public MetricShard Metrics { get; }

    /// <summary>Its end of the slow path.</summary>
    public TaskPort Async { get; }

    /// <summary>Takes a source to its end, on the caller's thread. The loop is the same for every kind of source.</summary>
    public void Read(PacketSource source)
    {
        bool waits = !source.IsLive;
        while (true)
        {
            switch (source.Read(out CapturedPacket packet))
            {
                case SourceEvent.Packet:
                    Lane.Capture = source.Capture;
                    Lane.Process(in packet);
                    if (waits)
                        _room.Wait(Lane);
                    break;
                case SourceEvent.Idle:
                    Lane.Idle(source.IdleNs);
                    break;
                default:
                    return;
            }
        }
    }

    /// <summary>
    /// Takes what a reader hands over, or a source of the lane's own, to its end, on a thread of the lane's own; then the lane's flows end.
    /// </summary>
    /// <param name="source">What is handed over, or its own share of what the kernel deals out.</param>
    /// <param name="reading">The lanes that still read. Flows end when none does: what scripts ask for flows of other lanes finds
    /// them.</param>
    /// <param name="inputEnds">Called on the lane's thread before its flows end.</param>
    public void Start(PacketSource source, CountdownEvent reading, Action<PacketPath> inputEnds)
    {
        Lane.Reader = source as LaneSource;
        _thread = new Thread(() => Run(source, reading, inputEnds)) { Name = $"lane {Lane.Number}", IsBackground = true };
        _thread.Start();
    }

    /// <summary>Waits until the lane's thread has ended. A fault of ours that ended it is thrown here.</summary>
    public void Join()
    {
        _thread?.Join();
        _fault?.Throw();
    }

    /// <summary>Waits until the lane's thread has ended, whatever ended it.</summary>
    public void Wait() => _thread?.Join();

    /// <summary>The run ends: records of files that still wait for workers are given to the metrics as they are.</summary>
    public void PublishFiles() => _contents.PublishAll();

    /// <inheritdoc/>
    public void Dispose()
    {
        Lane.Dispose();
        Async.Dispose();
    }

    private void Run(PacketSource source, CountdownEvent reading, Action<PacketPath> inputEnds)
    {
        bool reads = true;
        try
        {
            Read(source);
            inputEnds(Lane);
            reads = false;
            reading.Signal();
            WaitForOthers(reading);
            Lane.EndFlows();
        }
        catch (Exception fault)
        {
            _fault = ExceptionDispatchInfo.Capture(fault);
            source.Stop(); // or the reader would wait for this lane
            if (reads)
                reading.Signal();
        }
    }

    // Results go on being taken: others may wait for the room of files that this lane's tasks hold.
    private void WaitForOthers(CountdownEvent reading)
    {
        while (!reading.IsSet)
        {
            if (Lane.PendingTasks > 0)
                Lane.WaitForResults(PacketSource.IdleInterval);
            else
                reading.Wait(PacketSource.IdleInterval);
            Lane.Turn();
        }

        Lane.Turn();
    }
}
