using Spillway.CommandLine;

namespace Spillway.Tests.CommandLine;

public sealed class WholeNumberTests
{
    [Theory]
    [InlineData("run -r a --max-keys x", "--max-keys must be from 1 to 10000000, not 'x'")]
    [InlineData("run -r a --max-keys 0", "--max-keys must be from 1 to 10000000, not '0'")]
    [InlineData("run -r a --keep-days x", "--keep-days must be from 1 to 36500, not 'x'")]
    [InlineData("run -r a --eve e --community-id-seed 65536", "--community-id-seed must be from 0 to 65535, not '65536'")]
    [InlineData("flows -n 99999999999", "--limit must be 0 (all rows) or more, not '99999999999'")]
    [InlineData("packets . -n x", "--limit must be 0 (all) or more, not 'x'")]
    [InlineData("guid -n -1", "--count must be from 1 to 10000, not '-1'")]
    public void Number_ThatIsNone_IsAnErrorOfTheCommandLine(string line, string told) =>
        Assert.Equal([told], SpillwayCommand.Create().Parse(line.Split(' ')).Errors.Select(error => error.Message));

    [Theory]
    [InlineData("run -r a --max-keys 10 --keep-days 7")]
    [InlineData("flows --port 443 -n 0")]
    [InlineData("guid")]
    [InlineData("packets .")]
    public void Number_InRange_IsTaken(string line) => Assert.Empty(SpillwayCommand.Create().Parse(line.Split(' ')).Errors);
}
