using System.CommandLine;
using System.CommandLine.Parsing;
using Spillway.Eve;

namespace Spillway.CommandLine;

/// <summary>The options that write EVE JSON.</summary>
internal static class EveCommandLine
{
    private static readonly string[] Names = ["alert", "dhcp", "dns", "fileinfo", "flow", "ftp", "http", "smtp", "ssh", "stats", "tls"];

    private static readonly Option<string?> File = new("--eve")
    {
        Description =
            "Append events as EVE JSON, as Suricata's readers take it, to this file; - is standard output, then without a summary",
        HelpName = "FILE",
    };

    private static readonly Option<EveTypes?> Types = new("--eve-types")
    {
        Description = $"Events that are written, joined by commas: {string.Join(", ", Names)} [default: all]",
        HelpName = "TYPES",
        CustomParser = ReadTypes,
    };

    private static readonly Option<int?> Seed = new("--community-id-seed")
    {
        Description = "Seed of community ids, 0 to 65535: the one your other tools have [default: 0]",
        HelpName = "N",
        CustomParser = WholeNumber.Between(0, ushort.MaxValue),
    };

    private static readonly Option<int?> Dns = new("--eve-dns")
    {
        Description =
            "Version of dns events: 2, or 3 as Suricata 8 writes them, one for each message with its questions in 'queries' [default: 2]",
        HelpName = "VERSION",
        CustomParser = WholeNumber.Between(2, 3, "2 or 3"),
    };

    private static readonly Option<bool> Ethernet = new("--eve-ethernet")
    {
        Description = "Write the Ethernet addresses of flows into their events, as 'ether'",
    };

    private static readonly Option<bool> Chains = new("--eve-chains")
    {
        Description = "Write chains of certificates into tls events, as 'chain' in base64",
    };

    /// <summary>Adds the options.</summary>
    public static void AddTo(Command command)
    {
        foreach (Option option in new Option[] { File, Types, Dns, Ethernet, Chains, Seed })
            command.Options.Add(option);
        command.Validators.Add(result =>
        {
            if (result.GetValue(File) is null && new Option[] { Types, Dns, Ethernet, Chains, Seed }.Any(option => IsGiven(result, option)))
                result.AddError(
                    "--eve-types, --eve-dns, --eve-ethernet, --eve-chains and --community-id-seed have no meaning without --eve FILE"
                );
            if (result.GetValue(File) == "-" && result.GetResult("--json") is OptionResult { Implicit: false })
                result.AddError("--eve - and --json both want standard output: give --eve a file");
        });
    }

    /// <summary>What was asked for; null if nothing.</summary>
    public static EveOptions? ToOptions(ParseResult result) =>
        result.GetValue(File) is not { Length: > 0 } path
            ? null
            : new EveOptions
            {
                Path = path,
                Types = result.GetValue(Types) ?? EveTypes.All,
                Ethernet = result.GetValue(Ethernet),
                Chains = result.GetValue(Chains),
                DnsVersion = result.GetValue(Dns) ?? 2,
                CommunityIdSeed = (ushort)(result.GetValue(Seed) ?? 0),
            };

    private static bool IsGiven(CommandResult result, Option option) => result.GetResult(option) is { Implicit: false };

    private static EveTypes? ReadTypes(ArgumentResult result)
    {
        EveTypes types = EveTypes.None;
        foreach (
            string name in result.Tokens.SelectMany(token =>
                token.Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            )
        )
        {
            if (name == "all")
                types = EveTypes.All;
            else if (Names.Contains(name))
                types |= Enum.Parse<EveTypes>(name, ignoreCase: true);
            else
                result.AddError($"--eve-types: '{name}' is none of {string.Join(", ", Names)}");
        }

        if (types == EveTypes.None && !result.Errors.Any())
            result.AddError($"--eve-types names no type: give some of {string.Join(", ", Names)}");
        return types;
    }
}
