using Spillway.Metrics.Records;

namespace Spillway.Metrics.Shards;

/// <summary>Events of one lane, in their order within each kind. Filled by a lane, then owned by the writer.</summary>
public sealed class EventBatch
{
    private readonly List<AlertRecord> _alerts = [];
    private readonly List<ResourceRecord> _resources = [];
    private readonly List<DocumentRecord> _documents = [];
    private readonly List<FlowRecord> _flows = [];
    private readonly List<FileRecord> _files = [];
    private readonly List<EdgeRecord> _edges = [];
    private readonly List<KeyLabelRecord> _keyLabels = [];
    private readonly List<KeyAttributeRecord> _keyAttributes = [];

    /// <summary>Alerts.</summary>
    public IReadOnlyList<AlertRecord> Alerts => _alerts;
    /// <summary>Resources.</summary>
    public IReadOnlyList<ResourceRecord> Resources => _resources;
    /// <summary>Full-text documents.</summary>
    public IReadOnlyList<DocumentRecord> Documents => _documents;
    /// <summary>Finished flows.</summary>
    public IReadOnlyList<FlowRecord> Flows => _flows;
    /// <summary>Extracted files.</summary>
    public IReadOnlyList<FileRecord> Files => _files;
    /// <summary>Edges.</summary>
    public IReadOnlyList<EdgeRecord> Edges => _edges;
    /// <summary>Key labels.</summary>
    public IReadOnlyList<KeyLabelRecord> KeyLabels => _keyLabels;
    /// <summary>Key attributes.</summary>
    public IReadOnlyList<KeyAttributeRecord> KeyAttributes => _keyAttributes;

    /// <summary>Number of records.</summary>
    public int Count { get; private set; }

    /// <summary>Characters of long texts, roughly: what makes a batch of few records large.</summary>
    public long TextLength { get; private set; }

    internal void Add(AlertRecord record)
    {
        _alerts.Add(record);
        Note(record.Message.Length);
    }

    internal void Add(ResourceRecord record)
    {
        _resources.Add(record);
        Note(record.Uri.Length + record.Label.Length);
    }

    internal void Add(DocumentRecord record)
    {
        _documents.Add(record);
        Note(record.Text.Length);
    }

    internal void Add(in FlowRecord record)
    {
        _flows.Add(record);
        Note(0);
    }

    internal void Add(FileRecord record)
    {
        _files.Add(record);
        Note(record.Uri.Length);
    }

    internal void Add(EdgeRecord record)
    {
        _edges.Add(record);
        Note(0);
    }

    internal void Add(KeyLabelRecord record)
    {
        _keyLabels.Add(record);
        Note(record.Label.Length + record.Description.Length);
    }

    internal void Add(KeyAttributeRecord record)
    {
        _keyAttributes.Add(record);
        Note(record.Value.Length);
    }

    private void Note(int textLength)
    {
        Count++;
        TextLength += textLength;
    }
}
