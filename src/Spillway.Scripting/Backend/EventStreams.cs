using Spillway.Metrics.Records;
using Spillway.Scripting.Native;
using Spillway.Scripting.Vm;

namespace Spillway.Scripting.Backend;

/// <summary>Alerts and their monitors.</summary>
internal sealed class AlertStream(BackendHost host) : RecordStream<AlertRecord>(host, ScriptCallback.OnNewAlert)
{
    private const int MaxMessageBytes = 8192;

    protected override bool Concerns(ScriptInstance script, in AlertRecord record) => script.WatchedGuid == record.GroupGuid;

    protected override void Show(in AlertRecord record)
    {
        Item.Clear();
        Item.PutTime(record.TimestampNs, record.Priority);
        Item.Put(ItemText.Flow, record.FlowId ?? "");
        Item.Put(ItemText.Key, record.Key);
        Item.Put(ItemText.Text, record.Message);
        Item.Put(ItemText.Classification, record.Classification);
        Item.Put(ItemText.Status, record.Status);
        Item.Put(ItemText.Extra, record.ExtraMessage);
    }

    protected override AlertRecord WithChanges(in AlertRecord record) =>
        record with
        {
            Priority = Item.Priority,
            Message = Item.HasChanged(ItemText.Text) ? Item.Read(ItemText.Text, MaxMessageBytes) : record.Message,
            ExtraMessage = Item.HasChanged(ItemText.Extra) ? Item.Read(ItemText.Extra, MaxMessageBytes) : record.ExtraMessage,
        };

    protected override void Keep(in AlertRecord record, EventBatch kept) => kept.Add(record);

    protected override int TextLengthOf(in AlertRecord record) => record.Message.Length;
}

/// <summary>Resources and their monitors.</summary>
internal sealed class ResourceStream(BackendHost host) : RecordStream<ResourceRecord>(host, ScriptCallback.OnNewResource)
{
    private const int MaxUriBytes = 8192;

    protected override bool Concerns(ScriptInstance script, in ResourceRecord record) => script.WatchedGuid == record.GroupGuid;

    protected override void Show(in ResourceRecord record)
    {
        Item.Clear();
        Item.PutTime(record.TimestampNs);
        Item.Put(ItemText.Flow, record.FlowId ?? "");
        Item.Put(ItemText.Key, record.Uri);
        Item.Put(ItemText.Text, record.Label);
    }

    protected override ResourceRecord WithChanges(in ResourceRecord record) =>
        record with
        {
            Uri = Item.HasChanged(ItemText.Key) ? Item.Read(ItemText.Key, MaxUriBytes) : record.Uri,
            Label = Item.HasChanged(ItemText.Text) ? Item.Read(ItemText.Text, ResourceRecord.MaxLabelBytes) : record.Label,
        };

    protected override void Keep(in ResourceRecord record, EventBatch kept) => kept.Add(record);

    protected override int TextLengthOf(in ResourceRecord record) => record.Uri.Length + record.Label.Length;
}

/// <summary>Full-text documents and their monitors. A document cannot be changed.</summary>
internal sealed class DocumentStream(BackendHost host) : RecordStream<DocumentRecord>(host, ScriptCallback.OnNewFts)
{
    protected override bool Concerns(ScriptInstance script, in DocumentRecord record) => script.WatchedGuid == record.GroupGuid;

    protected override void Show(in DocumentRecord record)
    {
        Item.Clear();
        Item.PutTime(record.TimestampNs);
        Item.Put(ItemText.Flow, record.FlowId ?? "");
        Item.Put(ItemText.Key, record.Key);
        Item.Put(ItemText.Text, record.Text);
    }

    protected override DocumentRecord WithChanges(in DocumentRecord record) => record;

    protected override void Keep(in DocumentRecord record, EventBatch kept) => kept.Add(record);

    protected override int TextLengthOf(in DocumentRecord record) => record.Text.Length;
}
