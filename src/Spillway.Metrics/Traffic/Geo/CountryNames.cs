namespace Spillway.Metrics.Traffic.Geo;

/// <summary>
/// English names of countries (ISO 3166-1), for databases that have their codes only; from the embedded <c>countries.tsv</c>.
/// </summary>
internal static class CountryNames
{
    private static readonly Lazy<Dictionary<string, string>> Names = new(Read);

    /// <summary>The name; empty if the code is not known.</summary>
    public static string Find(string code) => Names.Value.GetValueOrDefault(code, "");

    private static Dictionary<string, string> Read()
    {
        var names = new Dictionary<string, string>();
        using Stream stream = typeof(CountryNames).Assembly.GetManifestResourceStream("countries.tsv")!;
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { } line)
        {
            if (line.Length > 3 && line[0] != '#')
                names.Add(line[..2], line[3..]);
        }

        return names;
    }
}
