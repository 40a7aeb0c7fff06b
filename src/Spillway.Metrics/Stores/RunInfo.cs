namespace Spillway.Metrics.Stores;

/// <summary>What is known of a run when it begins.</summary>
/// <param name="Version">Program version.</param>
/// <param name="ProbeId">The probe's id, as scripts see it: one store may one day serve many.</param>
/// <param name="Sources">What is read.</param>
/// <param name="StartedAt">Wall clock.</param>
public sealed record RunInfo(string Version, string ProbeId, IReadOnlyList<string> Sources, DateTimeOffset StartedAt)
{
    /// <summary>The captures among the sources, by whose places flows name theirs, from 1.</summary>
    public IReadOnlyList<string> Captures { get; init; } = [];
}

/// <summary>How far a run has come that goes on.</summary>
/// <param name="Packets">Packets read.</param>
/// <param name="Bytes">Bytes on the wire.</param>
/// <param name="FirstPacketNs">Packet time of the first packet.</param>
/// <param name="LastPacketNs">Packet time of the last packet.</param>
public sealed record RunProgress(long Packets, long Bytes, long FirstPacketNs, long LastPacketNs);

/// <summary>What is known of a run when it ends.</summary>
/// <param name="FinishedAt">Wall clock.</param>
/// <param name="Packets">Packets read.</param>
/// <param name="Bytes">Bytes on the wire.</param>
/// <param name="FirstPacketNs">Packet time of the first packet; null without packets.</param>
/// <param name="LastPacketNs">Packet time of the last packet; null without packets.</param>
/// <param name="ExitCode">Exit code.</param>
public sealed record RunEnd(DateTimeOffset FinishedAt, long Packets, long Bytes, long? FirstPacketNs, long? LastPacketNs, int ExitCode)
{
    /// <summary>Whether the run failed before it has seen a packet: it is then not kept if nothing was recorded in it.</summary>
    public bool HasFailed => ExitCode != 0 && Packets == 0;
}
