using System.Text.RegularExpressions;

namespace Spillway.Architecture.Tests;

/// <summary>The table of T.async's contract names tests that exist: what it says is shown is shown.</summary>
public sealed partial class ContractTests
{
    private const string Table = "docs/t-async-contract.md";

    [Fact]
    public void EveryTestThatTheTableNames_IsThere()
    {
        HashSet<string> there =
        [
            .. Repository
                .Files("tests", ".cs")
                .SelectMany(path => Declaration().Matches(Repository.Text(path)))
                .Select(match => match.Groups[1].Value),
        ];
        string[] named = [.. Name().Matches(Repository.Text(Table)).Select(match => match.Groups[1].Value).Distinct()];

        Assert.True(named.Length > 100, $"{Table} names only {named.Length} tests");
        Assert.All(named, name => Assert.Contains(name, there));
    }

    [GeneratedRegex(@"\b(?:void|Task|class)\s+([A-Z]\w+)")]
    private static partial Regex Declaration();

    [GeneratedRegex("`([A-Z][A-Za-z0-9_]+)`")]
    private static partial Regex Name();
}
