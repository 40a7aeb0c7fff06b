using System.Text;
using Spillway.Net.Flows;
using Spillway.Net.Packets;
using Spillway.Net.Protocols.Http;
using Spillway.Net.Tcp;

namespace Spillway.Net.Tests.Http.Pairing;

/// <summary>Flow table, reassembly and HTTP of one lane. Counts how many responses were given to the request that they name.</summary>
public sealed class PairingLane : IFlowHandler, IStreamHandler
{
    private readonly FlowTable<PairingLane> _flows;
    private readonly TcpReassembler<PairingLane> _reassembler;
    private readonly HttpObserver _observer = new();

    /// <summary>Creates a lane.</summary>
    public PairingLane()
    {
        _flows = new FlowTable<PairingLane>(FlowTableOptions.Default, this);
        _reassembler = new TcpReassembler<PairingLane>(TcpReassemblerOptions.Default, this);
    }

    /// <summary>Responses given to the request that they name.</summary>
    public int Right { get; private set; }

    /// <summary>Responses given to another one.</summary>
    public int Wrong { get; private set; }

    /// <summary>Responses left without a request.</summary>
    public int Open { get; private set; }

    /// <summary>The wrong ones: what was asked and what was answered.</summary>
    public StringBuilder Faults { get; } = new();

    /// <summary>Counters of the reassembler.</summary>
    public TcpReassemblyStatistics Reassembly => _reassembler.Statistics;

    /// <summary>Takes the packets of one connection, up to its end.</summary>
    public void Take(IEnumerable<TalkPacket> packets, ushort clientPort = 40000)
    {
        foreach (TalkPacket packet in packets)
        {
            long nowNs = 1_700_000_000_000_000_000 + (long)(packet.TimeMs * 1e6);
            var info = new PacketInfo
            {
                Kind = PacketKind.Ip,
                Protocol = 6,
                TimestampNs = nowNs,
                WireLength = 54 + packet.Data.Length,
                PayloadLength = packet.Data.Length,
                PayloadWireLength = packet.Data.Length,
                TcpSequence = (packet.FromClient ? 1001 : 4_294_960_001) + (uint)packet.Offset,
                TcpAcknowledgment = (packet.FromClient ? 4_294_960_001 : 1001) + (uint)packet.Acknowledged,
                TcpFlags =
                    (packet.IsSyn ? TcpFlags.Syn : 0) | (packet.IsFin ? TcpFlags.Fin : 0) | (packet.Acknowledged >= 0 ? TcpFlags.Ack : 0),
            };
            info.Key = packet.FromClient
                ? FlowKey.Create(0x0A000001, clientPort, 0x0A000002, 80, 6, 4, out info.FromA)
                : FlowKey.Create(0x0A000002, 80, 0x0A000001, clientPort, 6, 4, out info.FromA);
            _flows.Expire(nowNs);
            _reassembler.Expire(nowNs);
            Flow flow = _flows.GetOrAdd(ref info, out _);
            _reassembler.Process(flow, ref info, packet.Data);
        }

        _flows.TerminateAll();
    }

    /// <inheritdoc/>
    public void OnFlowStart(Flow flow)
    {
        ArgumentNullException.ThrowIfNull(flow);
        flow.Consumer = new HttpConnection<Handler>(flow, new Handler(this), _observer);
    }

    /// <inheritdoc/>
    public void OnFlowUpdate(Flow flow) { }

    /// <inheritdoc/>
    public void OnFlowEnd(Flow flow)
    {
        ArgumentNullException.ThrowIfNull(flow);
        _reassembler.End(flow);
        Of(flow).Close();
    }

    /// <inheritdoc/>
    public void OnData(Flow flow, StreamDirection direction, long offset, long acknowledged, ReadOnlySpan<byte> data) =>
        Of(flow).OnData(direction, offset, acknowledged, data);

    /// <inheritdoc/>
    public void OnGap(Flow flow, StreamDirection direction, long offset, long length) => Of(flow).OnGap(direction, length);

    /// <inheritdoc/>
    public void OnEnd(Flow flow, StreamDirection direction) => Of(flow).OnEnd(direction);

    private static HttpConnection<Handler> Of(Flow flow) => (HttpConnection<Handler>)flow.Consumer!;

    private void OnResponse(HttpTransaction transaction)
    {
        bool isNamed = transaction.Response!.TryGetValue("X-For"u8, out ReadOnlySpan<byte> name);
        if (transaction.Request is not { } request)
        {
            Open += isNamed && !name.SequenceEqual("/none"u8) ? 1 : 0;
        }
        else if (isNamed && request.Target.SequenceEqual(name))
        {
            Right++;
        }
        else
        {
            Wrong++;
            Faults.Append(Encoding.Latin1.GetString(request.Target)).Append(" got ").Append(Encoding.Latin1.GetString(name)).Append('\n');
        }
    }

    private readonly struct Handler(PairingLane lane) : IHttpHandler
    {
        public void OnRequestHeader(HttpTransaction transaction) { }

        public void OnResponseHeader(HttpTransaction transaction) => lane.OnResponse(transaction);

        public void OnBody(HttpTransaction transaction, StreamDirection direction, long offset, ReadOnlySpan<byte> data) { }

        public void OnMessageEnd(HttpTransaction transaction, StreamDirection direction, long length, HttpBodyEnd end) { }

        public void OnTransactionEnd(HttpTransaction transaction) { }
    }
}
