using System.Globalization;
using System.Text;
using Spillway.Metrics.Counters;
using Spillway.Metrics.Groups;
using Spillway.Metrics.Records;
using Spillway.Metrics.Stores;
using Spillway.Metrics.Traffic;
using Spillway.Net.Flows;

namespace Spillway.Metrics.Thresholds;

/// <summary>
/// Compares what was counted with thresholds as each window closes, and raises and clears alerts. Between windows it costs nothing. The
/// writer's thread only; the figures may be read by any when it has ended.
/// </summary>
public sealed class ThresholdWatch
{
    /// <summary>Most hosts that are known. Beyond them none is new any more.</summary>
    public const int MaxKnownHosts = 2_000_000;

    private const long NsPerSecond = 1_000_000_000;
    private const string Raised = "ALARM",
        Cleared = "CLEAR",
        Once = "FIRE";

    // Meters of Hosts and of DNS clients.
    private const int Total = 0,
        Received = 1,
        Sent = 2,
        NewConnections = 13,
        Responses = 1,
        NoSuchName = 2;

    private readonly ThresholdSource _source;
    private readonly HomeNetworks _home;
    private readonly int _windowSeconds;
    private readonly int _hosts,
        _hostsIPv6,
        _clients;
    private readonly HashSet<(UInt128, byte)> _known = [];
    private IReadOnlyList<ThresholdRule> _rules = [];
    private List<ThresholdState> _states = [];
    private EventBatch _batch = new();
    private long _learnsFromNs = long.MaxValue;
    private long _unknown;
    private bool _knowsStore;

    /// <summary>Creates it.</summary>
    /// <param name="source">The thresholds.</param>
    /// <param name="registry">Has the groups that are looked at.</param>
    /// <param name="home">One's own networks.</param>
    /// <param name="windowSeconds">Length of a window.</param>
    public ThresholdWatch(ThresholdSource source, GroupRegistry registry, HomeNetworks home, int windowSeconds)
    {
        ArgumentNullException.ThrowIfNull(registry);
        (_source, _home, _windowSeconds) = (source, home, windowSeconds);
        _hosts = registry.Find(GroupKind.Counter, TrafficGroups.Hosts);
        _hostsIPv6 = registry.Find(GroupKind.Counter, TrafficGroups.HostsIPv6);
        _clients = registry.Find(GroupKind.Counter, TrafficGroups.DnsClients);
    }

    /// <summary>Alerts raised.</summary>
    public long RaisedCount { get; private set; }

    /// <summary>Alerts cleared.</summary>
    public long ClearedCount { get; private set; }

    /// <summary>Hosts that could not be followed or remembered: there were too many.</summary>
    public long Untracked => _unknown + _states.Sum(state => state.Untracked);

    /// <summary>A window is over.</summary>
    /// <param name="window">Its tables.</param>
    /// <param name="store">Knows which hosts were seen before; the window is not in it yet.</param>
    /// <returns>The alerts; null if there are none.</returns>
    /// <exception cref="StoreException">The store cannot be read; the next window tries again.</exception>
    internal EventBatch? OnWindow(CounterWindow window, IStore store)
    {
        TakeRules();
        foreach (ThresholdState state in _states)
        {
            if (state.Rule.Kind == ThresholdKind.NewHost)
                continue;
            state.Enter(window.StartNs, Clear);
            Look(state, window);
        }

        if (_states.Exists(state => state.Rule.Kind == ThresholdKind.NewHost))
            LookForNewHosts(window, store);
        if (_batch.Count == 0)
            return null;
        EventBatch full = _batch;
        _batch = new EventBatch();
        return full;
    }

    // What has not changed goes on where it was.
    private void TakeRules()
    {
        IReadOnlyList<ThresholdRule> rules = _source.Current;
        if (ReferenceEquals(rules, _rules))
            return;
        _rules = rules;
        _states =
        [
            .. rules.Select(rule => _states.Find(state => state.Rule.Text == rule.Text) ?? new ThresholdState(rule, _windowSeconds)),
        ];
    }

