using System.Text;
using Spillway.Metrics.Records;
using Spillway.Metrics.Shards;
using Spillway.Net.Files;
using Spillway.Net.Flows;
using Spillway.Net.Protocols.Http;
using Spillway.Net.Protocols.Mime;
using Spillway.Scripting;

namespace Spillway.Pipeline;

/// <summary>
/// What becomes of contents, whatever protocol carries them: each is hashed, stored if somebody wants the file, handed to the scripts that
/// take files, and recorded. One for each lane, on its thread.
/// </summary>
internal sealed class ContentSink : IContentFileHandler, IContentReceiver
{
    private readonly ContentFiles _files;
    private readonly ContentFiles _unstored;
    private readonly MetricShard _metrics;
    private readonly Action<ContentFile> _refused;
    private readonly FileInspections? _inspections;
    private readonly bool _keepsAll;
    private ScriptHost _scripts = null!; // attached by the lane before anything can come

    // The content whose file is being written, and who takes the file.
    private ContentTransfer? _current;
    private IContentReceiver? _receiver;

    /// <summary>Creates the sink.</summary>
    /// <param name="directory">The ram directory.</param>
    /// <param name="options">Chunk size and hashes.</param>
    /// <param name="metrics">Takes the records of files.</param>
    /// <param name="extractsAll">Store every content in the user's directory, whatever scripts want.</param>
    /// <param name="refused">Told of each content that could not be stored, or only up to a hole.</param>
    /// <param name="inspections">Has workers find out about files; null if nothing is to be found out.</param>
    public ContentSink(
        RamDirectory directory,
        ContentFileOptions options,
        MetricShard metrics,
        bool extractsAll,
        Action<ContentFile> refused,
        FileInspections? inspections = null
    )
    {
        _inspections = inspections;
        if (inspections is not null)
            inspections.Publish = Publish;
        _keepsAll = extractsAll;
        _files = new ContentFiles(directory, options with { Heads = ContentHeads.None }); // the file itself can be read
        _unstored = new ContentFiles(directory, options with { Stores = false });
        _metrics = metrics;
        _refused = refused;
    }

    /// <summary>Limits and counts of the messages and forms whose parts are contents.</summary>
    public MimeObserver Mime { get; } = new();

    /// <summary>Whether every content is stored, whatever scripts want: to be kept, or for as long as workers look into it.</summary>
    public bool ExtractsAll => _keepsAll || _inspections is { Scans: true };

    /// <summary>The run's identity, for names of files that no other run has.</summary>
    public string Run { get; init; } = "";

    /// <summary>Records resources; null if none are.</summary>
    public BuiltInResources? Resources { get; set; }

    /// <summary>Compares files with lists; null without any.</summary>
    public IntelMatcher? Intel { get; set; }

    /// <summary>Makes EVE events; null if none are wanted.</summary>
    public EveLane? Eve { get; set; }

    /// <summary>Where files go.</summary>
    public RamDirectory Directory => _files.Directory;

    /// <summary>Packet time, nanoseconds since 1970.</summary>
    public long NowNs => _scripts.Lane.NowNs;

    /// <summary>Whether any script takes files whatever protocol carries them.</summary>
    public bool TakesFiles => _scripts.TakesFiles;

    /// <summary>Gives the sink the lane's scripts, before the first packet.</summary>
    public void Attach(ScriptHost scripts) => _scripts = scripts;

    /// <summary>Has further hashes taken of each content, before the first.</summary>
    public void TakeHashes(ContentHashes hashes)
    {
        _files.TakeHashes(hashes);
        _unstored.TakeHashes(hashes);
    }

    /// <summary>Begins a content.</summary>
    public ContentTransfer Begin(ContentOrigin origin)
    {
        Span<byte> name = stackalloc byte[FileName.MaxBytes];
        ReadOnlySpan<byte> host = Encoding.UTF8.GetBytes(origin.Host.Length > 0 ? origin.Host : origin.Protocol);
        int length = NameOf(name, host, origin.Name.Span, origin.Flow, origin.Message, origin.Direction, origin.Part);
        return new ContentTransfer(CreateFile(name[..length], _scripts.TakesFiles && InterestIn(origin.Flow) != 0), origin);
    }

    /// <summary>The next bytes of a content, at an offset that is not before its length; beyond it, bytes are missing.</summary>
    public void Write(ContentTransfer transfer, long offset, ReadOnlySpan<byte> data) => Write(transfer, offset, data, this);

    /// <summary>The content has ended: its record is made.</summary>
    /// <param name="transfer">The content.</param>
    /// <param name="length">Its length, missing bytes included.</param>
    /// <param name="end">How it has ended.</param>
    public void End(ContentTransfer transfer, long length, FileEnd end)
    {
        Finish(transfer, length, this);
        ContentOrigin origin = transfer.Origin!;
        FileRecord record = origin.Describe(RecordOf(origin.Flow, origin.Direction, transfer.File, end));
        Intel?.OnFile(origin.Flow, record);
        Resources?.OnFile(origin.Flow, record, transfer.File.PathUtf8);
        Publish(transfer.File, record, Eve?.EventOf(origin));
    }

    /// <summary>Records a file of HTTP.</summary>
    internal void AddRecord(HttpTransaction transaction, FileRecord record, ContentFile file)
    {
        // The record of a request was made before the response came.
        if (transaction.Response is { } response && response.Status != record.Status)
            record = record with { Status = response.Status };
        Intel?.OnFile(transaction.Flow, record);
        Resources?.OnFile(transaction.Flow, record, file.PathUtf8);
        Publish(file, record, Eve?.EventOf(transaction, record.Direction));
    }

