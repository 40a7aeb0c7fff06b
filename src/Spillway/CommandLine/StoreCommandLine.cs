using System.CommandLine;
using Spillway.Configuration;
using Spillway.Metrics.Stores;
using Spillway.Run;

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

    private static readonly Option<long?> OutputSize = new("--output-size")
    {
        Description =
            "Most disk for the output directory and the files of --extract together: the oldest of these files, whoever put them "
            + "there, and the oldest results make room; with --extract the store has half of it [default: no limit]",
        HelpName = "SIZE",
        CustomParser = ByteSize.Between(RunOptions.LeastOutputBytes, 1L << 50, "at least 32M"),
    };

    /// <summary>Adds the options.</summary>
    public static void AddTo(Command command)
    {
        command.Options.Add(KeepDays);
        command.Options.Add(StoreSize);
        command.Options.Add(OutputSize);
    }

    /// <summary>The most disk for all results; null for no limit.</summary>
    public static long? OutputBytes(ParseResult result) => result.GetValue(OutputSize);

    /// <summary>What was asked for.</summary>
    public static SqliteStoreOptions ToOptions(ParseResult result) =>
        new() { MaxAge = result.GetValue(KeepDays) is { } days ? TimeSpan.FromDays(days) : null, MaxBytes = result.GetValue(StoreSize) };
}
