namespace Spillway.Async;

/// <summary>Where there is room for a task.</summary>
internal enum Admission
{
    /// <summary>In memory, in the pool's queue.</summary>
    Queued,

    /// <summary>On disk.</summary>
    Stored,

    /// <summary>In memory, behind the tasks on disk.</summary>
    Held,
}
