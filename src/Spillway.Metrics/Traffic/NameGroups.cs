using Spillway.Metrics.Counters;
using Spillway.Metrics.Groups;
using Spillway.Metrics.Names;

namespace Spillway.Metrics.Traffic;

/// <summary>
/// The groups whose keys are what a flow was labelled with (HTTP host, TLS organisation), and Base Domains, which follows from its names.
/// </summary>
internal sealed class NameGroups
{
    private const int Total = 0;

    // 255 bytes on the wire (RFC 1035, 2.3.4) as text with a dot at the end. What is longer was cut, and its end says nothing.
    private const int MaxNameLength = 254;

    private readonly TrafficAggregator _owner;
    private readonly BaseDomains _domains;
    private readonly int _baseDomains;

    public NameGroups(TrafficAggregator owner, BaseDomains domains)
    {
        _owner = owner;
        _domains = domains;
        HttpHosts = owner.Index(TrafficGroups.HttpHosts);
        _baseDomains = owner.Index(TrafficGroups.BaseDomains);
    }

    /// <summary>Index of HTTP Hosts.</summary>
    public int HttpHosts { get; }

    /// <summary>Adds the bytes of a row to the keys of its labels.</summary>
    public void Add(FlowLabel labels, long bytes)
    {
        bool hasName = false;
        for (FlowLabel? label = labels; label is not null; label = label.Next)
        {
            if (label.Group >= 0)
            {
                CounterTable table = _owner.TableOf(label.Group);
                table.Add(table.RowOf(label.Key), label.Meter, bytes);
            }

            // A tunnel has a host that HTTP names and a server name within: the later one, which stands first, is meant.
            if (hasName || (label.Group != HttpHosts && label.Group != FlowLabel.ServerName))
                continue;
            hasName = true;
            if (label.Key.Length <= MaxNameLength)
                AddDomain(_domains.Of(label.Key), bytes);
        }
    }

    private void AddDomain(ReadOnlySpan<byte> domain, long bytes)
    {
        if (domain.IsEmpty || bytes == 0)
            return;
        CounterTable table = _owner.TableOf(_baseDomains);
        table.Add(table.RowOf(domain), Total, bytes);
    }
}
