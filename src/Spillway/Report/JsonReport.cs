using System.Globalization;
using System.Text.Json;
using Spillway.Metrics.Records;
using Spillway.Metrics.Results;
using Spillway.Net.Flows;

namespace Spillway.Report;

/// <summary>
/// Writes a <see cref="RunSummary"/> as JSON for machines. The same facts as the console report, but nothing is cut: all files of the run
/// are there. Everything outside of ASCII is escaped, so the text is safe to look at too.
/// </summary>
public static class JsonReport
{
    /// <summary>Writes the report, and a line feed. Files are read while they are written, never all kept in memory.</summary>
    public static void Write(Stream destination, RunSummary summary)
    {
        ArgumentNullException.ThrowIfNull(destination);
        ArgumentNullException.ThrowIfNull(summary);
        JsonSerializer.Serialize(destination, Convert(summary), JsonModel.Default.JsonSummary);
        destination.WriteByte((byte)'\n');
        destination.Flush();
    }

    private static JsonSummary Convert(RunSummary summary)
    {
        TrafficSummary traffic = summary.Traffic;
        double seconds = summary.WallTime.TotalSeconds;
        return new JsonSummary(
            summary.Version,
            summary.ExitCode,
            summary.Sources,
            new JsonRun(
                summary.OutputDirectory,
                summary.StorePath,
                summary.RunId,
                seconds,
                summary.ProcessorTime.TotalSeconds,
                summary.ReadTime.TotalSeconds,
                summary.DrainTime.TotalSeconds
            ),
            new JsonTraffic(
                traffic.Packets,
                traffic.Bytes,
                traffic.Flows,
                traffic.FirstPacketNs is { } first ? Time(first) : null,
                traffic.LastPacketNs is { } last ? Time(last) : null,
                ConsoleReport.Span(traffic.FirstPacketNs ?? 0, traffic.LastPacketNs ?? 0).TotalSeconds,
                seconds > 0 ? Math.Round(traffic.Packets / seconds, 1) : 0,
                seconds > 0 ? Math.Round(traffic.Bytes * 8 / seconds, 1) : 0,
                Counts(traffic.DecodeErrors),
                Counts(traffic.NotLookedInto)
            ),
            summary.Capture is { } capture
                ? new JsonCapture(
                    capture.Received,
                    capture.Processed,
                    capture.Lost,
                    capture.LostInKernel,
                    capture.LostByInterface,
                    capture.LostBeforeLanes,
                    capture.Refused,
                    capture.Unread,
                    capture.OnWrongLane,
                    new JsonDropped(
                        capture.Behind.ResultBatches,
                        capture.Behind.PacketsNotStored,
                        capture.Behind.FilesNotExtracted,
                        capture.Behind.Tasks,
                        capture.Behind.EveEvents,
                        capture.Behind.ConsoleLines
                    ),
                    Math.Round(capture.LongestPause.Time.TotalMilliseconds, 3),
                    Math.Round(capture.LongestPause.Collecting.TotalMilliseconds, 3),
                    capture.LongestPause.EndedAt is { } at
                        ? Time((at - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick)
                        : null
                )
                : null,
            new JsonTcp(
                summary.Tcp.ReassembledBytes,
                summary.Tcp.Gaps,
                summary.Tcp.MissingBytes,
                summary.Tcp.RetransmittedBytes,
                summary.Tcp.OutOfOrder,
                summary.Tcp.LimitHits
            ),
            new JsonHttp(summary.Http.Requests, summary.Http.Responses, summary.Http.BodyBytes, summary.Http.Errors),
            Convert(summary.Packets),
            summary.Files.Count,
            summary.Files.Bytes,
            summary.Files.Refused,
            // Those of a capture all; a run that has listened for weeks has millions, and the store has them.
            (summary.Capture is null ? summary.Files.All : summary.Files.Shown).Select(Convert),
            summary.Alerts.Count,
            summary.Alerts.Shown.Select(Convert),
            summary.ResourceCount,
            summary.Toppers.Select(Convert),
            summary.GroupsWithoutValues,
            summary.Scripts.Select(Convert),
            Counts(summary.Details),
            summary.Warnings
        );
    }

    private static JsonPackets? Convert(PacketStorageSummary? packets) =>
        packets is null
            ? null
            : new JsonPackets(
                packets.Directory,
                packets.Stored,
                packets.StoredBytes,
                packets.Cut,
                packets.CutBytes,
                packets.Ignored,
                packets.IgnoredBytes,
                packets.PastLimit,
                packets.PastLimitBytes,
                packets.Dropped,
                packets.Waits,
                packets.FilesWritten,
                packets.FilesRemoved,
                packets.BytesRemoved
            );

    private static JsonFile Convert(FileRecord file) =>
        new(
            Time(file.TimestampNs),
            file.FlowId,
            file.Direction == StreamDirection.ServerToClient ? "server_to_client" : "client_to_server",
            file.Host,
            file.Uri,
            file.Method,
            file.Status == 0 ? null : file.Status,
            file.ContentType,
            file.Size,
            file.Name,
            file.Sha1,
            file.Md5,
            file.End switch
            {
                FileEnd.Complete => "complete",
                FileEnd.Truncated => "truncated",
                FileEnd.Gap => "gap",
                FileEnd.Corrupt => "corrupt",
                FileEnd.Joined => "joined",
                _ => "limit",
            },
            file.Sha256,
            file.IsStored,
            file.Protocol,
            file.SentName,
            file.MimeType.Length == 0 ? null : file.MimeType,
            file.Magic.Length == 0 ? null : file.Magic
        );

    private static JsonAlert Convert(AlertEntry entry) =>
        new(
            Time(entry.Alert.TimestampNs),
            entry.GroupName,
            entry.Alert.GroupGuid,
            entry.Alert.FlowId,
            entry.Alert.Key,
            entry.Alert.Classification,
            entry.Alert.Priority,
            entry.Alert.Message,
            entry.Alert.Status
        );

    private static JsonToppers Convert(CounterToppers toppers) =>
        new(
            toppers.GroupName,
            toppers.GroupGuid,
            toppers.MeterId,
            toppers.MeterName,
            toppers.Units,
            toppers.KeyCount,
            toppers.Total,
            toppers.Keys.Select(key => new JsonKey(key.Key, key.Label, key.Value))
        );

    private static JsonScript Convert(ScriptSummary script) =>
        new(
            script.Name,
            script.Title,
            Counts(script.Callbacks),
            script.Errors,
            script.FirstError,
            script.Async is not { } tasks
                ? null
                : new JsonAsync(
                    tasks.Workers,
                    tasks.Submitted,
                    tasks.Completed,
                    tasks.Failed,
                    tasks.Dropped,
                    tasks.Pending,
                    Convert(tasks.Wait),
                    Convert(tasks.Run),
                    tasks.TimedOut,
                    tasks.Retried,
                    tasks.Spilled,
                    tasks.Replaced,
                    tasks.OldestWaiting?.TotalMilliseconds,
                    tasks.LastError
                ),
            script.Disabled,
            script.Declined
        );

    private static JsonLatency Convert(LatencySummary latency) =>
        new(latency.P50.TotalMilliseconds, latency.P99.TotalMilliseconds, latency.Max.TotalMilliseconds);

    private static Dictionary<string, long> Counts(IReadOnlyList<NamedCount> counts)
    {
        // Two of one name add up: a key may stand in an object only once.
        var result = new Dictionary<string, long>(counts.Count);
        foreach (NamedCount count in counts)
            result[count.Name] = result.GetValueOrDefault(count.Name) + count.Count;
        return result;
    }

    private static string Time(long ns) =>
        DateTimeOffset.UnixEpoch.AddTicks(ns / TimeSpan.NanosecondsPerTick).ToString("yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture)
        + string.Create(CultureInfo.InvariantCulture, $".{((ns % 1_000_000_000) + 1_000_000_000) % 1_000_000_000:D9}Z");
}
