using System.Diagnostics;
using Spillway.Async.Journal;
using Spillway.Async.Spill;

namespace Spillway.Async;

/// <content>The other forms a task takes: on disk while memory is short, in the journal, and as the stand-in for a stuck one.</content>
public sealed partial class AsyncTask
{
    /// <summary>What has to be stored besides <see cref="Body"/> to run the task later.</summary>
    internal TaskHeader ToHeader(ObjectTable objects) =>
        new()
        {
            Id = Id,
            Request = _request,
            Cookie = Cookie,
            SubmittedAt = SubmittedAt,
            Client = objects.Add(Client),
            Function = objects.Add(Function),
            Name = objects.Add(Name),
            Lease = objects.Add(Lease, Client.Lane),
            Segment = objects.Add(Entry.Segment),
            SegmentPosition = Entry.Position,
            AppendedAt = AppendedAt,
            FormerRun = Former.Run,
            FormerId = Former.Id,
            Recoveries = Recoveries,
        };

    /// <summary>What the journal has to store besides <see cref="Body"/> and <see cref="Name"/>, without the numbers of objects.</summary>
    internal TaskRecord ToRecord() =>
        new()
        {
            Id = Id,
            Position = Position,
            TimeoutMicroseconds = (long)(TimeoutTicks * (1e6 / Stopwatch.Frequency)),
            Retries = Retries,
            BodyLength = _body.Length,
            Source = _request.Source,
            Target = _request.Target,
            Data = _request.Data,
            Upvalues = _request.Upvalues,
            Key = _request.Key,
            Kind = Kind,
            DataKind = DataKind,
            WantsResult = (byte)(WantsResult ? 1 : 0),
            HasName = (byte)(Name is null ? 0 : 1),
        };

    /// <summary>Makes an empty record the task that an earlier process has left.</summary>
    internal void Recover(in RecoveredTask recovered, TaskFunction? function)
    {
        TaskRecord record = recovered.Record;
        _request = new TaskRequest
        {
            Kind = record.Kind,
            DataKind = record.DataKind,
            WantsResult = record.WantsResult != 0,
            Position = record.Position,
            TimeoutTicks = (long)(record.TimeoutMicroseconds * (Stopwatch.Frequency / 1e6)),
            Retries = record.Retries,
            Source = record.Source,
            Target = record.Target,
            Data = record.Data,
            Upvalues = record.Upvalues,
            Key = record.Key,
        };
        Function = function;
        Name = recovered.Name;
        Entry = recovered.Entry;
        AppendedAt = recovered.AppendedAt;
        Former = (recovered.Run, record.Id);
        Recoveries = recovered.Recoveries;
        _body.Append(recovered.Body);
        Charge = RecordBytes + _body.Capacity;
    }

    /// <summary>Makes an empty record the task that was stored.</summary>
    internal void Restore(in TaskHeader header, ReadOnlySpan<byte> body, ObjectTable objects)
    {
        Id = header.Id;
        _request = header.Request;
        Cookie = header.Cookie;
        SubmittedAt = header.SubmittedAt;
        Client = objects.Remove<AsyncClient>(header.Client)!;
        Function = objects.Remove<TaskFunction>(header.Function);
        Name = objects.Remove<string>(header.Name);
        Lease = objects.Remove<ITaskLease>(header.Lease);
        Entry = new JournalEntry(objects.Remove<JournalSegment>(header.Segment), header.SegmentPosition);
        AppendedAt = header.AppendedAt;
        Former = (header.FormerRun, header.FormerId);
        Recoveries = header.Recoveries;
        _body.Append(body);
        Charge = RecordBytes + _body.Capacity;
    }

    /// <summary>
    /// Takes over from a record that a stuck worker still reads: everything its client needs to hear about the end, no more than that.
    /// </summary>
    internal void StandInFor(AsyncTask stuck)
    {
        Id = stuck.Id;
        Client = stuck.Client;
        Cookie = stuck.Cookie;
        Name = stuck.Name;
        Function = stuck.Function;
        Lease = stuck.Lease;
        Entry = stuck.Entry;
        Former = stuck.Former;
        Recoveries = stuck.Recoveries;
        _request = stuck._request;
        _request.Source = _body.AppendPath(stuck.SourcePath);
        _request.Target = _body.AppendPath(stuck.TargetPath);
        _request.Data = _body.Append(stuck.Data);
        _request.Key = _body.Append(stuck.Key);
        _request.Upvalues = default;
        Attempts = stuck.Attempts;
        SubmittedAt = stuck.SubmittedAt;
        StartedAt = stuck.StartedAt;
    }
}
