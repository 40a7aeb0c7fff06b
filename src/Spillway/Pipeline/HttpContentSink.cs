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
internal sealed class HttpContentSink : IContentReceiver
{
    private readonly ContentSink _sink;
    private readonly ApplicationMeter? _meters;
    private ScriptHost _scripts = null!; // attached by the lane before anything can come

    /// <summary>Creates the handler.</summary>
    /// <param name="sink">Takes the contents.</param>
    /// <param name="metrics">Counts requests and contents.</param>
    public HttpContentSink(ContentSink sink, MetricShard metrics)
    {
        _sink = sink;
        _meters = metrics.Traffic?.Applications;
        Ranges = new HttpRanges(sink);
    }

    /// <summary>Joins partial responses into files.</summary>
    public HttpRanges Ranges { get; }

    /// <summary>Limits and counts of the observers.</summary>
    public HttpObserver Observer { get; } = new();

    /// <summary>Takes the contents of all protocols.</summary>
    public ContentSink Sink => _sink;

    /// <summary>Writes documents; null if none are.</summary>
    public BuiltInDocuments? Documents { get; set; }

    /// <summary>Compares requests with lists; null without any.</summary>
    public IntelMatcher? Intel { get; set; }

    /// <summary>Records transactions; null if none are wanted.</summary>
    public TransactionRecorder? Transactions { get; set; }

    /// <summary>Gives the handler the lane's scripts, before the first packet.</summary>
    public void Attach(ScriptHost scripts) => _scripts = scripts;

    private bool ExtractsAll => _sink.ExtractsAll;

    private BuiltInResources? Resources => _sink.Resources;

    private EveLane? Eve => _sink.Eve;

    private void OnRequestHeader(HttpTransaction transaction)
    {
        if (transaction.Number == 0 && !transaction.Request!.Host.IsEmpty)
            transaction.Flow.SetAttribute("Host"u8, transaction.Request.Host);
        _meters?.OnHttpRequest(transaction.Flow, transaction.Request!.Method, transaction.Request.Host);
        Documents?.OnHttpHeader(transaction.Flow, transaction.Request!);
        Intel?.OnRequest(transaction.Flow, transaction.Request!);
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
        if (transaction.WantsResponseBody)
            extraction.Range = Ranges.Begin(transaction, IsReversed(transaction));
        extraction.LatencyNs = _scripts.Lane.NowNs - extraction.BeginNs;
        Resources?.OnResponse(transaction, extraction.LatencyNs.Value);
        HandOverRequest(transaction, extraction);
    }

    private void OnBody(HttpTransaction transaction, StreamDirection direction, long offset, ReadOnlySpan<byte> data)
    {
        HttpTransfer transfer = TransferOf(transaction, direction);
        _sink.Write(transfer, offset, data, this);
        if (direction == StreamDirection.ClientToServer)
            FormOf(transaction, offset)?.Write(offset, data);
        else
            Begin(transaction).Range?.Write(offset, data);
        if (_scripts.ReadsContent && transfer.Script is { } script)
            _scripts.OnContent(script, direction, transfer.File.PathUtf8, offset, data);
    }

    private void OnMessageEnd(HttpTransaction transaction, StreamDirection direction, long length, HttpBodyEnd end)
    {
        bool isRequest = direction == StreamDirection.ClientToServer;
        if (isRequest && transaction.Consumer is HttpExtraction { Form: { } form })
            form.End(length, EndOf(end));
        HttpTransfer? transfer = IsTold(transaction, isRequest, end) ? EndTransfer(transaction, direction, length) : null;

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
        if (!isRequest)
            EndRange(transaction);
    }

    // A file that is complete with this response comes behind it.
    private static void EndRange(HttpTransaction transaction)
    {
        if (transaction.Consumer is not HttpExtraction { Range: { } range } extraction)
            return;
        extraction.Range = null;
        range.End();
    }

