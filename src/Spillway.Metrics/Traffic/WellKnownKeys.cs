using System.Globalization;
using System.Text;
using Spillway.Metrics.Groups;

namespace Spillway.Metrics.Traffic;

/// <summary>Display labels of well-known ports, protocols and types, from the embedded <c>well-known-keys.tsv</c>.</summary>
internal static class WellKnownKeys
{
    /// <summary>Gives the labels to a registry, which gives them to the store with the first window.</summary>
    public static void AddTo(GroupRegistry registry)
    {
        using Stream stream = typeof(WellKnownKeys).Assembly.GetManifestResourceStream("well-known-keys.tsv")!;
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { } line)
        {
            if (line.Length == 0 || line[0] == '#')
                continue;
            string[] columns = line.Split('\t');
            ReadOnlySpan<byte> guid = GroupOf(columns[0]);
            string key =
                columns[0] == "app"
                    ? string.Create(CultureInfo.InvariantCulture, $"p-{int.Parse(columns[1], CultureInfo.InvariantCulture):X4}")
                    : columns[1];
            registry.AddKeyLabel(Encoding.ASCII.GetString(guid), key, columns[2]);
        }
    }

    private static ReadOnlySpan<byte> GroupOf(string name) =>
        name switch
        {
            "app" => TrafficGroups.Apps,
            "protocol" => TrafficGroups.NetworkLayer,
            "link" => TrafficGroups.LinkLayer,
            "icmp" => TrafficGroups.IcmpTypes,
            "priority" => TrafficGroups.AlertPriorities,
            "session" => Encoding.ASCII.GetBytes(WellKnownGuids.MetaSessions),
            "total" => TrafficGroups.Aggregates,
            _ => throw new InvalidDataException($"well-known-keys.tsv: unknown group \"{name}\"."),
        };
}
