using Spillway.Net.Capture;
using Spillway.Net.Flows;
using Spillway.Net.Ip;
using Spillway.Net.Packets;
using Spillway.Net.Tcp;

namespace Spillway.Fuzz;

/// <summary>
/// The way of packets up to streams: decoder, defragmentation, flow table, reassembly. An input is a row of frames, each behind its link
/// type and two bytes of length.
/// </summary>
/// <param name="wants">Frames to begin with.</param>
internal sealed class FrameTarget(Func<PacketInfo, bool> wants) : Target
{
    private const int HeaderBytes = 3;

    private static readonly LinkType[] LinkTypes = Enum.GetValues<LinkType>();
    private readonly byte[] _frame = GC.AllocateArray<byte>(1 << 16, pinned: true);

    public static void Append(List<byte> row, LinkType linkType, ReadOnlySpan<byte> frame)
    {
        int length = Math.Min(frame.Length, ushort.MaxValue);
        row.AddRange([(byte)Math.Max(0, Array.IndexOf(LinkTypes, linkType)), (byte)(length >> 8), (byte)length]);
        row.AddRange(frame[..length]);
    }

    public override IEnumerable<byte[]> SeedsFrom(Seeds seeds)
    {
        List<byte> row = [];
        byte[] ip = Convert.FromHexString("450000280001000040060000C0000201C0000202C00001BB000000010000000050021000000000000000000000");
        Append(row, LinkType.Ethernet, [.. new byte[12], 8, 0, .. ip]);
        return seeds.Frames(wants).Prepend([.. row]);
    }

    public override void Run(ReadOnlySpan<byte> input)
    {
        var lane = new Lane(Trace);
        var defragmenter = new IpDefragmenter();
        long now = 1_000_000_000;
        var info = default(PacketInfo);
        while (input.Length >= HeaderBytes)
        {
            LinkType linkType = LinkTypes[input[0] % LinkTypes.Length];
            int length = Math.Min((input[1] << 8) | input[2], input.Length - HeaderBytes);
            input.Slice(HeaderBytes, length).CopyTo(_frame);
            bool isCut = (input[0] & 0x80) != 0;
            input = input[(HeaderBytes + length)..];
            now += 1_000_000;
            var packet = new CapturedPacket(_frame.AsSpan(0, length), now, isCut ? length + 100 : length, linkType);
            PacketDecoder.Decode(in packet, ref info, outermost: (length & 15) == 15);
            Check(in info, length);
            while (info.Kind == PacketKind.Fragment && defragmenter.TryComplete(in packet, in info, out CapturedPacket datagram))
            {
                packet = datagram;
                PacketDecoder.Decode(in packet, ref info);
                Check(in info, packet.Data.Length);
            }

            lane.Take(in packet, ref info);
        }

        lane.End();
    }

    private void Check(in PacketInfo info, int length)
    {
        Trace.Note(1 + (int)info.Error, info.LayerCount);
        Trace.Note(32 + info.Protocol, info.PayloadLength);
        if (info.PayloadOffset < 0 || info.PayloadLength < 0 || info.PayloadOffset + info.PayloadLength > length)
            throw new FindingException("the payload lies outside of the frame");
        foreach (ref readonly LayerInfo layer in ((ReadOnlySpan<LayerInfo>)info.Layers)[..info.LayerCount])
        {
            if (layer.Offset < 0 || layer.Length < 0 || layer.Offset + layer.Length > length)
                throw new FindingException($"a layer {layer.Protocol} lies outside of the frame");
        }
    }

    private sealed class Lane : IFlowHandler, IStreamHandler
    {
        private readonly Trace _trace;
        private readonly FlowTable<Lane> _flows;
        private readonly TcpReassembler<Lane> _reassembler;
        private readonly PacketRoutes _routes = new();
        private readonly FlowScoper _scoper = new(FlowTags.Vlan | FlowTags.Vni, new FlowScopes());

        public Lane(Trace trace)
        {
            _trace = trace;
            _flows = new FlowTable<Lane>(FlowTableOptions.Default, this);
            _reassembler = new TcpReassembler<Lane>(TcpReassemblerOptions.Default, this);
        }

        public void Take(scoped in CapturedPacket packet, ref PacketInfo info)
        {
            if (info.Kind != PacketKind.Ip)
                return;
            _trace.Note(300, _routes.Of(in info, packet.Data)?.Levels.Length ?? 0);
            _scoper.Apply(ref info, packet.Data);
            Flow? flow = _flows.GetOrAddUnlessLeftOver(ref info, out _);
            if (flow is not null && info.Protocol == 6)
                _reassembler.Process(flow, ref info, packet.Data.Slice(info.PayloadOffset, info.PayloadLength));
        }

        public void End() => _flows.TerminateAll();

        public void OnFlowStart(Flow flow) => _trace.Note(301);

        public void OnFlowUpdate(Flow flow) => _trace.Note(302);

        public void OnFlowEnd(Flow flow)
        {
            if (flow.Key.Protocol == 6)
                _reassembler.End(flow);
        }

        public void OnData(Flow flow, StreamDirection direction, long offset, long acknowledged, ReadOnlySpan<byte> data) =>
            _trace.Note(303 + (int)direction, data.Length);

        public void OnGap(Flow flow, StreamDirection direction, long offset, long length)
        {
            _trace.Note(305 + (int)direction, length);
            if (length <= 0)
                throw new FindingException($"a gap of {length} bytes");
        }

        public void OnEnd(Flow flow, StreamDirection direction) => _trace.Note(307 + (int)direction);
    }
}
