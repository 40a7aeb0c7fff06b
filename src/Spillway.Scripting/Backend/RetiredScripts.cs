using Spillway.Scripting.Vm;

namespace Spillway.Scripting.Backend;

/// <summary>
/// What is left of states that are closed, and of scripts that are gone: what they counted belongs to the run. However often scripts
/// change, and however many come and go, it takes no more memory than the scripts there are, a bounded number of names, and tasks that are
/// under way. On the thread of the host's scripts.
/// </summary>
/// <param name="mostNamed">Scripts that are gone and keep their names; older ones are counted together.</param>
internal sealed class RetiredScripts(int mostNamed)
{
    // Closed states with tasks under way: results and errors of these may still come.
    private readonly List<ScriptInstance> _leaving = [];
    private readonly Dictionary<ScriptPlugin, ScriptTally> _tallies = [];
    private readonly List<GoneScript> _gone = [];
    private readonly ScriptTally _others = new();
    private int _otherCount;

    /// <summary>Whether nothing has ever been retired.</summary>
    public bool IsEmpty { get; private set; } = true;

    /// <summary>Closed states with tasks under way.</summary>
    public int LeavingCount => _leaving.Count;

    /// <summary>What is kept by name: scripts with closed states, and scripts that are gone.</summary>
    public int NamedCount => _tallies.Count + _gone.Count;

    /// <summary>Errors of closed states and of scripts that are gone.</summary>
    public long Errors =>
        _leaving.Sum(script => script.Errors.Count)
        + _tallies.Values.Sum(tally => tally.Errors)
        + _gone.Sum(gone => gone.Tally.Errors)
        + _others.Errors;

    /// <summary>Plugins with closed states.</summary>
    public IEnumerable<ScriptPlugin> Plugins => _tallies.Keys.Concat(_leaving.Select(script => script.Plugin));

    /// <summary>Takes a state that is closed.</summary>
    public void Add(ScriptInstance script)
    {
        IsEmpty = false;
        if (script.PendingTasks > 0)
            _leaving.Add(script);
        else
            Count(script);
    }

    /// <summary>Lets go of states whose last task is over.</summary>
    public void Sweep()
    {
        foreach (ScriptInstance script in _leaving)
        {
            if (script.PendingTasks == 0)
                Count(script);
        }

        _leaving.RemoveAll(script => script.PendingTasks == 0);
    }

    /// <summary>Whether states of a plugin have tasks under way.</summary>
    public bool IsLeaving(ScriptPlugin plugin) => _leaving.Exists(script => script.Plugin == plugin);

    /// <summary>Takes leave of a plugin, which has neither states nor tasks any more.</summary>
    public void Forget(ScriptPlugin plugin)
    {
        bool hasRun = _tallies.Remove(plugin, out ScriptTally? last);
        if (!hasRun && plugin.WorkerErrors == 0 && plugin.Pool?.GetStatistics() is not { Submitted: > 0 })
            return;
        last ??= new ScriptTally();
        last.AddLast(plugin);
        if (_gone.FindIndex(gone => gone.Path == plugin.Path) is >= 0 and var place)
        {
            last.Add(_gone[place].Tally);
            _gone.RemoveAt(place);
        }

        _gone.Add(new GoneScript(plugin.Path, plugin.Name, plugin.Title, last));
        if (_gone.Count <= mostNamed)
            return;
        _others.Add(_gone[0].Tally);
        _otherCount++;
        _gone.RemoveAt(0);
    }

    /// <summary>The figures of all scripts, those that run included.</summary>
    public IReadOnlyList<ScriptFigures> FiguresWith(IReadOnlyList<ScriptInstance> running)
    {
        var tallies = new Dictionary<ScriptPlugin, ScriptTally>();
        foreach ((ScriptPlugin plugin, ScriptTally closed) in _tallies)
            TallyOf(plugin, tallies).Add(closed);
        foreach (ScriptInstance script in _leaving.Concat(running))
            TallyOf(script.Plugin, tallies).Add(script);
        var figures = new List<ScriptFigures>();
        List<GoneScript> named = [.. _gone];
        foreach ((ScriptPlugin plugin, ScriptTally tally) in tallies)
        {
            if (named.FindIndex(gone => gone.Path == plugin.Path) is >= 0 and var before)
            {
                tally.Add(named[before].Tally); // it has come again
                named.RemoveAt(before);
            }

            figures.Add(tally.ToFigures(plugin));
        }

        figures.AddRange(named.Select(gone => gone.Tally.ToFigures(gone.Name, gone.Title)));
        if (_otherCount > 0)
            figures.Add(_others.ToFigures($"{_otherCount} more that {(_otherCount == 1 ? "is" : "are")} gone", ""));
        return figures;
    }

    private void Count(ScriptInstance script) => TallyOf(script.Plugin, _tallies).Add(script);

    private static ScriptTally TallyOf(ScriptPlugin plugin, Dictionary<ScriptPlugin, ScriptTally> tallies)
    {
        if (!tallies.TryGetValue(plugin, out ScriptTally? tally))
            tallies.Add(plugin, tally = new ScriptTally());
        return tally;
    }

    private sealed record GoneScript(string Path, string Name, string Title, ScriptTally Tally);
}
