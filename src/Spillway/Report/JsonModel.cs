using System.Text.Json.Serialization;

namespace Spillway.Report;

// The JSON report's shape. Names are a contract (snake_case of these); units are in them. Fields are added, never renamed.

internal sealed record JsonSummary(
    string Version,
    int ExitCode,
    IReadOnlyList<string> Sources,
    JsonRun Run,
    JsonTraffic Traffic,
    JsonCapture? Capture,
    JsonTcp Tcp,
    JsonHttp Http,
    JsonPackets? Packets,
    long FileCount,
    long FileBytes,
    long FilesRefused,
    IEnumerable<JsonFile> Files,
    long AlertCount,
    IEnumerable<JsonAlert> Alerts,
    long ResourceCount,
    IEnumerable<JsonToppers> Counters,
    IReadOnlyList<string> GroupsWithoutValues,
    IEnumerable<JsonScript> Scripts,
    IReadOnlyDictionary<string, long> Details,
    IReadOnlyList<string> Warnings
);

internal sealed record JsonRun(
    string? OutputDirectory,
    string? Store,
    long RunId,
    double WallSeconds,
    double ProcessorSeconds,
    double ReadSeconds,
    double DrainSeconds
);

internal sealed record JsonTraffic(
    long Packets,
    long Bytes,
    long Flows,
    string? FirstPacket,
    string? LastPacket,
    double CaptureSeconds,
    double PacketsPerSecond,
    double BitsPerSecond,
    IReadOnlyDictionary<string, long> DecodeErrors,
    IReadOnlyDictionary<string, long> NotLookedInto
);

internal sealed record JsonCapture(
    long Received,
    long Processed,
    long Lost,
    long LostInKernel,
    long LostByInterface,
    long LostBeforeLanes,
    long Refused,
    long Unread,
    long? OnWrongLane,
    JsonDropped DroppedBehind,
    double LongestPauseMs,
    double LongestPauseCollectingMs,
    string? LongestPauseAt
);

internal sealed record JsonDropped(
    long ResultBatches,
    long PacketsNotStored,
    long FilesNotExtracted,
    long Tasks,
    long EveEvents,
    long ConsoleLines
);

internal sealed record JsonTcp(
    long ReassembledBytes,
    long Gaps,
    long MissingBytes,
    long RetransmittedBytes,
    long OutOfOrder,
    long LimitHits
);

internal sealed record JsonHttp(long Requests, long Responses, long BodyBytes, long Errors);

internal sealed record JsonPackets(
    string? Directory,
    long Stored,
    long StoredBytes,
    long Cut,
    long CutBytes,
    long Ignored,
    long IgnoredBytes,
    long PastLimit,
    long PastLimitBytes,
    long Dropped,
    long Waits,
    long FilesWritten,
    long FilesRemoved,
    long BytesRemoved
);

internal sealed record JsonFile(
    string Time,
    string FlowId,
    string Direction,
    string Host,
    string Uri,
    string Method,
    int? Status,
    string ContentType,
    long Size,
    string Name,
    string? Sha1,
    string? Md5,
    string End,
    string? Sha256,
    bool Stored,
    string Protocol,
    string SentName,
    string? MimeType,
    string? Magic
);

internal sealed record JsonAlert(
    string Time,
    string Group,
    string GroupGuid,
    string? FlowId,
    string Key,
    string Classification,
    int Priority,
    string Message,
    string Status
);

internal sealed record JsonToppers(
    string Group,
    string GroupGuid,
    int MeterId,
    string Meter,
    string Units,
    int KeyCount,
    double? Total,
    IEnumerable<JsonKey> Keys
);

internal sealed record JsonKey(string Key, string Label, double Value);

internal sealed record JsonScript(
    string Name,
    string Title,
    IReadOnlyDictionary<string, long> Callbacks,
    long Errors,
    string? FirstError,
    JsonAsync? Async,
    string? Disabled,
    IReadOnlyList<string> Declined
);

internal sealed record JsonAsync(
    int Workers,
    long Submitted,
    long Completed,
    long Failed,
    long Dropped,
    long Pending,
    JsonLatency Wait,
    JsonLatency Run,
    long TimedOut,
    long Retried,
    long Spilled,
    long WorkersReplaced,
    double? OldestWaitingMs,
    string? LastError
);

internal sealed record JsonLatency(double P50Ms, double P99Ms, double MaxMs);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    WriteIndented = true,
    GenerationMode = JsonSourceGenerationMode.Metadata
)]
[JsonSerializable(typeof(JsonSummary))]
internal sealed partial class JsonModel : JsonSerializerContext;
