using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Spillway.Net.Capture;

namespace Spillway.Net.Packets;

/// <summary>
/// One walk through the headers of a packet, outermost first. Each step reads one header and names the next; each adds a layer or ends the
/// walk, so that <see cref="LayerArray.Capacity"/> bounds it.
/// </summary>
/// <remarks>
/// Two ends are kept: <see cref="_end"/> bounds what may be read (captured bytes, narrowed by IP lengths), <see cref="_wireEnd"/> is where
/// the same data ended on the wire. They differ when the snap length cut the packet.
/// </remarks>
internal ref partial struct PacketWalk
{
    private readonly ReadOnlySpan<byte> _data;
    private readonly ref PacketInfo _info;
    private readonly bool _outermost;
    private int _offset;
    private int _end;
    private int _wireEnd;
    private ushort _etherType;
    private IpHeader _ip;

    public PacketWalk(ReadOnlySpan<byte> data, int wireLength, ref PacketInfo info, bool outermost)
    {
        _data = data;
        _info = ref info;
        _offset = 0;
        _end = data.Length;
        _wireEnd = wireLength;
        _etherType = 0;
        _ip = default;
        _outermost = outermost;
    }

    // What the next header is.
    private enum Step : byte
    {
        Done,
        Ethernet,
        EtherType,
        IpByVersion,
        Ipv4,
        Ipv6,
        Transport,
    }

    public void Run(LinkType linkType)
    {
        Step step = linkType == LinkType.Ethernet ? Step.Ethernet : BeginOther(linkType);
        while (step != Step.Done)
        {
            step = step switch
            {
                Step.Ethernet => Ethernet(),
                Step.EtherType => ByEtherType(),
                Step.IpByVersion => IpByVersion(),
                Step.Ipv4 => Ipv4(),
                Step.Ipv6 => Ipv6(),
                Step.Transport => Transport(),
                _ => Step.Done,
            };
        }
    }

    private readonly int Available => _end - _offset;

    private readonly ReadOnlySpan<byte> Rest => _data[_offset.._end];

    private readonly ushort UInt16(int offset) => BinaryPrimitives.ReadUInt16BigEndian(_data[offset..]);

    private readonly uint UInt32(int offset) => BinaryPrimitives.ReadUInt32BigEndian(_data[offset..]);

    // Adds a layer that lies between two offsets within the captured bytes.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly bool Add(ProtocolId protocol, int offset, int length)
    {
        int index = _info.LayerCount;
        if (index >= LayerArray.Capacity)
        {
            _info.Error = DecodeError.TooDeep;
            return false;
        }

        ref LayerInfo layer = ref _info.Layers[index];
        layer.Protocol = protocol;
        layer.Reserved = 0;
        layer.Offset = offset;
        layer.Length = length;
        _info.LayerCount = index + 1;
        return true;
    }

    // Adds a layer at the current offset and steps over it.
    private bool Take(ProtocolId protocol, int length)
    {
        if (!Add(protocol, _offset, length))
            return false;
        _offset += length;
        return true;
    }

    // Adds a layer that takes all that is left, and ends the walk.
    private Step Leaf(ProtocolId protocol)
    {
        Take(protocol, Available);
        return Step.Done;
    }

    // Ends the walk at something that has a name and is not looked into.
    private readonly Step Opaque(OpaqueKind kind, ulong number)
    {
        _info.Opaque = new OpaqueId(kind, number);
        return Step.Done;
    }

    private readonly Step Fail(DecodeError error)
    {
        _info.Error = error;
        return Step.Done;
    }
}
