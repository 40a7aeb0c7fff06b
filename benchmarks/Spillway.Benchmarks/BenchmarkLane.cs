using Spillway.Async;
using Spillway.Metrics;
using Spillway.Metrics.Groups;
using Spillway.Metrics.Shards;
using Spillway.Net.Capture;
using Spillway.Net.Files;
using Spillway.Net.Packets;
using Spillway.Pipeline;
using Spillway.Scripting;
using Spillway.Scripting.Loading;

namespace Spillway.Benchmarks;

/// <summary>
/// The program's own lane with one script, whose packets a benchmark makes. A UDP packet is what the script's tasks are scheduled at.
/// </summary>
internal sealed class BenchmarkLane : IDisposable
{
    private const int Flows = 256;
    private const int PayloadLength = 400;
    private const long NanosecondsPerPacket = 1000;

    private readonly TaskPort _taskPort;
    private readonly RamDirectory _ram = RamDirectory.Open();
    private readonly byte[][] _frames = new byte[Flows][];
    private readonly uint[] _sequences = new uint[Flows];
    private readonly byte[] _trigger;
    private readonly PacketPath _lane;
    private long _now = 1_700_000_000_000_000_000;
    private long _count;

    public BenchmarkLane(string script, string arguments, AsyncOptions options)
    {
        Runtime = new AsyncRuntime(options);
        _taskPort = Runtime.CreateLane("benchmark");
        var groups = new GroupRegistry();
        var metrics = new MetricShard(groups, new MetricOptions(), lane: 0, new DiscardingSink());
        var content = new ContentSink(_ram, new ContentFileOptions(), metrics, extractsAll: false, _ => { });
        _lane = new PacketPath(new LaneOptions(), metrics, _taskPort, content);
        var environment = new ScriptEnvironment(new Dictionary<string, string>()) { Arguments = arguments };
        _lane.Attach(new ScriptLoader(environment, new ConsoleOutput(), Runtime, groups).Load([(script, true)], _lane.ScriptContext));
        for (int i = 0; i < Flows; i++)
            _frames[i] = Pinned(Traffic.Segment(i, 0, TcpFlags.Ack, PayloadLength));
        _trigger = Pinned(Traffic.Segment(Flows, 8u << 16, default, 0)); // the sequence number's place is that of UDP's length
        _trigger[23] = 17;
    }

    public AsyncRuntime Runtime { get; }

    public long Pending => _taskPort.Pending;

    public AsyncPool Pool => Runtime.Pools[0];

    /// <summary>Has the script schedule its tasks.</summary>
    public void Trigger() => Process(_trigger);

    /// <summary>One TCP segment of one of many flows, in order.</summary>
    public void NextPacket()
    {
        int flow = (int)(_count++ % Flows);
        byte[] frame = _frames[flow];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(38), _sequences[flow]);
        _sequences[flow] += PayloadLength;
        Process(frame);
    }

    public void Drain() => _lane.Drain(Timeout.InfiniteTimeSpan, null);

    public void Dispose()
    {
        _lane.Dispose();
        Runtime.Stop(TimeSpan.FromSeconds(5));
        _taskPort.Dispose();
        _ram.Dispose();
    }

    private static byte[] Pinned(byte[] frame)
    {
        byte[] pinned = GC.AllocateArray<byte>(frame.Length, pinned: true); // scripts read packets in place
        frame.CopyTo(pinned, 0);
        return pinned;
    }

    private void Process(byte[] frame)
    {
        _now += NanosecondsPerPacket;
        _lane.Process(new CapturedPacket(frame, _now, frame.Length, LinkType.Ethernet));
    }
}
