using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Net;
using Spillway.Run;
using Spillway.Scripting;
using Spillway.Web;

namespace Spillway.CommandLine;

/// <summary>The options of pages to look at.</summary>
internal static class WebCommandLine
{
    private static readonly Option<IPEndPoint?> At = new("--web")
    {
        Description =
            "Serve pages and an API at this address while the run goes on; a port alone is one of 127.0.0.1, 0 a free one. The address to "
            + "open is printed. Beyond this machine --web-cert and --web-users are needed",
        HelpName = "[ADDRESS:]PORT",
        CustomParser = result => ParseEndPoint(result, "--web"),
    };

    private static readonly Option<string?> Certificate = new("--web-cert")
    {
        Description = "Certificate of the pages, PEM; with the chain if there is one",
        HelpName = "FILE",
    };

    private static readonly Option<string?> Key = new("--web-key")
    {
        Description = "Its key, PEM [default: in the file of the certificate]",
        HelpName = "FILE",
    };

    private static readonly Option<string?> Users = new("--web-users")
    {
        Description = "Who may see the pages: lines of 'spillway web-user' [default: whoever has the token that is printed]",
        HelpName = "FILE",
    };

    /// <summary>Adds the options.</summary>
    public static void AddTo(Command command)
    {
        foreach (Option option in new Option[] { At, Certificate, Key, Users })
            command.Options.Add(option);
        command.Validators.Add(result =>
        {
            if (result.GetResult(At) is { Implicit: false })
                return;
            foreach (Option option in new Option[] { Certificate, Key, Users })
            {
                if (result.GetResult(option) is { Implicit: false })
                    result.AddError($"{option.Name} has no meaning without --web [ADDRESS:]PORT");
            }
        });
    }

    /// <summary>What the options ask for; null for no pages.</summary>
    public static WebOptions? ToOptions(ParseResult result, RunOptions run) =>
        result.GetValue(At) is not { } address
            ? null
            : Of(run) with
            {
                Address = address,
                Certificate = result.GetValue(Certificate),
                Key = result.GetValue(Key),
                Users = result.GetValue(Users),
            };

    /// <summary>Pages of a run's results.</summary>
    public static WebOptions Of(RunOptions run) =>
        new()
        {
            Place = run.Output,
            Packets = run.Packets?.Directory,
            Files = run.Extract,
            Version = ScriptEnvironment.ProgramVersion,
        };

    /// <summary>What was given of all options, for whoever looks at the run.</summary>
    public static IReadOnlyList<(string Name, string Value, string Origin)> Given(ParseResult result) =>
        [
            .. result
                .CommandResult.Command.Options.Select(option => (option, given: result.GetResult(option)))
                .Where(pair => pair.given is { Implicit: false })
                .Select(pair => (pair.option.Name, string.Join(' ', pair.given!.Tokens.Select(token => token.Value)), "given"))
                .OrderBy(setting => setting.Name, StringComparer.Ordinal),
        ];

    /// <summary>Reads an address with a port, or a port of this machine.</summary>
    public static IPEndPoint? ParseEndPoint(ArgumentResult result, string option)
    {
        string text = result.Tokens.Count == 1 ? result.Tokens[0].Value : "";
        if (ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ushort port))
            return new IPEndPoint(IPAddress.Loopback, port);
        if (text.Contains(':', StringComparison.Ordinal) && IPEndPoint.TryParse(text, out IPEndPoint? address))
            return address;
        result.AddError($"{option} takes a port, or an address and a port such as 192.0.2.1:9477 or [::1]:9477, not '{text}'");
        return null;
    }
}
