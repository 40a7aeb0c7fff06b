using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Spillway.Metrics.Counters;
using Spillway.Metrics.Groups;
using Spillway.Metrics.Records;
using Spillway.Net.Flows;
using Spillway.Net.Packets;

namespace Spillway.Metrics.Shards;

// Alerts, resources, flows, files, edges, labels: whatever is told once and not counted.
public sealed partial class MetricShard
{
    private const int MaxNameBytes = 255;
    private const int MaxTextBytes = 8192;

    private readonly FlowTags _tags;
    private readonly SeenCache _seenLabels = new();
    private readonly SeenCache _seenEdges = new();
    private readonly ConcurrentQueue<EventBatch> _spareBatches = new();
    private EventBatch _batch;
    private long _documents;
    private long _https,
        _dnses,
        _tlses;

    /// <summary>Adds an alert, and counts it if traffic is counted.</summary>
    /// <param name="group">Index from <see cref="FindAlertGroup"/>; an unknown group's alert is counted and ignored.</param>
    /// <param name="flowId">Flow id; empty for none.</param>
    /// <param name="key">Signature id.</param>
    /// <param name="classification">May be empty.</param>
    /// <param name="priority">1 high, 2 medium, 3 low.</param>
    /// <param name="message">Message; cut to 8 KB.</param>
    /// <param name="status">May be empty.</param>
    /// <param name="timestampNs">When it was raised, for an alert that comes from elsewhere; null is the current packet time.</param>
    public void AddAlert(
        int group,
        ReadOnlySpan<byte> flowId,
        ReadOnlySpan<byte> key,
        ReadOnlySpan<byte> classification,
        int priority,
        ReadOnlySpan<byte> message,
        ReadOnlySpan<byte> status,
        long? timestampNs = null
    )
    {
        if (!IsKnown(group))
            return;
        _alertMeter?.Count(group, flowId, key, classification, priority, namesSource: timestampNs is not null);
        _batch.Add(
            new AlertRecord
            {
                TimestampNs = timestampNs ?? NowNs,
                GroupGuid = _registry.NamedGroup(GroupKind.Alert, group).Guid,
                FlowId = flowId.IsEmpty ? null : Text(flowId, MaxNameBytes),
                Key = Text(key, MaxNameBytes),
                Classification = Text(classification, MaxNameBytes),
                Priority = priority,
                Message = Text(message, MaxTextBytes),
                Status = Text(status, MaxNameBytes),
            }
        );
        FlushIfFull();
    }

    /// <summary>Adds an alert that is made already, and counts it if traffic is counted. Texts that are too long are cut.</summary>
    public void AddAlert(AlertRecord alert)
    {
        ArgumentNullException.ThrowIfNull(alert);
        Span<byte> id = stackalloc byte[MaxNameBytes];
        if (alert.FlowId is not { } flowId || !Encoding.UTF8.TryGetBytes(flowId, id, out int length))
            length = 0;
        byte[] key = Encoding.UTF8.GetBytes(alert.Key),
            classification = Encoding.UTF8.GetBytes(alert.Classification);
        int group = FindAlertGroup(Encoding.ASCII.GetBytes(alert.GroupGuid));
        if (!IsKnown(group))
            return;
        _alertMeter?.Count(group, id[..length], key, classification, alert.Priority, namesSource: false);
        _batch.Add(
            alert with
            {
                Key = Text(key, MaxNameBytes),
                Classification = Text(classification, MaxNameBytes),
                Message = Text(Encoding.UTF8.GetBytes(alert.Message), MaxTextBytes),
                ExtraMessage = Text(Encoding.UTF8.GetBytes(alert.ExtraMessage), MaxTextBytes),
            }
        );
        FlushIfFull();
    }

