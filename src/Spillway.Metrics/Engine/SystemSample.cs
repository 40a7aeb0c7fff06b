namespace Spillway.Metrics.Engine;

/// <summary>How the machine and the process are doing; null is not known.</summary>
public readonly record struct SystemSample
{
    /// <summary>Time of all processors that was not idle since the sample before, 0 to 100.</summary>
    public double? ProcessorPercent { get; init; }

    /// <summary>The part of it that this process took.</summary>
    public double? OwnProcessorPercent { get; init; }

    /// <summary>Bytes of memory that the machine has.</summary>
    public long? MemoryBytes { get; init; }

    /// <summary>Bytes that are not available any more.</summary>
    public long? UsedMemoryBytes { get; init; }

    /// <summary>Bytes that this process has in memory.</summary>
    public long? OwnMemoryBytes { get; init; }

    /// <summary>Size of the file system that results are written to.</summary>
    public long? DiskBytes { get; init; }

    /// <summary>Bytes of it that are used.</summary>
    public long? UsedDiskBytes { get; init; }

    /// <summary>Calls for reading that this process has made so far.</summary>
    public long? Reads { get; init; }

    /// <summary>Calls for writing.</summary>
    public long? Writes { get; init; }
}

/// <summary>
/// Looks at the machine. Called on the writer's thread at the end of windows; decides itself how often a look is worth it.
/// </summary>
public interface ISystemProbe
{
    /// <summary>Takes a sample.</summary>
    /// <returns>False if the last one is recent enough.</returns>
    bool TrySample(out SystemSample sample);
}
