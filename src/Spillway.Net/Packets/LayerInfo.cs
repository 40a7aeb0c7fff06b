using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Spillway.Net.Packets;

/// <summary>One layer of a decoded packet. The layout is shared with scripts (12 bytes).</summary>
[StructLayout(LayoutKind.Sequential)]
public struct LayerInfo
{
    /// <summary>The layer's protocol.</summary>
    public ProtocolId Protocol;

    /// <summary>Zero.</summary>
    public ushort Reserved;

    /// <summary>Where the layer begins, in bytes from the packet's first byte.</summary>
    public int Offset;

    /// <summary>
    /// Bytes of this layer: its header, or for a leaf (ICMP, ARP) all that follows. Never reaches past the captured bytes.
    /// </summary>
    public int Length;
}

/// <summary>The layers of one packet, outermost first. Deeper nesting than this is not decoded.</summary>
[InlineArray(Capacity)]
public struct LayerArray
{
    /// <summary>The greatest number of layers.</summary>
    public const int Capacity = 24;

    private LayerInfo _first;
}
