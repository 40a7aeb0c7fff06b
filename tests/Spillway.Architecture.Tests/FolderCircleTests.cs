using System.Text.RegularExpressions;

namespace Spillway.Architecture.Tests;

/// <summary>Folders of one project know each other one way too: what two of them need of each other is a third thing.</summary>
public sealed partial class FolderCircleTests
{
    [Fact]
    public void Folders_FormNoCircle()
    {
        var source = Repository.Files("src", ".cs").Select(path => (path, text: Repository.Text(path))).ToList();
        var namespaces = source.Select(file => NamespaceOf(file.text)).Where(name => name.Length > 0).ToHashSet(StringComparer.Ordinal);
        var arrows = source
            .SelectMany(file =>
                Using().Matches(file.text).Select(match => (From: NamespaceOf(file.text), To: match.Groups[1].Value, File: file.path))
            )
            .Where(arrow => namespaces.Contains(arrow.To) && arrow.From != arrow.To && arrow.From.Length > 0)
            .ToList();
        ILookup<string, string> known = arrows.ToLookup(arrow => arrow.From, arrow => arrow.To, StringComparer.Ordinal);

        // An arrow is part of a circle if its end leads back to its beginning.
        Assert.Empty(
            arrows
                .Where(arrow => Reaches(known, arrow.To, arrow.From))
                .Select(arrow => $"{arrow.File}: 'using {arrow.To}' is part of a circle of folders")
                .Order(StringComparer.Ordinal)
        );
    }

    [Theory]
    [InlineData("a", "c", true)]
    [InlineData("c", "a", false)]
    [InlineData("b", "b", false)]
    public void Reaches_FollowsArrows(string from, string to, bool expected) =>
        Assert.Equal(expected, Reaches(new[] { ("a", "b"), ("b", "c") }.ToLookup(pair => pair.Item1, pair => pair.Item2), from, to));

    private static bool Reaches(ILookup<string, string> known, string from, string to)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var open = new Stack<string>([from]);
        while (open.TryPop(out string? at))
        {
            foreach (string next in known[at])
            {
                if (next == to)
                    return true;
                if (seen.Add(next))
                    open.Push(next);
            }
        }

        return false;
    }

    private static string NamespaceOf(string text) => Namespace().Match(text).Groups[1].Value;

    [GeneratedRegex(@"^namespace\s+([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex Namespace();

    [GeneratedRegex(@"^using\s+(?:static\s+)?([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex Using();
}
