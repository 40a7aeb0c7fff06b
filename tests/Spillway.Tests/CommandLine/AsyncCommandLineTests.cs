using System.CommandLine;
using Spillway.Async;
using Spillway.CommandLine;

namespace Spillway.Tests.CommandLine;

public sealed class AsyncCommandLineTests
{
    private static ParseResult Parse(params string[] arguments)
    {
        var command = new Command("run");
        AsyncCommandLine.AddTo(command);
        return command.Parse(arguments);
    }

    [Fact]
    public void ToOptions_NothingGiven_AreTheUsualOnes()
    {
        ParseResult result = Parse();

        Assert.Empty(result.Errors);
        Assert.Equal(new AsyncOptions(), AsyncCommandLine.ToOptions(result));
        Assert.True(AsyncCommandLine.AllowsShell(result));
        Assert.False(AsyncCommandLine.IsLive(result));
    }

    [Fact]
    public void ToOptions_AllGiven_AreValidAndAsGiven()
    {
        ParseResult result = Parse(
            "--task-timeout",
            "0.5",
            "--async-memory",
            "1M",
            "--async-disk",
            "0",
            "--async-policy",
            "drop",
            "--files-root",
            "/tmp",
            "--no-shell",
            "--live"
        );

        Assert.Empty(result.Errors);
        AsyncOptions options = AsyncCommandLine.ToOptions(result);
        options.Validate();
        Assert.Equal(
            new AsyncOptions
            {
                TaskTimeout = TimeSpan.FromSeconds(0.5),
                MemoryCap = 1 << 20,
                DiskCap = 0,
                LoadPolicy = AsyncLoadPolicy.Drop,
                FilesRoot = "/tmp",
            },
            options
        );
        Assert.False(AsyncCommandLine.AllowsShell(result));
        Assert.True(AsyncCommandLine.IsLive(result));
    }

    [Theory]
    [InlineData("--task-timeout", "-1", "--task-timeout must be from 0 to 604800 seconds, not '-1'")]
    [InlineData("--task-timeout", "604801", "--task-timeout must be from 0 to 604800 seconds, not '604801'")]
    [InlineData("--async-memory", "1K", "--async-memory must be from 64K to 1T, not 1K")]
    [InlineData("--async-disk", "lots", "--async-disk 'lots' is no size: give a number of bytes, such as 5M or 1G")]
    [InlineData("--async-policy", "hope", "Argument 'hope' not recognized. Must be one of:")]
    [InlineData("--files-root", "/no/such/place", "--files-root /no/such/place: there is no such directory")]
    public void Parse_ValueOutsideOfItsRange_NamesOptionValueAndRange(string option, string value, string expected) =>
        Assert.Contains(Parse(option, value).Errors, error => error.Message.StartsWith(expected, StringComparison.Ordinal));
}
