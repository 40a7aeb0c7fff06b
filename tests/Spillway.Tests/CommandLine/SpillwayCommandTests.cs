using System.CommandLine;
using Spillway.CommandLine;

namespace Spillway.Tests.CommandLine;

public class SpillwayCommandTests
{
    [Fact]
    public void Create_ForALineOfACommand_BuildsThatOneOnly()
    {
        foreach (Command command in SpillwayCommand.Create().Subcommands)
        {
            Command root = SpillwayCommand.Create(forLine: [command.Name, "--help"]);
            Assert.Equal(command.Name, Assert.Single(root.Subcommands).Name);
        }
    }

    [Theory]
    [InlineData]
    [InlineData("--help")]
    [InlineData("tpo", "hosts")]
    [InlineData("[suggest]")]
    public void Create_ForAnyOtherLine_BuildsAll(params string[] line) =>
        Assert.Equal(SpillwayCommand.Create().Subcommands.Count, SpillwayCommand.Create(forLine: line).Subcommands.Count);
}
