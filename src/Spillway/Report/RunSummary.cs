using Spillway.Metrics.Records;
using Spillway.Metrics.Results;

namespace Spillway.Report;

/// <summary>
/// What a run has to say at its end. Plain data: the pipeline fills it, the console and the JSON report show it.
/// </summary>
public sealed record RunSummary
{
    /// <summary>Program version.</summary>
    public required string Version { get; init; }

    /// <summary>What was read: capture files, <c>-</c>, or an interface.</summary>
    public IReadOnlyList<string> Sources { get; init; } = [];

    /// <summary>Output directory; null if nothing was written.</summary>
    public string? OutputDirectory { get; init; }

    /// <summary>The store's file; null if there is none.</summary>
    public string? StorePath { get; init; }

    /// <summary>The run's id in the store.</summary>
    public long RunId { get; init; }

    /// <summary>Time of the wall clock that the run took.</summary>
    public TimeSpan WallTime { get; init; }

    /// <summary>The part of it in which packets were taken.</summary>
    public TimeSpan ReadTime { get; init; }

    /// <summary>The part of it in which tasks were waited for after the last packet.</summary>
    public TimeSpan DrainTime { get; init; }

    /// <summary>Processor time of the process.</summary>
    public TimeSpan ProcessorTime { get; init; }

    /// <summary>Exit code.</summary>
    public int ExitCode { get; init; }

    /// <summary>Packets and what became of them.</summary>
    public TrafficSummary Traffic { get; init; } = new();

    /// <summary>The account of live packets; null if captures were read.</summary>
    public CaptureSummary? Capture { get; init; }

    /// <summary>TCP reassembly.</summary>
    public TcpSummary Tcp { get; init; } = new();

    /// <summary>HTTP.</summary>
    public HttpSummary Http { get; init; } = new();

    /// <summary>Extracted files.</summary>
    public FileSummary Files { get; init; } = new();

    /// <summary>Stored packets; null if there was no question of storing any.</summary>
    public PacketStorageSummary? Packets { get; init; }

    /// <summary>Alerts.</summary>
    public AlertSummary Alerts { get; init; } = new();

    /// <summary>Resources added by scripts.</summary>
    public long ResourceCount { get; init; }

    /// <summary>Largest keys per counter group and meter.</summary>
    public IReadOnlyList<CounterToppers> Toppers { get; init; } = [];

    /// <summary>Names of groups that scripts declare and that have no values.</summary>
    public IReadOnlyList<string> GroupsWithoutValues { get; init; } = [];

    /// <summary>The scripts.</summary>
    public IReadOnlyList<ScriptSummary> Scripts { get; init; } = [];

    /// <summary>Counters of any other kind, for those who look closely; zeros are not shown.</summary>
    public IReadOnlyList<NamedCount> Details { get; init; } = [];

    /// <summary>What the reader should know: a truncated capture, files refused, rows lost. Whole sentences.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];
}

/// <summary>Packets, bytes, flows.</summary>
public sealed record TrafficSummary
{
    /// <summary>Packets read.</summary>
    public long Packets { get; init; }

    /// <summary>Bytes on the wire.</summary>
    public long Bytes { get; init; }

    /// <summary>Packet time of the first packet, nanoseconds since 1970 UTC; null without packets.</summary>
    public long? FirstPacketNs { get; init; }

    /// <summary>Packet time of the last packet.</summary>
    public long? LastPacketNs { get; init; }

    /// <summary>Flows.</summary>
    public long Flows { get; init; }

    /// <summary>Packets that the decoder could not read to the end, by reason; reasons that did not occur are left out.</summary>
    public IReadOnlyList<NamedCount> DecodeErrors { get; init; } = [];

    /// <summary>
    /// Packets with something that is not looked into (an EtherType, an encapsulation), by its name; the most frequent first.
    /// </summary>
    public IReadOnlyList<NamedCount> NotLookedInto { get; init; } = [];
}

/// <summary>TCP reassembly.</summary>
public sealed record TcpSummary
{
    /// <summary>Bytes delivered in order.</summary>
    public long ReassembledBytes { get; init; }

    /// <summary>Gaps: places where bytes are missing from the capture.</summary>
    public long Gaps { get; init; }

    /// <summary>Bytes missing.</summary>
    public long MissingBytes { get; init; }

    /// <summary>Bytes that came again.</summary>
    public long RetransmittedBytes { get; init; }

    /// <summary>Segments that came out of order.</summary>
    public long OutOfOrder { get; init; }

