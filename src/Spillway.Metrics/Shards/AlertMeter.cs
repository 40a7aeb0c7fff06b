using Spillway.Metrics.Groups;
using Spillway.Metrics.Traffic;
using Spillway.Net.Flows;
using Spillway.Net.Packets;

namespace Spillway.Metrics.Shards;

/// <summary>
/// Counts alerts when they are raised: by signature, class and priority, and for the hosts and the application of their flow. One for each
/// shard, on its thread.
/// </summary>
internal sealed class AlertMeter
{
    // Meters of Hosts and the groups derived from it, and of Apps.
    private const int AttackerAlerts = 5,
        BlacklistAlerts = 11,
        VictimAlerts = 12,
        SecurityAlerts = 1;
    private const int Total = 0;

    private readonly MetricShard _shard;
    private readonly HomeNetworks _home;
    private readonly int _signatures,
        _classes,
        _priorities,
        _blacklist,
        _apps;
    private readonly int _hosts,
        _hostsIPv6,
        _internalHosts,
        _externalHosts,
        _webHosts,
        _emailHosts,
        _sshHosts;

    public AlertMeter(MetricShard shard, HomeNetworks home)
    {
        _shard = shard;
        _home = home;
        _signatures = shard.FindCounterGroup(TrafficGroups.AlertSignatures);
        _classes = shard.FindCounterGroup(TrafficGroups.AlertClasses);
        _priorities = shard.FindCounterGroup(TrafficGroups.AlertPriorities);
        _blacklist = shard.FindAlertGroup("{5E97C3A3-41DB-4E34-92C3-87C904FAB83E}"u8);
        _apps = shard.FindCounterGroup(TrafficGroups.Apps);
        _hosts = shard.FindCounterGroup(TrafficGroups.Hosts);
        _hostsIPv6 = shard.FindCounterGroup(TrafficGroups.HostsIPv6);
        _internalHosts = shard.FindCounterGroup(TrafficGroups.InternalHosts);
        _externalHosts = shard.FindCounterGroup(TrafficGroups.ExternalHosts);
        _webHosts = shard.FindCounterGroup(TrafficGroups.WebHosts);
        _emailHosts = shard.FindCounterGroup(TrafficGroups.EmailHosts);
        _sshHosts = shard.FindCounterGroup(TrafficGroups.SshHosts);
    }

    /// <summary>Counts an alert.</summary>
    /// <param name="group">Index of its alert group.</param>
    /// <param name="flowId">Flow id; empty for none.</param>
    /// <param name="key">Signature id.</param>
    /// <param name="classification">May be empty.</param>
    /// <param name="priority">Priority.</param>
    /// <param name="namesSource">The alert comes from elsewhere: its flow id leads from the source that it names to the
    /// destination.</param>
    public void Count(
        int group,
        ReadOnlySpan<byte> flowId,
        ReadOnlySpan<byte> key,
        ReadOnlySpan<byte> classification,
        int priority,
        bool namesSource
    )
    {
        if (!key.IsEmpty)
            _shard.Update(_signatures, key, Total, 1);
        if (!classification.IsEmpty)
            _shard.Update(_classes, classification, Total, 1);
        Span<byte> number = stackalloc byte[11];
        priority.TryFormat(number, out int length, default, null);
        _shard.Update(_priorities, number[..length], Total, 1);
        if (FlowId.TryParse(flowId, out FlowKey flow) && !flow.IsNone)
            CountFlow(group, in flow, namesSource);
    }

    private void CountFlow(int group, in FlowKey id, bool namesSource)
    {
        // The server is the end with the lower port, unless the flow is there and knows better.
        FlowKey flow = FlowKey.Create(id.AddressA, id.PortA, id.AddressZ, id.PortZ, id.Protocol, id.IPVersion, out _);
        Flow? known = _shard.FindFlow?.Invoke(flow);
        bool serverIsZ = known?.IsClientA ?? true;
        UInt128 server = serverIsZ ? flow.AddressZ : flow.AddressA;
        ushort port = serverIsZ ? flow.PortZ : flow.PortA;
        UInt128 attacker = id.AddressA,
            victim = id.AddressZ;
        if (known is not null && !namesSource && attacker == server)
            (attacker, victim) = (victim, attacker);

        HostRoles roles = ServerRoles.OfPort(flow.Protocol, port);
        bool isBlacklist = group == _blacklist;
        CountHost(attacker, id.IPVersion, AttackerAlerts, attacker == server ? roles : HostRoles.None, isBlacklist);
        // An id with one host at both ends was made to hang an alert on a host.
        if (victim != attacker)
            CountHost(victim, id.IPVersion, VictimAlerts, victim == server ? roles : HostRoles.None, isBlacklist);
        if (port == 0 || flow.Protocol is not (6 or 17 or 132))
            return;
        Span<byte> key = stackalloc byte[FlowId.PortLength];
        FlowId.FormatPort(port, flow.Protocol, key);
        _shard.Update(_apps, key, SecurityAlerts, 1);
    }

    private void CountHost(UInt128 address, byte version, int meter, HostRoles roles, bool isBlacklist)
    {
        if (address == 0)
            return; // an alert that knows one end only
        Span<byte> key = stackalloc byte[FlowId.Ipv6KeyLength];
        key = key[..FlowId.FormatAddress(address, version, key)];
        CountHost(version == 6 ? _hostsIPv6 : _hosts, key, meter, isBlacklist);
        if (version == 6)
            return;
        CountHost(_home.Contains(address, version) ? _internalHosts : _externalHosts, key, meter, isBlacklist);
        if ((roles & HostRoles.Web) != 0)
            CountHost(_webHosts, key, meter, isBlacklist);
        if ((roles & HostRoles.Email) != 0)
            CountHost(_emailHosts, key, meter, isBlacklist);
        if ((roles & HostRoles.Ssh) != 0)
            CountHost(_sshHosts, key, meter, isBlacklist);
    }

    private void CountHost(int group, ReadOnlySpan<byte> key, int meter, bool isBlacklist)
    {
        _shard.Update(group, key, meter, 1);
        if (isBlacklist)
            _shard.Update(group, key, BlacklistAlerts, 1);
    }
}
