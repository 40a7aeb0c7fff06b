using Spillway.Net.Capture;
using Spillway.Net.Flows;
using Spillway.Net.Packets;
using Spillway.Scripting.Vm;

namespace Spillway.Scripting.Protocols;

/// <summary>
/// Lets the <c>protocol_handler</c>s of scripts add layers to a packet: those that a decoded layer selects, and those that a handler names
/// as the next. Owned by the lane; allocates nothing per packet.
/// </summary>
internal sealed class ProtocolChain
{
    /// <summary>The most handlers that one may lead to from a decoded layer on.</summary>
    public const int MaxSteps = 16;

    private readonly Dictionary<uint, ScriptInstance[]> _bySelector = [];
    private readonly Dictionary<ProtocolId, ScriptInstance[]> _byProtocol = [];
    private readonly bool[] _isHost = new bool[(int)ProtocolId.FirstCustom];
    private readonly Dictionary<ushort, ProtocolId> _leaves;
    private PacketInfo _inner;

    public ProtocolChain(IEnumerable<ScriptInstance> handlers, ProtocolNumbers numbers)
    {
        foreach (ScriptInstance script in handlers)
        {
            Add(_byProtocol, script.Protocol, script);
            if (script.Handler is not { HostGuid: { } guid, Selectors: var selectors })
                continue;
            ProtocolId host = numbers.NumberOf(guid);
            if ((int)host >= _isHost.Length)
                continue; // a script's own protocol has no field that selects: its handler names the next
            _isHost[(int)host] = true;
            foreach (ushort selector in selectors)
                Add(_bySelector, Key(host, selector), script);
        }

        _leaves = ProtocolLeaves.Named(numbers);
        if (_leaves.Count > 0)
            _isHost[(int)ProtocolId.Udp] = true;
    }

    /// <summary>Whether any layer may be added.</summary>
    public bool Any => _byProtocol.Count > 0 || _leaves.Count > 0;

    /// <summary>Chains that were cut at <see cref="MaxSteps"/>, and layers that found no room in the packet's record.</summary>
    public long Cut { get; private set; }

    /// <summary>Runs the handlers for a packet; <see cref="PacketInfo.Data"/> is set.</summary>
    public void Run(ref PacketInfo packet, ReadOnlySpan<byte> data, Flow? flow)
    {
        // Layers that are added meanwhile are looked at too: a tunnel of a script's own may carry UDP.
        for (int i = 0; i < packet.LayerCount; i++)
        {
            ProtocolId protocol = packet.Layers[i].Protocol;
            if (protocol == ProtocolId.Vlan)
                protocol = ProtocolId.Ethernet;
            if ((int)protocol >= _isHost.Length || !_isHost[(int)protocol])
                continue;
            HostLayer above = HostLayer.Read(data, in packet, in packet.Layers[i]);
            if (above.First < 0 || above.Start >= above.End)
                continue;
            if (TrySelect(above.Host, above.First, ref packet, data, flow, in above))
                continue;
            if (above.Second >= 0 && TrySelect(above.Host, above.Second, ref packet, data, flow, in above))
                continue;
            if (above.Host == ProtocolId.Udp && _leaves.TryGetValue((ushort)above.First, out ProtocolId leaf))
                Append(
                    ref packet,
                    new LayerInfo
                    {
                        Protocol = leaf,
                        Offset = above.Start,
                        Length = above.End - above.Start,
                    }
                );
        }
    }

    private static uint Key(ProtocolId host, int selector) => ((uint)host << 16) | (ushort)selector;

    private static void Add<TKey>(Dictionary<TKey, ScriptInstance[]> table, TKey key, ScriptInstance script)
        where TKey : notnull => table[key] = [.. table.GetValueOrDefault(key, []), script];

    private bool TrySelect(ProtocolId host, int selector, ref PacketInfo packet, ReadOnlySpan<byte> data, Flow? flow, in HostLayer above)
    {
        if (!_bySelector.TryGetValue(Key(host, selector), out ScriptInstance[]? candidates))
            return false;
        int start = above.Start;
        if (!TryParse(candidates, ref packet, ref start, above.End, flow, out ProtocolId next))
            return false;
        for (int steps = 1; next != ProtocolId.None && start < above.End; steps++)
        {
            if (!_byProtocol.TryGetValue(next, out candidates))
            {
                Decode(next, ref packet, data[start..above.End], start);
                break;
            }

            if (steps >= MaxSteps)
            {
                Cut++;
                break;
            }

            if (!TryParse(candidates, ref packet, ref start, above.End, flow, out next))
                break;
        }

        return true;
    }

    // The first handler that knows the bytes has them.
    private bool TryParse(ScriptInstance[] candidates, ref PacketInfo packet, ref int start, int end, Flow? flow, out ProtocolId next)
    {
        foreach (ScriptInstance script in candidates)
        {
            int index = packet.LayerCount;
            if (index >= LayerArray.Capacity)
            {
                Cut++;
                break;
            }

            packet.Layers[index] = new LayerInfo
            {
                Protocol = script.Protocol,
                Offset = start,
                Length = end - start,
            };
            packet.LayerCount = index + 1;
            if (script.TryParseLayer(ref packet, index, flow, out int length, out next))
            {
                packet.Layers[index].Length = length;
                start += length;
                return true;
            }

            packet.LayerCount = index;
        }

        next = ProtocolId.None;
        return false;
    }

    // A handler may lead back to a protocol that the decoder knows. The packet's flow stays that of the layers around it.
    private void Decode(ProtocolId protocol, ref PacketInfo packet, ReadOnlySpan<byte> rest, int start)
    {
        LinkType? link = protocol switch
        {
            ProtocolId.Ethernet => LinkType.Ethernet,
            ProtocolId.Ipv4 => LinkType.Ipv4,
            ProtocolId.Ipv6 => LinkType.Ipv6,
            _ => null,
        };
        if (protocol >= ProtocolId.FirstCustom)
        {
            // A protocol that somebody counts and nobody parses, such as NetFlow behind a script's own port: all that is left is of it.
            Append(
                ref packet,
                new LayerInfo
                {
                    Protocol = protocol,
                    Offset = start,
                    Length = rest.Length,
                }
            );
            return;
        }

        if (link is not { } type)
        {
            int header = HeaderOf(protocol, rest);
            if (header > 0)
                Append(
                    ref packet,
                    new LayerInfo
                    {
                        Protocol = protocol,
                        Offset = start,
                        Length = header,
                    }
                );
            return;
        }

        var inner = new CapturedPacket(rest, packet.TimestampNs, rest.Length, type);
        PacketDecoder.Decode(in inner, ref _inner);
        for (int i = 0; i < _inner.LayerCount; i++)
        {
            LayerInfo layer = _inner.Layers[i];
            Append(ref packet, layer with { Offset = layer.Offset + start });
        }
    }

    private void Append(ref PacketInfo packet, LayerInfo layer)
    {
        if (packet.LayerCount < LayerArray.Capacity)
            packet.Layers[packet.LayerCount++] = layer;
        else
            Cut++;
    }

    // 0 if the bytes cannot be one, or the protocol is not known here.
    private static int HeaderOf(ProtocolId protocol, ReadOnlySpan<byte> rest)
    {
        int header = protocol switch
        {
            ProtocolId.Udp => 8,
            ProtocolId.Tcp when rest.Length >= 20 => (rest[12] >> 4) * 4,
            ProtocolId.Icmp => rest.Length,
            _ => 0,
        };
        return header <= rest.Length && (protocol != ProtocolId.Tcp || header >= 20) ? header : 0;
    }
}
