using Spillway.Metrics.Groups;
using Spillway.Metrics.Records;
using Spillway.Metrics.Results;
using Spillway.Net.Flows;
using Spillway.Report;

namespace Spillway.Tests.Report;

/// <summary>A run with something in every section, hostile texts among it.</summary>
internal static class SampleRun
{
    public const long Start = 1_700_000_000_000_000_000;

    /// <summary>Clears the screen, sets the window title, and turns the direction of writing.</summary>
    public const string Hostile = "evil\u001b[2J\u001b]0;owned\u0007\u202Etxt.exe [red]";

    public static RunSummary Create() =>
        new()
        {
            Version = "0.1.0",
            Sources = ["traffic.pcap", "more/traffic.pcapng"],
            OutputDirectory = "spillway-out",
            StorePath = "spillway-out/spillway.db",
            RunId = 3,
            WallTime = TimeSpan.FromMilliseconds(1250),
            ProcessorTime = TimeSpan.FromMilliseconds(980),
            ExitCode = 3,
            Traffic = new TrafficSummary
            {
                Packets = 1_234_567,
                Bytes = 987_654_321,
                FirstPacketNs = Start,
                LastPacketNs = Start + 754_000_000_000,
                Flows = 4321,
                NotLookedInto = [new NamedCount("EtherType 0x88cc (LLDP)", 34), new NamedCount("L2TP version 3", 2)],
                DecodeErrors = [new NamedCount("IPv4 header cut off", 12), new NamedCount("never", 0)],
            },
            Tcp = new TcpSummary
            {
                ReassembledBytes = 900_000_000,
                Gaps = 1,
                MissingBytes = 1460,
                RetransmittedBytes = 58_400,
                OutOfOrder = 1200,
            },
            Http = new HttpSummary
            {
                Requests = 310,
                Responses = 309,
                BodyBytes = 850_123_456,
            },
            Files = new FileSummary
            {
                Count = 25,
                Bytes = 850_000_000,
                Shown = [.. Enumerable.Range(0, 25).Select(File)],
                All = Enumerable.Range(0, 25).Select(File),
            },
            Alerts = new AlertSummary
            {
                Count = 2,
                Shown =
                [
                    new AlertEntry(
                        "User Alerts",
                        new AlertRecord
                        {
                            TimestampNs = Start + 1_500_000_000,
                            GroupGuid = WellKnownGuids.UserAlerts,
                            Key = "sid-1",
                            Priority = 1,
                            Message = Hostile,
                        }
                    ),
                    new AlertEntry(
                        "Blacklist",
                        new AlertRecord
                        {
                            TimestampNs = Start + 2_000_000_000,
                            GroupGuid = "{5E97C3A3-41DB-4E34-92C3-87C904FAB83E}",
                            FlowId = "06A:0A.01.02.03:p-C000_C6.33.64.07:p-01BB",
                            Key = "bad.example.org",
                            Priority = 2,
                            Message = "seen",
                        }
                    ),
                ],
            },
            ResourceCount = 17,
            Toppers =
            [
                new CounterToppers
                {
                    GroupGuid = "{A}",
                    GroupName = "Packet Length",
                    MeterId = 0,
                    MeterName = "Total",
                    Units = "B",
                    KeyCount = 7,
                    Total = 987_654_321,
                    Keys =
                    [
                        .. Enumerable
                            .Range(1, 7)
                            .Select(i => new CounterTopper($"{i * 100}-{(i * 100) + 99}", i == 1 ? "small" : "", 1e8 / i)),
                    ],
                },
                new CounterToppers
                {
                    GroupGuid = "{B}",
                    GroupName = "API Latency",
                    MeterId = 1,
                    MeterName = "Mean",
                    Units = "ms",
                    KeyCount = 1,
                    Keys = [new CounterTopper(Hostile, "", 12.3456)],
                },
            ],
            Scripts =
            [
                new ScriptSummary
                {
                    Name = "sha1.lua",
                    Callbacks = [new NamedCount("filex_monitor.onfile_http", 25), new NamedCount("onload", 1)],
                    Async = new AsyncSummary
                    {
                        Workers = 2,
                        Submitted = 25,
                        Completed = 24,
                        Failed = 1,
                        LastError = "sha1.lua:20: no such file\nstack traceback:\n\tsha1.lua:20: in function <sha1.lua:18>",
                        Wait = new LatencySummary(
                            TimeSpan.FromMicroseconds(35),
                            TimeSpan.FromMilliseconds(2.4),
                            TimeSpan.FromMilliseconds(12)
                        ),
                        Run = new LatencySummary(TimeSpan.FromMilliseconds(8), TimeSpan.FromMilliseconds(220), TimeSpan.FromSeconds(1.5)),
                    },
                },
                new ScriptSummary
                {
                    Name = "broken.lua",
                    Callbacks = [new NamedCount("simplecounter.onpacket", 1_234_567)],
                    Errors = 1_234_567,
                    FirstError = "broken.lua:12: attempt to index local 'layer' (a nil value)",
                },
            ],
            Details = [new NamedCount("tags dropped", 2), new NamedCount("nothing", 0)],
            Warnings = ["traffic.pcap ends in the middle of a packet."],
        };

    private static FileRecord File(int i) =>
        new()
        {
            TimestampNs = Start + (i * 1_000_000_000L) + 7,
            FlowId = "06A:0A.01.02.03:p-C000_C6.33.64.07:p-0050",
            Direction = i == 1 ? StreamDirection.ClientToServer : StreamDirection.ServerToClient,
            Host = i == 2 ? Hostile : "www.example.org",
            Uri = i == 3 ? "/" + new string('x', 200) + "/end.bin" : $"/files/{i}.html",
            Method = i == 1 ? "POST" : "GET",
            Status = i == 4 ? 0 : 200,
            ContentType = "text/html",
            Size = 1234L * (i + 1) * (i + 1),
            Name = $"www.example.org_{i}",
            Sha1 = i == 5 ? null : $"{i:x2}09a3ee5e6b4b0d3255bfef95601890afd80709"[..40],
            End = (FileEnd)(i % 5 == 4 ? i / 5 : 0),
        };
}
