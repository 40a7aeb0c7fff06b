using System.Reflection;
using System.Text.RegularExpressions;
using Spillway.Scripting.Authoring;
using Spillway.Scripting.Blocks;

namespace Spillway.Scripting.Tests;

/// <summary>The reference for authors has an entry for each function that scripts can call, and none for one that is not there.</summary>
public sealed partial class ScriptApiDocumentTests : IDisposable
{
    private static readonly string Directory = Path.Combine(
        typeof(ScriptApiDocumentTests)
            .Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .Single(attribute => attribute.Key == "RepositoryRoot")
            .Value!,
        "docs/script-api"
    );

    private readonly ScriptInspector _inspector = new(new ScriptEnvironment(new Dictionary<string, string>()));

    [Fact]
    public void EachRegisteredMember_HasAnEntry() => Assert.Empty(Registered().Except(Documented().Select(entry => entry.Name)).Order());

    [Fact]
    public void EachEntry_IsOfARegisteredMember_AndStandsOnce()
    {
        string[] documented = [.. Documented().Select(entry => entry.Name)];

        Assert.Empty(documented.Except(Registered()).Order());
        Assert.Empty(documented.GroupBy(name => name).Where(group => group.Count() > 1).Select(group => group.Key));
    }

    [Fact]
    public void EachEntry_TellsResultErrorsAndSide()
    {
        foreach ((string name, string text) in Documented())
        {
            foreach (string field in new[] { "- Result: ", "- Errors: ", "- Side: " })
                Assert.True(text.Contains(field, StringComparison.Ordinal), $"{name} has no '{field}'");
        }
    }

    [Fact]
    public void EachBlockTypeAndCallback_IsInTheListOfBlocks()
    {
        string page = File.ReadAllText(Path.Combine(Directory, "blocks.md"));
        foreach (BlockType type in BlockTypes.All)
        {
            Assert.Contains($"### `{type.Name}`", page, StringComparison.Ordinal);
            string section = page[page.IndexOf($"### `{type.Name}`", StringComparison.Ordinal)..];
            int end = section.IndexOf("\n### ", 1, StringComparison.Ordinal);
            if (end > 0)
                section = section[..end];
            foreach (string name in type.Callbacks.Concat(type.Fields))
                Assert.True(section.Contains($"`{name}", StringComparison.Ordinal), $"{type.Name}: {name}");
        }
    }

    public void Dispose() => _inspector.Dispose();

    private IEnumerable<string> Registered() =>
        _inspector.Api.Present.SelectMany(pair => pair.Value.Select(member => $"{pair.Key}.{member}"));

    private static IEnumerable<(string Name, string Text)> Documented() =>
        from file in System.IO.Directory.GetFiles(Directory, "*.md")
        where Path.GetFileName(file) != "blocks.md"
        from Match entry in Entry().Matches(File.ReadAllText(file))
        select (entry.Groups["name"].Value.Replace(':', '.'), entry.Value);

    [GeneratedRegex(@"^### `(?<name>[\w.:]+).*?(?=^#|\z)", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Entry();
}
