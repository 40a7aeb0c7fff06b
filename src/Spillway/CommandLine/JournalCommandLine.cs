using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Spillway.Async.Journal;
using Spillway.Configuration;

namespace Spillway.CommandLine;

/// <summary>The options of durable tasks.</summary>
internal static class JournalCommandLine
{
    private static readonly Option<string?> Place = new("--journal")
    {
        Description =
            "Keep tasks in this directory until they are done: what a crash leaves, the next run with it does; "
            + "extracted files lie there too",
        HelpName = "DIR",
    };

    private static readonly Option<string> Sync = new("--journal-sync")
    {
        Description =
            "Against power cuts: always writes each task to the device before it counts as accepted, batch every 10 ms off the "
            + "packet path, as with interfaces in any case",
        HelpName = "WHEN",
        DefaultValueFactory = _ => "always", // of interfaces it is batch, see RoomGate
    };

    private static readonly Option<long?> Size = new("--journal-size")
    {
        Description = "Most disk of the journal; beyond it --async-policy applies [default: 4G]",
        HelpName = "SIZE",
        CustomParser = ByteSize.Between(32 << 20, 1L << 50, "at least 32M"),
    };

    private static readonly Option<int> Recoveries = new("--journal-recoveries")
    {
        Description = "Give a task up that was at work when so many runs that took it from the journal ended without a word",
        HelpName = "N",
        DefaultValueFactory = _ => 3,
        CustomParser = ParseRecoveries,
    };

    /// <summary>Adds the options.</summary>
    public static void AddTo(Command command)
    {
        Sync.AcceptOnlyFromAmong("always", "batch");
        foreach (Option option in new Option[] { Place, Sync, Size, Recoveries })
            command.Options.Add(option);
    }

    /// <summary>What was given; null if there is to be no journal.</summary>
    public static JournalOptions? ToOptions(ParseResult result)
    {
        if (result.GetValue(Place) is not { } directory)
            return null;
        var usual = new JournalOptions { Directory = Path.GetFullPath(directory) };
        return usual with
        {
            Sync = result.GetValue(Sync) == "batch" ? JournalSync.Batch : JournalSync.Always,
            DiskCap = result.GetValue(Size) ?? usual.DiskCap,
            MaxRecoveries = result.GetValue(Recoveries),
        };
    }

    private static int ParseRecoveries(ArgumentResult result)
    {
        string text = result.Tokens.Count == 1 ? result.Tokens[0].Value : "";
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int count) || count is < 1 or > 1000)
            result.AddError($"--journal-recoveries must be from 1 to 1000, not '{text}'");
        return count;
    }
}
