using System.Buffers.Binary;
using Spillway.Net.Capture;
using Spillway.Net.Ip;
using Spillway.Net.Packets;

namespace Spillway.Net.Storage;

/// <summary>
/// The ports of fragmented datagrams, as their first fragments tell: the others have none. Identifications are used again and again, so
/// that the first fragment that is nearest in time counts, within the time that the pieces of a datagram may be apart.
/// </summary>
internal sealed class FragmentPorts
{
    private const long NearNs = 60_000_000_000; // RFC 8200, section 4.5
    private const int MaxDatagrams = 1_000_000;

    private readonly Dictionary<DatagramKey, List<(long TimestampNs, FlowKey Key)>> _datagrams = [];
    private int _count;

    /// <summary>Takes a packet into account, in any order of time.</summary>
    public void Learn(scoped in CapturedPacket packet, in PacketInfo info)
    {
        if (
            info is not { Kind: PacketKind.Fragment, FragmentOffset: 0, PayloadLength: >= 4 }
            || !PacketQuery.HasPorts(in info.Key)
            || _count == MaxDatagrams
        )
            return;
        ReadOnlySpan<byte> ports = packet.Data[info.PayloadOffset..];
        var datagram = new DatagramKey(in info);
        FlowKey key = FlowKey.Create(
            datagram.Source,
            BinaryPrimitives.ReadUInt16BigEndian(ports),
            datagram.Destination,
            BinaryPrimitives.ReadUInt16BigEndian(ports[2..]),
            info.Protocol,
            info.Key.IPVersion,
            out _
        );
        if (!_datagrams.TryGetValue(datagram, out List<(long, FlowKey)>? known))
            _datagrams.Add(datagram, known = []);
        known.Add((packet.TimestampNs, key));
        _count++;
    }

    /// <summary>The flow of a fragment's datagram; the fragment's own key, without ports, if its first fragment is not known.</summary>
    public FlowKey KeyOf(in PacketInfo info)
    {
        if (
            info.Kind != PacketKind.Fragment
            || !_datagrams.TryGetValue(new DatagramKey(in info), out List<(long TimestampNs, FlowKey Key)>? known)
        )
            return info.Key;
        long nearest = NearNs;
        FlowKey result = info.Key;
        foreach ((long timestampNs, FlowKey key) in known)
        {
            long away = Math.Abs(info.TimestampNs - timestampNs);
            if (away > nearest)
                continue;
            nearest = away;
            result = key;
        }

        return result;
    }
}
