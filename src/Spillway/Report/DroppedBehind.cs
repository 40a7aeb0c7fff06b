namespace Spillway.Report;

/// <summary>
/// What of the results of processed packets was dropped, since something behind the lanes was full and live packets do not wait.
/// </summary>
public sealed record DroppedBehind
{
    /// <summary>Batches of counters, flows and events that found the writer's queue full.</summary>
    public long ResultBatches { get; init; }

    /// <summary>Packets that the packet store had no room for.</summary>
    public long PacketsNotStored { get; init; }

    /// <summary>Files that the ram directory had no room for, or not to their end.</summary>
    public long FilesNotExtracted { get; init; }

    /// <summary>Tasks of T.async that found memory, disk or journal full.</summary>
    public long Tasks { get; init; }

    /// <summary>EVE events that could not be written.</summary>
    public long EveEvents { get; init; }

    /// <summary>Lines that the terminal did not take in time.</summary>
    public long ConsoleLines { get; init; }

    /// <summary>All of them.</summary>
    public long Sum => ResultBatches + PacketsNotStored + FilesNotExtracted + Tasks + EveEvents + ConsoleLines;
}
