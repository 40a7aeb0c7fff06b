using System.CommandLine;
using System.Globalization;
using Spillway.Configuration;
using Spillway.Metrics.Records;
using Spillway.Questions;

namespace Spillway.CommandLine;

/// <summary>
/// Questions to what was seen once: <c>spillway flows</c>, <c>tracked</c>, <c>alerts</c>, <c>resources</c>, <c>files</c>, <c>search</c>.
/// </summary>
internal static class EventQuestionCommands
{
    private static readonly Option<string[]> Host = FilterCommandLine.Create(
        "--host",
        "Address at either end of the flow, a network (10.0.0.0/8), or a name that DNS gave an address",
        "HOST"
    );

    private static readonly Option<string[]> FlowHost = FilterCommandLine.Create(
        "--host",
        "Address at either end, a network (10.0.0.0/8), a name that DNS gave an address, or the host or server name (SNI) asked for",
        "HOST"
    );

    private static readonly Option<string[]> Client = FilterCommandLine.Create(
        "--client",
        "Address of the end that began, a network, or a name that DNS gave an address",
        "HOST"
    );

    private static readonly Option<string[]> Server = FilterCommandLine.Create(
        "--server",
        "Address of the other end, a network, a name that DNS gave an address, or the host or server name asked for",
        "HOST"
    );

    private static readonly Option<string[]> Port = FilterCommandLine.Create(
        "--port",
        "Port at either end: 443, 1-1023, 80,443,8000-8100",
        "PORTS",
        PortRanges.Complaint
    );

    private static readonly Option<string[]> Protocol = FilterCommandLine.Create(
        "--protocol",
        "IP protocol: tcp, udp, icmp, ... or its number",
        "NAME"
    );

    private static readonly Option<string[]> Country = FilterCommandLine.Create(
        "--country",
        "An end is in this country: its ISO code, such as FR (of runs with --geoip)",
        "CODE",
        code => code.Length == 2 && code.All(char.IsAsciiLetter) ? null : $"takes the two letters of a country, such as FR, not '{code}'"
    );

    private static readonly Option<string[]> AsNumber = FilterCommandLine.Create(
        "--as",
        "An end is in this autonomous system: its number, such as 15169 (of runs with --geoip)",
        "N",
        text => ReadAs(text) is null ? $"takes an AS number, such as 15169 or AS15169, not '{text}'" : null
    );

    private static readonly Option<string[]> Service = FilterCommandLine.Create(
        "--service",
        "What it carries, whatever its port: http, tls, dns, ssh, ...",
        "NAME"
    );

    private static readonly Option<string[]> State = FilterCommandLine.Create(
        "--state",
        $"How it ended: {string.Join(", ", FlowStates.All.Select(Nearest.Typed))}",
        "STATE",
        FlowStates.Complaint
    );

    private static readonly Option<string[]> MinBytes = FilterCommandLine.Create(
        "--min-bytes",
        "At least so many bytes in both directions: 1000, 5M, 1G",
        "SIZE",
        text => ByteSize.TryParse(text, out _) ? null : $"'{text}' is no size: give a number of bytes, such as 5M or 1G"
    );

