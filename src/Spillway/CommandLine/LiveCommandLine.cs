using System.CommandLine;
using System.CommandLine.Parsing;
using Spillway.Configuration;
using Spillway.Net.Capture;

namespace Spillway.CommandLine;

/// <summary>The options of <c>run</c> that listen to interfaces.</summary>
internal static class LiveCommandLine
{
    private const int MostSnapLength = 262_144;
    private const double MostSeconds = 1e7;

    private static readonly Option<string[]> Interface = new("--interface", "-i")
    {
        Description =
            "Listen to these interfaces until a signal comes, see spillway interfaces; or to udp:ADDRESS:PORT, "
            + "mirrored traffic in VXLAN or (port 6081) GENEVE",
        HelpName = "NAME",
        AllowMultipleArgumentsPerToken = true,
        DefaultValueFactory = _ => [],
    };

    private static readonly Option<int?> SnapLength = new("--snaplen")
    {
        Description = "Capture at most so many bytes of a packet from an interface, 64 to 262144 [default: all of it]",
        HelpName = "BYTES",
        CustomParser = WholeNumber.Between(64, MostSnapLength),
    };

    private static readonly Option<long?> Buffer = new("--buffer")
    {
        Description = "The kernel's buffer for each interface: packets that come while it is full are lost and counted [default: 128M]",
        HelpName = "SIZE",
        CustomParser = ByteSize.Between(256 << 10, 1L << 30, "from 256K to 1G"),
    };

    private static readonly Option<bool> NoPromiscuous = new("--no-promisc")
    {
        Description = "Leave interfaces out of promiscuous mode: take only frames to this machine",
    };

    private static readonly Option<bool> Fanout = new("--fanout")
    {
        Description = "With --lanes: the kernel deals the packets out to the lanes, and each reads its own; see docs/live.md",
    };

    private static readonly Option<string?> User = new("--user")
    {
        Description = "Started as root, become this user once the interfaces are open [default: no change]",
        HelpName = "NAME[:GROUP]",
    };

    private static readonly Option<double?> Seconds = new("--duration")
    {
        Description = "Listen for so many seconds [default: until a signal]",
        HelpName = "SECONDS",
        CustomParser = CommandLine.Seconds.UpTo(MostSeconds),
    };

    /// <summary>Adds the options.</summary>
    public static void AddTo(Command command)
    {
        foreach (Option option in new Option[] { Interface, SnapLength, Buffer, NoPromiscuous, Fanout, User, Seconds })
            command.Options.Add(option);
        Interface.Validators.Add(result =>
        {
            if (result.Tokens.Select(token => token.Value).GroupBy(name => name).FirstOrDefault(names => names.Count() > 1) is { } twice)
                result.AddError($"interface '{twice.Key}' is given twice");
            if (result.Tokens.Count > 1 && result.Tokens.Any(token => LiveSource.IsUdp(token.Value)))
                result.AddError("a UDP socket stands alone: give -i udp:ADDRESS:PORT only, and interfaces to another run");
        });
    }

    /// <summary>Adds an error where the options do not go together.</summary>
    /// <param name="result">The command's.</param>
    /// <param name="captures">Whether captures are given.</param>
    /// <param name="isDeterministic">Whether the run shall be the same each time.</param>
    /// <param name="isCounted">Whether it ends after some packets.</param>
    /// <param name="lanes">How many lanes there are.</param>
    public static void Validate(CommandResult result, bool captures, bool isDeterministic, bool isCounted, int lanes)
    {
        bool listens = result.GetResult(Interface) is { Implicit: false };
        if (!listens && !captures)
            result.AddError("nothing to read: give a capture with -r FILE, or an interface with -i NAME");
        else if (listens && captures)
            result.AddError("-r and -i exclude each other: a run reads captures or listens to interfaces");
        else if (listens && isDeterministic)
            result.AddError("--deterministic is for captures: interfaces give other packets each time");
        if (listens && result.GetResult(Fanout) is { Implicit: false })
        {
            if (lanes < 2)
                result.AddError("--fanout deals packets out to lanes: it needs --lanes 2 or more");
            else if (isCounted)
                result.AddError("--fanout and --count exclude each other: each lane reads for itself");
            else if (result.GetResult(Interface) is { } given && given.Tokens.Any(token => LiveSource.IsUdp(token.Value)))
                result.AddError("--fanout is for interfaces: a UDP socket has one reader");
        }

        if (listens)
            return;
        foreach (Option option in new Option[] { SnapLength, Buffer, NoPromiscuous, Fanout, User, Seconds })
        {
            if (captures && result.GetResult(option) is { Implicit: false })
                result.AddError($"{option.Name} is for interfaces: it needs -i NAME");
        }
    }

    /// <summary>Whether interfaces were given.</summary>
    public static bool Listens(CommandResult result) => result.GetResult(Interface) is { Implicit: false };

    /// <summary>The interfaces that were given.</summary>
    public static IReadOnlyList<string> Interfaces(ParseResult result) => result.GetValue(Interface) ?? [];

    /// <summary>How they are listened to.</summary>
    /// <param name="result">What was given.</param>
    /// <param name="lanes">How many lanes there are.</param>
    public static LiveOptions ToOptions(ParseResult result, int lanes)
    {
        var usual = new LiveOptions();
        return usual with
        {
            SnapLength = result.GetValue(SnapLength) ?? usual.SnapLength,
            BufferBytes = (int)(result.GetValue(Buffer) ?? usual.BufferBytes),
            IsPromiscuous = !result.GetValue(NoPromiscuous),
            Readers = result.GetValue(Fanout) ? lanes : 1,
        };
    }

    /// <summary>Whose process the run becomes; null for no change.</summary>
    public static string? RunUser(ParseResult result) => result.GetValue(User);

    /// <summary>How long they are listened to; null until a signal.</summary>
    public static TimeSpan? Duration(ParseResult result) => result.GetValue(Seconds) is { } seconds ? TimeSpan.FromSeconds(seconds) : null;
}
