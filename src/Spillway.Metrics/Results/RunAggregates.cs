using Spillway.Metrics.Counters;
using Spillway.Metrics.Groups;
using Spillway.Metrics.Records;

namespace Spillway.Metrics.Results;

/// <summary>
/// What the summary needs of the whole run, gathered while windows and events go to the store. Owned by the writer's thread.
/// </summary>
internal sealed class RunAggregates
{
    private readonly GroupRegistry _registry;
    private readonly MetricOptions _options;
    private readonly SortedDictionary<int, CounterTable> _tables = [];
    private readonly SortedDictionary<int, CounterTable> _carried = [];
    private readonly Dictionary<(int Group, string Key), string> _labels = [];
    private readonly List<FileRecord> _files = [];
    private readonly List<AlertRecord> _alerts = [];

    public RunAggregates(GroupRegistry registry, MetricOptions options)
    {
        _registry = registry;
        _options = options;
    }

    public IReadOnlyList<FileRecord> Files => _files;
    public IReadOnlyList<AlertRecord> Alerts => _alerts;
    public long FileCount { get; private set; }
    public long FileBytes { get; private set; }
    public long AlertCount { get; private set; }
    public long ResourceCount { get; private set; }
    public long FlowCount { get; private set; }

    /// <summary>Keys that had to make room in a window.</summary>
    public long KeysEvicted { get; private set; }

    /// <summary>Keys that had to make room in the totals of the run.</summary>
    public long KeysLeftOut { get; private set; }

    /// <summary>Ends the window of a group: totals, running meters.</summary>
    public void Close(CounterTable table)
    {
        CounterTable? carried = table.NeedsCarry ? TableOf(_carried, table) : null;
        table.Close(carried, _options.MaxKeysPerGroup);
    }

    /// <summary>Adds a group's window that was closed to the run.</summary>
    public void Add(CounterTable table)
    {
        CounterTable total = TableOf(_tables, table);
        KeysEvicted += table.EvictedKeys;
        KeysLeftOut += total.Merge(table, successive: true, _options.MaxKeysPerRun);
    }

    public void Add(EventBatch batch)
    {
        AlertCount += batch.Alerts.Count;
        ResourceCount += batch.Resources.Count;
        FlowCount += batch.Flows.Count;
        FileCount += batch.Files.Count;
        foreach (FileRecord file in batch.Files)
        {
            FileBytes += file.Size;
            if (_files.Count < _options.MaxListedRecords)
                _files.Add(file);
        }

        foreach (AlertRecord alert in batch.Alerts)
        {
            if (_alerts.Count < _options.MaxListedRecords)
                _alerts.Add(alert);
        }

        foreach (KeyLabelRecord label in batch.KeyLabels)
            SetLabel(label.Group, label.Key, label.Label);
    }

    /// <summary>
    /// The largest keys of each meter that has values: groups that traffic feeds last, else in the order of their definition.
    /// </summary>
    public IReadOnlyList<CounterToppers> Toppers(int count)
    {
        var result = new List<CounterToppers>();
        foreach (CounterTable table in _tables.Values.OrderBy(IsFedByTraffic))
        {
            foreach (Meter? meter in table.Group.Meters)
            {
                if (meter is not null && TopOf(table, meter, count) is { } toppers)
                    result.Add(toppers);
            }
        }

        return result;
    }

    private static CounterTable TableOf(SortedDictionary<int, CounterTable> tables, CounterTable like)
    {
        int group = like.Group.Index;
        if (tables.TryGetValue(group, out CounterTable? table) && table.MeterCount >= like.MeterCount)
            return table;
        var grown = new CounterTable(like.Group);
        if (table is not null)
            grown.Merge(table, successive: true, int.MaxValue);
        return tables[group] = grown;
    }

    private bool IsFedByTraffic(CounterTable table) =>
        _options.Traffic is not null && (table.Group.IsHeld || TrafficGroups.Feeds(table.Group.Guid));

    private CounterToppers? TopOf(CounterTable table, Meter meter, int count)
    {
        // Of equal values the earlier key counts as larger, so that the order is the same in every run.
        var largest = new PriorityQueue<int, (double Value, int Order)>(count + 1);
        int keys = 0;
        for (int row = CounterTable.TotalsRow + 1; row < table.RowCount; row++)
        {
            if (!table.TryGetValue(row, meter.Id, out double value, out _))
                continue;
            keys++;
            largest.Enqueue(row, (value, -row));
            if (largest.Count > count)
                largest.Dequeue();
        }

        bool hasTotal = table.TryGetValue(CounterTable.TotalsRow, meter.Id, out double total, out _);
        if (keys == 0 && !hasTotal)
            return null;
        var rows = new CounterTopper[largest.Count];
        for (int i = rows.Length - 1; i >= 0; i--)
        {
            largest.TryDequeue(out int row, out (double Value, int Order) rank);
            string key = WireText.Decode(table.KeyAt(row));
            rows[i] = new CounterTopper(key, LabelOf(table.Group, key), rank.Value);
        }

        return new CounterToppers
        {
            GroupGuid = table.Group.Guid,
            GroupName = table.Group.Name,
            IsFedByTraffic = IsFedByTraffic(table),
            MeterId = meter.Id,
            MeterName = meter.Name,
            Units = meter.Type.IsRate() ? UnitsOfTotal(meter.Units) : meter.Units,
            KeyCount = keys,
            Total = hasTotal ? total : null,
            Keys = rows,
        };
    }

    private void SetLabel(int group, string key, string label)
    {
        if (_labels.Count < _options.MaxKeysPerRun || _labels.ContainsKey((group, key)))
            _labels[(group, key)] = label;
    }

    private string LabelOf(CounterGroup group, string key)
    {
        if (_labels.TryGetValue((group.Index, key), out string? label))
            return label;
        if (
            group.ResolverGuid is { } guid
            && _registry.FindCounterGroup(guid) is { } resolver
            && _labels.TryGetValue((resolver.Index, key), out label)
        )
            return label;
        return "";
    }

    private static string UnitsOfTotal(string units) =>
        units switch
        {
            "Bps" or "B/s" => "B",
            "bps" or "b/s" => "bits",
            "pps" or "Pps" => "packets",
            "Rps" => "records",
            _ => units,
        };
}
