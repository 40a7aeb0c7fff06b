using System.Text;
using Spillway.Async;
using Spillway.Async.Journal;
using Spillway.Scripting.Vm;

namespace Spillway.Scripting.Loading;

/// <summary>
/// Has the tasks run that an earlier process has left in the journal: each script's before its <c>onload</c>, so that they come before
/// anything new; those of scripts that are not loaded this time afterwards, in workers of their own. On the lane's thread.
/// </summary>
/// <remarks>
/// A task's function, values and data are in the journal, so the script itself need not be there any more, only the modules it requires.
/// What cannot come back is <c>onresult</c>: it is a function of a Lua state that is gone, with values that only that state had. The work
/// is done again and its result is counted, told and dropped.
/// </remarks>
public sealed class TaskRecovery
{
    private readonly TaskJournal _journal;
    private readonly ScriptEnvironment _environment;
    private readonly IScriptOutput _output;
    private readonly AsyncRuntime _async;
    private readonly List<RecoveredClient> _waiting;
    private readonly List<RecoveredTasks> _scripts = [];
    private bool _isComplete;

    /// <summary>Creates a recovery for one run.</summary>
    public TaskRecovery(TaskJournal journal, ScriptEnvironment environment, IScriptOutput output, AsyncRuntime async)
    {
        ArgumentNullException.ThrowIfNull(journal);
        _journal = journal;
        _environment = environment;
        _output = output;
        _async = async;
        _waiting = [.. journal.Recovered];
    }

    /// <summary>Called once when the last task of earlier runs is over, unless some stay in the journal. On the lane's thread.</summary>
    public Action? Done { get; init; }

    /// <summary>Tasks that were submitted again.</summary>
    public long Submitted => _scripts.Sum(script => script.Submitted);

    /// <summary>Tasks that stay in the journal: another version of LuaJIT has to run them, or there was no room for them.</summary>
    public long Left => _waiting.Sum(client => client.Tasks) + _scripts.Sum(script => script.Left);

    /// <summary>Results that could not be given to anyone.</summary>
    public long ResultsDropped => _scripts.Sum(script => script.ResultsDropped);

    /// <summary>Tasks submitted again that have failed.</summary>
    public long Errors => _scripts.Sum(script => script.Errors.Count);

    /// <summary>Submits what is left of scripts that were not loaded. After all others.</summary>
    internal void ResubmitRest(ScriptContext lane, ScriptNames names)
    {
        names.Add(_waiting.Select(client => Encoding.UTF8.GetString(client.Identity)));

        // A script that had other names in other runs is one plugin: its workers know functions by the numbers of one store.
        foreach (string path in _waiting.Select(client => Encoding.UTF8.GetString(client.Identity)).Distinct().ToArray())
        {
            var plugin = new ScriptPlugin(path, names.NameOf(path));
            plugin.Pool = _async.GetOrAddPool(
                $"{plugin.Name} (not loaded)",
                workers: 1,
                (_, worker) => new WorkerScript(plugin, _environment, _output, worker)
            );
            Resubmit(plugin, lane);
            plugin.Pool.EndWithClients();
        }

        _isComplete = true;
        TellIfDone();
    }

    private void TellIfDone()
    {
        if (_isComplete && _waiting.Count == 0 && _scripts.TrueForAll(script => script.IsOver) && Left == 0)
            Done?.Invoke();
    }

    /// <summary>Submits what is left of a script that is about to be loaded.</summary>
    internal void Resubmit(ScriptPlugin plugin, ScriptContext lane)
    {
        foreach (RecoveredClient client in _waiting.FindAll(client => client.Identity.SequenceEqual(plugin.Identity.Span)))
            Resubmit(client, plugin, lane);
    }

    private void Resubmit(RecoveredClient client, ScriptPlugin plugin, ScriptContext lane)
    {
        _waiting.Remove(client);
        var tasks = new RecoveredTasks(_journal, plugin, _output, lane, TellIfDone);
        _scripts.Add(tasks);
        _journal.Replay(client, tasks.Resubmit);
        tasks.EndReplay();
    }

    /// <summary>The tasks of one script, and who hears of their ends.</summary>
    private sealed class RecoveredTasks : ITaskOwner
    {
        private readonly ScriptPlugin _plugin;
        private readonly IScriptOutput _output;
        private readonly TaskFailures _failures;
        private readonly TaskJournal _journal;
        private readonly HashSet<TaskFunction> _functions = [];
        private readonly ScriptContext _lane;
        private long _ofOtherVersion;
        private long _refused;

        public RecoveredTasks(TaskJournal journal, ScriptPlugin plugin, IScriptOutput output, ScriptContext lane, Action isOver)
        {
            _lane = lane;
            _journal = journal;
            _plugin = plugin;
            _output = output;
            Errors = new ScriptErrors(plugin.Name, output);
            _failures = new TaskFailures(plugin.Name, Errors, output, lane.Metrics);
            Client = lane.Async.CreateClient(plugin.Pool!, plugin.Name, this, plugin.Identity);
            Client.Over = isOver;
        }

        public AsyncClient Client { get; }

        public ScriptErrors Errors { get; }

        public long Submitted { get; private set; }

        /// <summary>Whether all are over, and none of the lane's is left for the next process.</summary>
        public bool IsOver => Client.Pending == 0 && _lane.Async.LeftInJournal == 0;

        public long Left => _ofOtherVersion + _refused;

        public long ResultsDropped { get; private set; }

        public void Resubmit(in RecoveredTask task)
        {
            if (task.IsExhausted)
            {
                _failures.GiveUp(task.Description, task.Recoveries);
                _journal.GiveUp(in task);
                return;
            }

            TaskFunction? function = null;
            if (task.Kind == TaskKind.Schedule)
            {
                if (!task.IsOfThisRuntime)
                {
                    _ofOtherVersion++;
                    return;
                }

                function = _plugin.Code.Hold(task.FunctionCode, LineOf(task.FunctionSource));
                if (!_functions.Add(function))
                    _plugin.Code.Release(function);
            }

            if (!Client.Resubmit(in task, function))
            {
                _refused++;
                return;
            }

            Submitted++;
        }

        private static int LineOf(string source) =>
            int.TryParse(source.AsSpan(source.LastIndexOf(':') + 1), System.Globalization.CultureInfo.InvariantCulture, out int line)
                ? line
                : 0;

        /// <summary>All tasks are there, and each has its function.</summary>
        public void EndReplay()
        {
            foreach (TaskFunction function in _functions)
                _plugin.Code.Release(function);
            _functions.Clear();
            Client.Close();
            Tell();
        }

        private void Tell()
        {
            if (Submitted > 0)
                _output.Log(
                    _plugin.Name,
                    ScriptLogLevel.Warning,
                    $"{Submitted} tasks that an earlier run has left in the journal are run now"
                );
            if (_ofOtherVersion > 0)
                _output.Problem(
                    _plugin.Name,
                    $"{_ofOtherVersion} tasks stay in the journal: they were scheduled under another version of LuaJIT"
                );
            if (_refused > 0)
                _output.Problem(_plugin.Name, $"{_refused} tasks stay in the journal: memory and disk are full");
        }

        public void Deliver(AsyncTask task)
        {
            if (task.Error is not null)
            {
                _failures.Add(task);
            }
            else if (!task.Result.IsEmpty && ResultsDropped++ == 0)
            {
                _output.Log(
                    _plugin.Name,
                    ScriptLogLevel.Warning,
                    "a task of an earlier run has a result, and the state that its onresult belonged to is gone: such results are dropped"
                );
            }
        }
    }
}