    /// <summary>Times a memory limit was reached.</summary>
    public long LimitHits { get; init; }
}

/// <summary>HTTP.</summary>
public sealed record HttpSummary
{
    /// <summary>Requests.</summary>
    public long Requests { get; init; }

    /// <summary>Responses.</summary>
    public long Responses { get; init; }

    /// <summary>Body bytes after decoding.</summary>
    public long BodyBytes { get; init; }

    /// <summary>Messages that could not be read, or were cut.</summary>
    public long Errors { get; init; }
}

/// <summary>Extracted files.</summary>
public sealed record FileSummary
{
    /// <summary>Number of files.</summary>
    public long Count { get; init; }

    /// <summary>Bytes of all.</summary>
    public long Bytes { get; init; }

    /// <summary>The first of them, for the table.</summary>
    public IReadOnlyList<FileRecord> Shown { get; init; } = [];

    /// <summary>All of them, read anew at each enumeration.</summary>
    public IEnumerable<FileRecord> All { get; init; } = [];

    /// <summary>Files that were not written because the ram directory was full.</summary>
    public long Refused { get; init; }
}

/// <summary>Alerts.</summary>
public sealed record AlertSummary
{
    /// <summary>Number of alerts.</summary>
    public long Count { get; init; }

    /// <summary>The first of them.</summary>
    public IReadOnlyList<AlertEntry> Shown { get; init; } = [];
}

/// <summary>An alert with its group's title.</summary>
public sealed record AlertEntry(string GroupName, AlertRecord Alert);

/// <summary>One script.</summary>
public sealed record ScriptSummary
{
    /// <summary>File name.</summary>
    public required string Name { get; init; }

    /// <summary>The name its <c>id</c> block gives, or empty.</summary>
    public string Title { get; init; } = "";

    /// <summary>Calls, by callback, for example <c>simplecounter.onpacket</c>.</summary>
    public IReadOnlyList<NamedCount> Callbacks { get; init; } = [];

    /// <summary>Errors raised, load errors included.</summary>
    public long Errors { get; init; }

    /// <summary>The first error, or null.</summary>
    public string? FirstError { get; init; }

    /// <summary>Why it was disabled in mid-run, or null.</summary>
    public string? Disabled { get; init; }

    /// <summary>The blocks whose onload returned false: they did not run. An empty name stands for a script without blocks.</summary>
    public IReadOnlyList<string> Declined { get; init; } = [];

    /// <summary>The same as a sentence; null if nothing declined.</summary>
    public string? WhatDeclined =>
        Declined.Count == 0 ? null
        : Declined.Any(block => block.Length > 0)
            ? $"onload returned false: {string.Join(", ", Declined.Where(block => block.Length > 0))} did not run"
        : "onload returned false: the script did not run";

    /// <summary>T.async figures; null if the script never used it.</summary>
    public AsyncSummary? Async { get; init; }
}

/// <summary>What T.async did for one script.</summary>
public sealed record AsyncSummary
{
    /// <summary>Workers.</summary>
    public int Workers { get; init; }

    /// <summary>Tasks and file operations submitted.</summary>
    public long Submitted { get; init; }

    /// <summary>Finished.</summary>
    public long Completed { get; init; }

    /// <summary>Failed.</summary>
    public long Failed { get; init; }

    /// <summary>Stopped because of their time.</summary>
    public long TimedOut { get; init; }

    /// <summary>Repeats after failures.</summary>
    public long Retried { get; init; }

    /// <summary>Kept on disk for a while, since memory was short.</summary>
    public long Spilled { get; init; }

    /// <summary>Workers given up because their task did not stop.</summary>
    public long Replaced { get; init; }

    /// <summary>Not run because the queue or its journal was full.</summary>
    public long Dropped { get; init; }

    /// <summary>Not finished when the run ended.</summary>
    public long Pending { get; init; }

    /// <summary>How long the oldest task that was not begun had been waiting when the run ended; null if none was.</summary>
    public TimeSpan? OldestWaiting { get; init; }

    /// <summary>The last failure, with its traceback if there is one; null if nothing failed.</summary>
    public string? LastError { get; init; }

    /// <summary>Time from submission to start.</summary>
    public LatencySummary Wait { get; init; }

    /// <summary>Time from start to end.</summary>
    public LatencySummary Run { get; init; }
}

/// <summary>A distribution of times.</summary>
public readonly record struct LatencySummary(TimeSpan P50, TimeSpan P99, TimeSpan Max);

/// <summary>A number with a name.</summary>
public sealed record NamedCount(string Name, long Count);
