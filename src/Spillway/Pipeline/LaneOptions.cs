using Spillway.Net.Flows;
using Spillway.Net.Ip;
using Spillway.Net.Packets;
using Spillway.Net.Tcp;

namespace Spillway.Pipeline;

/// <summary>How a lane works. Immutable.</summary>
internal sealed record LaneOptions
{
    /// <summary>Number of the lane, from 0.</summary>
    public int Number { get; init; }

    /// <summary>Limits and time-outs of the flow table.</summary>
    public FlowTableOptions Flows { get; init; } = FlowTableOptions.Default;

    /// <summary>What a wrong TCP or UDP checksum means.</summary>
    public ChecksumPolicy Checksums { get; init; }

    /// <summary>Whether flows are those of the outermost packet of a tunnel, and not of the innermost.</summary>
    public bool TakesOutermost { get; init; }

    /// <summary>What is part of flow keys besides addresses, ports and protocol.</summary>
    public FlowTags FlowKeyTags { get; init; }

    /// <summary>Numbers those tags for all lanes.</summary>
    public FlowScopes Scopes { get; init; } = new();

    /// <summary>Limits of TCP reassembly.</summary>
    public TcpReassemblerOptions Reassembly { get; init; } = TcpReassemblerOptions.Default;

    /// <summary>Limits of IP defragmentation.</summary>
    public IpDefragmenterOptions Defragmentation { get; init; } = new();

    /// <summary>Whether HTTP content is identified for the summary when no script takes it. Default true.</summary>
    public bool IdentifiesWithoutScripts { get; init; } = true;

    /// <summary>Transactions that the lane records. Default none.</summary>
    public TransactionKinds Transactions { get; init; }

    /// <summary>Lists of known-bad things; null without any.</summary>
    public Metrics.Intel.IntelSource? Intel { get; init; }

    /// <summary>Resources that the lane records by itself. Default none.</summary>
    public ResourceKinds Resources { get; init; }

    /// <summary>Events that the lane makes as EVE JSON; null makes none.</summary>
    public Eve.EveOptions? Eve { get; init; }

    /// <summary>
    /// What all lanes of the run have counted, for the events about it, which the first lane makes; null if there is no other lane.
    /// </summary>
    public Func<LaneTotals>? Totals { get; init; }

    /// <summary>The account of the live source, for the events about it; null if captures are read.</summary>
    public Func<Report.CaptureSummary>? Received { get; init; }

    /// <summary>
    /// Where flows live, if the kernel deals the packets out to the lanes; null if the program does, which cannot go wrong.
    /// </summary>
    public Net.Dispatch.FlowHomes? Homes { get; init; }

    /// <summary>
    /// Waits after each packet for the tasks it has caused, so that results come back at the same place in every run. Slow; for tests.
    /// </summary>
    public bool Deterministic { get; init; }
}
