using System.Text;
using Spillway.Net.Flows;
using Spillway.Net.Packets;
using Spillway.Net.Tcp;

namespace Spillway.Net.Tests.Flows;

/// <summary>A lane with nothing but a flow table and a reassembler, fed with segments of one client and one server.</summary>
internal sealed class TcpHarness
{
    public const long Second = 1_000_000_000;

    public TcpHarness(TcpReassemblerOptions? options = null, FlowTableOptions? tableOptions = null)
    {
        Table = new FlowTable<StreamRecorder>(tableOptions ?? FlowTableOptions.Default, Recorder);
        Reassembler = new TcpReassembler<StreamRecorder>(options ?? TcpReassemblerOptions.Default, Recorder);
        Recorder.Reassembler = Reassembler;
    }

    public StreamRecorder Recorder { get; } = new();
    public FlowTable<StreamRecorder> Table { get; }
    public TcpReassembler<StreamRecorder> Reassembler { get; }
    public TcpReassemblyStatistics Statistics => Reassembler.Statistics;
    public long NowNs { get; set; } = 1_700_000_000 * Second;
    public uint ClientIsn { get; init; } = 1000;
    public uint ServerIsn { get; init; } = 5000;
    public ushort ClientPort { get; set; } = 40000;
    public Flow Flow { get; private set; } = null!;

    /// <summary>Keeps the state of a connection from its first bytes on, in order or not.</summary>
    public bool KeepsConnections { get; init; }

    /// <summary>What the client's stream gave: data as text, gaps as [length], the end as a bar.</summary>
    public string Client => Recorder.Text(Flow, StreamDirection.ClientToServer);
    public string Server => Recorder.Text(Flow, StreamDirection.ServerToClient);

    public TcpHarness Connect()
    {
        Send(true, ClientIsn, 0, TcpFlags.Syn);
        Send(false, ServerIsn, ClientIsn + 1, TcpFlags.Syn | TcpFlags.Ack);
        return Send(true, ClientIsn + 1, ServerIsn + 1, TcpFlags.Ack);
    }

    /// <summary>Data of the client at a stream offset.</summary>
    public TcpHarness ClientData(long offset, string data, TcpFlags flags = TcpFlags.None) =>
        Send(true, ClientIsn + 1 + (uint)offset, ServerIsn + 1, TcpFlags.Ack | flags, Encoding.Latin1.GetBytes(data));

    public TcpHarness ServerData(long offset, string data, TcpFlags flags = TcpFlags.None) =>
        Send(false, ServerIsn + 1 + (uint)offset, ClientIsn + 1, TcpFlags.Ack | flags, Encoding.Latin1.GetBytes(data));

    /// <summary>The server acknowledges the client's bytes before an offset.</summary>
    public TcpHarness ServerAck(long offset) => Send(false, ServerIsn + 1, ClientIsn + 1 + (uint)offset, TcpFlags.Ack);

    public TcpHarness Send(
        bool fromClient,
        uint sequence,
        uint acknowledgment,
        TcpFlags flags,
        ReadOnlySpan<byte> payload = default,
        int wireLength = -1
    )
    {
        PacketInfo info = Packet(fromClient, ClientPort, NowNs, payload.Length, wireLength);
        info.TcpFlags = flags;
        info.TcpSequence = sequence;
        info.TcpAcknowledgment = acknowledgment;
        Table.Expire(NowNs);
        Flow = Table.GetOrAdd(ref info, out _);
        if (info.IsDisregarded)
        {
            NowNs += 100_000;
            return this;
        }

        int length = Math.Max(payload.Length, info.PayloadWireLength);
        if (KeepsConnections && length > 0 && Flow is { WantsReassembly: true, Reassembly: null })
            Reassembler.Begin(Flow, info.FromA, length);
        Reassembler.Process(Flow, ref info, payload);
        NowNs += 100_000;
        return this;
    }

    public TcpHarness End()
    {
        Table.TerminateAll();
        return this;
    }