    // A response without content is told with length 0; a request without content is the usual case and not told.
    private bool IsTold(HttpTransaction transaction, bool isRequest, HttpBodyEnd end) =>
        isRequest
            ? transaction.WantsRequestBody && end != HttpBodyEnd.NoBody
            : transaction.WantsResponseBody && (end != HttpBodyEnd.NoBody || _scripts is not { WritesFiles: false, ReadsContent: false });

    private HttpTransfer EndTransfer(HttpTransaction transaction, StreamDirection direction, long length)
    {
        HttpTransfer transfer = TransferOf(transaction, direction);
        _sink.Finish(transfer, length, this);
        if (_scripts.ReadsContent && transfer.Script is { } script)
            _scripts.OnContent(script, direction, transfer.File.PathUtf8, transfer.File.Length, default);
        return transfer;
    }

    private void OnTransactionEnd(HttpTransaction transaction)
    {
        if (transaction.Consumer is not HttpExtraction extraction)
            return;
        if (transaction.Response is null)
            Resources?.OnUnanswered(transaction);
        HandOverRequest(transaction, extraction);
        extraction.Form?.Close();
        EndRange(transaction);
        if (extraction.Request is { IsEnded: false } request)
            _sink.Abandon(request.File, transaction.Flow, StreamDirection.ClientToServer);
        if (extraction.Response is { IsEnded: false } response)
            _sink.Abandon(response.File, transaction.Flow, StreamDirection.ServerToClient);
        Eve?.OnHttp(transaction, extraction.ResponseLength);
        Transactions?.OnHttp(transaction, extraction, IsReversed(transaction));
        transaction.Consumer = null;
    }

    /// <inheritdoc/>
    public void OnFile(ContentTransfer content, ExtractedFile file, in FilePiece piece)
    {
        var transfer = (HttpTransfer)content;
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

    private static bool IsReversed(HttpTransaction transaction) => transaction.Flow.Consumer is FlowConsumer { Http.IsReversed: true };

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

    private HttpTransfer TransferOf(HttpTransaction transaction, StreamDirection direction)
    {
        HttpExtraction extraction = Begin(transaction);
        ref HttpTransfer? transfer = ref direction == StreamDirection.ClientToServer ? ref extraction.Request : ref extraction.Response;
        return transfer ??= CreateTransfer(transaction, extraction, direction);
    }

    private HttpTransfer CreateTransfer(HttpTransaction transaction, HttpExtraction extraction, StreamDirection direction)
    {
        ReadOnlySpan<byte> host = default,
            target = default;
        if (transaction.Request is { } request)
        {
            host = request.Host;
            target = request.Target;
        }

        Span<byte> name = stackalloc byte[FileName.MaxBytes];
        int length = _sink.NameOf(name, host, target, transaction.Flow, transaction.Number, direction);
        return new HttpTransfer(_sink.CreateFile(name[..length], extraction.Script is not null), direction, extraction.Script);
    }

    // Only a body that is seen from its beginning is read as a form: the first boundary stands there.
    private HttpForm? FormOf(HttpTransaction transaction, long offset)
    {
        HttpExtraction extraction = Begin(transaction);
        if (offset == 0 && extraction.Form is null)
            extraction.Form = HttpForm.Of(transaction, _sink);
        return extraction.Form;
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
        if (_scripts.TakesFiles)
            _sink.HandOver(ScriptHost.InterestedIn(script, direction), HttpOrigin.Of(script.Http, direction), file, in piece);
        file.Release();
    }

    private void AddRecord(HttpTransaction transaction, HttpTransfer transfer)
    {
        if (transfer.Record is not { } record)
            return;
        _sink.AddRecord(transaction, record, transfer.File);
        transfer.Record = null;
    }

    private FileRecord RecordOf(HttpTransaction transaction, StreamDirection direction, ContentFile file, HttpBodyEnd end) =>
        HttpOrigin
            .Of(transaction, direction)
            .Describe(_sink.RecordOf(transaction.Flow, direction, file, EndOf(end)), transaction.Response?.Status ?? 0);

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
