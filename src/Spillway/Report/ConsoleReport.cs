using Spectre.Console;
using Spillway.Metrics.Records;
using Spillway.Metrics.Results;

namespace Spillway.Report;

/// <summary>Shows a <see cref="RunSummary"/> to people: sections that have something to say, tables cut to what fits on a screen.</summary>
public sealed partial class ConsoleReport
{
    private const int MaxFiles = 20;
    private const int MaxAlerts = 10;
    private const int MaxTopperTables = 12;
    private const int MaxKeys = 5;

    private static readonly Style HeadingStyle = new(Color.Aqua, decoration: Decoration.Bold);
    private static readonly Style LabelStyle = new(decoration: Decoration.Dim);
    private static readonly Style WarningStyle = new(Color.Yellow);
    private static readonly Style ErrorStyle = new(Color.Red);

    private readonly IAnsiConsole _console;
    private readonly RunSummary _summary;

    private ConsoleReport(IAnsiConsole console, RunSummary summary)
    {
        _console = console;
        _summary = summary;
    }

    private int Width => _console.Profile.Width;

    /// <summary>Writes the report.</summary>
    public static void Write(IAnsiConsole console, RunSummary summary)
    {
        ArgumentNullException.ThrowIfNull(console);
        ArgumentNullException.ThrowIfNull(summary);
        var report = new ConsoleReport(console, summary);
        report.WriteOverview();
        report.WriteFiles();
        report.WriteAlerts();
        report.WriteToppers();
        report.WriteScripts();
        report.WriteAsync();
        report.WriteDetails();
        report.WriteWarnings();
        report.WriteResultsPlace();
    }

    private void WriteFiles()
    {
        FileSummary files = _summary.Files;
        if (files.Count == 0)
            return;
        Heading($"Files extracted: {Units.Count(files.Count)}, {Units.Bytes(files.Bytes)}");

        // Whoever has the width gets whole hashes; the JSON report and the store have them always.
        bool isSha1 = files.Shown.Take(MaxFiles).Any(file => file.Sha1 is not null),
            isMd5 = files.Shown.Take(MaxFiles).Any(file => file.Md5 is not null);
        bool isSha256 = files.Shown.Take(MaxFiles).Any(file => file.Sha256 is not null);
        int hash = Width >= 120 ? 40 : 12;
        TextTable table = new TextTable()
            .Text("Host", 12)
            .Text("Path", 12)
            .Text("Type", 12)
            .Fixed("Size", alignRight: true)
            .Fixed(
                isSha1 ? "SHA1"
                : isSha256 ? "SHA256"
                : isMd5 ? "MD5"
                : ""
            )
            .Fixed("");
        foreach (FileRecord file in files.Shown.Take(MaxFiles))
        {
            string digest =
                (
                    isSha1 ? file.Sha1
                    : isSha256 ? file.Sha256
                    : file.Md5
                ) ?? "";
            table.Row(
                file.Host.Length > 0 ? file.Host : file.Protocol,
                file.Uri.Length > 0 ? file.Uri : file.SentName,
                file.ContentType,
                Units.Bytes(file.Size),
                digest.Length > hash ? digest[..hash] : digest,
                new TextTable.Cell(Name(file.End), file.End == FileEnd.Joined ? null : WarningStyle)
            );
        }

        table.Write(_console, LabelStyle);
        if (files.Refused > 0)
            _console.Write(new Text($"  {Units.Count(files.Refused, "file")} could not be stored\n", WarningStyle));
        More(files.Count - Math.Min(MaxFiles, files.Shown.Count));
    }

    private void WriteAlerts()
    {
        AlertSummary alerts = _summary.Alerts;
        if (alerts.Count == 0)
            return;
        Heading($"Alerts: {Units.Count(alerts.Count)}");
        TextTable table = new TextTable()
            .Fixed("Time (UTC)")
            .Text("Group", 10)
            .Fixed("Prio", alignRight: true)
            .Text("Key", 10)
            .Text("Message", 16);
        foreach (AlertEntry entry in alerts.Shown.Take(MaxAlerts))
        {
            AlertRecord alert = entry.Alert;
            table.Row(Units.TimeOfDay(alert.TimestampNs), entry.GroupName, Units.Count(alert.Priority), alert.Key, alert.Message);
        }

        table.Write(_console, LabelStyle);
        More(alerts.Count - Math.Min(MaxAlerts, alerts.Shown.Count));
    }

