using Spillway.Net.Packets;

namespace Spillway.Net.Dispatch;

/// <summary>
/// Which lane a flow lives on, where somebody else deals the packets out: the kernel looks at outer headers only, and may send the two
/// directions of what a tunnel carries to different lanes. A table of fixed size in which newer flows take the places of older ones, so
/// that now and then one is missed, and none is reported without cause. Any thread.
/// </summary>
public sealed class FlowHomes
{
    /// <summary>Flows that it can know at a time.</summary>
    public const int MaxFlows = 1 << 17;

    private const ulong LaneMask = 63;

    private readonly ulong[] _places = new ulong[MaxFlows];

    /// <summary>A flow begins on a lane.</summary>
    /// <returns>True if it lives on another one already.</returns>
    public bool IsElsewhere(in FlowKey key, int lane)
    {
        ulong mine = Mark(in key, lane);
        ref ulong place = ref Place(mine);
        ulong there = Volatile.Read(ref place);
        if (there != mine && ((there ^ mine) & ~LaneMask) == 0)
            return true;
        Volatile.Write(ref place, mine);
        return false;
    }

    /// <summary>A flow ends on a lane.</summary>
    public void Leave(in FlowKey key, int lane)
    {
        ulong mine = Mark(in key, lane);
        Interlocked.CompareExchange(ref Place(mine), 0, mine);
    }

    // The bits of a tag that name the lane are not those that choose the place.
    private ref ulong Place(ulong mark) => ref _places[(int)(mark >> 47)];

    private static ulong Mark(in FlowKey key, int lane) => (key.Tag & ~LaneMask) | (uint)lane;
}
