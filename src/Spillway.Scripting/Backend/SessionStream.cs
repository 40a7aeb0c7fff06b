using Spillway.Metrics.Records;
using Spillway.Metrics.Shards;
using Spillway.Net.Packets;
using Spillway.Scripting.Native;
using Spillway.Scripting.Vm;

namespace Spillway.Scripting.Backend;

/// <summary>A flow that waits for the end of the window.</summary>
/// <param name="Flow">The flow as it stood.</param>
/// <param name="IsInterim">It goes on: what is stored of it will be replaced.</param>
internal readonly record struct SessionRecord(FlowRecord Flow, bool IsInterim);

/// <summary>Flows, their monitors and their trackers.</summary>
internal sealed class SessionStream(BackendHost host) : RecordStream<SessionRecord>(host, ScriptCallback.OnTerminate)
{
    private readonly MetricShard _shard = host.Lane.Metrics;
    private Dictionary<FlowKey, int>? _placeOf;
    private FlowKey _shown;
    private bool _isOpen;

    /// <summary>The trackers, in the order in which they were loaded.</summary>
    public List<FlowTracker> Trackers { get; } = [];

    /// <summary>Whether flows are to be reported while they last.</summary>
    public bool FollowsOpenFlows => Scripts.Count > 0 || Trackers.Count > 0;

    protected override bool Holds => Scripts.Count > 0 || Trackers.Count > 0;

    protected override bool IsWatched(in SessionRecord record) => true;

    /// <summary>A flow has ended.</summary>
    public void Take(in FlowRecord flow, EventBatch kept)
    {
        FlowRecord tagged = flow with { Tags = TagText.Join(flow.Tags, _shard.TakeTags(flow.Key)) };
        _placeOf?[flow.Key] = Waiting;
        Take(new SessionRecord(tagged, IsInterim: false), kept);
    }

    /// <summary>A flow goes on.</summary>
    public void Take(in FlowUpdate update, EventBatch kept)
    {
        if (!Holds)
        {
            if (update.Kind == FlowUpdateKind.Interim)
                kept.Add(update);
            return;
        }

        var record = new SessionRecord(
            update.Flow with
            {
                Tags = TagText.Join(update.Flow.Tags, _shard.PeekTags(update.Flow.Key)),
            },
            IsInterim: true
        );
        switch (update.Kind)
        {
            case FlowUpdateKind.Started:
                Tell(ScriptCallback.OnNewFlow, ref record);
                break;
            case FlowUpdateKind.Updated:
                Tell(ScriptCallback.OnUpdate, ref record);
                break;
            case FlowUpdateKind.Interim:
                WaitInterim(record, kept);
                break;
        }
    }

    /// <summary>Tags the flow that scripts are shown.</summary>
    public void TagShown(ReadOnlySpan<byte> tag)
    {
        string text = WireText.Decode(tag.TrimEnd((byte)0));
        string before = Item.Read(ItemText.Key, int.MaxValue);
        Item.Set(ItemText.Key, System.Text.Encoding.UTF8.GetBytes(TagText.Add(before, text)), 0);
        if (_isOpen)
            _shard.TagFlow(_shown, tag);
    }

    /// <summary>Tags any flow: one that is shown or has ended and waits here, or else one that will end.</summary>
    public void Tag(in FlowKey flow, ReadOnlySpan<byte> tag)
    {
        FlowKey key = flow.IsNone
            ? flow
            : FlowKey.Create(flow.AddressA, flow.PortA, flow.AddressZ, flow.PortZ, flow.Protocol, flow.IPVersion, out _);
        if (Host.IsShowingSession && key == _shown)
            TagShown(tag);
        else if (PlaceOf(key) is { } place)
            WaitingRecords[place] = WithTag(WaitingRecords[place], WireText.Decode(tag.TrimEnd((byte)0)));
        else
            _shard.TagFlow(flow, tag);
    }

    /// <summary>The window is over: where records lie changes.</summary>
    public void Forget() => _placeOf = null;

    protected override bool Concerns(ScriptInstance script, in SessionRecord record) => true;

    protected override void Show(in SessionRecord record)
    {
        Item.Clear();
        Item.PutCounters(record.Flow);
        Item.Put(ItemText.Flow, record.Flow.Id);
        Item.Put(ItemText.Key, record.Flow.Tags);
        _shown = record.Flow.Key;
        _isOpen = record.IsInterim;
        Host.IsShowingSession = true;
    }

    protected override SessionRecord WithChanges(in SessionRecord record) =>
        record with
        {
            Flow = record.Flow with { Tags = Item.Read(ItemText.Key, int.MaxValue) },
        };

    protected override void OnFlushed(in SessionRecord record)
    {
        foreach (FlowTracker tracker in Trackers)
            tracker.Take(record.Flow);
    }

    protected override void Keep(in SessionRecord record, EventBatch kept)
    {
        if (record.IsInterim)
            kept.Add(new FlowUpdate(FlowUpdateKind.Interim, record.Flow));
        else
            kept.Add(record.Flow);
    }

    protected override int TextLengthOf(in SessionRecord record) => 0;

    private static SessionRecord WithTag(in SessionRecord record, string tag) =>
        record with
        {
            Flow = record.Flow with { Tags = TagText.Add(record.Flow.Tags, tag) },
        };

    private void WaitInterim(in SessionRecord record, EventBatch kept)
    {
        WaitingRecords.Add(record);
        if (Waiting >= Host.Options.MaxWaitingRecords)
            Flush(Host.IntervalNs, kept);
    }

    // Built when it is first asked for in a window: most scripts tag what they are shown.
    private int? PlaceOf(in FlowKey key)
    {
        if (Waiting == 0)
            return null;
        if (_placeOf is null)
        {
            _placeOf = [];
            for (int i = 0; i < Waiting; i++)
            {
                if (!WaitingRecords[i].IsInterim)
                    _placeOf[WaitingRecords[i].Flow.Key] = i;
            }
        }

        return _placeOf.TryGetValue(key, out int place) && place < Waiting && WaitingRecords[place].Flow.Key == key ? place : null;
    }
}
