using System.Text;
using Spillway.Metrics.Counters;
using Spillway.Metrics.Groups;
using Spillway.Metrics.Names;
using Spillway.Net.Flows;
using Spillway.Net.Protocols.Dns;

namespace Spillway.Metrics.Traffic;

/// <summary>The groups that DNS messages feed. One for each lane, on the writer's thread.</summary>
internal sealed class DnsGroups
{
    // The first five meters are those of every group but the response codes.
    private const int Queries = 0,
        Responses = 1,
        NoSuchName = 2,
        Failures = 3,
        MessageBytes = 4;
    private const int ResponseTime = 5,
        LongestResponseTime = 6;
    private const int NameLength = 5,
        LongestName = 6;
    private const int NoError = 0,
        NameError = 3;

    private readonly TrafficAggregator _owner;
    private readonly BaseDomains _domains;
    private readonly DnsExchanges _exchanges = new();
    private readonly Dictionary<int, byte[]> _typeNames = [];
    private readonly int _types,
        _codes,
        _names,
        _servers,
        _clients;

    public DnsGroups(TrafficAggregator owner, BaseDomains domains)
    {
        _owner = owner;
        _domains = domains;
        _types = owner.Index(TrafficGroups.DnsQueryTypes);
        _codes = owner.Index(TrafficGroups.DnsResponseCodes);
        _names = owner.Index(TrafficGroups.DnsDomains);
        _servers = owner.Index(TrafficGroups.DnsServers);
        _clients = owner.Index(TrafficGroups.DnsClients);
    }

    /// <summary>Adds messages.</summary>
    public void Add(DnsTable messages)
    {
        foreach (ref readonly DnsRow row in messages.Rows)
        {
            AddEnds(in row);
            if (row.IsResponse)
                AddCode(row.ResponseCode);
            if (row.NameLength == 0)
                continue;
            AddMessage(_types, TypeName(row.Type), in row);
            AddName(messages.NameOf(in row), in row);
        }
    }

    private void AddEnds(in DnsRow row)
    {
        Span<byte> key = stackalloc byte[FlowId.Ipv6KeyLength];
        int length = FlowId.FormatAddress(row.ClientIsA ? row.Flow.AddressA : row.Flow.AddressZ, row.Flow.IPVersion, key);
        AddMessage(_clients, key[..length], in row);
        length = FlowId.FormatAddress(row.ClientIsA ? row.Flow.AddressZ : row.Flow.AddressA, row.Flow.IPVersion, key);
        int server = AddMessage(_servers, key[..length], in row);
        if (!row.IsResponse)
        {
            _exchanges.OnQuery(in row);
            return;
        }

        if (!_exchanges.TryTake(in row, out long elapsedNs))
            return;
        CounterTable table = _owner.TableOf(_servers);
        table.AddSample(server, ResponseTime, elapsedNs / 1000.0);
        table.AddSample(server, LongestResponseTime, elapsedNs / 1000.0);
    }

    private void AddCode(int code)
    {
        CounterTable table = _owner.TableOf(_codes);
        table.Add(table.RowOf(CodeName(code)), 0, 1);
    }

    // What can be registered is what somebody answers for; a name without such a part (a single label, a top-level domain) stands for
    // itself.
    private void AddName(ReadOnlySpan<byte> name, in DnsRow row)
    {
        ReadOnlySpan<byte> domain = _domains.Of(name);
        if (domain.IsEmpty)
            domain = name;
        int key = AddMessage(_names, domain[..Math.Min(domain.Length, KeyArena.MaxKeyLength)], in row);
        if (row.IsResponse)
            return;
        CounterTable table = _owner.TableOf(_names);
        table.AddSample(key, NameLength, row.NameLength);
        table.AddSample(key, LongestName, row.NameLength);
    }

    private int AddMessage(int group, ReadOnlySpan<byte> key, in DnsRow row)
    {
        CounterTable table = _owner.TableOf(group);
        int at = table.RowOf(key);
        table.Add(at, MessageBytes, row.Bytes);
        table.Add(at, row.IsResponse ? Responses : Queries, 1);
        if (row.IsResponse && row.ResponseCode != NoError)
            table.Add(at, row.ResponseCode == NameError ? NoSuchName : Failures, 1);
        return at;
    }

    private byte[] TypeName(ushort type)
    {
        if (_typeNames.TryGetValue(type, out byte[]? name))
            return name;
        name = Encoding.ASCII.GetBytes(DnsText.TypeName(type));
        _typeNames.Add(type, name);
        return name;
    }

    private byte[] CodeName(int code)
    {
        if (_typeNames.TryGetValue(~code, out byte[]? name))
            return name;
        name = Encoding.ASCII.GetBytes(DnsText.ResponseCodeName(code));
        _typeNames.Add(~code, name);
        return name;
    }
}