    private static readonly Option<string[]> Vlan = FilterCommandLine.Create(
        "--vlan",
        "VLAN id of its first packet",
        "ID",
        text =>
            ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ushort id) && id < 4096
                ? null
                : $"takes an id from 0 to 4095, not '{text}'"
    );

    private static readonly Option<string[]> Attribute = FilterCommandLine.Create(
        "--attribute",
        "With this attribute (SNI, Host, those of scripts), or with this text in it",
        "NAME[=TEXT]"
    );

    private static readonly Argument<string?> List = new("LIST")
    {
        Description = "Name of the list, or the beginning of it; without one, the lists are listed",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private static readonly Option<string[]> Tag = FilterCommandLine.Create("--tag", "Flows that scripts gave this tag", "TAG");

    private static readonly Option<string> Sort = new("--sort")
    {
        Description = "Order: start, or the largest bytes, packets, duration, retransmissions, rtt first",
        HelpName = "BY",
        DefaultValueFactory = _ => "start",
    };

    private static readonly Argument<string?> AlertGroup = new("GROUP")
    {
        Description = "Alert group: its name, the beginning of it, or its GUID",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private static readonly Argument<string?> ResourceGroup = new("GROUP")
    {
        Description = "Resource group: its name, the beginning of it, or its GUID",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private static readonly Option<string[]> Priority = FilterCommandLine.Create(
        "--priority",
        "This urgent or more: 1 high, 2 medium, 3 low",
        "N",
        text =>
            int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out _) ? null : $"must be 1 (high) or more, not '{text}'"
    );

    private static readonly Option<string[]> Match = FilterCommandLine.Create("--match", "With this text in it", "TEXT");

    private static readonly Option<string[]> Type = FilterCommandLine.Create(
        "--type",
        "Part of the type that the server gives or the content has, or a kind of files by their content: "
            + string.Join(", ", FileKinds.Names),
        "TYPE"
    );

    private static readonly Option<string[]> FileHost = FilterCommandLine.Create(
        "--host",
        "Address at either end, a network (10.0.0.0/8), or part of the host that the request names",
        "HOST"
    );

    private static readonly Option<string[]> Hash = FilterCommandLine.Create("--hash", "SHA-1, MD5 or SHA-256, or its first digits", "HEX");

    private static readonly Argument<string> Text = new("TEXT") { Description = "What to look for" };

    /// <summary><c>spillway flows</c>.</summary>
    public static Command Flows()
    {
        if (Sort.Validators.Count == 0)
            Sort.AcceptOnlyFromAmong([.. FlowsQuestion.Orders.Keys]);
        return new Command(
            "flows",
            """
            Flows: those that have ended, and those that last as they were told of last

            Examples:
              spillway flows --sort bytes -n 20
              spillway flows --host 10.1.2.3 --port 443 --from -15m
              spillway flows --host www.example.com --json
              spillway flows --service tls --host 192.168.0.0/16 --sort duration
              spillway flows --tag suspicious --protocol tcp --utc
              spillway flows --client 10.0.0.0/8 --server www.example.com --min-bytes 10M
              spillway flows --port 1-1023 --not --port 80,443 --not --service dns
              spillway flows --state reset --fields start,client,server,server_port,history
              spillway flows --country FR --sort bytes       if the run had --geoip
            """
        )
        {
            FlowHost,
            Client,
            Server,
            Port,
            Protocol,
            Service,
            State,
            MinBytes,
            Vlan,
            Country,
            AsNumber,
            Tag,
            Attribute,
            FilterCommandLine.Not,
            Sort,
            QuestionCommandLine.Reverse,
        }.Asks(
            (result, store, scope) =>
                FlowsQuestion.Ask(
                    store,
                    scope,
                    new FlowFilter
                    {
                        Host = result.Terms(FlowHost),
                        Client = result.Terms(Client),
                        Server = result.Terms(Server),
                        Port = result.Terms(Port),
                        Protocol = result.Terms(Protocol),
                        Service = result.Terms(Service),
                        State = result.Terms(State),
                        MinBytes = result.Terms(MinBytes).Select(Bytes),
                        Vlan = result.Terms(Vlan),
                        Country = result.Terms(Country),
                        AsNumber = result.Terms(AsNumber).Select(text => ReadAs(text)!),
                        Tag = result.Terms(Tag),
                        Attribute = result.Terms(Attribute),
                        Sort = result.GetValue(Sort)!,
                    }
                )
        );
    }

    /// <summary><c>spillway tracked</c>.</summary>
    public static Command Tracked() =>
        new Command(
            "tracked",
            """
            Lists of flow trackers: the highest flows of each bucket by a script's measure

            Examples:
              spillway tracked
              spillway tracked uploads --from -1h
            """
        )
        {
            List,
        }.Asks(
            (result, store, scope) =>
                result.GetValue(List) is { } list ? TrackedQuestion.Of(store, scope, list) : TrackedQuestion.Lists(store, scope)
        );

    /// <summary><c>spillway alerts</c>.</summary>
    public static Command Alerts() =>
        new Command(
            "alerts",
            """
            Alerts, in the order of time

            Examples:
              spillway alerts
              spillway alerts blacklist --priority 1
              spillway alerts --host 10.1.2.3 --match beacon --csv
            """
        )
        {
            AlertGroup,
            Host,
            Priority,
            Match,
            FilterCommandLine.Not,
            QuestionCommandLine.Reverse,
        }.Asks(
            (result, store, scope) =>
                AlertsQuestion.Ask(
                    store,
                    scope,
                    new EventFilter
                    {
                        Group = result.GetValue(AlertGroup),
                        Host = result.Terms(Host),
                        Priority = result.Terms(Priority),
                        Text = result.Terms(Match),
                    }
                )
        );

    /// <summary><c>spillway resources</c>.</summary>
    public static Command Resources() =>
        new Command(
            "resources",
            """
            Resources: what was seen in flows and has a name, such as DNS answers, URLs, certificates, hashes

            Examples:
              spillway resources
              spillway resources dns --match example.com
              spillway resources url --host 10.1.2.3 --json
            """
        )
        {
            ResourceGroup,
            Host,
            Match,
            FilterCommandLine.Not,
            QuestionCommandLine.Reverse,
        }.Asks(
            (result, store, scope) =>
                ResourcesQuestion.Ask(
                    store,
                    scope,
                    new EventFilter
                    {
                        Group = result.GetValue(ResourceGroup),
                        Host = result.Terms(Host),
                        Text = result.Terms(Match),
                    }
                )
        );

    /// <summary><c>spillway files</c>.</summary>
    public static Command Files() =>
        new Command(
            "files",
            """
            Files that were carried by HTTP

            Examples:
              spillway files
              spillway files --type pdf --host example.com
              spillway files --type exe,script
              spillway files --hash da39a3ee --json
            """
        )
        {
            Type,
            FileHost,
            Hash,
            FilterCommandLine.Not,
            QuestionCommandLine.Reverse,
        }.Asks(
            (result, store, scope) =>
                FilesQuestion.Ask(
                    store,
                    scope,
                    new FileFilter
                    {
                        Type = result.Terms(Type),
                        Host = result.Terms(FileHost),
                        Hash = result.Terms(Hash),
                    }
                )
        );

    private static string Bytes(string text) =>
        (ByteSize.TryParse(text, out long bytes) ? bytes : 0).ToString(CultureInfo.InvariantCulture);

    private static string? ReadAs(string text) =>
        uint.TryParse(
            text.StartsWith("AS", StringComparison.OrdinalIgnoreCase) ? text.AsSpan(2) : text,
            NumberStyles.None,
            CultureInfo.InvariantCulture,
            out uint number
        )
            ? number.ToString(CultureInfo.InvariantCulture)
            : null;

    /// <summary><c>spillway search</c>.</summary>
    public static Command Search() =>
        new Command(
            "search",
            """
            A text in what was recorded: documents and resources

            Examples:
              spillway search example.com
              spillway search "User-Agent: curl" --host 10.1.2.3
            """
        )
        {
            Text,
            Host,
            FilterCommandLine.Not,
        }.Asks(
            (result, store, scope) =>
                SearchQuestion.Ask(store, scope, result.GetValue(Text)!, new EventFilter { Host = result.Terms(Host) })
        );
}
