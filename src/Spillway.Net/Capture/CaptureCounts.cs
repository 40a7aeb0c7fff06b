namespace Spillway.Net.Capture;

/// <summary>The account of a live source: what came, and what was lost before a lane could take it.</summary>
/// <param name="Received">Packets that passed the filter, lost ones among them.</param>
/// <param name="Given">Packets that the source gave to whoever reads it.</param>
/// <param name="KernelDrops">Packets that found the kernel's buffer full.</param>
/// <param name="InterfaceDrops">Packets that the interface itself lost, as its driver counts them.</param>
public readonly record struct CaptureCounts(long Received, long Given, long KernelDrops, long InterfaceDrops)
{
    /// <summary>Datagrams to a UDP socket that have no frame inside.</summary>
    public long Refused { get; init; }

    /// <summary>Packets in the kernel's buffer that were not read; at the end of a run, those that the stop left there.</summary>
    public long Unread => Math.Max(0, Received - Given - KernelDrops - InterfaceDrops - Refused);

    /// <summary>Adds another interface's account.</summary>
    public static CaptureCounts operator +(CaptureCounts one, CaptureCounts other) =>
        new(
            one.Received + other.Received,
            one.Given + other.Given,
            one.KernelDrops + other.KernelDrops,
            one.InterfaceDrops + other.InterfaceDrops
        );

    /// <summary>The same as the operator.</summary>
    public static CaptureCounts Add(CaptureCounts left, CaptureCounts right) => left + right;
}