    private void Look(ThresholdState state, CounterWindow window)
    {
        ThresholdRule rule = state.Rule;
        if (rule.Kind == ThresholdKind.NoSuchName)
        {
            Look(state, window, window.Find(_clients), NoSuchName, Responses);
            return;
        }

        int meter =
            rule.Kind == ThresholdKind.Connections ? NewConnections
            : rule.Direction == ThresholdDirection.Sent ? Sent
            : rule.Direction == ThresholdDirection.Received ? Received
            : Total;
        Look(state, window, window.Find(_hosts), meter);
        Look(state, window, window.Find(_hostsIPv6), meter);
    }

    private void Look(ThresholdState state, CounterWindow window, CounterTable? table, int meter, int wholeMeter = -1)
    {
        if (table is null)
            return;
        for (int row = CounterTable.TotalsRow + 1; row < table.RowCount; row++)
        {
            double whole = 0;
            if (wholeMeter >= 0 && !table.TryGetValue(row, wholeMeter, out whole, out _))
                continue;
            if (!table.TryGetValue(row, meter, out double value, out _) && wholeMeter < 0)
                continue;
            if (
                !FlowId.TryParseAddress(table.KeyAt(row), out UInt128 address, out byte version)
                || !state.Rule.IsAbout(address, version, _home)
                || state.Add(address, version, value, whole) is not { } reached
            )
                continue;
            RaisedCount++;
            string text = FlowText.Address(address, version);
            Alert(
                state.Rule,
                window.EndNs,
                text,
                Raised,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{text}: {state.Rule.TextOf(reached)} in {state.Rule.Seconds} s, above {state.Rule.AboveText}"
                )
            );
        }
    }

    private void Clear(ThresholdRule rule, UInt128 address, byte version, long timeNs)
    {
        ClearedCount++;
        string text = FlowText.Address(address, version);
        Alert(
            rule,
            timeNs,
            text,
            Cleared,
            string.Create(
                CultureInfo.InvariantCulture,
                $"{text}: not above {rule.TextOf(rule.Clear)} for {rule.CalmPeriods} times {rule.Seconds} s"
            )
        );
    }

    private void LookForNewHosts(CounterWindow window, IStore store)
    {
        if (!_knowsStore)
        {
            foreach (string group in (string[])[WellKnownGuids.Hosts, WellKnownGuids.HostsIPv6])
            {
                foreach (string key in store.ReadKeys(group))
                {
                    if (FlowId.TryParseAddress(Encoding.ASCII.GetBytes(key), out UInt128 address, out byte version))
                        _known.Add((address, version));
                }
            }

            _knowsStore = true;
            _learnsFromNs = _known.Count == 0 ? window.StartNs : long.MaxValue;
        }

        LookForNewHosts(window, window.Find(_hosts));
        LookForNewHosts(window, window.Find(_hostsIPv6));
    }

    private void LookForNewHosts(CounterWindow window, CounterTable? table)
    {
        for (int row = CounterTable.TotalsRow + 1; row < table?.RowCount; row++)
        {
            if (!FlowId.TryParseAddress(table.KeyAt(row), out UInt128 address, out byte version) || _known.Contains((address, version)))
                continue;
            if (_known.Count >= MaxKnownHosts)
            {
                _unknown++;
                continue;
            }

            _known.Add((address, version));
            foreach (ThresholdState state in _states)
            {
                ThresholdRule rule = state.Rule;
                bool isLearning = _learnsFromNs != long.MaxValue && window.StartNs < _learnsFromNs + (rule.LearnSeconds * NsPerSecond);
                if (rule.Kind != ThresholdKind.NewHost || isLearning || !rule.IsAbout(address, version, _home))
                    continue;
                RaisedCount++;
                string text = FlowText.Address(address, version);
                Alert(rule, window.EndNs, text, Once, $"{text}: not in this store before");
            }
        }
    }

    private void Alert(ThresholdRule rule, long timeNs, string host, string status, string details) =>
        _batch.Add(
            new AlertRecord
            {
                TimestampNs = timeNs,
                GroupGuid = WellKnownGuids.ThresholdCrossing,
                Host = host,
                Key = rule.Id.ToString(CultureInfo.InvariantCulture),
                Classification = rule.Kind switch
                {
                    ThresholdKind.Bytes => "bytes",
                    ThresholdKind.Connections => "connections",
                    ThresholdKind.NewHost => "new-host",
                    _ => "nxdomain",
                },
                Priority = rule.Priority,
                Message = rule.Name,
                Status = status,
                ExtraMessage = details,
            }
        );
}