    private void WriteToppers()
    {
        List<CounterToppers> shown = [.. _summary.Toppers.Where(IsShown)];
        if (shown.Count == 0 && _summary.GroupsWithoutValues.Count == 0)
            return;
        Heading("Top counters");
        foreach (CounterToppers toppers in shown.Take(MaxTopperTables))
        {
            string total = toppers.Total is { } value ? $", total {Units.Value(value, toppers.Units)}" : "";
            string title = $"{toppers.GroupName}: {toppers.MeterName}";
            _console.Write(
                new Text($"  {CellText.Fit(title, 60)} ({Units.Count(toppers.KeyCount, "key")}{SafeText.Clean(total)})\n", LabelStyle)
            );
            TextTable table = new TextTable().Fixed("", alignRight: true).Text("", 12).Text("", 12);
            foreach (CounterTopper key in toppers.Keys.Take(MaxKeys))
                table.Row(Units.Value(key.Value, toppers.Units), KeyText.Readable(toppers.GroupGuid, key.Key), key.Label);
            table.Write(_console, LabelStyle);
        }

        More(shown.Count - MaxTopperTables, "meter");
        foreach (string group in _summary.GroupsWithoutValues.Take(MaxTopperTables))
            _console.Write(new Text($"  {CellText.Fit(group, 60)}: no values\n", LabelStyle));
    }

    // What scripts count is shown in full. Of what traffic itself counts, what tells at a glance what it is; the store has all.
    private static bool IsShown(CounterToppers toppers) =>
        !toppers.IsFedByTraffic
        || toppers is { MeterId: 0, GroupName: "Hosts" or "HostsIPv6" or "Apps" } or { MeterId: 1, GroupName: "Country" or "ASNumber" };

    private void WriteScripts()
    {
        if (_summary.Scripts.Count == 0)
            return;
        Heading("Scripts");
        TextTable table = new TextTable()
            .Text("Script", 16)
            .Fixed("Calls", alignRight: true)
            .Fixed("Errors", alignRight: true)
            .Text("Most called", 16);
        foreach (ScriptSummary script in _summary.Scripts)
        {
            NamedCount? most = script.Callbacks.MaxBy(callback => callback.Count);
            table.Row(
                script.Name,
                Units.Count(script.Callbacks.Sum(callback => callback.Count)),
                new TextTable.Cell(Units.Count(script.Errors), script.Errors > 0 ? ErrorStyle : null),
                most is null ? "" : $"{most.Name} ({Units.Count(most.Count)})"
            );
        }

        table.Write(_console, LabelStyle);
        foreach (ScriptSummary script in _summary.Scripts)
        {
            if (script.WhatDeclined is { } declined)
                Indented($"{CellText.Fit(script.Name, 32)}: {CellText.Fit(declined, 2000)}", WarningStyle);
            if (script.Disabled is { } reason)
                Indented($"{CellText.Fit(script.Name, 32)} was disabled: {CellText.Fit(reason, 2000)}", ErrorStyle);
            if (script.FirstError is { } error)
                Indented($"{CellText.Fit(script.Name, 32)}, first error: {CellText.Fit(error, 2000)}", ErrorStyle);
        }
    }

    private void WriteAsync()
    {
        var scripts = _summary.Scripts.Where(script => script.Async is not null).ToList();
        if (scripts.Count == 0)
            return;
        Heading("T.async");

        // What did not happen takes no column.
        (string Title, Func<AsyncSummary, long> Count)[] rare =
        [
            ("Timed out", tasks => tasks.TimedOut),
            ("Retried", tasks => tasks.Retried),
            ("Spilled", tasks => tasks.Spilled),
            ("Dropped", tasks => tasks.Dropped),
            ("Unfinished", tasks => tasks.Pending),
            ("Workers replaced", tasks => tasks.Replaced),
        ];
        rare = [.. rare.Where(column => scripts.Exists(script => column.Count(script.Async!) > 0))];
        TextTable table = new TextTable()
            .Text("Script", 12)
            .Fixed("Workers", alignRight: true)
            .Fixed("Tasks", alignRight: true)
            .Fixed("Failed", alignRight: true);
        foreach ((string title, _) in rare)
            table.Fixed(title, alignRight: true);
        bool waits = scripts.Exists(script => script.Async!.OldestWaiting is not null);
        if (waits)
            table.Fixed("Oldest", alignRight: true);
        table.Fixed("Wait p50/p99/max").Fixed("Run p50/p99/max");
        foreach (ScriptSummary script in scripts)
        {
            AsyncSummary tasks = script.Async!;
            string[] oldest = waits ? [tasks.OldestWaiting is { } wait ? Units.Duration(wait) : ""] : [];
            table.Row([
                script.Name,
                Units.Count(tasks.Workers),
                Units.Count(tasks.Submitted),
                Problem(tasks.Failed),
                .. rare.Select(column => Problem(column.Count(tasks))),
                .. oldest,
                Latency(tasks.Wait),
                Latency(tasks.Run),
            ]);
        }

        table.Write(_console, LabelStyle);
        foreach (ScriptSummary script in scripts)
        {
            if (script.Async!.LastError is { } error)
                Indented($"{CellText.Fit(script.Name, 32)}, last failure: {CellText.Fit(SafeText.FirstLine(error), 2000)}", ErrorStyle);
        }
    }

