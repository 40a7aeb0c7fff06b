using System.CommandLine;
using Spillway.Async.Journal;
using Spillway.CommandLine;

namespace Spillway.Tests.CommandLine;

public sealed class JournalCommandLineTests
{
    private static ParseResult Parse(params string[] arguments)
    {
        var command = new Command("run");
        JournalCommandLine.AddTo(command);
        return command.Parse(arguments);
    }

    [Fact]
    public void ToOptions_NoDirectory_IsNoJournal() => Assert.Null(JournalCommandLine.ToOptions(Parse("--journal-sync", "batch")));

    [Fact]
    public void ToOptions_DirectoryAlone_IsTheUsualJournal() =>
        Assert.Equal(new JournalOptions { Directory = "/tmp/journal" }, JournalCommandLine.ToOptions(Parse("--journal", "/tmp/journal")));

    [Fact]
    public void ToOptions_AllGiven_AreAsGiven() =>
        Assert.Equal(
            new JournalOptions
            {
                Directory = "/tmp/journal",
                Sync = JournalSync.Batch,
                DiskCap = 64 << 20,
                MaxRecoveries = 7,
            },
            JournalCommandLine.ToOptions(
                Parse("--journal", "/tmp/journal", "--journal-sync", "batch", "--journal-size", "64M", "--journal-recoveries", "7")
            )
        );

    [Theory]
    [InlineData("--journal-sync", "never", "Argument 'never' not recognized. Must be one of:")]
    [InlineData("--journal-size", "31M", "--journal-size must be at least 32M, not 31M")]
    [InlineData("--journal-recoveries", "0", "--journal-recoveries must be from 1 to 1000, not '0'")]
    [InlineData("--journal-recoveries", "few", "--journal-recoveries must be from 1 to 1000, not 'few'")]
    public void Parse_ValueOutsideOfItsRange_NamesOptionValueAndRange(string option, string value, string expected) =>
        Assert.Contains(Parse(option, value).Errors, error => error.Message.StartsWith(expected, StringComparison.Ordinal));
}
