using Spillway.Metrics.Counters;
using Spillway.Metrics.Groups;
using Spillway.Metrics.Names;
using Spillway.Metrics.Traffic.Geo;
using Spillway.Net.Flows;

namespace Spillway.Metrics.Traffic;

/// <summary>
/// Turns the rows of flows and links into keys of the built-in groups: a row costs a handful of look-ups here, on the writer's thread,
/// however many packets it stands for. One for each lane, so that a window's part stays its lane's.
/// </summary>
internal sealed class TrafficAggregator
{
    // Meters of Hosts and the groups derived from it.
    private const int Total = 0,
        Received = 1,
        Transmitted = 2,
        Packets = 3,
        ActiveConnections = 4,
        Homenet = 6,
        External = 7,
        SynSent = 8,
        SynReceived = 9,
        SynAckSent = 10,
        NewConnections = 13;

    private readonly GroupRegistry _registry;
    private readonly HomeNetworks _home;
    private readonly int _maxKeys;
    private readonly int _hosts,
        _hostsIPv6,
        _internalHosts,
        _externalHosts,
        _webHosts,
        _emailHosts,
        _sshHosts,
        _apps,
        _subnets;
    private readonly LinkGroups _links;
    private readonly NetworkTotals _totals;
    private readonly GeoGroups? _geo;
    private readonly NameGroups _names;
    private readonly DnsGroups _dns;
    private CounterTable?[] _tables = [];
    private TablePool? _pool;

    public TrafficAggregator(GroupRegistry registry, TrafficOptions options, int maxKeysPerGroup, GeoLocator? geo = null)
    {
        _registry = registry;
        _home = options.Home;
        _maxKeys = maxKeysPerGroup;
        _hosts = Index(TrafficGroups.Hosts);
        _hostsIPv6 = Index(TrafficGroups.HostsIPv6);
        _internalHosts = Index(TrafficGroups.InternalHosts);
        _externalHosts = Index(TrafficGroups.ExternalHosts);
        _webHosts = Index(TrafficGroups.WebHosts);
        _emailHosts = Index(TrafficGroups.EmailHosts);
        _sshHosts = Index(TrafficGroups.SshHosts);
        _apps = Index(TrafficGroups.Apps);
        _subnets = Index(TrafficGroups.Subnets);
        _links = new LinkGroups(this);
        _totals = new NetworkTotals(this);
        _geo = geo is null ? null : new GeoGroups(this, geo);
        var domains = new BaseDomains(options.Suffixes);
        _names = new NameGroups(this, domains);
        _dns = new DnsGroups(this, domains);
    }

    /// <summary>Adds a batch. It may be recycled afterwards.</summary>
    public void Add(TrafficBatch batch)
    {
        _pool = batch.Tables;
        foreach (ref readonly FlowDelta row in batch.Rows)
            Add(in row);
        _links.Add(batch.Links);
        _totals.Fragments += batch.Fragments;
        _dns.Add(batch.Dns);
    }

    /// <summary>Gives what came together to the lane's window.</summary>
    public void Complete(CounterWindow window)
    {
        if (_pool is not { } pool)
            return;
        _links.Complete();
        _totals.Complete();
        _geo?.Complete(window.IsPart);
        var tables = new List<CounterTable>();
        foreach (ref CounterTable? table in _tables.AsSpan())
        {
            if (table is { KeyCount: > 0 })
                tables.Add(table);
            table = null;
        }

        _pool = null;
        window.Merge(new CounterWindow(window.Lane, window.StartNs, tables, pool) { IsLast = window.IsLast }, _maxKeys);
    }

    internal int Index(ReadOnlySpan<byte> guid) => _registry.Find(GroupKind.Counter, guid);

    /// <summary>The table of a group in the window that is being put together.</summary>
    internal CounterTable TableOf(int group)
    {
        if (group < _tables.Length && _tables[group] is { } table)
            return table;
        if (group >= _tables.Length)
            Array.Resize(ref _tables, _registry.CounterGroups.Count);
        table = _pool!.Take(_registry.CounterGroup(group));
        table.MaxKeys = _maxKeys;
        return _tables[group] = table;
    }