    // What workers find out is part of the record: it waits for them.
    private void Publish(ContentFile file, FileRecord record, EveFileEvent? what)
    {
        if (_inspections is not null)
            _inspections.Complete(file, record, what);
        else
            Publish(record, what);
    }

    private void Publish(FileRecord record, EveFileEvent? what)
    {
        _metrics.AddFile(record);
        if (what is { } happened)
            Eve?.OnFile(in happened, record);
    }

    /// <summary>Forgets a content that has not ended; parts that were handed over stay.</summary>
    internal void Abandon(ContentFile file, Flow flow, StreamDirection direction)
    {
        file.Abandon();
        _inspections?.Abandon(file, RecordOf(flow, direction, file, FileEnd.Truncated));
    }

    /// <summary>The run ends: records that still wait for workers are published as they are.</summary>
    public void PublishAll() => _inspections?.GiveUp();

    /// <summary>Makes the file of a content whose receiver is not the sink.</summary>
    internal ContentFile CreateFile(ReadOnlySpan<byte> name, bool isWanted) =>
        (ExtractsAll || (_scripts.WritesFiles && isWanted) ? _files : _unstored).Create(name);

    /// <summary>Writes the name of a file.</summary>
    internal int NameOf(
        Span<byte> name,
        ReadOnlySpan<byte> host,
        ReadOnlySpan<byte> target,
        Flow flow,
        long message,
        StreamDirection direction,
        int part = 0,
        bool isJoined = false
    )
    {
        Span<byte> run = stackalloc byte[Run.Length];
        Encoding.ASCII.GetBytes(Run, run);
        bool isRequest = direction == StreamDirection.ClientToServer;
        return FileName.Write(name, host, target, run, _scripts.Lane.Number, flow.Number, message, isRequest, part, isJoined);
    }

    /// <summary>As <see cref="Write(ContentTransfer, long, ReadOnlySpan{byte})"/>, with another receiver.</summary>
    internal void Write(ContentTransfer transfer, long offset, ReadOnlySpan<byte> data, IContentReceiver receiver)
    {
        (_current, _receiver) = (transfer, receiver);
        ContentSink self = this;
        transfer.File.Write(offset, data, ref self);
    }

    /// <summary>Ends the file of a content, without a record.</summary>
    internal void Finish(ContentTransfer transfer, long length, IContentReceiver receiver)
    {
        (_current, _receiver) = (transfer, receiver);
        ContentSink self = this;
        transfer.File.Extend(length, ref self);
        ContentFileStatus status = transfer.File.End(ref self);
        if (status != ContentFileStatus.Good)
            _refused(transfer.File);
        transfer.IsEnded = true;
    }

    /// <summary>What a record says of the file itself.</summary>
    internal FileRecord RecordOf(Flow flow, StreamDirection direction, ContentFile file, FileEnd end)
    {
        Span<byte> id = stackalloc byte[FlowId.MaxLength];
        ReadOnlySpan<byte> path = file.PathUtf8;
        return new FileRecord
        {
            TimestampNs = _scripts.Lane.NowNs,
            FlowId = Encoding.ASCII.GetString(id[..FlowId.Format(flow.Key, id)]),
            Direction = direction,
            Size = file.Length,
            Name = Encoding.UTF8.GetString(path[(path.LastIndexOf((byte)'/') + 1)..]),
            // A hash of content with holes would identify nothing.
            Sha1 = end == FileEnd.Gap ? null : ToHex(file.Digest.Sha1),
            Md5 = end == FileEnd.Gap ? null : ToHex(file.Digest.Md5),
            Sha256 = end == FileEnd.Gap ? null : ToHex(file.Digest.Sha256),
            IsStored = _keepsAll && file.Status is (ContentFileStatus.Good or ContentFileStatus.HoleTooLarge),
            End = end,
        };
    }

    /// <inheritdoc/>
    void IContentFileHandler.OnFile(ContentFile content, ExtractedFile file, in FilePiece piece)
    {
        _inspections?.OnFile(content, file, in piece);
        _receiver!.OnFile(_current!, file, in piece);
    }

    /// <inheritdoc/>
    void IContentFileHandler.OnHead(ContentFile content, ReadOnlySpan<byte> head) => _inspections?.OnHead(content, head);

    /// <inheritdoc/>
    void IContentReceiver.OnFile(ContentTransfer transfer, ExtractedFile file, in FilePiece piece)
    {
        ContentOrigin origin = transfer.Origin!;
        HandOver(transfer.Interested ?? InterestIn(origin.Flow), origin, file, in piece);
        file.Release();
    }

    /// <summary>Hands a file to the scripts that take files of any protocol.</summary>
    /// <param name="interested">Scripts that want content of its flow.</param>
    /// <param name="origin">What is known of it.</param>
    /// <param name="file">The file; it is not released.</param>
    /// <param name="piece">Which part of the content it is.</param>
    internal void HandOver(ulong interested, ContentOrigin origin, ExtractedFile file, in FilePiece piece)
    {
        if (_scripts.TakesFiles && interested != 0)
            _scripts.OnFile(
                interested,
                origin.Flow,
                file.PathUtf8,
                piece.Length,
                piece.IsChunk,
                origin.ToScript(),
                new ExtractedFileLease(file)
            );
    }

    private static ulong InterestIn(Flow flow) => flow.Consumer is FlowConsumer { Scripts: { } scripts } ? scripts.FileExtraction : 0;

    private static string? ToHex(byte[]? hash) => hash is null ? null : Convert.ToHexStringLower(hash);
}
