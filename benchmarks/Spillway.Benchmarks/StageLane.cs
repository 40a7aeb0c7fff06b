using Spillway.Net.Capture;
using Spillway.Net.Flows;
using Spillway.Net.Packets;
using Spillway.Net.Protocols.Http;
using Spillway.Net.Tcp;

namespace Spillway.Benchmarks;

/// <summary>
/// The packet path without its scripts, up to a stage: 1 read, 2 decode, 3 flow, 4 reassembly, 5 HTTP with its codings undone.
/// </summary>
internal sealed class StageLane : IFlowHandler, IStreamHandler
{
    private readonly int _stages;
    private readonly TcpReassembler<StageLane> _reassembler;
    private readonly HttpObserver _observer = new();
    private PacketInfo _info;

    public StageLane(int stages)
    {
        _stages = stages;
        Flows = new FlowTable<StageLane>(new FlowTableOptions(), this);
        _reassembler = new TcpReassembler<StageLane>(TcpReassemblerOptions.Default, this);
    }

    public FlowTable<StageLane> Flows { get; }

    public void Take(scoped in CapturedPacket packet)
    {
        if (_stages < 2)
            return;
        PacketDecoder.Decode(packet, ref _info);
        if (_stages < 3)
            return;
        Flows.Expire(_info.TimestampNs);
        if (_info.Kind != PacketKind.Ip)
            return;
        Flow flow = Flows.GetOrAdd(ref _info, out _);
        if (_stages < 4 || _info.Protocol != 6)
            return;
        _reassembler.Process(flow, ref _info, packet.Data.Slice(_info.PayloadOffset, _info.PayloadLength));
    }

    public void OnFlowStart(Flow flow)
    {
        if (_stages >= 5)
            flow.Consumer = new HttpConnection<NoHttpHandler>(flow, default, _observer);
    }

    public void OnFlowUpdate(Flow flow) { }

    public void OnFlowEnd(Flow flow)
    {
        _reassembler.End(flow);
        (flow.Consumer as HttpConnection<NoHttpHandler>)?.Close();
    }

    public void OnData(Flow flow, StreamDirection direction, long offset, long acknowledged, ReadOnlySpan<byte> data) =>
        (flow.Consumer as HttpConnection<NoHttpHandler>)?.OnData(direction, offset, acknowledged, data);

    public void OnGap(Flow flow, StreamDirection direction, long offset, long length) =>
        (flow.Consumer as HttpConnection<NoHttpHandler>)?.OnGap(direction, length);

    public void OnEnd(Flow flow, StreamDirection direction) => (flow.Consumer as HttpConnection<NoHttpHandler>)?.OnEnd(direction);

    private struct NoHttpHandler : IHttpHandler
    {
        public readonly void OnRequestHeader(HttpTransaction transaction) { }

        public readonly void OnResponseHeader(HttpTransaction transaction) { }

        public readonly void OnBody(HttpTransaction transaction, StreamDirection direction, long offset, ReadOnlySpan<byte> data) { }

        public readonly void OnMessageEnd(HttpTransaction transaction, StreamDirection direction, long length, HttpBodyEnd end) { }

        public readonly void OnTransactionEnd(HttpTransaction transaction) { }
    }
}
