using Spillway.Scripting.Native;

namespace Spillway.Scripting.Vm;

/// <content>The callbacks of the blocks that follow the metrics.</content>
internal sealed unsafe partial class ScriptInstance
{
    /// <summary>Of a block that follows a group: the group's canonical GUID; empty for others.</summary>
    public string WatchedGuid { get; private set; } = "";

    /// <summary>Binds the state to the group that it watches. After the main chunk, before onload.</summary>
    /// <param name="tellsScript">Whether the script sees it as <c>T.monitor_group_guid</c>.</param>
    public void Watch(string guid, string title, bool tellsScript)
    {
        WatchedGuid = guid;
        if (tellsScript)
            TryControl($"group {guid}\u001f{title}", out _);
    }

    /// <summary>What a block says it watches, as records of field and text. After <see cref="TryAttach"/>.</summary>
    public bool TryDescribeAttachments(string block, out string text) => TryControl("attachments " + block, out text);

    /// <summary>Chooses the block without loading it.</summary>
    public bool TryAttach(string block, out string error)
    {
        Block = block;
        return TryControl("attach " + block, out error);
    }

    /// <summary>
    /// onload and then onunload, as a script is looked at before it is loaded. What they raise is told when it is loaded, if it is.
    /// </summary>
    /// <returns>Null, or what onload raised.</returns>
    public string? Rehearse()
    {
        bool ok = TryControl("onload", out string error);
        TryControl("onunload", out _);
        return ok ? null : error;
    }

    // The script that waited for it has been unloaded: there is no onresult after onunload (script API, section 3.6).
    private void DropResult()
    {
        if (Lane.Backend is { } backend)
            backend.Counters.ResultsDropped++;
    }

    /// <summary>A callback of (engine, ts).</summary>
    public void OnTime(ScriptCallback callback, long timestampNs)
    {
        if (!Has(callback))
            return;
        SetTime(timestampNs);
        Invoke(callback);
    }

    /// <summary>onmetronome.</summary>
    public void OnMetronome(long count, double seconds)
    {
        if (!Has(ScriptCallback.OnMetronome))
            return;
        SetTime(Lane.NowNs);
        Call->Position = count;
        Call->Length = seconds;
        Invoke(ScriptCallback.OnMetronome);
    }

    /// <summary>A callback of (engine, item); the result of a filter: false only if it voted no.</summary>
    public bool OnItem(ScriptCallback callback)
    {
        if (!Has(callback))
            return true;
        SetTime(Lane.NowNs);
        Call->Result = 1;
        return !Invoke(callback) || Call->Result != 0;
    }

    /// <summary>flowtracker.getmetric.</summary>
    public double GetMetric()
    {
        if (!Has(ScriptCallback.GetMetric))
            return 0;
        SetTime(Lane.NowNs);
        Call->Position = 0;
        return Invoke(ScriptCallback.GetMetric) ? Call->Position : 0;
    }

    /// <summary>A callback of (engine, ts, key, metrics), or (engine, ts, key).</summary>
    /// <param name="values">The values, then as many places for what a filter wants instead.</param>
    /// <returns>The vote, for a filter.</returns>
    public bool OnKey(ScriptCallback callback, long timestampNs, ReadOnlySpan<byte> key, Span<double> values)
    {
        if (!Has(callback))
            return true;
        SetTime(timestampNs);
        Call->Result = 1;
        fixed (byte* bytes = key)
        fixed (double* numbers = values)
        {
            Call->Name = new NativeBytes { Data = bytes, Length = key.Length };
            Call->Blob = new NativeBytes { Data = (byte*)numbers, Length = values.Length * sizeof(double) };
            Call->Code = values.Length / 2;
            bool ok = Invoke(callback);
            Call->Blob = default;
            return !ok || Call->Result != 0;
        }
    }

    /// <summary>A callback of the topper phase: (engine, ts, meter), (engine, key, metric) or (engine, meter).</summary>
    /// <returns>The vote, for those that have one; a script that raises does not vote against.</returns>
    public bool OnTopper(ScriptCallback callback, long timestampNs, int meter, ReadOnlySpan<byte> key, double value)
    {
        if (!Has(callback))
            return true;
        SetTime(timestampNs);
        Call->Result = 1;
        Call->Code = meter;
        Call->Position = value;
        fixed (byte* bytes = key)
        {
            Call->Name = new NativeBytes { Data = bytes, Length = key.Length };
            return !Invoke(callback) || Call->Result != 0;
        }
    }

    /// <summary>The script sets a field of the item that it is shown.</summary>
    public void SetItem(ItemText field, ReadOnlySpan<byte> text, double number)
    {
        if (Lane.Backend is not { } backend)
            return;
        if (Block == "sg_monitor" && field == ItemText.Key)
            backend.TagShown(text);
        else if (field is >= ItemText.Flow and <= ItemText.Priority)
            backend.Item.Set(field, text, number);
    }

    private void SetTime(long timestampNs)
    {
        Call->TimestampNs = timestampNs;
        Call->IntervalNs = Lane.IntervalNs;
    }
}
