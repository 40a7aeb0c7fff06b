using System.Text;
using Spillway.Metrics.Counters;
using Spillway.Metrics.Groups;
using Spillway.Metrics.Records;
using Spillway.Metrics.Results;
using Spillway.Metrics.Shards;
using Spillway.Metrics.Traffic;

namespace Spillway.Metrics.Tests;

/// <summary>Keeps what a shard hands over.</summary>
internal sealed class CollectingSink : IMetricSink
{
    public List<CounterWindow> Windows { get; } = [];
    public List<TrafficBatch> Traffic { get; } = [];
    public List<EventBatch> Batches { get; } = [];

    public void Post(CounterWindow window) => Windows.Add(window);

    public void Post(TrafficBatch batch) => Traffic.Add(batch);

    public void Post(EventBatch batch) => Batches.Add(batch);
}

internal static class Helpers
{
    public const string TestGuid = "{11111111-2222-3333-4444-5555AAAABBBB}";
    public const long Second = 1_000_000_000;

    /// <summary>12:00:00 on some day: the top of a minute.</summary>
    public const long Noon = 1_700_000_000L / 86_400 * 86_400 * Second + (12 * 3600 * Second);

    public static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    public static Meter Meter(int id, MeterType type, string units = "") => new(id, type, $"meter{id}", "", units, 10, 0);

    /// <summary>A registry with one group whose meters have the given types.</summary>
    public static GroupRegistry RegistryWith(params MeterType[] types)
    {
        var registry = new GroupRegistry();
        registry.Add(
            new CounterGroupDefinition
            {
                Guid = TestGuid,
                Name = "Test",
                Meters = [.. types.Select((type, id) => Meter(id, type))],
            }
        );
        return registry;
    }

    public static void Close(this RunAggregates aggregates, CounterWindow window)
    {
        foreach (CounterTable table in window.Tables)
        {
            aggregates.Close(table);
            aggregates.Add(table);
        }
    }

    public static double? ValueOf(this CounterTable table, string key, int meter)
    {
        int row = table.FindRow(Utf8(key));
        return row >= 0 && table.TryGetValue(row, meter, out double value, out _) ? value : null;
    }
}
