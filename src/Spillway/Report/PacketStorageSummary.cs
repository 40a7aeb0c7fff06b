namespace Spillway.Report;

/// <summary>What became of a run's packets in the packet store.</summary>
public sealed record PacketStorageSummary
{
    /// <summary>The store's directory; null if scripts voted, but nothing was to be stored.</summary>
    public string? Directory { get; init; }

    /// <summary>Packets stored.</summary>
    public long Stored { get; init; }

    /// <summary>Their bytes.</summary>
    public long StoredBytes { get; init; }

    /// <summary>Packets of which only the headers were stored.</summary>
    public long Cut { get; init; }

    /// <summary>Bytes left out of those.</summary>
    public long CutBytes { get; init; }

    /// <summary>Packets that policy left out.</summary>
    public long Ignored { get; init; }

    /// <summary>Their bytes.</summary>
    public long IgnoredBytes { get; init; }

    /// <summary>Packets left out since their flow had reached its limit.</summary>
    public long PastLimit { get; init; }

    /// <summary>Their bytes.</summary>
    public long PastLimitBytes { get; init; }

    /// <summary>Packets lost: no room on the disk, or a disk slower than live traffic.</summary>
    public long Dropped { get; init; }

    /// <summary>Times the packets waited for the disk.</summary>
    public long Waits { get; init; }

    /// <summary>Captures begun.</summary>
    public long FilesWritten { get; init; }

    /// <summary>Old captures removed to stay within the disk cap.</summary>
    public long FilesRemoved { get; init; }

    /// <summary>Their bytes.</summary>
    public long BytesRemoved { get; init; }
}
