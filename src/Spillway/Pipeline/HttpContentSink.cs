using System.Text;
using Spillway.Metrics.Records;
using Spillway.Metrics.Shards;
using Spillway.Net.Files;
using Spillway.Net.Flows;
using Spillway.Net.Protocols.Http;
using Spillway.Scripting;

namespace Spillway.Pipeline;

/// <summary>
/// What becomes of the HTTP messages of a lane: scripts are asked about headers and get content or files, and each content is identified
/// by its hash and recorded. One for each lane, on its thread.
/// </summary>
internal sealed class HttpContentSink : IContentFileHandler
{
    private readonly ContentFiles _files;
    private readonly ContentFiles _unstored;
    private readonly MetricShard _metrics;
    private readonly ApplicationMeter? _meters;
    private readonly Action<ContentFile> _refused;
    private ScriptHost _scripts = null!; // attached by the lane before anything can come
    private ContentTransfer? _finishing;

    /// <summary>Creates the handler.</summary>
    /// <param name="directory">The ram directory.</param>
    /// <param name="options">Chunk size and hashes.</param>
    /// <param name="metrics">Takes the records of files.</param>
    /// <param name="extractsAll">Store every content, whatever scripts want.</param>
    /// <param name="refused">Told of each content that could not be stored, or only up to a hole.</param>
    public HttpContentSink(
        RamDirectory directory,
        ContentFileOptions options,
        MetricShard metrics,
        bool extractsAll,
        Action<ContentFile> refused
    )
    {
        ExtractsAll = extractsAll;
        _files = new ContentFiles(directory, options);
        _unstored = new ContentFiles(directory, options with { Stores = false });
        _metrics = metrics;
        _meters = metrics.Traffic?.Applications;
        _refused = refused;
    }

    /// <summary>Limits and counts of the observers.</summary>
    public HttpObserver Observer { get; } = new();

    /// <summary>Whether every content is stored, whatever scripts want.</summary>
    public bool ExtractsAll { get; }

    /// <summary>Records resources; null if none are.</summary>
    public BuiltInResources? Resources { get; set; }

    /// <summary>Writes documents; null if none are.</summary>
    public BuiltInDocuments? Documents { get; set; }

    /// <summary>The run's identity, for names of files that no other run has.</summary>
    public string Run { get; init; } = "";

    /// <summary>Has further hashes taken of each content, before the first.</summary>
    public void TakeHashes(ContentHashes hashes)
    {
        _files.TakeHashes(hashes);
        _unstored.TakeHashes(hashes);
    }

    /// <summary>Makes EVE events; null if none are wanted.</summary>
    public EveLane? Eve { get; set; }

    /// <summary>Records transactions; null if none are wanted.</summary>
    public TransactionRecorder? Transactions { get; set; }

    /// <summary>Gives the handler the lane's scripts, before the first packet.</summary>
    public void Attach(ScriptHost scripts) => _scripts = scripts;

    private void OnRequestHeader(HttpTransaction transaction)
    {
        if (transaction.Number == 0 && !transaction.Request!.Host.IsEmpty)
            transaction.Flow.SetAttribute("Host"u8, transaction.Request.Host);
        _meters?.OnHttpRequest(transaction.Flow, transaction.Request!.Method, transaction.Request.Host);
        Documents?.OnHttpHeader(transaction.Flow, transaction.Request!);
        HttpExtraction extraction = Begin(transaction);
        if (extraction.Script is { } script)
        {
            _scripts.OnRequestHeader(script);
            transaction.WantsRequestBody = ExtractsAll || script.RequestInterested != 0;
            transaction.WantsResponseBody = ExtractsAll || script.Interested != 0;
        }

        if (_scripts.ReadsAttributes)
            HttpAttributes.Publish(_scripts, transaction, transaction.Request!);
    }

    private void OnResponseHeader(HttpTransaction transaction)
    {
        _meters?.OnHttpResponse(transaction.Flow, transaction.Response!.Status);
        Documents?.OnHttpHeader(transaction.Flow, transaction.Response!);
        HttpExtraction extraction = Begin(transaction);
        if (extraction.Script is { } script)
        {
            _scripts.OnResponseHeader(script);
            transaction.WantsResponseBody = ExtractsAll || script.Interested != 0;
        }

        if (_scripts.ReadsAttributes)
            HttpAttributes.Publish(_scripts, transaction, transaction.Response!);
        extraction.LatencyNs = _scripts.Lane.NowNs - extraction.BeginNs;
        Resources?.OnResponse(transaction, extraction.LatencyNs.Value);
        HandOverRequest(transaction, extraction);
    }

    private void OnBody(HttpTransaction transaction, StreamDirection direction, long offset, ReadOnlySpan<byte> data)
    {
        ContentTransfer transfer = TransferOf(transaction, direction);
        _finishing = transfer;
        HttpContentSink self = this;
        transfer.File.Write(offset, data, ref self);
        if (_scripts.ReadsContent && transfer.Script is { } script)
            _scripts.OnContent(script, direction, transfer.File.PathUtf8, offset, data);
    }

