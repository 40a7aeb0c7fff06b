using System.CommandLine;
using Spillway.CommandLine;

namespace Spillway.Tests.CommandLine;

public sealed class SectionedHelpTests
{
    [Theory]
    [InlineData("run")]
    [InlineData("test")]
    public void Help_OfACommandWithManyOptions_HasEachOfThemOnce_TheUsualOnesFirst(string name)
    {
        Command root = SpillwayCommand.Create();
        Command command = root.Subcommands.Single(candidate => candidate.Name == name);
        string[] lines = Help(root, name).Split('\n');

        foreach (Option option in command.Options)
            Assert.Single(
                lines,
                line =>
                    line.StartsWith("  -", StringComparison.Ordinal)
                    && line.Split([' ', ',']).First(word => word.StartsWith("--", StringComparison.Ordinal)) == option.Name
            );
        string[] titles = [.. lines.Where(line => line.Length > 0 && line[0] != ' ' && line[^1] == ':')];
        Assert.Equal(["Description:", "Usage:", "Arguments:", "Options:"], titles[..4]);
        Assert.Contains("Scripts:", titles);
        string first = string.Join('\n', lines.SkipWhile(line => line != "Options:").TakeWhile(line => line.Length > 0));
        Assert.All(["--read", "--script", "--output", "--json"], option => Assert.Contains(option, first, StringComparison.Ordinal));
        Assert.DoesNotContain("--journal", first, StringComparison.Ordinal);
    }

    [Fact]
    public void Help_OfTheProgram_HasOneLineForEachCommand()
    {
        Command root = SpillwayCommand.Create();
        string[] lines = [.. Help(root).Split('\n').SkipWhile(line => line != "Commands:").Skip(1).Where(line => line.Trim().Length > 0)];

        Assert.Equal(
            root.Subcommands.Select(command => command.Name),
            lines.Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[0])
        );
    }

    [Fact]
    public void Help_OfACommandWithFewOptions_IsTheLibrarys() =>
        Assert.Single(Help(SpillwayCommand.Create(), "guid").Split('\n'), line => line.TrimEnd() == "Options:");

    private static string Help(Command root, params string[] command)
    {
        var output = new StringWriter { NewLine = "\n" };
        Assert.Equal(0, root.Parse([.. command, "--help"]).Invoke(new InvocationConfiguration { Output = output }));
        return output.ToString().ReplaceLineEndings("\n");
    }
}
