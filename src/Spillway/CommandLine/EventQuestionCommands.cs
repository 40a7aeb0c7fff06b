using System.CommandLine;
using System.Globalization;
using Spillway.Questions;

namespace Spillway.CommandLine;

/// <summary>
/// Questions to what was seen once: <c>spillway flows</c>, <c>tracked</c>, <c>alerts</c>, <c>resources</c>, <c>files</c>, <c>search</c>.
/// </summary>
internal static class EventQuestionCommands
{
    private static readonly Option<string?> Host = new("--host")
    {
        Description = "Address at either end of the flow, a network (10.0.0.0/8), or a name that DNS gave an address",
        HelpName = "HOST",
    };

    private static readonly Option<string?> FlowHost = new("--host")
    {
        Description =
            "Address at either end, a network (10.0.0.0/8), a name that DNS gave an address, or the host or server name (SNI) asked for",
        HelpName = "HOST",
    };

    private static readonly Option<int?> Port = new("--port")
    {
        Description = "Port at either end",
        HelpName = "N",
        CustomParser = WholeNumber.Between(0, ushort.MaxValue),
    };

    private static readonly Option<string?> Protocol = new("--protocol")
    {
        Description = "IP protocol: tcp, udp, icmp, ... or its number",
        HelpName = "NAME",
    };

    private static readonly Option<string?> Country = new("--country")
    {
        Description = "An end is in this country: its ISO code, such as FR (of runs with --geoip)",
        HelpName = "CODE",
    };

    private static readonly Option<string?> AsNumber = new("--as")
    {
        Description = "An end is in this autonomous system: its number, such as 15169 (of runs with --geoip)",
        HelpName = "N",
    };

    private static readonly Option<string?> Service = new("--service")
    {
        Description = "What it carries, whatever its port: http, tls or dns",
        HelpName = "NAME",
    };

    private static readonly Option<string?> Attribute = new("--attribute")
    {
        Description = "With this attribute (SNI, Host, those of scripts), or with this text in it",
        HelpName = "NAME[=TEXT]",
    };

    private static readonly Argument<string?> List = new("LIST")
    {
        Description = "Name of the list, or the begin of it; without one, the lists are listed",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private static readonly Option<string?> Tag = new("--tag") { Description = "Flows that scripts gave this tag", HelpName = "TAG" };

    private static readonly Option<string> Sort = new("--sort")
    {
        Description = "Order: start, or the largest bytes, packets, duration, retransmissions, rtt first",
        HelpName = "BY",
        DefaultValueFactory = _ => "start",
    };

    private static readonly Argument<string?> AlertGroup = new("GROUP")
    {
        Description = "Alert group: its name, the begin of it, or its GUID",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private static readonly Argument<string?> ResourceGroup = new("GROUP")
    {
        Description = "Resource group: its name, the begin of it, or its GUID",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private static readonly Option<int?> Priority = new("--priority")
    {
        Description = "This urgent or more: 1 high, 2 medium, 3 low",
        HelpName = "N",
        CustomParser = WholeNumber.Between(0, int.MaxValue, "1 (high) or more"),
    };

    private static readonly Option<string?> Match = new("--match") { Description = "With this text in it", HelpName = "TEXT" };

    private static readonly Option<string?> Type = new("--type")
    {
        Description = "Part of the content type, such as image or pdf",
        HelpName = "TYPE",
    };

    private static readonly Option<string?> FileHost = new("--host")
    {
        Description = "Address at either end, a network (10.0.0.0/8), or part of the host that the request names",
        HelpName = "HOST",
    };

    private static readonly Option<string?> Hash = new("--hash")
    {
        Description = "SHA-1, MD5 or SHA-256, or its first digits",
        HelpName = "HEX",
    };

    private static readonly Argument<string> Text = new("TEXT") { Description = "What to look for" };

    /// <summary><c>spillway flows</c>.</summary>
    public static Command Flows()
    {
        if (Sort.Validators.Count == 0)
            Sort.AcceptOnlyFromAmong([.. FlowsQuestion.Orders.Keys]);
        if (Country.Validators.Count == 0)
        {
            Country.Validators.Add(result =>
            {
                if (result.GetValue(Country) is { } code && (code.Length != 2 || !code.All(char.IsAsciiLetter)))
                    result.AddError($"--country takes the two letters of a country, such as FR, not '{code}'");
            });
            AsNumber.Validators.Add(result =>
            {
                if (result.GetValue(AsNumber) is { } text && ReadAs(text) is null)
                    result.AddError($"--as takes an AS number, such as 15169 or AS15169, not '{text}'");
            });
        }

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
              spillway flows --country FR --sort bytes       if the run had --geoip
            """
        )
        {
            FlowHost,
            Port,
            Protocol,
            Service,
            Country,
            AsNumber,
            Tag,
            Attribute,
            Sort,
        }.Asks(
            (result, store, scope) =>
                FlowsQuestion.Ask(
                    store,
                    scope,
                    new FlowFilter
                    {
                        Host = result.GetValue(FlowHost),
                        Port = result.GetValue(Port),
                        Protocol = result.GetValue(Protocol),
                        Country = result.GetValue(Country),
                        AsNumber = result.GetValue(AsNumber) is { } system ? ReadAs(system) : null,
                        Service = result.GetValue(Service),
                        Tag = result.GetValue(Tag),
                        Attribute = result.GetValue(Attribute),
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
        }.Asks(
            (result, store, scope) =>
                AlertsQuestion.Ask(
                    store,
                    scope,
                    new EventFilter
                    {
                        Group = result.GetValue(AlertGroup),
                        Host = result.GetValue(Host),
                        Priority = result.GetValue(Priority),
                        Text = result.GetValue(Match),
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
        }.Asks(
            (result, store, scope) =>
                ResourcesQuestion.Ask(
                    store,
                    scope,
                    new EventFilter
                    {
                        Group = result.GetValue(ResourceGroup),
                        Host = result.GetValue(Host),
                        Text = result.GetValue(Match),
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
              spillway files --hash da39a3ee --json
            """
        )
        {
            Type,
            FileHost,
            Hash,
        }.Asks(
            (result, store, scope) =>
                FilesQuestion.Ask(
                    store,
                    scope,
                    new FileFilter
                    {
                        Type = result.GetValue(Type),
                        Host = result.GetValue(FileHost),
                        Hash = result.GetValue(Hash),
                    }
                )
        );

    private static long? ReadAs(string text) =>
        uint.TryParse(
            text.StartsWith("AS", StringComparison.OrdinalIgnoreCase) ? text.AsSpan(2) : text,
            NumberStyles.None,
            CultureInfo.InvariantCulture,
            out uint number
        )
            ? number
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
        }.Asks(
            (result, store, scope) =>
                SearchQuestion.Ask(store, scope, new EventFilter { Text = result.GetValue(Text), Host = result.GetValue(Host) })
        );
}
