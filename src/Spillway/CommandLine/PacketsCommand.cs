using System.CommandLine;
using System.CommandLine.Parsing;
using Spillway.Net.Storage;
using Spillway.Packets;

namespace Spillway.CommandLine;

/// <summary><c>spillway packets</c>: packets out of a packet store.</summary>
internal static class PacketsCommand
{
    private static readonly Argument<string> Directory = new("DIR") { Description = "What was given to spillway run --packets" };

    private static readonly Option<string?> Flow = new("--flow")
    {
        Description =
            "One flow: an id as scripts see it (06A:0A.01.02.03:p-C000_C6.33.64.07:p-01BB), or "
            + "10.1.2.3:49152-198.51.100.7:443, either way round",
        HelpName = "FLOW",
    };

    private static readonly Option<(UInt128, byte)?> Host = new("--host")
    {
        Description = "Flows with this address at either end",
        HelpName = "IP",
        CustomParser = ParseHost,
    };

    private static readonly Option<int?> Port = new("--port")
    {
        Description = "Flows with this port at either end",
        HelpName = "N",
        CustomParser = ParsePort,
    };

    private static readonly Option<string?> From = new("--from")
    {
        Description = $"Packets from this time on: {PacketTime.Examples}",
        HelpName = "TIME",
    };

    private static readonly Option<string?> To = new("--to") { Description = "Packets up to this time, with it", HelpName = "TIME" };

    private static readonly Option<bool> Utc = new("--utc")
    {
        Description = "Times without a zone are UTC, and shown so; else they are this machine's",
    };

    private static readonly Option<string?> Bpf = new("--bpf", "-f")
    {
        Description = "Packets that match this BPF filter, such as 'tcp[13] & 2 != 0'",
        HelpName = "EXPR",
    };

    private static readonly Option<string?> Write = new("--write", "-w")
    {
        Description = "Write them to this pcap file, - for standard output; without it they are listed",
        HelpName = "FILE",
    };

    private static readonly Option<string> List = new("--list")
    {
        Description = "What is listed: flows, or packets (usual with --flow)",
        HelpName = "WHAT",
        DefaultValueFactory = _ => "auto",
    };

    private static readonly Option<int> Limit = new("--limit", "-n")
    {
        Description = "Most lines to list; 0 for all",
        HelpName = "N",
        DefaultValueFactory = _ => 100,
        CustomParser = WholeNumber.Always(0, int.MaxValue, "0 (all) or more"),
    };

    /// <summary>Builds the command.</summary>
    public static Command Create()
    {
        var command = new Command(
            "packets",
            "Pull stored packets out again: by flow, address, port, time or BPF filter, in the order of time"
        )
        {
            Directory,
            Flow,
            Host,
            Port,
            From,
            To,
            Utc,
            Bpf,
            Write,
            List,
            Limit,
        };
        List.AcceptOnlyFromAmong("auto", "flows", "packets");
        Flow.Validators.Add(result =>
        {
            if (result.GetValue(Flow) is { } text && FlowName.TryParse(text) is null)
                result.AddError(
                    $"--flow '{text}' is no flow: give an id such as 06A:0A.01.02.03:p-C000_C6.33.64.07:p-01BB, or both "
                        + "ends such as 10.1.2.3:49152-198.51.100.7:443 or [2001:db8::1]:49152-[2001:db8::2]:443"
                );
        });
        foreach (Option<string?> option in new[] { From, To })
        {
            option.Validators.Add(result =>
            {
                if (result.GetValue(option) is not { } text)
                    return;
                if (LocalClock.Complaint(text, result.GetValue(Utc), utc => PacketTime.TryParse(text, utc)) is { } complaint)
                    result.AddError($"{option.Name} {complaint}");
                else if (PacketTime.TryParse(text, isUtc: true) is null)
                    result.AddError($"{option.Name} '{text}' is no time: give one such as {PacketTime.Examples}");
            });
        }

        command.SetAction(result =>
            PacketQueryRun.Execute(
                result.GetValue(Directory)!,
                ToQuery(result),
                new PacketListing
                {
                    IsUtc = result.GetValue(Utc),
                    Output = result.GetValue(Write),
                    Packets = result.GetValue(List) == "packets" || (result.GetValue(List) == "auto" && result.GetValue(Flow) is not null),
                    Limit = result.GetValue(Limit) is > 0 and var limit ? limit : int.MaxValue,
                }
            )
        );
        return command;
    }

    private static PacketQuery ToQuery(ParseResult result)
    {
        bool isUtc = result.GetValue(Utc);
        return new PacketQuery
        {
            Flow = result.GetValue(Flow) is { } flow ? FlowName.TryParse(flow) : null,
            Host = result.GetValue(Host),
            Port = (ushort?)result.GetValue(Port),
            FromNs = result.GetValue(From) is { } from ? PacketTime.TryParse(from, isUtc)!.Value : long.MinValue,
            ToNs = result.GetValue(To) is { } to ? PacketTime.TryParse(to, isUtc, isEnd: true)!.Value : long.MaxValue,
            Filter = result.GetValue(Bpf) is { } filter && !string.IsNullOrWhiteSpace(filter) ? filter : null,
        };
    }

    private static (UInt128, byte)? ParseHost(ArgumentResult result)
    {
        string text = result.Tokens.Count == 1 ? result.Tokens[0].Value : "";
        if (FlowName.TryParseAddress(text, out UInt128 address, out byte version))
            return (address, version);
        result.AddError($"--host '{text}' is no address: give one such as 10.1.2.3 or 2001:db8::1");
        return null;
    }

    private static int? ParsePort(ArgumentResult result)
    {
        string text = result.Tokens.Count == 1 ? result.Tokens[0].Value : "";
        if (ushort.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out ushort port))
            return port;
        result.AddError($"--port '{text}' is no port: give a number from 0 to 65535");
        return null;
    }
}