    /// <summary>Adds a resource at the current packet time.</summary>
    /// <param name="group">Index from <see cref="FindResourceGroup"/>; an unknown group's resource is counted and ignored.</param>
    /// <param name="flowId">Flow id; empty for none.</param>
    /// <param name="uri">Name; cut to 8 KB.</param>
    /// <param name="label">Contents; cut to less than 32 KB.</param>
    public void AddResource(int group, ReadOnlySpan<byte> flowId, ReadOnlySpan<byte> uri, ReadOnlySpan<byte> label)
    {
        if (!IsKnown(group))
            return;
        _batch.Add(
            new ResourceRecord
            {
                TimestampNs = NowNs,
                GroupGuid = _registry.NamedGroup(GroupKind.Resource, group).Guid,
                FlowId = flowId.IsEmpty ? null : Text(flowId, MaxNameBytes),
                Uri = Text(uri, MaxTextBytes),
                Label = Text(label, ResourceRecord.MaxLabelBytes),
            }
        );
        FlushIfFull();
    }

    /// <summary>Adds a full-text document at the current packet time, and gives it a key that no other document has.</summary>
    /// <param name="group">Index from <see cref="FindDocumentGroup"/>; an unknown group's document is counted and ignored.</param>
    /// <param name="flowId">Flow id; empty for none.</param>
    /// <param name="text">Text; cut to <see cref="DocumentRecord.MaxTextBytes"/>.</param>
    public void AddDocument(int group, ReadOnlySpan<byte> flowId, ReadOnlySpan<byte> text)
    {
        if (!IsKnown(group))
            return;
        _batch.Add(
            new DocumentRecord
            {
                TimestampNs = NowNs,
                GroupGuid = _registry.NamedGroup(GroupKind.Fts, group).Guid,
                Key = string.Create(CultureInfo.InvariantCulture, $"{NowNs:X16}-{Lane:X2}-{++_documents:X}"),
                FlowId = flowId.IsEmpty ? null : Text(flowId, MaxNameBytes),
                Text = Text(text, DocumentRecord.MaxTextBytes),
            }
        );
        FlushIfFull();
    }

    /// <summary>Adds a finished flow, with the tags it got.</summary>
    /// <param name="origin">Who has exported it, if it was told by a record and not seen in packets.</param>
    public void AddFlow(Flow flow, NetFlowOrigin? origin = null)
    {
        ArgumentNullException.ThrowIfNull(flow);
        FlowWatch?.OnEnd(flow);
        _batch.Add(new FlowRecord(flow, _tags.Take(flow.Key), origin));
        FlushIfFull();
    }

    /// <summary>Adds an extracted file.</summary>
    public void AddFile(FileRecord file)
    {
        ArgumentNullException.ThrowIfNull(file);
        _batch.Add(file);
        FlushIfFull();
    }

    /// <summary>Adds a transaction, unless there are <see cref="MetricOptions.MaxTransactions"/> of its kind already.</summary>
    public void AddTransaction(TransactionRecord record)
    {
        ArgumentNullException.ThrowIfNull(record);
        ref long taken = ref record is HttpTransactionRecord ? ref _https : ref record is DnsTransactionRecord ? ref _dnses : ref _tlses;
        if (taken >= _options.MaxTransactions)
        {
            Counters.TransactionsLeftOut++;
            return;
        }

        taken++;
        _batch.Add(record);
        FlushIfFull();
    }

    /// <summary>
    /// Tags a flow. All tags of a flow stay below 64 bytes; further ones are dropped, and one that is there already is not repeated.
    /// </summary>
    public void TagFlow(in FlowKey flow, ReadOnlySpan<byte> tag) => _tags.Add(flow, tag.TrimEnd((byte)0), NowNs);

    /// <summary>Sets the display label of a key. Repeating a label costs a hash.</summary>
    public void SetKeyInfo(int group, ReadOnlySpan<byte> key, ReadOnlySpan<byte> label, ReadOnlySpan<byte> description)
    {
        key = key.TrimEnd((byte)0);
        if (key.IsEmpty || !IsKnown(group))
            return;
        ulong subject = SeenCache.Hash(group, key);
        if (!_seenLabels.Add(subject, SeenCache.Hash(subject, label, description)))
            return;
        _batch.Add(new KeyLabelRecord(group, Text(key, KeyArena.MaxKeyLength), Text(label, MaxTextBytes), Text(description, MaxTextBytes)));
        FlushIfFull();
    }

