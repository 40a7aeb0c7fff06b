using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace Spillway.Metrics.Records;

/// <summary>
/// Events of one lane, in their order within each kind. Filled by a lane or a monitor, then owned by the writer, which gives a lane's back
/// to be filled again.
/// </summary>
public sealed class EventBatch
{
    // 256 flows are 50 KiB: small enough to stay off the large object heap, whose garbage waits for the longest of collections.
    private const int MaxRecords = 256;
    private const long MaxTextLength = 4 << 20;

    // As many as may wait for the writer: a flood of flows makes no garbage of batches.
    private const int MaxSpare = 128;

    private readonly ConcurrentQueue<EventBatch>? _spare;
    private readonly List<AlertRecord> _alerts = [];
    private readonly List<ResourceRecord> _resources = [];
    private readonly List<DocumentRecord> _documents = [];
    private readonly List<FlowRecord> _flows = [];
    private readonly List<FlowUpdate> _flowUpdates = [];
    private readonly List<TrackedFlowRecord> _trackedFlows = [];
    private readonly List<FileRecord> _files = [];
    private readonly List<TransactionRecord> _transactions = [];
    private readonly List<EdgeRecord> _edges = [];
    private readonly List<KeyLabelRecord> _keyLabels = [];
    private readonly List<KeyAttributeRecord> _keyAttributes = [];
    private readonly List<byte[]> _lines = [];

    /// <summary>Creates an empty batch.</summary>
    public EventBatch() { }

    /// <summary>Creates a batch that comes back.</summary>
    internal EventBatch(ConcurrentQueue<EventBatch> spare) => _spare = spare;

    /// <summary>Alerts.</summary>
    public IReadOnlyList<AlertRecord> Alerts => _alerts;

    /// <summary>Resources.</summary>
    public IReadOnlyList<ResourceRecord> Resources => _resources;

    /// <summary>Full-text documents.</summary>
    public IReadOnlyList<DocumentRecord> Documents => _documents;

    /// <summary>Finished flows.</summary>
    public IReadOnlyList<FlowRecord> Flows => _flows;

    /// <summary>What is told of flows while they last; only for monitors.</summary>
    public IReadOnlyList<FlowUpdate> FlowUpdates => _flowUpdates;

    /// <summary>Flows in the lists of flow trackers.</summary>
    public IReadOnlyList<TrackedFlowRecord> TrackedFlows => _trackedFlows;

    /// <summary>Extracted files.</summary>
    public IReadOnlyList<FileRecord> Files => _files;

    /// <summary>Requests of HTTP, questions of DNS, handshakes of TLS.</summary>
    public IReadOnlyList<TransactionRecord> Transactions => _transactions;

    /// <summary>Edges.</summary>
    public IReadOnlyList<EdgeRecord> Edges => _edges;

    /// <summary>Key labels.</summary>
    public IReadOnlyList<KeyLabelRecord> KeyLabels => _keyLabels;

    /// <summary>Key attributes.</summary>
    public IReadOnlyList<KeyAttributeRecord> KeyAttributes => _keyAttributes;

    /// <summary>Packet time at which the batch was handed over, nanoseconds since 1970 UTC.</summary>
    public long NowNs { get; internal set; }

    /// <summary>The window that was open when it was handed over, as <see cref="Counters.CounterWindow"/> orders them.</summary>
    internal (int Epoch, long StartNs) Window { get; set; }

    /// <summary>Finished lines for a log beside the store.</summary>
    public IReadOnlyList<byte[]> Lines => _lines;

    /// <summary>Number of records.</summary>
    public int Count { get; private set; }

    /// <summary>Characters of long texts, roughly: what makes a batch of few records large.</summary>
    public long TextLength { get; private set; }

    /// <summary>Whether the lane hands it over before its second of packet time is over.</summary>
    internal bool IsFull => Count >= MaxRecords || TextLength >= MaxTextLength;

    /// <summary>Bytes held, roughly.</summary>
    internal long MemoryBytes => (Count * (long)Unsafe.SizeOf<FlowRecord>()) + (TextLength * sizeof(char));

    /// <summary>Adds an alert.</summary>
    public void Add(AlertRecord record)
    {
        _alerts.Add(record);
        Note(record.Message.Length);
    }

    /// <summary>Adds a resource.</summary>
    public void Add(ResourceRecord record)
    {
        _resources.Add(record);
        Note(record.Uri.Length + record.Label.Length);
    }

    /// <summary>Adds a document.</summary>
    public void Add(DocumentRecord record)
    {
        _documents.Add(record);
        Note(record.Text.Length);
    }

    /// <summary>Adds a flow.</summary>
    public void Add(in FlowRecord record)
    {
        _flows.Add(record);
        Note(0);
    }

    /// <summary>Adds what is told of a flow.</summary>
    public void Add(in FlowUpdate record)
    {
        _flowUpdates.Add(record);
        Note(0);
    }

    /// <summary>Adds a tracker's flow.</summary>
    public void Add(TrackedFlowRecord record)
    {
        _trackedFlows.Add(record);
        Note(0);
    }

    /// <summary>Adds a file.</summary>
    public void Add(FileRecord record)
    {
        _files.Add(record);
        Note(record.Uri.Length);
    }

    /// <summary>Adds a transaction.</summary>
    public void Add(TransactionRecord record)
    {
        ArgumentNullException.ThrowIfNull(record);
        _transactions.Add(record);
        Note(record.TextLength);
    }

    /// <summary>Adds an edge.</summary>
    public void Add(EdgeRecord record)
    {
        _edges.Add(record);
        Note(0);
    }

    /// <summary>Adds a key label.</summary>
    public void Add(KeyLabelRecord record)
    {
        _keyLabels.Add(record);
        Note(record.Label.Length + record.Description.Length);
    }

    /// <summary>Adds a key attribute.</summary>
    public void Add(KeyAttributeRecord record)
    {
        _keyAttributes.Add(record);
        Note(record.Value.Length);
    }

    internal void AddLine(byte[] line)
    {
        _lines.Add(line);
        Note(line.Length);
    }

    /// <summary>Empties the batch and gives it back to its lane, if it has one. Nobody may look at it afterwards.</summary>
    internal void Recycle()
    {
        if (_spare is not { } spare || spare.Count >= MaxSpare)
            return;
        _alerts.Clear();
        _resources.Clear();
        _documents.Clear();
        _flows.Clear();
        _flowUpdates.Clear();
        _trackedFlows.Clear();
        _files.Clear();
        _transactions.Clear();
        _edges.Clear();
        _keyLabels.Clear();
        _keyAttributes.Clear();
        _lines.Clear();
        Count = 0;
        TextLength = 0;
        spare.Enqueue(this);
    }

    private void Note(int textLength)
    {
        Count++;
        TextLength += textLength;
    }
}
