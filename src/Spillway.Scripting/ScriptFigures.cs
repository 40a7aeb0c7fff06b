using Spillway.Async;
using Spillway.Async.Figures;

namespace Spillway.Scripting;

/// <summary>What one script did in a run, for the summary.</summary>
/// <param name="Name">File name, with as much of the path as tells it from others.</param>
/// <param name="Title"><c>id.name</c>.</param>
/// <param name="Callbacks">Calls made, by callback, those not called left out.</param>
/// <param name="Errors">Errors raised, those of tasks included.</param>
/// <param name="FirstError">The first error's callback and message.</param>
/// <param name="Compiled">False if the script ran in the interpreter: a fault of the installation that costs speed.</param>
/// <param name="Pool">Its workers, if it has used T.async.</param>
public sealed record ScriptFigures(
    string Name,
    string Title,
    IReadOnlyList<(string Callback, long Calls)> Callbacks,
    long Errors,
    string? FirstError,
    bool Compiled,
    AsyncPool? Pool
)
{
    /// <summary>Why the script, or one of its blocks, was disabled in mid-run; null if it ran to the end.</summary>
    public string? Disabled { get; init; }

    /// <summary>Memory of its states beside the packets, garbage not yet collected included, in bytes.</summary>
    public long MemoryBytes { get; init; }

    /// <summary>What its tasks did; null if it has no workers. Those of scripts that are gone are here too.</summary>
    public AsyncStatistics? Tasks { get; init; }

    /// <summary>
    /// The blocks whose <c>onload</c> returned false, which do not run; an empty name stands for a script without blocks.
    /// </summary>
    public IReadOnlyList<string> Declined { get; init; } = [];
}
