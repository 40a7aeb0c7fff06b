using Spillway.Net.Capture;

namespace Spillway.Report;

/// <summary>
/// The account of packets from interfaces: what was received is what was processed and what was lost, each loss with its place.
/// </summary>
public sealed record CaptureSummary
{
    /// <summary>Packets that came and passed the filter.</summary>
    public long Received { get; init; }

    /// <summary>Packets that lanes took.</summary>
    public long Processed { get; init; }

    /// <summary>Packets that found the kernel's buffer full.</summary>
    public long LostInKernel { get; init; }

    /// <summary>Packets that the interface itself lost.</summary>
    public long LostByInterface { get; init; }

    /// <summary>Packets that found no room on their way from the reader to a lane.</summary>
    public long LostBeforeLanes { get; init; }

    /// <summary>Datagrams to a UDP socket that had no frame inside.</summary>
    public long Refused { get; init; }

    /// <summary>Packets that the end of the run left in the kernel's buffer.</summary>
    public long Unread { get; init; }

    /// <summary>Of those processed, packets of flows that live on another lane: the kernel has dealt them out by other addresses. Null if
    /// it deals nothing out.</summary>
    public long? OnWrongLane { get; init; }

    /// <summary>What was dropped of the results of those processed.</summary>
    public DroppedBehind Behind { get; init; } = new();

    /// <summary>The longest time for which a reader or lane left packets waiting, to within a batch of them.</summary>
    public PacketPause LongestPause { get; init; } = PacketPause.None;

    /// <summary>All that were lost.</summary>
    public long Lost => LostInKernel + LostByInterface + LostBeforeLanes + Refused + Unread;
}
