using Spillway.Metrics;
using Spillway.Scripting.Backend;
using Spillway.Scripting.Loading;

namespace Spillway.Run;

/// <summary>
/// A thread that looks at the script files of a run every two seconds and hands what has changed to the scripts behind the lanes. It costs
/// neither a lane nor the metrics thread anything until something has changed.
/// </summary>
internal sealed class ScriptReloader : IDisposable
{
    /// <summary>Time between two looks. A change is taken with the second look that sees it.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    private readonly ScriptWatcher _watcher;
    private readonly BackendHost _host;
    private readonly MetricsWriter _writer;
    private readonly ManualResetEventSlim _stop = new();
    private readonly Thread _thread;

    /// <summary>Begins. The writer must outlive it.</summary>
    public ScriptReloader(ScriptWatcher watcher, BackendHost host, MetricsWriter writer)
    {
        _watcher = watcher;
        _host = host;
        _writer = writer;
        _thread = new Thread(Run) { Name = "script watch", IsBackground = true };
        _thread.Start();
    }

    /// <summary>Ends the looks; what was handed over before is in the stream.</summary>
    public void Dispose()
    {
        if (!_thread.IsAlive)
            return;
        _stop.Set();
        _thread.Join();
        _stop.Dispose();
    }

    private void Run()
    {
        while (!_stop.Wait(Interval))
        {
            // Should the metrics thread be behind, files are looked at again when it has taken what it has.
            if (_host.HasChanges || _watcher.Look() is not { Count: > 0 } changes)
                continue;
            _host.Submit(changes);
            _writer.Post(new ScriptsWaiting());
        }
    }
}
