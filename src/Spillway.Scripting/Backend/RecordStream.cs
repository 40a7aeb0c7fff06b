using Spillway.Metrics.Records;
using Spillway.Scripting.Native;
using Spillway.Scripting.Vm;

namespace Spillway.Scripting.Backend;

/// <summary>
/// Records of one kind on their way to the store, and the scripts that watch them: told of each as it comes, asked at the end of its window
/// whether it is kept, and told again. What nobody watches does not stop here.
/// </summary>
internal abstract class RecordStream<TRecord>(BackendHost host, ScriptCallback? onNew)
{
    private List<TRecord> _waiting = [];
    private List<TRecord> _flushed = [];
    private long _waitingText;

    /// <summary>The scripts, in the order in which they were loaded.</summary>
    public List<ScriptInstance> Scripts { get; } = [];

    /// <summary>Records that wait for the end of their window.</summary>
    public int Waiting => _waiting.Count;

    protected BackendHost Host => host;

    protected ItemBuffer Item => host.Item;

    protected List<TRecord> WaitingRecords => _waiting;

    /// <summary>Whether a script has asked for records of this one's group.</summary>
    protected abstract bool Concerns(ScriptInstance script, in TRecord record);

    /// <summary>Lets scripts read the record.</summary>
    protected abstract void Show(in TRecord record);

    /// <summary>The record with what scripts have changed.</summary>
    protected abstract TRecord WithChanges(in TRecord record);

    /// <summary>Hands the record over to be stored.</summary>
    protected abstract void Keep(in TRecord record, EventBatch kept);

    /// <summary>Characters that the record holds.</summary>
    protected abstract int TextLengthOf(in TRecord record);

    /// <summary>Whether records are kept until the end of the window: somebody watches, or may want them for something else.</summary>
    protected virtual bool Holds => Scripts.Count > 0;

    /// <summary>Called with each record that is flushed, whatever becomes of it.</summary>
    protected virtual void OnFlushed(in TRecord record) { }

    /// <summary>Takes a record that has come up.</summary>
    public void Take(TRecord record, EventBatch kept)
    {
        if (!Holds || !IsWatched(in record))
        {
            Keep(in record, kept);
            return;
        }

        if (onNew is { } callback)
            Tell(callback, ref record);
        _waiting.Add(record);
        _waitingText += TextLengthOf(in record);
        if (_waiting.Count < host.Options.MaxWaitingRecords && _waitingText < host.Options.MaxWaitingText)
            return;
        host.Counters.EarlyFlushes++;
        Flush(host.IntervalNs, kept);
    }

    /// <summary>Shows what waits to the scripts for the last time, at the end of a window.</summary>
    public void Flush(long timestampNs, EventBatch kept)
    {
        foreach (ScriptInstance script in Scripts)
            script.OnTime(ScriptCallback.OnBeginFlush, timestampNs);
        (_waiting, _flushed) = (_flushed, _waiting);
        _waitingText = 0;
        foreach (TRecord record in _flushed)
            FlushOne(record, kept);
        host.IsShowingSession = false;
        _flushed.Clear();
        foreach (ScriptInstance script in Scripts)
            script.OnTime(ScriptCallback.OnEndFlush, timestampNs);
    }

    /// <summary>Calls a callback of every script that the record concerns, and takes over what they change.</summary>
    protected void Tell(ScriptCallback callback, ref TRecord record)
    {
        bool isShown = false;
        foreach (ScriptInstance script in Scripts)
        {
            if (!script.Has(callback) || !Concerns(script, in record))
                continue;
            if (!isShown)
                Show(in record);
            isShown = true;
            script.OnItem(callback);
        }

        if (isShown && Item.Changes != 0)
            record = WithChanges(in record);
        host.IsShowingSession = false;
    }

    protected virtual bool IsWatched(in TRecord record)
    {
        foreach (ScriptInstance script in Scripts)
        {
            if (Concerns(script, in record))
                return true;
        }

        return false;
    }

    private void FlushOne(TRecord record, EventBatch kept)
    {
        Show(in record);
        OnFlushed(in record);
        int voters = 0,
            against = 0;
        foreach (ScriptInstance script in Scripts)
        {
            if (!Concerns(script, in record))
                continue;
            voters++;
            if (!script.OnItem(ScriptCallback.FlushFilter))
                against++;
        }

        if (voters > 0 && against == voters)
        {
            host.Counters.DroppedRecords++;
            return;
        }

        foreach (ScriptInstance script in Scripts)
        {
            if (Concerns(script, in record))
                script.OnItem(ScriptCallback.OnFlush);
        }

        if (Item.Changes != 0)
            record = WithChanges(in record);
        Keep(in record, kept);
    }
}