    private void Add(in FlowDelta row)
    {
        byte version = row.Key.IPVersion;
        if (version == 0)
            return;
        bool homeA = _home.Contains(row.Key.AddressA, version);
        bool homeZ = _home.Contains(row.Key.AddressZ, version);
        var a = new HostDelta(
            row.BytesAZ,
            row.BytesZA,
            row.PacketsAZ + (long)row.PacketsZA,
            homeZ,
            row.SynA,
            row.SynZ,
            row.SynAckA,
            row.Marks
        );
        var z = new HostDelta(
            row.BytesZA,
            row.BytesAZ,
            row.PacketsAZ + (long)row.PacketsZA,
            homeA,
            row.SynZ,
            row.SynA,
            row.SynAckZ,
            row.Marks
        );
        HostRoles roles = ServerRoles.Of(in row, _names.HttpHosts);
        bool clientIsA = (row.Marks & FlowMarks.ClientIsA) != 0;
        AddHost(row.Key.AddressA, version, homeA, clientIsA ? HostRoles.None : roles, in a);
        AddHost(row.Key.AddressZ, version, homeZ, clientIsA ? roles : HostRoles.None, in z);
        AddSubnets(in row, homeA, homeZ);
        _geo?.Add(in row, homeA, homeZ);
        Direction direction = DirectionOf(in row, homeA, homeZ);
        _totals.Add(in row, in direction);
        if (row.Key.Protocol is 6 or 17 or 132 && (row.Marks & FlowMarks.Fragments) == 0)
            AddApp(in row, in direction);
        if (row.Labels is not null)
            _names.Add(row.Labels, row.BytesAZ + row.BytesZA);
    }

    private void AddHost(UInt128 address, byte version, bool isHome, HostRoles roles, in HostDelta host)
    {
        Span<byte> key = stackalloc byte[FlowId.Ipv6KeyLength];
        key = key[..FlowId.FormatAddress(address, version, key)];
        CounterTable table = TableOf(version == 6 ? _hostsIPv6 : _hosts);
        ulong hash = KeyHash.Compute(key);
        AddHost(table, table.RowOf(key, hash), in host);
        if (version == 6)
            return;
        AddTo(isHome ? _internalHosts : _externalHosts, key, hash, in host);
        if (roles == HostRoles.None)
            return;
        if ((roles & HostRoles.Web) != 0)
            AddTo(_webHosts, key, hash, in host);
        if ((roles & HostRoles.Email) != 0)
            AddTo(_emailHosts, key, hash, in host);
        if ((roles & HostRoles.Ssh) != 0)
            AddTo(_sshHosts, key, hash, in host);
    }

    private void AddTo(int group, ReadOnlySpan<byte> key, ulong hash, in HostDelta host)
    {
        CounterTable table = TableOf(group);
        AddHost(table, table.RowOf(key, hash), in host);
    }

    private static void AddHost(CounterTable table, int row, in HostDelta host)
    {
        table.Add(row, Total, host.Transmitted + host.Received);
        table.Add(row, Received, host.Received);
        table.Add(row, Transmitted, host.Transmitted);
        table.Add(row, Packets, host.Packets);
        table.Add(row, host.PeerIsHome ? Homenet : External, host.Transmitted + host.Received);
        table.Add(row, SynSent, host.SynSent);
        table.Add(row, SynReceived, host.SynReceived);
        table.Add(row, SynAckSent, host.SynAckSent);
        table.Add(row, NewConnections, host.Started);
        AddActive(table, row, ActiveConnections, host.Started, host.Ended);
    }

    // A flow that began and ended in one window has been there: the sample is 0, not missing.
    internal static void AddActive(CounterTable table, int row, int meter, long started, long ended)
    {
        if (started != 0 || ended != 0)
            table.AddSample(row, meter, started - ended);
    }

