using Spillway.Net.Packets;

namespace Spillway.Metrics.Traffic;

/// <summary>What a flow's row says besides its sums.</summary>
[Flags]
internal enum FlowMarks : byte
{
    None = 0,

    /// <summary>The flow began in this row.</summary>
    Started = 1,

    /// <summary>The flow ended in this row.</summary>
    Ended = 2,

    /// <summary>End A is the client.</summary>
    ClientIsA = 4,

    /// <summary>No flow, but fragments between two hosts: their ports are not known yet.</summary>
    Fragments = 8,
}

/// <summary>
/// What one flow has carried since its row was opened: all that the built-in groups need of it. The fast path adds to a row that it finds
/// without a look-up; which hosts, ports and networks the sums belong to is worked out once a row, behind the lanes.
/// </summary>
internal struct FlowDelta
{
    public FlowKey Key;
    public long BytesAZ;
    public long BytesZA;
    public uint PacketsAZ;
    public uint PacketsZA;
    public uint SynA;
    public uint SynZ;
    public uint SynAckA;
    public uint SynAckZ;
    public FlowMarks Marks;

    /// <summary>Further keys that the flow's bytes belong to (HTTP host, TLS organisation); null as a rule.</summary>
    public FlowLabel? Labels;

    /// <summary>Whether nothing has been counted yet.</summary>
    public readonly bool IsUnused => (PacketsAZ | PacketsZA) == 0 && (Marks & (FlowMarks.Started | FlowMarks.Ended)) == 0;
}

/// <summary>
/// A key of a text-keyed group that a flow's bytes belong to, or something else that is known of the flow. An immutable list, the latest
/// first:
/// lane and writer share it.
/// </summary>
internal sealed record FlowLabel(int Group, int Meter, byte[] Key, FlowLabel? Next)
{
    // In place of a group.

    /// <summary>The server name of a TLS handshake: a key of no group itself. Its meter is 1 if the client offers HTTP.</summary>
    public const int ServerName = -2;

    /// <summary>The server was seen to speak HTTP, which no other label says.</summary>
    public const int WebServer = -3;

    /// <summary>The label of that group in a list, or null.</summary>
    public static FlowLabel? Find(FlowLabel? list, int group)
    {
        while (list is not null && list.Group != group)
            list = list.Next;
        return list;
    }

    /// <summary>The list without the label of that group.</summary>
    public static FlowLabel? Without(FlowLabel? list, int group) =>
        list switch
        {
            null => null,
            _ when list.Group == group => list.Next,
            _ => list with { Next = Without(list.Next, group) },
        };
}
