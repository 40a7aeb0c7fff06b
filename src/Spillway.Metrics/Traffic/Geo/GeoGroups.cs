using System.Runtime.InteropServices;
using Spillway.Metrics.Counters;
using Spillway.Metrics.Groups;
using Spillway.Net.Flows;

namespace Spillway.Metrics.Traffic.Geo;

/// <summary>
/// The groups that databases feed: Country, City, ASNumber, Prefix. Upload is what was sent to addresses of a key, download what came from
/// them.
/// Addresses of the home networks are not looked up; of traffic that only crosses, both ends count.
/// </summary>
internal sealed class GeoGroups
{
    private const int Upload = 0,
        Download = 1;

    private readonly TrafficAggregator _owner;
    private readonly GeoLocator _locator;
    private readonly int _countries,
        _cities,
        _asNumbers,
        _prefixes,
        _hosts,
        _hostsIPv6;
    private readonly List<HostPlace> _undescribed = [];
    private int _described;

    public GeoGroups(TrafficAggregator owner, GeoLocator locator)
    {
        _owner = owner;
        _locator = locator;
        _countries = owner.Index(GeoKeys.Countries);
        _cities = owner.Index(GeoKeys.Cities);
        _asNumbers = owner.Index(GeoKeys.AsNumbers);
        _prefixes = owner.Index(GeoKeys.Prefixes);
        _hosts = owner.Index(TrafficGroups.Hosts);
        _hostsIPv6 = owner.Index(TrafficGroups.HostsIPv6);
    }

    /// <summary>Keeps the groups' meters what they are, whatever scripts define.</summary>
    public static void Hold(GroupRegistry registry)
    {
        Hold(GeoKeys.Countries);
        Hold(GeoKeys.Cities);
        Hold(GeoKeys.AsNumbers);
        Hold(GeoKeys.Prefixes);

        void Hold(ReadOnlySpan<byte> guid) => registry.CounterGroup(registry.Find(GroupKind.Counter, guid)).IsHeld = true;
    }

    public void Add(in FlowDelta row, bool homeA, bool homeZ)
    {
        if (!homeA)
            Add(row.Key.AddressA, row.Key.IPVersion, row.BytesZA, row.BytesAZ);
        if (!homeZ)
            Add(row.Key.AddressZ, row.Key.IPVersion, row.BytesAZ, row.BytesZA);
    }

    /// <summary>Hosts that are in the window get their attributes.</summary>
    /// <param name="isPart">The window goes on.</param>
    public void Complete(bool isPart)
    {
        Span<byte> key = stackalloc byte[FlowId.Ipv6KeyLength];
        foreach (ref readonly HostPlace place in CollectionsMarshal.AsSpan(_undescribed))
        {
            // A host that had to make room in its table is not in the store, and would stay there for ever.
            int length = FlowId.FormatAddress(place.Address, place.Version, key);
            if (_owner.TableOf(place.Version == 6 ? _hostsIPv6 : _hosts).FindRow(key[..length]) >= 0)
                _locator.Records.Describe(in place);
        }

        _undescribed.Clear();
        if (!isPart)
            _described = 0;
    }

    private void Add(UInt128 address, byte version, long upload, long download)
    {
        if (upload == 0 && download == 0)
            return;
        ref HostPlace place = ref _locator.Locate(address, version);
        if (!place.IsKnown)
            return;
        if (!place.IsDescribed && _described < _locator.Options.MaxDescribedHosts)
        {
            place.IsDescribed = true;
            _described++;
            _undescribed.Add(place);
        }

        Span<byte> key = stackalloc byte[GeoKeys.MaxNetworkLength];
        if (place.Country != 0)
        {
            GeoKeys.WriteCountry(place.Country, key);
            Add(_countries, key[..2], upload, download);
        }

        if (place.City is { } city)
            Add(_cities, city, upload, download);
        if (place.AsNumber != 0)
            Add(_asNumbers, key[..GeoKeys.WriteAs(place.AsNumber, key)], upload, download);
        Add(_prefixes, key[..GeoKeys.WriteNetwork(in place, key)], upload, download);
    }

    private void Add(int group, ReadOnlySpan<byte> key, long upload, long download)
    {
        CounterTable table = _owner.TableOf(group);
        int row = table.RowOf(key);
        table.Add(row, Upload, upload);
        table.Add(row, Download, download);
    }
}
