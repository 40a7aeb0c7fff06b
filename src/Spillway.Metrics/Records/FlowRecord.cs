using Spillway.Net.Flows;
using Spillway.Net.Packets;

namespace Spillway.Metrics.Records;

/// <summary>
/// A flow that has ended, or as it stood at an interim report. A struct, since there are millions: batches keep them side by side.
/// </summary>
public readonly record struct FlowRecord
{
    /// <summary>Copies what a flow has gathered.</summary>
    /// <param name="flow">The flow; it may be reused afterwards.</param>
    /// <param name="tags">Its tags, joined by a vertical bar.</param>
    /// <param name="origin">Who has exported it, if it was told by a record and not seen in packets.</param>
    public FlowRecord(Flow flow, string tags, NetFlowOrigin? origin = null)
    {
        Key = flow.Key;
        Number = flow.Number;
        Updates = flow.Updates;
        Attributes = flow.Attributes;
        FirstNs = flow.FirstNs;
        LastNs = flow.LastNs;
        State = flow.State;
        ClientIsA = flow.IsClientA;
        IsClosed = flow.IsClosed;
        Applications = flow.Applications;
        Link = flow.Link;
        Route = flow.Route;
        Capture = flow.Capture;
        History = flow.History;
        FlagsAZ = flow.FlagsAZ;
        FlagsZA = flow.FlagsZA;
        BytesAZ = flow.BytesAZ;
        BytesZA = flow.BytesZA;
        PacketsAZ = flow.PacketsAZ;
        PacketsZA = flow.PacketsZA;
        PayloadAZ = flow.PayloadAZ;
        PayloadZA = flow.PayloadZA;
        SetupRttMicroseconds = flow.SetupRttMicroseconds;
        Retransmissions = flow.Retransmissions;
        RetransmissionsZA = flow.RetransmissionsZA;
        Tags = tags;
        Origin = origin;
    }

    /// <summary>Canonical key.</summary>
    public FlowKey Key { get; }

    /// <summary>Serial number in its lane.</summary>
    public long Number { get; }

    /// <summary>Interim reports that were given of it, this one included if it is one.</summary>
    public int Updates { get; }

    /// <summary>The first of its attributes; null if it has none.</summary>
    public FlowAttribute? Attributes { get; }

    /// <summary>Packet time of the first packet.</summary>
    public long FirstNs { get; }

    /// <summary>Packet time of the last packet.</summary>
    public long LastNs { get; }

    /// <summary>State bits.</summary>
    public FlowState State { get; }

    /// <summary>True if end A is the client.</summary>
    public bool ClientIsA { get; }

    /// <summary>True if both ends of a TCP connection have closed it, or one has reset it.</summary>
    public bool IsClosed { get; }

    /// <summary>Protocols that observers have found in it.</summary>
    public FlowApplications Applications { get; }

    /// <summary>Ethernet addresses of its ends.</summary>
    public LinkAddresses Link { get; }

    /// <summary>By which VLANs and tunnels its first packet came; null if by none.</summary>
    public PacketRoute? Route { get; }

    /// <summary>The capture that its first packet is in, by its place among the run's sources, from 1; 0 for none.</summary>
    public int Capture { get; }

    /// <summary>What has happened in it, in letters.</summary>
    public FlowHistory History { get; }

    /// <summary>All TCP control bits that end A has set.</summary>
    public TcpFlags FlagsAZ { get; }

    /// <summary>All TCP control bits that end Z has set.</summary>
    public TcpFlags FlagsZA { get; }

    /// <summary>Wire bytes from A to Z.</summary>
    public long BytesAZ { get; }

    /// <summary>Wire bytes from Z to A.</summary>
    public long BytesZA { get; }

    /// <summary>Packets from A to Z.</summary>
    public long PacketsAZ { get; }

    /// <summary>Packets from Z to A.</summary>
    public long PacketsZA { get; }

    /// <summary>Payload bytes from A to Z.</summary>
    public long PayloadAZ { get; }

    /// <summary>Payload bytes from Z to A.</summary>
    public long PayloadZA { get; }

    /// <summary>Time of the TCP handshake in microseconds; 0 if unknown.</summary>
    public int SetupRttMicroseconds { get; }

    /// <summary>Retransmitted segments, both directions.</summary>
    public int Retransmissions { get; }

    /// <summary>Of these, those from Z to A.</summary>
    public int RetransmissionsZA { get; }

    /// <summary>Tags joined by a vertical bar; empty if there are none.</summary>
    public string Tags { get; init; }

    /// <summary>The exporter, for a flow that was told by a record of NetFlow's kind; null for others.</summary>
    public NetFlowOrigin? Origin { get; }

    /// <summary>The flow id, as scripts know it.</summary>
    public string Id => FlowId.ToString(Key, Origin);
}
