using System.Reflection;

namespace Spillway.EndToEnd.Conformance;

/// <summary>Captures of others with what their tools make of them, where they are at hand: they are no part of the repository.</summary>
internal static class Captures
{
    /// <summary>Their directory, or null: <c>SPILLWAY_PCAPS</c>, or <c>shared/pcaps</c> beside the checkout or above.</summary>
    public static string? Root { get; } = Find();

    /// <summary>The rows of a table of expected values, each by the names of its columns.</summary>
    public static IEnumerable<IReadOnlyDictionary<string, string>> Table(string name)
    {
        using var reader = new StreamReader(Path.Combine(Root!, "TRUTH", name));
        string[] columns = reader.ReadLine()!.Split('\t');
        while (reader.ReadLine() is { } line)
            yield return columns.Zip(line.Split('\t')).ToDictionary(cell => cell.First, cell => cell.Second);
    }

    private static string? Find()
    {
        if (Environment.GetEnvironmentVariable("SPILLWAY_PCAPS") is { Length: > 0 } given)
            return given;
        string repository = typeof(Captures)
            .Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .Single(attribute => attribute.Key == "RepositoryRoot")
            .Value!;
        for (string? at = Path.TrimEndingDirectorySeparator(repository); at is not null; at = Path.GetDirectoryName(at))
        {
            string candidate = Path.Combine(at, "shared", "pcaps");
            if (Directory.Exists(Path.Combine(candidate, "TRUTH")))
                return candidate;
        }

        return null;
    }
}
