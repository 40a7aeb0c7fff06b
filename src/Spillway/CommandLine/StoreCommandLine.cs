using System.CommandLine;
using Spillway.Metrics.Stores;

namespace Spillway.CommandLine;

/// <summary>The options of <c>run</c> that say how long and how much the store keeps. Without them it keeps everything.</summary>
internal static class StoreCommandLine
{
    private const int MostDays = 36_500;

    private static readonly Option<int?> KeepDays = new("--keep-days")
    {
        Description =
            "Remove results from the store when they are so many days old; what an old capture gives is as old as its "
            + "run [default: keep all]",
        HelpName = "N",
        CustomParser = WholeNumber.Between(1, MostDays),
    };

    private static readonly Option<long?> StoreSize = new("--store-size")
    {
        Description = "Most disk for the store; the oldest results of the oldest run make room [default: no limit]",
        HelpName = "SIZE",
        CustomParser = ByteSize.Between(SqliteStoreOptions.LeastBytes, 1L << 50, "at least 16M"),
    };

    /// <summary>Adds the options.</summary>
    public static void AddTo(Command command)
    {
        command.Options.Add(KeepDays);
        command.Options.Add(StoreSize);
    }

    /// <summary>What was asked for.</summary>
    public static SqliteStoreOptions ToOptions(ParseResult result) =>
        new() { MaxAge = result.GetValue(KeepDays) is { } days ? TimeSpan.FromDays(days) : null, MaxBytes = result.GetValue(StoreSize) };
}
