using System.Text.RegularExpressions;

namespace Spillway.Architecture.Tests;

/// <summary>A link of a document to a file of this repository, or to a heading, leads somewhere.</summary>
public sealed partial class DocumentLinkTests
{
    public static TheoryData<string> Documents => new(Repository.Files("", ".md"));

    [Theory]
    [MemberData(nameof(Documents))]
    public void RelativeLinks_LeadSomewhere(string document) =>
        Assert.Equal([], Links(Repository.Text(document)).Where(target => !LeadsSomewhere(document, target)));

    [Theory]
    [InlineData("see [one](a.md) and [two](b/c.md#d)", new[] { "a.md", "b/c.md#d" })]
    [InlineData("[out](https://example.org/) [mail](mailto:a@example.org)", new string[0])]
    [InlineData("`[not](a.md)`", new string[0])]
    [InlineData("```\n[not](a.md)\n```\n", new string[0])]
    public void Links_AreTheRelativeOnes(string text, string[] expected) => Assert.Equal(expected, Links(text));

    [Theory]
    [InlineData("## The way of a packet", "the-way-of-a-packet")]
    [InlineData("# `T.async`: the contract", "tasync-the-contract")]
    public void AnchorOf_IsWhatRenderersMake(string heading, string expected) => Assert.Equal(expected, AnchorOf(heading));

    private static IEnumerable<string> Links(string text) =>
        Link()
            .Matches(CodeText().Replace(text, ""))
            .Select(match => match.Groups["target"].Value)
            .Where(target => !Scheme().IsMatch(target));

    private static bool LeadsSomewhere(string document, string target)
    {
        string[] parts = target.Split('#', 2);
        string path = parts[0].Length == 0 ? document : Path.Combine(Path.GetDirectoryName(document)!, Uri.UnescapeDataString(parts[0]));
        return Repository.Exists(path)
            && (parts.Length == 1 || Repository.Lines(path).Where(line => line.StartsWith('#')).Any(line => AnchorOf(line) == parts[1]));
    }

    private static string AnchorOf(string heading) =>
        NotInAnchors().Replace(heading.TrimStart('#').Trim().ToLowerInvariant(), "").Replace(' ', '-');

    [GeneratedRegex(@"\[[^\]]*\]\((?<target>[^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex("```.*?```|`[^`\n]*`", RegexOptions.Singleline)]
    private static partial Regex CodeText();

    [GeneratedRegex("^[a-z]+:")]
    private static partial Regex Scheme();

    [GeneratedRegex(@"[^\w\- ]")]
    private static partial Regex NotInAnchors();
}
