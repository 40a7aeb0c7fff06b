using System.Reflection;
using System.Text.RegularExpressions;

namespace Spillway.Scripting.Tests;

/// <summary>The recipes of docs/t-async.md are scripts that load.</summary>
public sealed partial class DocumentTests
{
    public static TheoryData<string> Recipes =>
        new(
            Code()
                .Matches(Document())
                .Select(match => match.Groups["code"].Value)
                .Where(code => code.Contains("TrisulPlugin", StringComparison.Ordinal))
        );

    [Fact]
    public void Document_HasItsRecipes() => Assert.True(Recipes.Count >= 5, $"{Recipes.Count} recipes");

    [Theory]
    [MemberData(nameof(Recipes))]
    public void Recipe_IsLoaded_WithoutAWord(string recipe)
    {
        using var harness = new ScriptHarness(recipe);

        Assert.Empty(harness.Output.Problems);
        Assert.Empty(harness.Output.Errors);
        Assert.True(harness.Host.WritesFiles);
    }

    private static string Document() =>
        File.ReadAllText(
            Path.Combine(
                typeof(DocumentTests)
                    .Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
                    .Single(attribute => attribute.Key == "RepositoryRoot")
                    .Value!,
                "docs/t-async.md"
            )
        );

    [GeneratedRegex("```lua\n(?<code>.*?)```", RegexOptions.Singleline)]
    private static partial Regex Code();
}
