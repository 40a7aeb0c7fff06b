using Spillway.Net.Capture;
using Spillway.Net.Flows;
using Spillway.Net.Packets;
using Spillway.Net.Storage;
using Spillway.Scripting;

namespace Spillway.Pipeline;

/// <summary>
/// Decides for each packet of a lane how much of it is stored: by what scripts say of the packet itself, by its flow's policy, on which
/// scripts vote, else by the default.
/// Used by the lane's thread.
/// </summary>
/// <param name="defaultPolicy">What counts for flows on which no script has an opinion, and for packets without a flow.</param>
/// <param name="store">Where packets go; null only asks the scripts, for what else they do when asked.</param>
internal sealed class StorageDecider(StoragePolicy defaultPolicy, PacketStoreLane? store)
{
    private const byte ProtocolTcp = 6;
    private const byte ProtocolUdp = 17;

    private readonly bool _isLimited = StoragePolicies.IsLimited(defaultPolicy, out _);
    private ScriptHost _scripts = null!; // attached by the lane before anything can come

    /// <summary>What was decided.</summary>
    public PacketStorageFigures Figures { get; } = new();

    /// <summary>Takes the scripts that vote.</summary>
    /// <returns>False if there is nothing to do for this run's packets.</returns>
    public bool Attach(ScriptHost scripts)
    {
        _scripts = scripts;
        return store is not null || scripts.StorageVoters > 0;
    }

    /// <summary>A flow begins: the scripts are asked about it.</summary>
    public void OnFlowStart(Flow flow)
    {
        if (!_isLimited && _scripts.StorageVoters == 0)
            return;
        var state = new FlowStorage(defaultPolicy, _scripts.StorageVoters);
        flow.Storage = state;
        if (_scripts.StorageVoters > 0)
            _scripts.VoteOnFlow(flow, state);
    }

    /// <summary>
    /// A packet, or a datagram put together from fragments, of a flow: the scripts see the first payload of each direction.
    /// </summary>
    public void OnPayload(Flow flow, ref PacketInfo info, ReadOnlySpan<byte> data)
    {
        if (!_scripts.VotesOnPayload || info.PayloadLength == 0 || flow.Storage is not { } state)
            return;
        StreamDirection direction = flow.DirectionOf(info.FromA);
        if (!state.AwaitsPayload((int)direction) || info.Protocol is not (ProtocolTcp or ProtocolUdp))
            return;
        long offset = info.Protocol == ProtocolTcp ? flow.StreamOffset(in info) : 0;
        if (offset < 0 || (offset > 0 && state.WaitsForStart()))
            return; // a keep-alive, or a segment that has overtaken the first
        state.MarkPayload((int)direction);
        _scripts.VoteOnPayload(flow, state, direction, offset, data.Slice(info.PayloadOffset, info.PayloadLength));
    }

    /// <summary>Stores a packet as its flow's policy says.</summary>
    /// <param name="shape">What decoding the packet alone gave.</param>
    /// <param name="flow">Its flow; null for packets without one, and for fragments that do not complete a datagram.</param>
    public void OnPacket(scoped in CapturedPacket packet, in PacketShape shape, Flow? flow)
    {
        FlowStorage? state = flow?.Storage;
        StoragePolicy policy = state is null ? defaultPolicy : state.Policy;
        StoragePolicy wish = _scripts.Lane.PacketPolicy;
        if (wish != StoragePolicy.NoOpinion)
            policy = StoragePolicies.MoreLiberal(wish, state?.Voted ?? StoragePolicy.NoOpinion);
        int length = packet.Data.Length;
        if (policy == StoragePolicy.Ignore)
        {
            Figures.Ignored++;
            Figures.IgnoredBytes += length;
            return;
        }

        if (state is not null)
        {
            if (StoragePolicies.IsLimited(policy, out int limit) && state.StoredBytes >= limit)
            {
                Figures.PastLimit++;
                Figures.PastLimitBytes += length;
                return;
            }

            state.StoredBytes += length;
        }

        if (policy == StoragePolicy.HeadersOnly && shape.HeaderLength < length)
        {
            Figures.Cut++;
            Figures.CutBytes += length - shape.HeaderLength;
            length = shape.HeaderLength;
        }

        store?.Store(in packet, in shape.Key, length);
    }
}

/// <summary>What the storage of a packet needs to know of it.</summary>
internal readonly struct PacketShape
{
    private const byte ProtocolTcp = 6;
    private const int TcpHeader = 20;
    private const int OtherHeader = 8; // UDP
    private const int SctpHeader = 12; // DCCP's too

    /// <summary>Takes it from a decoded packet.</summary>
    public PacketShape(in PacketInfo info)
    {
        Key = info.Key;
        HeaderLength = Math.Min(info.CapturedLength, EndOfHeaders(in info));
    }

    /// <summary>The flow that the packet alone gives: for a fragment, addresses and protocol.</summary>
    public readonly FlowKey Key;

    /// <summary>Where its transport header ends; without one, where the last header ends that was decoded.</summary>
    public int HeaderLength { get; }

    private static int EndOfHeaders(in PacketInfo info)
    {
        switch (info.Kind)
        {
            case PacketKind.Fragment when info.FragmentOffset > 0:
                return info.IpPayloadOffset;
            case PacketKind.Fragment:
                return info.IpPayloadOffset + (info.Protocol == ProtocolTcp ? TcpHeader : OtherHeader);
            case PacketKind.Ip:
                return info.PayloadOffset
                    + (
                        info.Protocol is 132 or 33 ? SctpHeader
                        : info.Protocol == 136 ? OtherHeader
                        : 0
                    ); // not decoded by us
            default:
                return info.LayerCount == 0
                    ? info.CapturedLength
                    : info.Layers[info.LayerCount - 1].Offset + info.Layers[info.LayerCount - 1].Length;
        }
    }
}

/// <summary>What a lane decided about the storage of its packets. Written by the lane's thread.</summary>
internal sealed class PacketStorageFigures
{
    /// <summary>Packets not stored since their policy says so.</summary>
    public long Ignored { get; set; }

    /// <summary>Their captured bytes.</summary>
    public long IgnoredBytes { get; set; }

    /// <summary>Packets not stored since their flow had reached its limit.</summary>
    public long PastLimit { get; set; }

    /// <summary>Their captured bytes.</summary>
    public long PastLimitBytes { get; set; }

    /// <summary>Packets of which only the headers were stored.</summary>
    public long Cut { get; set; }

    /// <summary>Bytes left out of those.</summary>
    public long CutBytes { get; set; }

    /// <summary>Adds another lane's.</summary>
    public void Add(PacketStorageFigures other)
    {
        Ignored += other.Ignored;
        IgnoredBytes += other.IgnoredBytes;
        PastLimit += other.PastLimit;
        PastLimitBytes += other.PastLimitBytes;
        Cut += other.Cut;
        CutBytes += other.CutBytes;
    }
}
