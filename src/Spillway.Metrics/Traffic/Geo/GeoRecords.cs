using System.Globalization;
using Spillway.Metrics.Groups;
using Spillway.Metrics.Records;
using Spillway.Net.Flows;

namespace Spillway.Metrics.Traffic.Geo;

/// <summary>
/// What databases say in words, on its way to the store: labels of countries, AS numbers and networks, and attributes of hosts, whose names
/// are the groups' and whose values are keys of them. Each label once, as far as memory of it goes.
/// </summary>
internal sealed class GeoRecords
{
    /// <summary>Names of attributes of hosts.</summary>
    public const string Country = "Country",
        City = "City",
        AsNumber = "ASNumber";

    // A store takes labels of any length, people do not.
    private const int MaxLabel = 255;

    private readonly int _countries,
        _asNumbers,
        _prefixes,
        _hosts,
        _hostsIPv6;
    private readonly GeoDatabases _databases;
    private readonly HashSet<ushort> _notedCountries = [];
    private readonly HashSet<uint> _notedAs = [];
    private readonly HashSet<(UInt128 Network, byte Length, byte Version)> _notedNetworks = [];
    private EventBatch? _batch;

    public GeoRecords(GroupRegistry registry, GeoDatabases databases)
    {
        _databases = databases;
        _countries = registry.Find(GroupKind.Counter, GeoKeys.Countries);
        _asNumbers = registry.Find(GroupKind.Counter, GeoKeys.AsNumbers);
        _prefixes = registry.Find(GroupKind.Counter, GeoKeys.Prefixes);
        _hosts = registry.Find(GroupKind.Counter, TrafficGroups.Hosts);
        _hostsIPv6 = registry.Find(GroupKind.Counter, TrafficGroups.HostsIPv6);
    }

    /// <summary>Takes what has come together; null if nothing has.</summary>
    public EventBatch? Take()
    {
        EventBatch? batch = _batch;
        _batch = null;
        return batch;
    }

    /// <summary>Labels the keys of a place.</summary>
    public void Note(in GeoRecord record, in HostPlace place)
    {
        if (place.Country != 0 && IsNew(_notedCountries, place.Country))
        {
            string name = record.CountryName.Length > 0 ? record.CountryName : CountryNames.Find(record.CountryCode);
            Label(_countries, record.CountryCode, name);
        }

        if (place.AsNumber == 0)
            return;
        string number = place.AsNumber.ToString(CultureInfo.InvariantCulture);
        if (IsNew(_notedAs, place.AsNumber))
            Label(_asNumbers, number, record.AsName);
        Span<byte> key = stackalloc byte[GeoKeys.MaxNetworkLength];
        UInt128 network = place.Address >> ((place.Version == 6 ? 128 : 32) - place.PrefixLength);
        if (place.PrefixLength > 0 && IsNew(_notedNetworks, (network, place.PrefixLength, place.Version)))
            Label(
                _prefixes,
                GeoKeys.ToText(key[..GeoKeys.WriteNetwork(in place, key)]),
                record.AsName.Length > 0 ? $"AS{number} {record.AsName}" : $"AS{number}"
            );
    }

    /// <summary>Stores with a host what is known of it.</summary>
    public void Describe(in HostPlace place)
    {
        Span<byte> key = stackalloc byte[FlowId.Ipv6KeyLength];
        string host = GeoKeys.ToText(key[..FlowId.FormatAddress(place.Address, place.Version, key)]);
        int group = place.Version == 6 ? _hostsIPv6 : _hosts;
        _databases.Statistics.Described++;
        _batch ??= new EventBatch();
        if (place.Country != 0)
        {
            GeoKeys.WriteCountry(place.Country, key);
            _batch.Add(new KeyAttributeRecord(group, host, Country, GeoKeys.ToText(key[..2])));
        }

        if (place.City is { } city)
            _batch.Add(new KeyAttributeRecord(group, host, City, GeoKeys.ToText(city)));
        if (place.AsNumber != 0)
            _batch.Add(new KeyAttributeRecord(group, host, AsNumber, place.AsNumber.ToString(CultureInfo.InvariantCulture)));
    }

    private bool IsNew<T>(HashSet<T> noted, T key)
    {
        if (noted.Count >= _databases.Options.MaxNotedLabels)
            noted.Clear();
        return noted.Add(key);
    }

    private void Label(int group, string key, string label)
    {
        if (label.Length == 0)
            return;
        _batch ??= new EventBatch();
        _batch.Add(new KeyLabelRecord(group, key, label.Length > MaxLabel ? label[..MaxLabel] : label, ""));
    }
}