    private void OnMessageEnd(HttpTransaction transaction, StreamDirection direction, long length, HttpBodyEnd end)
    {
        bool isRequest = direction == StreamDirection.ClientToServer;
        ContentTransfer? transfer = IsTold(transaction, isRequest, end) ? EndTransfer(transaction, direction, length) : null;

        // Whoever tells a length tells this one: that of the file, with zeros for what is missing.
        if (transfer is not null)
            length = transfer.File.Length;
        if (transaction.Consumer is HttpExtraction extraction)
        {
            if (isRequest)
                extraction.RequestLength = length;
            else
                extraction.ResponseLength = length;
        }

        if (
            _meters is not null
            && end != HttpBodyEnd.NoBody
            && (isRequest ? transaction.Request : transaction.Response) is { } header
            && header.TryGetValue("Content-Type"u8, out ReadOnlySpan<byte> type)
        )
            _meters.OnHttpContent(type, length);
        if (transfer is null || end == HttpBodyEnd.NoBody)
            return;
        transfer.Record = RecordOf(transaction, direction, transfer.File, end);
        if (!isRequest && transaction.Consumer is HttpExtraction facts)
            facts.ResponseFile = transfer.Record.Name;
        if (!isRequest || transaction.Response is not null)
            AddRecord(transaction, transfer);
    }

    // A response without content is told with length 0; a request without content is the usual case and not told.
    private bool IsTold(HttpTransaction transaction, bool isRequest, HttpBodyEnd end) =>
        isRequest
            ? transaction.WantsRequestBody && end != HttpBodyEnd.NoBody
            : transaction.WantsResponseBody && (end != HttpBodyEnd.NoBody || _scripts is not { WritesFiles: false, ReadsContent: false });

    private ContentTransfer EndTransfer(HttpTransaction transaction, StreamDirection direction, long length)
    {
        ContentTransfer transfer = TransferOf(transaction, direction);
        _finishing = transfer;
        HttpContentSink self = this;
        transfer.File.Extend(length, ref self);
        ContentFileStatus status = transfer.File.End(ref self);
        if (status != ContentFileStatus.Good)
            _refused(transfer.File);
        if (_scripts.ReadsContent && transfer.Script is { } script)
            _scripts.OnContent(script, direction, transfer.File.PathUtf8, transfer.File.Length, default);
        transfer.IsEnded = true;
        return transfer;
    }

    private void OnTransactionEnd(HttpTransaction transaction)
    {
        if (transaction.Consumer is not HttpExtraction extraction)
            return;
        if (transaction.Response is null)
            Resources?.OnUnanswered(transaction);
        HandOverRequest(transaction, extraction);
        if (extraction.Request is { IsEnded: false } request)
            request.File.Abandon();
        if (extraction.Response is { IsEnded: false } response)
            response.File.Abandon();
        Eve?.OnHttp(transaction, extraction.ResponseLength);
        Transactions?.OnHttp(transaction, extraction, transaction.Flow.Consumer is FlowConsumer { Http.IsReversed: true });
        transaction.Consumer = null;
    }

    /// <inheritdoc/>
    public void OnFile(ContentFile content, ExtractedFile file, in FilePiece piece)
    {
        ContentTransfer transfer = _finishing!;
        if (transfer.Script is not { } script)
        {
            file.Release();
            return;
        }

        // Scripts are given both headers: an upload's file waits for the response.
        if (transfer.Direction == StreamDirection.ClientToServer && script.Http.Response is null)
            transfer.Held.Add((file, piece));
        else
            HandOver(script, transfer.Direction, file, in piece);
    }

    private HttpExtraction Begin(HttpTransaction transaction)
    {
        if (transaction.Consumer is HttpExtraction known)
            return known;
        var extraction = new HttpExtraction { BeginNs = _scripts.Lane.NowNs };
        transaction.Consumer = extraction;
        if (_scripts.HasExtractors && transaction.Flow.Consumer is FlowConsumer { Scripts: { } interest })
            extraction.Script = _scripts.OnTransaction(transaction, interest);
        return extraction;
    }

    private ContentTransfer TransferOf(HttpTransaction transaction, StreamDirection direction)
    {
        HttpExtraction extraction = Begin(transaction);
        ref ContentTransfer? transfer = ref direction == StreamDirection.ClientToServer ? ref extraction.Request : ref extraction.Response;
        return transfer ??= CreateTransfer(transaction, extraction, direction);
    }

