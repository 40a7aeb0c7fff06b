using System.Numerics;
using System.Text;
using Spillway.Metrics.Counters;
using Spillway.Metrics.Groups;

namespace Spillway.Metrics.Traffic.Geo;

/// <summary>
/// Says of addresses where they belong, and remembers it: a host that comes again costs a look into a table and no memory. The table has two
/// places for each address; the one that was asked for longer ago makes room. Owned by the metrics thread, for all lanes.
/// </summary>
internal sealed class GeoLocator
{
    private readonly GeoDatabases _databases;
    private readonly HostPlace[] _places;
    private readonly Dictionary<string, byte[]> _cities = [];

    public GeoLocator(GeoDatabases databases, GroupRegistry registry)
    {
        _databases = databases;
        _places = new HostPlace[BitOperations.RoundUpToPowerOf2((uint)databases.Options.MaxCachedHosts)];
        Records = new GeoRecords(registry, databases);
    }

    /// <summary>Limits.</summary>
    public GeoOptions Options => _databases.Options;

    /// <summary>What was asked.</summary>
    public GeoStatistics Statistics => _databases.Statistics;

    /// <summary>Labels and attributes on their way to the store.</summary>
    public GeoRecords Records { get; }

    /// <summary>Where an address belongs. Valid until the next call.</summary>
    public ref HostPlace Locate(UInt128 address, byte version)
    {
        ulong hash = KeyHash.Combine((ulong)address + version, (ulong)(address >> 64));
        int first = (int)hash & (_places.Length - 2);
        ref HostPlace place = ref _places[first];
        if (place.Address == address && place.Version == version)
        {
            Statistics.CacheHits++;
            return ref place;
        }

        ref HostPlace second = ref _places[first + 1];
        if (second.Address == address && second.Version == version)
        {
            Statistics.CacheHits++;
            (place, second) = (second, place);
            return ref place;
        }

        second = place;
        place = Find(address, version);
        return ref place;
    }

    private HostPlace Find(UInt128 address, byte version)
    {
        var place = new HostPlace { Address = address, Version = version };
        if (!_databases.TryFind(address, version, out GeoRecord found, out int prefixLength)) return place;
        place.IsKnown = true;
        place.PrefixLength = (byte)prefixLength;
        place.AsNumber = found.AsNumber;
        if (found.CountryCode.Length == 2) place.Country = (ushort)((found.CountryCode[0] << 8) | found.CountryCode[1]);
        if (found.City.Length > 0) place.City = KeyOf(found.City);
        Records.Note(in found, in place);
        return place;
    }

    // Many hosts are in few cities: their keys are there once.
    private byte[] KeyOf(string city)
    {
        if (_cities.TryGetValue(city, out byte[]? key)) return key;
        if (_cities.Count >= Options.MaxCachedHosts) _cities.Clear();
        return _cities[city] = Encoding.UTF8.GetBytes(city);
    }
}
