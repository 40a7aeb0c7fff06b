namespace Spillway.Async;

/// <summary>What a lane hands over to have a function run on a worker. All bytes are copied in the call.</summary>
public readonly ref struct ScheduleRequest
{
    /// <summary>The function to run.</summary>
    public required TaskFunction Function { get; init; }

    /// <summary>The argument, in a form only submitter and executor know (see <see cref="DataKind"/>).</summary>
    public ReadOnlySpan<byte> Data { get; init; }

    /// <summary>How <see cref="Data"/> is to be read; carried along, never looked at.</summary>
    public byte DataKind { get; init; }

    /// <summary>The values the function has captured, serialised by the submitter.</summary>
    public ReadOnlySpan<byte> Upvalues { get; init; }

    /// <summary>
    /// Tasks with equal keys run one at a time, in order; empty for none. A key that is a path is ordered with file operations on it.
    /// </summary>
    public ReadOnlySpan<byte> Key { get; init; }

    /// <summary>Shown in figures and errors; may be null.</summary>
    public string? Name { get; init; }

    /// <summary>A value that comes back with the result, for example a reference to the script's own table.</summary>
    public long Cookie { get; init; }

    /// <summary>False if a result would be thrown away: then success costs the lane no delivery.</summary>
    public bool WantsResult { get; init; }

    /// <summary>Longest run time; null takes <see cref="AsyncOptions.TaskTimeout"/>, zero means without limit.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>How often a failed run is repeated; 0 to <see cref="AsyncOptions.MaxRetries"/>.</summary>
    public int Retries { get; init; }
}