    /// <summary>Attaches a name and value to a key, or replaces the value.</summary>
    public void SetKeyAttribute(int group, ReadOnlySpan<byte> key, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        key = key.TrimEnd((byte)0);
        if (key.IsEmpty || !IsKnown(group))
            return;
        ulong subject = SeenCache.Hash(SeenCache.Hash(~group, key), name, default);
        if (!_seenLabels.Add(subject, SeenCache.Hash(subject, value, default)))
            return;
        _batch.Add(new KeyAttributeRecord(group, Text(key, KeyArena.MaxKeyLength), Text(name, MaxNameBytes), Text(value, MaxTextBytes)));
        FlushIfFull();
    }

    /// <summary>Adds a directed edge between two keys of any groups. One edge is told at most about once per window.</summary>
    public void AddEdge(ReadOnlySpan<byte> fromGuid, ReadOnlySpan<byte> fromKey, ReadOnlySpan<byte> toGuid, ReadOnlySpan<byte> toKey)
    {
        fromKey = fromKey.TrimEnd((byte)0);
        toKey = toKey.TrimEnd((byte)0);
        if (fromKey.IsEmpty || toKey.IsEmpty)
            return;
        ulong edge = SeenCache.Hash(SeenCache.Hash(SeenCache.Hash(0, fromGuid), fromKey, toGuid), toKey, default);
        if (!_seenEdges.Add(edge, edge))
            return;
        _batch.Add(
            new EdgeRecord(NowNs, Guid(fromGuid), Text(fromKey, KeyArena.MaxKeyLength), Guid(toGuid), Text(toKey, KeyArena.MaxKeyLength))
        );
        FlushIfFull();
    }

    /// <summary>
    /// Adds the eight edges between a key and a flow's two addresses, its port (of end Z, the server's) and its protocol, both ways.
    /// </summary>
    public void AddFlowEdges(in FlowKey flow, ReadOnlySpan<byte> guid, ReadOnlySpan<byte> key)
    {
        if (flow.IsNone)
            return;
        ReadOnlySpan<byte> hosts = flow.IPVersion == 6 ? WellKnownGuids.HostsIPv6Utf8 : WellKnownGuids.HostsUtf8;
        Span<byte> id = stackalloc byte[FlowId.MaxLength];
        AddEdgesBothWays(guid, key, hosts, id[..FlowId.FormatAddress(flow.AddressA, flow.IPVersion, id)]);
        AddEdgesBothWays(guid, key, hosts, id[..FlowId.FormatAddress(flow.AddressZ, flow.IPVersion, id)]);
        AddEdgesBothWays(guid, key, WellKnownGuids.AppsUtf8, id[..FlowId.FormatPort(flow.PortZ, flow.Protocol, id)]);
        FlowId.Format(flow, id);
        AddEdgesBothWays(guid, key, WellKnownGuids.NetworkLayerUtf8, id[..2]);
    }

    private void AddEdgesBothWays(ReadOnlySpan<byte> guidA, ReadOnlySpan<byte> keyA, ReadOnlySpan<byte> guidB, ReadOnlySpan<byte> keyB)
    {
        AddEdge(guidA, keyA, guidB, keyB);
        AddEdge(guidB, keyB, guidA, keyA);
    }

    private static string Guid(ReadOnlySpan<byte> guid)
    {
        Span<char> canonical = stackalloc char[GroupGuid.MaxLength];
        return canonical[..GroupGuid.Canonicalize(guid, canonical)].ToString();
    }

    private bool IsKnown(int group)
    {
        if (group >= 0)
            return true;
        Counters.UnknownGroup++;
        return false;
    }

    private string Text(ReadOnlySpan<byte> bytes, int maxBytes)
    {
        bytes = bytes.TrimEnd((byte)0);
        if (bytes.Length > maxBytes)
            Counters.TruncatedTexts++;
        return WireText.Decode(bytes, maxBytes);
    }

    private void FlushIfFull()
    {
        if (_batch.IsFull)
            FlushEvents();
    }

    private void FlushEvents()
    {
        if (_batch.Count == 0)
            return;
        EventBatch full = _batch;
        full.NowNs = NowNs;
        full.Window = (_epoch, _windowStartNs);
        _batch = _spareBatches.TryDequeue(out EventBatch? spare) ? spare : new EventBatch(_spareBatches);
        _sink.Post(full);
    }
}