    private void AddApp(in FlowDelta row, in Direction direction)
    {
        const int intoHome = 2,
            outOfHome = 3,
            connections = 4,
            within = 5,
            transit = 6,
            active = 7;
        Span<byte> key = stackalloc byte[FlowId.PortLength];
        bool clientIsA = (row.Marks & FlowMarks.ClientIsA) != 0;
        FlowId.FormatPort(clientIsA ? row.Key.PortZ : row.Key.PortA, row.Key.Protocol, key);
        CounterTable table = TableOf(_apps);
        int app = table.RowOf(key);
        table.Add(app, TrafficGroups.AppTotal, row.BytesAZ + row.BytesZA);
        table.Add(app, intoHome, direction.Into);
        table.Add(app, outOfHome, direction.OutOf);
        table.Add(app, within, direction.Within);
        table.Add(app, transit, direction.Transit);
        long started = (long)(row.Marks & FlowMarks.Started);
        long ended = (row.Marks & FlowMarks.Ended) != 0 ? 1 : 0;
        table.Add(app, connections, started);
        AddActive(table, app, active, started, ended);
    }

    // Home networks are seen in pieces of the usual size: /24, and /64 for IPv6. Traffic within one piece counts once in its total.
    private void AddSubnets(in FlowDelta row, bool homeA, bool homeZ)
    {
        if (!homeA && !homeZ)
            return;
        byte version = row.Key.IPVersion;
        UInt128 host = version == 6 ? ulong.MaxValue : (UInt128)0xFF;
        UInt128 a = row.Key.AddressA & ~host;
        UInt128 z = row.Key.AddressZ & ~host;
        bool same = homeA && homeZ && a == z;
        if (homeA && _home.IsUnicastHome(row.Key.AddressA, version))
            AddSubnet(a, version, row.BytesAZ, row.BytesZA, in row, isTotal: true);
        if (homeZ && _home.IsUnicastHome(row.Key.AddressZ, version))
            AddSubnet(z, version, row.BytesZA, row.BytesAZ, in row, isTotal: !same);
    }

    private void AddSubnet(UInt128 network, byte version, long transmitted, long received, in FlowDelta row, bool isTotal)
    {
        const int packets = 3;
        Span<byte> key = stackalloc byte[FlowId.Ipv6KeyLength + 3];
        int length = FlowId.FormatAddress(network, version, key);
        (version == 6 ? "/64"u8 : "/24"u8).CopyTo(key[length..]);
        CounterTable table = TableOf(_subnets);
        int subnet = table.RowOf(key[..(length + 3)]);
        table.Add(subnet, Received, received);
        table.Add(subnet, Transmitted, transmitted);
        if (!isTotal)
            return;
        table.Add(subnet, Total, transmitted + received);
        table.Add(subnet, packets, row.PacketsAZ + (long)row.PacketsZA);
    }

    private static Direction DirectionOf(in FlowDelta row, bool homeA, bool homeZ)
    {
        long all = row.BytesAZ + row.BytesZA;
        long packets = row.PacketsAZ + (long)row.PacketsZA;
        return (homeA, homeZ) switch
        {
            (true, true) => new Direction { Within = all, WithinPackets = packets },
            (false, false) => new Direction { Transit = all, TransitPackets = packets },
            (true, false) => new Direction
            {
                OutOf = row.BytesAZ,
                OutOfPackets = row.PacketsAZ,
                Into = row.BytesZA,
                IntoPackets = row.PacketsZA,
            },
            _ => new Direction
            {
                Into = row.BytesAZ,
                IntoPackets = row.PacketsAZ,
                OutOf = row.BytesZA,
                OutOfPackets = row.PacketsZA,
            },
        };
    }

    private readonly struct HostDelta(
        long transmitted,
        long received,
        long packets,
        bool peerIsHome,
        long synSent,
        long synReceived,
        long synAckSent,
        FlowMarks marks
    )
    {
        public readonly long Transmitted = transmitted,
            Received = received,
            Packets = packets;
        public readonly long SynSent = synSent,
            SynReceived = synReceived,
            SynAckSent = synAckSent;
        public readonly long Started = (long)(marks & FlowMarks.Started),
            Ended = (marks & FlowMarks.Ended) != 0 ? 1 : 0;
        public readonly bool PeerIsHome = peerIsHome;
    }
}

/// <summary>Bytes and packets of a row by their way across the border of the home networks.</summary>
internal struct Direction
{
    public long Into,
        OutOf,
        Within,
        Transit;
    public long IntoPackets,
        OutOfPackets,
        WithinPackets,
        TransitPackets;
}
