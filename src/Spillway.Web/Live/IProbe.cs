using Spillway.Metrics.Figures;

namespace Spillway.Web.Live;

/// <summary>The run behind the pages, in this process. All of it is read on threads of the server, one call at a time.</summary>
public interface IProbe
{
    /// <summary>What it is doing, in a word or two: <c>listening on eth0</c>, <c>reading</c>, <c>ended</c>.</summary>
    string State { get; }

    /// <summary>Whether it goes on.</summary>
    bool IsRunning { get; }

    /// <summary>All figures, as <c>/metrics</c> has them.</summary>
    IReadOnlyList<Figure> Figures();

    /// <summary>How it is.</summary>
    Health Health();

    /// <summary>Its scripts.</summary>
    IReadOnlyList<ScriptState> Scripts();

    /// <summary>The options in force: each with its value and where it comes from.</summary>
    IReadOnlyList<(string Name, string Value, string Origin)> Settings();
}

/// <summary>A script of a run.</summary>
/// <param name="Name">Its file.</param>
/// <param name="Title">The name that its id block gives, or empty.</param>
public sealed record ScriptState(string Name, string Title)
{
    /// <summary>Calls of each callback.</summary>
    public IReadOnlyList<(string Callback, long Calls)> Callbacks { get; init; } = [];

    /// <summary>Errors that it raised.</summary>
    public long Errors { get; init; }

    /// <summary>The first of them, with its traceback; null without any.</summary>
    public string? FirstError { get; init; }

    /// <summary>Why it was disabled; null if it was not.</summary>
    public string? Disabled { get; init; }

    /// <summary>What of it does not run, since onload returned false; null if all does.</summary>
    public string? Declined { get; init; }

    /// <summary>Its tasks; null if it has none.</summary>
    public TaskState? Tasks { get; init; }
}

/// <summary>Tasks of T.async of a script.</summary>
public sealed record TaskState
{
    /// <summary>Workers, and those that have a task.</summary>
    public int Workers { get; init; }

    /// <summary>Workers that have a task.</summary>
    public int Busy { get; init; }

    /// <summary>Tasks that wait for a worker.</summary>
    public long Waiting { get; init; }

    /// <summary>Submitted.</summary>
    public long Submitted { get; init; }

    /// <summary>Succeeded.</summary>
    public long Succeeded { get; init; }

    /// <summary>Failed.</summary>
    public long Failed { get; init; }

    /// <summary>Stopped because of their time.</summary>
    public long TimedOut { get; init; }

    /// <summary>Not run, since the queue was full.</summary>
    public long Dropped { get; init; }

    /// <summary>How long tasks waited: the median, one in a hundred, the longest.</summary>
    public (TimeSpan Median, TimeSpan Rare, TimeSpan Longest) Wait { get; init; }

    /// <summary>How long they ran.</summary>
    public (TimeSpan Median, TimeSpan Rare, TimeSpan Longest) Run { get; init; }

    /// <summary>How long the oldest that waits has waited; null if none waits.</summary>
    public TimeSpan? OldestWaiting { get; init; }

    /// <summary>The last failure, with its traceback; null without any.</summary>
    public string? LastError { get; init; }
}