    private ContentTransfer CreateTransfer(HttpTransaction transaction, HttpExtraction extraction, StreamDirection direction)
    {
        ReadOnlySpan<byte> host = default,
            target = default;
        if (transaction.Request is { } request)
        {
            host = request.Host;
            target = request.Target;
        }

        bool isRequest = direction == StreamDirection.ClientToServer;
        Span<byte> name = stackalloc byte[FileName.MaxBytes];
        Span<byte> run = stackalloc byte[Run.Length];
        Encoding.ASCII.GetBytes(Run, run);
        int length = FileName.Write(name, host, target, run, _scripts.Lane.Number, transaction.Flow.Number, transaction.Number, isRequest);
        ContentFiles files = ExtractsAll || (_scripts.WritesFiles && extraction.Script is not null) ? _files : _unstored;
        return new ContentTransfer(files.Create(name[..length]), direction, extraction.Script);
    }

    private void HandOverRequest(HttpTransaction transaction, HttpExtraction extraction)
    {
        if (extraction.Request is not { } request)
            return;
        foreach ((ExtractedFile file, FilePiece piece) in request.Held)
            HandOver(extraction.Script!, StreamDirection.ClientToServer, file, in piece);
        request.Held.Clear();
        AddRecord(transaction, request);
    }

    private void HandOver(ScriptTransaction script, StreamDirection direction, ExtractedFile file, in FilePiece piece)
    {
        _scripts.OnFile(script, direction, file.PathUtf8, piece.Length, piece.IsChunk, new ExtractedFileLease(file));
        file.Release();
    }

    private void AddRecord(HttpTransaction transaction, ContentTransfer transfer)
    {
        if (transfer.Record is not { } record)
            return;
        _metrics.AddFile(transaction.Response is { } response ? record with { Status = response.Status } : record);
        Eve?.OnFile(transaction, record);
        Resources?.OnFile(transaction.Flow, record, transfer.File.PathUtf8);
        transfer.Record = null;
    }

    private FileRecord RecordOf(HttpTransaction transaction, StreamDirection direction, ContentFile file, HttpBodyEnd end)
    {
        HttpHeader? header = direction == StreamDirection.ClientToServer ? transaction.Request : transaction.Response;
        ReadOnlySpan<byte> type = default;
        header?.TryGetValue("Content-Type"u8, out type);
        Span<byte> flow = stackalloc byte[128];
        int flowLength = FlowId.Format(transaction.Flow.Key, flow);
        ReadOnlySpan<byte> path = file.PathUtf8;
        return new FileRecord
        {
            TimestampNs = _scripts.Lane.NowNs,
            FlowId = Encoding.ASCII.GetString(flow[..flowLength]),
            Direction = direction,
            Host = transaction.Request is { } r ? WireText.Decode(r.Host) : "",
            Uri = transaction.Request is { } q ? WireText.Decode(q.Target) : "",
            Method = transaction.Request is { } m ? WireText.Decode(m.Method) : "",
            Status = transaction.Response?.Status ?? 0,
            ContentType = WireText.Decode(type),
            Size = file.Length,
            Name = Encoding.UTF8.GetString(path[(path.LastIndexOf((byte)'/') + 1)..]),
            // A hash of content with holes would identify nothing.
            Sha1 = end == HttpBodyEnd.Gap ? null : ToHex(file.Digest.Sha1),
            Md5 = end == HttpBodyEnd.Gap ? null : ToHex(file.Digest.Md5),
            Sha256 = end == HttpBodyEnd.Gap ? null : ToHex(file.Digest.Sha256),
            IsStored = ExtractsAll && file.Status is (ContentFileStatus.Good or ContentFileStatus.HoleTooLarge),
            End = EndOf(end),
        };
    }

    private static string? ToHex(byte[]? hash) => hash is null ? null : Convert.ToHexStringLower(hash);

    private static FileEnd EndOf(HttpBodyEnd end) =>
        end switch
        {
            HttpBodyEnd.Truncated => FileEnd.Truncated,
            HttpBodyEnd.Gap => FileEnd.Gap,
            HttpBodyEnd.Corrupt => FileEnd.Corrupt,
            HttpBodyEnd.Limit => FileEnd.Limit,
            _ => FileEnd.Complete,
        };

    /// <summary>The sink as handler of a connection: a struct, so that the observer calls it directly.</summary>
    internal readonly struct Handler(HttpContentSink sink) : IHttpHandler
    {
        /// <inheritdoc/>
        public void OnRequestHeader(HttpTransaction transaction) => sink.OnRequestHeader(transaction);

        /// <inheritdoc/>
        public void OnResponseHeader(HttpTransaction transaction) => sink.OnResponseHeader(transaction);

        /// <inheritdoc/>
        public void OnBody(HttpTransaction transaction, StreamDirection direction, long offset, ReadOnlySpan<byte> data) =>
            sink.OnBody(transaction, direction, offset, data);

        /// <inheritdoc/>
        public void OnMessageEnd(HttpTransaction transaction, StreamDirection direction, long length, HttpBodyEnd end) =>
            sink.OnMessageEnd(transaction, direction, length, end);

        /// <inheritdoc/>
        public void OnTransactionEnd(HttpTransaction transaction) => sink.OnTransactionEnd(transaction);
    }
}
