using Spillway.Async;
using Spillway.Async.Inspection;
using Spillway.Metrics.Records;
using Spillway.Metrics.Shards;
using Spillway.Net.Files;

namespace Spillway.Pipeline;

/// <summary>
/// Has workers find out about a lane's files, and completes their records with it. Where a file was stored, the file itself is looked into,
/// which its tasks keep in place; else the first bytes of the content. The lane never waits. One for each lane, on its thread.
/// </summary>
internal sealed class FileInspections : ITaskOwner
{
    private readonly InspectionPool _pool;
    private readonly InspectionOptions _options;
    private readonly TaskPort _lane;
    private readonly YaraAlerts _alerts;
    private readonly TimeSpan _timeout;
    private readonly InspectionWants _type;
    private readonly Dictionary<long, FileInspection> _open = [];
    private AsyncClient? _client; // with the first file: most runs of small captures have none to look into
    private byte[] _data = [];
    private long _lastNumber;

    /// <summary>Creates the lane's part.</summary>
    /// <param name="pool">The workers.</param>
    /// <param name="lane">The lane's end of the slow path.</param>
    /// <param name="metrics">Takes alerts.</param>
    public FileInspections(InspectionPool pool, TaskPort lane, MetricShard metrics)
    {
        _pool = pool;
        _options = pool.Options;
        _lane = lane;
        _alerts = new YaraAlerts(metrics);
        _type = InspectionWants.Type | (_options.DescribesTypes ? InspectionWants.Words : InspectionWants.None);
        _timeout = _options.TaskTimeout + (Scans ? _options.Scan.Timeout : TimeSpan.Zero);
    }

    /// <summary>Whether every file is scanned with rules of YARA: it must be stored then.</summary>
    public bool Scans => _options.Rules is not null;

    /// <summary>Takes records that are complete, with the events of their files; set before the first file.</summary>
    public Action<FileRecord, EveFileEvent?> Publish { get; set; } = (_, _) => { };

    /// <summary>A file, or a part of a big one, is complete.</summary>
    public void OnFile(ContentFile content, ExtractedFile file, in FilePiece piece)
    {
        InspectionWants wants = InspectionWants.IsPath;
        if (piece.Offset == 0 && TellsTypeOf(content))
            wants |= _type;
        if (Scans)
            wants |= InspectionWants.Scan;
        if (wants == InspectionWants.IsPath || piece.Length == 0)
            return;
        if (!_pool.HasRoom)
        {
            CountLost();
            return;
        }

        FileInspection inspection = Of(content);
        inspection.File = piece.IsChunk ? null : file;
        Submit(inspection, wants, file.PathUtf8, new ExtractedFileLease(file));
    }

    /// <summary>A content has ended that began with these bytes, and of which there is no file.</summary>
    public void OnHead(ContentFile content, ReadOnlySpan<byte> head)
    {
        // Where it was stored as a file and every file is scanned, its tasks are there.
        if (!head.IsEmpty && content.Consumer is null)
            Submit(Of(content), _type, head);
    }

    /// <summary>A content has its record: it is published when all is found out.</summary>
    public void Complete(ContentFile content, FileRecord record, EveFileEvent? what)
    {
        if (content.Consumer is not FileInspection inspection)
        {
            if (_options.Types == ContentHeads.All && record.Size == 0)
                record = record with { MimeType = FileType.Empty.MimeType, Magic = FileType.Empty.Description };
            Publish(record, what);
            return;
        }

        inspection.Record = record;
        inspection.Event = what;
        if (inspection.Pending == 0)
            End(inspection);
    }

    /// <summary>A content has no end, and so no record: what its parts match is reported all the same.</summary>
    public void Abandon(ContentFile content, FileRecord record)
    {
        if (content.Consumer is not FileInspection inspection)
            return;
        inspection.IsAbandoned = true;
        inspection.Record = record;
        if (inspection.Pending == 0)
            End(inspection);
    }

    /// <inheritdoc/>
    public void Deliver(AsyncTask task)
    {
        if (!_open.Remove(task.Cookie, out FileInspection? inspection))
            return;
        if (task.Outcome == TaskOutcome.Succeeded)
            Take(inspection, (InspectionWants)task.Data[0], FileFindings.Decode(task.Result));
        else
            CountLost();
        if (--inspection.Pending == 0 && inspection.Record is not null)
            End(inspection);
    }

    /// <summary>The run ends, and workers have not: records are published as they are.</summary>
    public void GiveUp()
    {
        foreach (FileInspection inspection in _open.Values)
        {
            CountLost();
            if (--inspection.Pending == 0 && inspection.Record is not null)
                End(inspection);
        }

        _open.Clear();
    }

    private static FileInspection Of(ContentFile content)
    {
        if (content.Consumer is FileInspection known)
            return known;
        var inspection = new FileInspection();
        content.Consumer = inspection;
        return inspection;
    }

    private bool TellsTypeOf(ContentFile content) =>
        _options.Types == ContentHeads.All || (_options.Types == ContentHeads.Notable && content.IsNotable);

    private void Submit(FileInspection inspection, InspectionWants wants, ReadOnlySpan<byte> file, ITaskLease? lease = null)
    {
        if (_client is null && (_client = _pool.TryCreateClient(_lane, this)) is null)
        {
            CountLost();
            return;
        }

        if (_data.Length < 1 + file.Length)
            _data = new byte[1 + Math.Max(file.Length, ContentFiles.LargeBufferBytes)];
        _data[0] = (byte)wants;
        file.CopyTo(_data.AsSpan(1));
        long number = ++_lastNumber;
        _client.CurrentLease = lease;
        long task = _client.SubmitSchedule(
            new ScheduleRequest
            {
                Function = FileInspector.Function,
                Data = _data.AsSpan(0, 1 + file.Length),
                Cookie = number,
                WantsResult = true,
                Timeout = _timeout,
            }
        );
        _client.CurrentLease = null;
        if (task == 0)
        {
            CountLost();
            return;
        }

        inspection.Pending++;
        _open.Add(number, inspection);
    }

    private void CountLost()
    {
        _pool.Figures.CountNotInspected();
        if (Scans)
            _pool.Figures.CountScan(ScanEnd.Failed, 0);
    }

    private void Take(FileInspection inspection, InspectionWants wanted, FileFindings findings)
    {
        if (findings.Scan.End != ScanEnd.None)
        {
            _pool.Figures.CountScan(findings.Scan.End, findings.Scan.Matches.Count);
            if (findings.Scan.Matches.Count > 0)
                (inspection.Matches ??= []).AddRange(findings.Scan.Matches);
        }

        if ((wanted & InspectionWants.Type) == 0)
            return;
        _pool.Figures.CountType(findings.Type is not null);
        inspection.Type = findings.Type;
        if (_options.Kept is not { } kept || findings.Type is not { } type || kept.Contains(type.MimeType))
            return;
        inspection.IsUnwanted = true;
        inspection.File?.Discard(); // it goes with its last lease
        _pool.Figures.CountRemoved();
    }

    private void End(FileInspection inspection)
    {
        FileRecord record = inspection.Describe(inspection.Record!);
        inspection.Record = null;
        if (!inspection.IsAbandoned)
            Publish(record, inspection.Event);
        if (inspection.Matches is { } matches)
            _alerts.Raise(record, matches);
    }
}