    private void WriteDetails()
    {
        if (!_summary.Details.Any(detail => detail.Count != 0))
            return;
        Heading("Details");
        TextTable table = new TextTable().Text("", 20).Fixed("", alignRight: true);
        foreach (NamedCount detail in _summary.Details)
        {
            if (detail.Count != 0)
                table.Row(detail.Name, Units.Count(detail.Count));
        }

        table.Write(_console, LabelStyle);
    }

    private void WriteWarnings()
    {
        if (_summary.Warnings.Count == 0)
            return;
        Heading("Warnings");
        foreach (string warning in _summary.Warnings)
            Indented(SafeText.Clean(warning), WarningStyle);
    }

    private void WriteResultsPlace()
    {
        if (_summary.StorePath is not { } path)
            return;
        _console.WriteLine();
        _console.Write(new Text($"Results: {SafeText.Clean(path)} (run {Units.Count(_summary.RunId)})\n"));
        _console.Write(
            new Text(
                "Ask it:  spillway flows -o "
                    + $"{SafeText.Clean(Path.GetDirectoryName(path) is { Length: > 0 } directory ? directory : ".")}; also "
                    + "top hosts, alerts, files, search\n"
            )
        );
    }

    private static TextTable.Cell Problem(long count) => new(Units.Count(count), count > 0 ? WarningStyle : null);

    private static string Latency(LatencySummary latency) =>
        $"{Units.Duration(latency.P50)}/{Units.Duration(latency.P99)}/{Units.Duration(latency.Max)}";

    private static string Name(FileEnd end) =>
        end switch
        {
            FileEnd.Truncated => "cut off",
            FileEnd.Gap => "gap",
            FileEnd.Corrupt => "corrupt",
            FileEnd.Limit => "limit",
            FileEnd.Joined => "joined",
            _ => "",
        };

    private void Heading(string text)
    {
        _console.WriteLine();
        _console.Write(new Text(text + "\n", HeadingStyle));
    }

    private void More(long count, string noun = "")
    {
        if (count <= 0)
            return;
        string what = noun.Length == 0 ? Units.Count(count) : Units.Count(count, noun);
        string where = _summary.StorePath is { } path ? $" ({Path.GetFileName(path)} has all)" : "";
        _console.Write(new Text($"  ... and {what} more{where}\n", LabelStyle));
    }

    /// <summary>A paragraph that is indented as a whole.</summary>
    private void Indented(string text, Style style) => _console.Write(new Padder(new Text(text, style), new Padding(2, 0, 0, 0)));

    private string StoredText()
    {
        if (_summary.Packets is not { } packets)
            return "";
        if (packets.Directory is not { } directory)
            return "none stored: scripts decide on it (packet_storage), give --packets DIR";
        return Joined(
            $"{Units.Count(packets.Stored, "packet")} ({Units.Bytes(packets.StoredBytes)}) in {CellText.Fit(directory, 60)}",
            packets.Cut > 0 ? $"{Units.Count(packets.Cut)} of them headers only" : "",
            packets.Ignored > 0 ? $"{Units.Count(packets.Ignored)} left out by policy" : "",
            packets.PastLimit > 0 ? $"{Units.Count(packets.PastLimit)} past their flow's limit" : "",
            packets.Dropped > 0 ? $"{Units.Count(packets.Dropped)} lost" : "",
            packets.FilesRemoved > 0 ? $"{Units.Count(packets.FilesRemoved, "old file")} removed" : ""
        );
    }
}
