using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Spillway.Metrics.Thresholds;

/// <summary>What a threshold knows of one host in its open period, and whether its alert is raised.</summary>
internal struct HostState
{
    /// <summary>What was counted in the period.</summary>
    public double Sum;

    /// <summary>What a share is of.</summary>
    public double Whole;

    /// <summary>Calm periods in a row since it was raised.</summary>
    public int Calm;

    /// <summary>Whether its alert is raised.</summary>
    public bool IsRaised;
}

/// <summary>The hosts of one threshold. The writer's thread only.</summary>
/// <param name="rule">The threshold.</param>
/// <param name="windowSeconds">Length of a window.</param>
internal sealed class ThresholdState(ThresholdRule rule, int windowSeconds)
{
    /// <summary>Most hosts that are followed at a time. Further ones are counted and not judged.</summary>
    public const int MaxHosts = 200_000;

    private const long NsPerSecond = 1_000_000_000;

    private readonly Dictionary<(UInt128 Address, byte Version), HostState> _hosts = [];
    private readonly List<(UInt128, byte)> _gone = [];
    private long _period = long.MinValue;

    /// <summary>The threshold.</summary>
    public ThresholdRule Rule => rule;

    /// <summary>Hosts that are followed.</summary>
    public int Count => _hosts.Count;

    /// <summary>Hosts that could not be followed.</summary>
    public long Untracked { get; private set; }

    /// <summary>A window begins: if it is of another period, the one before is over.</summary>
    /// <param name="startNs">The window's start.</param>
    /// <param name="cleared">Called for each host whose alert is over, with the time at which it was.</param>
    public void Enter(long startNs, Action<ThresholdRule, UInt128, byte, long> cleared)
    {
        long period = Math.DivRem(startNs, rule.Seconds * NsPerSecond, out long rest) - (rest < 0 ? 1 : 0);
        if (period == _period)
            return;
        long before = _period;
        _period = period;
        if (before == long.MinValue)
            return;
        // Periods without a packet are calm ones. After a step back in time none has passed.
        long passed = Math.Max(1, period - before);
        foreach ((UInt128 Address, byte Version) host in _hosts.Keys)
            Close(host, before, passed, cleared);
        foreach ((UInt128, byte) host in _gone)
            _hosts.Remove(host);
        _gone.Clear();
    }

    /// <summary>Adds what a window has of a host.</summary>
    /// <returns>The value it has come to, if an alert is to be raised; else null.</returns>
    public double? Add(UInt128 address, byte version, double value, double whole)
    {
        ref HostState state = ref CollectionsMarshal.GetValueRefOrNullRef(_hosts, (address, version));
        if (Unsafe.IsNullRef(ref state))
        {
            // Of a period of one window nothing has to be kept but what is above.
            if (rule.Seconds == windowSeconds && !IsAbove(value, whole, out _))
                return null;
            if (_hosts.Count >= MaxHosts)
            {
                Untracked++;
                return null;
            }

            state = ref CollectionsMarshal.GetValueRefOrAddDefault(_hosts, (address, version), out _);
        }

        state.Sum += value;
        state.Whole += whole;
        if (state.IsRaised || !IsAbove(state.Sum, state.Whole, out double reached))
            return null;
        state.IsRaised = true;
        state.Calm = 0;
        return reached;
    }

    private void Close((UInt128 Address, byte Version) host, long period, long passed, Action<ThresholdRule, UInt128, byte, long> cleared)
    {
        ref HostState state = ref CollectionsMarshal.GetValueRefOrNullRef(_hosts, host);
        if (!state.IsRaised)
        {
            _gone.Add(host);
            return;
        }

        bool isCalm = ValueOf(state.Sum, state.Whole) <= rule.Clear || (rule.Kind == ThresholdKind.NoSuchName && state.Whole < rule.Least);
        int calmBefore = isCalm ? state.Calm + 1 : 0;
        long calm = calmBefore + passed - 1;
        if (calm >= rule.CalmPeriods)
        {
            long ended = period + 1 + Math.Max(0, rule.CalmPeriods - calmBefore);
            cleared(rule, host.Address, host.Version, ended * rule.Seconds * NsPerSecond);
            _gone.Add(host);
            return;
        }

        state = new HostState { IsRaised = true, Calm = (int)calm };
    }

    private bool IsAbove(double sum, double whole, out double value)
    {
        value = ValueOf(sum, whole);
        return value > rule.Above && (rule.Kind != ThresholdKind.NoSuchName || whole >= rule.Least);
    }

    private double ValueOf(double sum, double whole) =>
        rule.Kind != ThresholdKind.NoSuchName ? sum
        : whole > 0 ? sum / whole
        : 0;
}
