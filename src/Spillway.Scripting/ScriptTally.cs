using Spillway.Async;
using Spillway.Async.Figures;
using Spillway.Scripting.Vm;

namespace Spillway.Scripting;

/// <summary>
/// What states of scripts did, added up: numbers only, so that the states themselves may go. On the thread of those states.
/// </summary>
internal sealed class ScriptTally
{
    private readonly long[] _calls = new long[ScriptCallbacks.Names.Length];
    private readonly PoolTally _tasks = new();
    private bool _isCompiled = true;
    private string? _firstError;
    private string? _disabled;

    /// <summary>Errors raised.</summary>
    public long Errors { get; private set; }

    /// <summary>Memory of the states, in bytes.</summary>
    public long MemoryBytes { get; private set; }

    /// <summary>Adds what a state did so far.</summary>
    public void Add(ScriptInstance script)
    {
        Add(script.CallCounts, script.Errors.Count, script.Errors.First, script.State.Compiles, script.Disabled);
        MemoryBytes += script.State.IsOpen ? script.State.MemoryBytes : 0;
    }

    /// <summary>Adds what was added up elsewhere.</summary>
    public void Add(ScriptTally other)
    {
        Add(other._calls, other.Errors, other._firstError, other._isCompiled, other._disabled);
        if (other._tasks.ToStatistics("") is { } tasks)
            _tasks.Add(tasks);
    }

    /// <summary>Adds what a plugin did that has no states any more: errors and tasks of its workers.</summary>
    public void AddLast(ScriptPlugin plugin)
    {
        Errors += plugin.WorkerErrors;
        if (plugin.Pool?.GetStatistics() is { Submitted: > 0 } statistics)
            _tasks.Add(statistics);
    }

    /// <summary>The figures of a plugin whose states are here.</summary>
    public ScriptFigures ToFigures(ScriptPlugin plugin) =>
        ToFigures(plugin.Name, plugin.Title, plugin.WorkerErrors, plugin.Pool) with
        {
            Declined = plugin.Declined,
        };

    /// <summary>The figures of scripts that are gone.</summary>
    public ScriptFigures ToFigures(string name, string title) => ToFigures(name, title, 0, null);

    private ScriptFigures ToFigures(string name, string title, long workerErrors, AsyncPool? pool)
    {
        AsyncStatistics? tasks = pool?.GetStatistics();
        if (_tasks.ToStatistics(name) is { } former)
        {
            var all = new PoolTally();
            all.Add(former);
            if (tasks is not null)
                all.Add(tasks);
            tasks = all.ToStatistics(name)! with { Workers = tasks?.Workers ?? 0, OldestWaiting = tasks?.OldestWaiting };
        }

        return new ScriptFigures(
            name,
            title,
            [.. ScriptCallbacks.Names.Select((callback, i) => (callback, _calls[i])).Where(pair => pair.Item2 > 0)],
            Errors + workerErrors,
            _firstError,
            _isCompiled,
            pool
        )
        {
            Disabled = _disabled,
            MemoryBytes = MemoryBytes,
            Tasks = tasks,
        };
    }

    private void Add(long[] calls, long errors, string? firstError, bool isCompiled, string? disabled)
    {
        for (int i = 0; i < _calls.Length; i++)
            _calls[i] += calls[i];
        Errors += errors;
        _firstError ??= firstError;
        _isCompiled &= isCompiled;
        _disabled ??= disabled;
    }
}
