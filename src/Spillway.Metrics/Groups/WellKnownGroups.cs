using System.Globalization;

namespace Spillway.Metrics.Groups;

/// <summary>
/// Reads the embedded table of the groups that every probe knows (<c>well-known-groups.tsv</c>, which explains its columns).
/// </summary>
internal static class WellKnownGroups
{
    /// <summary>Adds all of them to an empty registry.</summary>
    public static void AddTo(GroupRegistry registry)
    {
        using Stream stream = typeof(WellKnownGroups).Assembly.GetManifestResourceStream("well-known-groups.tsv")!;
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { } line)
        {
            if (line.Length == 0 || line[0] == '#')
                continue;
            string[] columns = line.Split('\t');
            switch (columns[0])
            {
                case "counter":
                    registry.AddWellKnown(ReadCounterGroup(registry, columns));
                    break;
                case "alias":
                    registry.AddAlias(columns[1], columns[2]);
                    break;
                case "alert":
                    registry.AddNamed(GroupKind.Alert, columns[1], columns[2], "");
                    break;
                case "resource":
                    registry.AddNamed(GroupKind.Resource, columns[1], columns[2], "");
                    break;
                case "fts":
                    registry.AddNamed(GroupKind.Fts, columns[1], columns[2], "");
                    break;
                case "session":
                    registry.AddNamed(GroupKind.Session, columns[1], columns[2], "");
                    break;
                default:
                    throw new InvalidDataException($"well-known-groups.tsv: unknown kind \"{columns[0]}\".");
            }
        }
    }

    private static CounterGroupDefinition ReadCounterGroup(GroupRegistry registry, string[] columns) =>
        new()
        {
            Guid = columns[1],
            Name = columns[2],
            Description = columns[3],
            ResolverGuid =
                columns.Length > 6 ? columns[6]
                : columns[5].StartsWith('=') ? columns[5][1..]
                : null,
            BucketSeconds = ReadNumber(columns[4].AsSpan(0, columns[4].IndexOf('/', StringComparison.Ordinal))),
            Meters = columns[5].StartsWith('=')
                ? [.. registry.FindCounterGroup(columns[5][1..])!.Meters.OfType<Meter>()]
                : ReadMeters(columns[5]),
        };

    private static Meter[] ReadMeters(string text)
    {
        if (text.Length == 0)
            return [];
        string[] rows = text.Split(';');
        var meters = new Meter[rows.Length];
        for (int i = 0; i < rows.Length; i++)
        {
            string[] fields = rows[i].Split(':');
            meters[i] = new Meter(
                ReadNumber(fields[0]),
                ReadType(fields[2][0]),
                fields[1],
                "",
                fields[3],
                ReadNumber(fields[4]),
                ReadNumber(fields[5])
            );
        }

        return meters;
    }

    private static MeterType ReadType(char letter) =>
        letter switch
        {
            'C' => MeterType.Counter,
            'R' => MeterType.RateCounter,
            'G' => MeterType.Gauge,
            'N' => MeterType.RunningCounter,
            'A' => MeterType.Average,
            'D' => MeterType.DeltaRateCounter,
            'X' => MeterType.Maximum,
            'M' => MeterType.Minimum,
            _ => throw new InvalidDataException($"well-known-groups.tsv: unknown meter type \"{letter}\"."),
        };

    private static int ReadNumber(ReadOnlySpan<char> text) => int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);
}