    public static PacketInfo Packet(
        bool fromClient,
        ushort clientPort,
        long nowNs,
        int payloadLength,
        int wireLength = -1,
        byte protocol = 6
    )
    {
        var info = new PacketInfo
        {
            Kind = PacketKind.Ip,
            Protocol = protocol,
            TimestampNs = nowNs,
            WireLength = 54 + (wireLength >= 0 ? wireLength : payloadLength),
            TcpWindow = 64240,
            PayloadLength = payloadLength,
            PayloadWireLength = wireLength >= 0 ? wireLength : payloadLength,
        };
        info.Key = fromClient
            ? FlowKey.Create(0x0A000001, clientPort, 0x0A000002, 80, protocol, 4, out info.FromA)
            : FlowKey.Create(0x0A000002, 80, 0x0A000001, clientPort, protocol, 4, out info.FromA);
        return info;
    }
}

/// <summary>Keeps what a reassembler tells, and checks that data and gaps tile each stream and that nothing follows its end.</summary>
internal sealed class StreamRecorder : IStreamHandler, IFlowHandler
{
    private readonly Dictionary<(long, StreamDirection), Recording> _streams = [];

    public TcpReassembler<StreamRecorder> Reassembler { get; set; } = null!;
    public List<Flow> Started { get; } = [];
    public List<Flow> Ended { get; } = [];

    /// <summary>Called on each OnData and OnGap, after it was recorded.</summary>
    public Action<Flow>? OnBytes { get; set; }

    public string Text(Flow flow, StreamDirection direction) => Of(flow, direction).Text.ToString();

    public byte[] Data(Flow flow, StreamDirection direction) => Of(flow, direction).Data.ToArray();

    public List<(long Offset, long Length)> Gaps(Flow flow, StreamDirection direction) => Of(flow, direction).Gaps;

    public long Next(Flow flow, StreamDirection direction) => Of(flow, direction).Next;

    /// <summary>Interim reports: the flow, its last packet's time, its packets so far.</summary>
    public List<(Flow Flow, long LastNs, long Packets)> Updates { get; } = [];

    public void OnFlowStart(Flow flow) => Started.Add(flow);

    public void OnFlowUpdate(Flow flow) => Updates.Add((flow, flow.LastNs, flow.PacketsAZ + flow.PacketsZA));

    public void OnFlowEnd(Flow flow)
    {
        Reassembler.End(flow);
        Ended.Add(flow);
    }

    public void OnData(Flow flow, StreamDirection direction, long offset, long acknowledged, ReadOnlySpan<byte> data)
    {
        Recording recording = Of(flow, direction);
        Assert.False(data.IsEmpty);
        recording.Advance(offset, data.Length);
        recording.Text.Append(Encoding.Latin1.GetString(data));
        recording.Data.Write(data);
        OnBytes?.Invoke(flow);
    }

    public void OnGap(Flow flow, StreamDirection direction, long offset, long length)
    {
        Recording recording = Of(flow, direction);
        Assert.True(length > 0);
        recording.Advance(offset, length);
        recording.Text.Append('[').Append(length).Append(']');
        recording.Gaps.Add((offset, length));
        OnBytes?.Invoke(flow);
    }

    public void OnEnd(Flow flow, StreamDirection direction)
    {
        Recording recording = Of(flow, direction);
        Assert.False(recording.IsEnded, "The end was told twice.");
        recording.IsEnded = true;
        recording.Text.Append('|');
    }

    private Recording Of(Flow flow, StreamDirection direction)
    {
        if (!_streams.TryGetValue((flow.Number, direction), out Recording? recording))
        {
            _streams[(flow.Number, direction)] = recording = new Recording();
        }

        return recording;
    }

    private sealed class Recording
    {
        public StringBuilder Text { get; } = new();
        public MemoryStream Data { get; } = new();
        public List<(long Offset, long Length)> Gaps { get; } = [];
        public long Next { get; private set; }
        public bool IsEnded { get; set; }

        public void Advance(long offset, long length)
        {
            Assert.False(IsEnded, "Bytes after the end.");
            Assert.Equal(Next, offset);
            Next += length;
        }
    }
}
