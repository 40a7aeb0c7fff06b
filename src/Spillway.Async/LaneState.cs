namespace Spillway.Async;

/// <summary>What <see cref="TaskPort.WaitForResults"/> found.</summary>
public enum LaneState
{
    /// <summary>There is a result to take.</summary>
    HasResult,

    /// <summary>Nothing is pending any more.</summary>
    Idle,

    /// <summary>The time is over, and tasks are still pending.</summary>
    TimedOut,
}
