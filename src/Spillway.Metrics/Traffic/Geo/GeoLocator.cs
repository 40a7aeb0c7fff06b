using System.Text;
using Spillway.Metrics.Counters;
using Spillway.Metrics.Groups;

namespace Spillway.Metrics.Traffic.Geo;

/// <summary>
/// Says of addresses where they belong, and remembers it: a host that comes again costs a look into a table and no memory. At the limit all
/// are forgotten at once, and looked up again one by one. Owned by the metrics thread, for all lanes.
/// </summary>
internal sealed class GeoLocator
{
    private const int MinSlots = 1024;

    private readonly GeoDatabases _databases;
    private readonly Dictionary<string, byte[]> _cities = [];
    private HostPlace[] _slots = new HostPlace[MinSlots];
    private int _count;

    public GeoLocator(GeoDatabases databases, GroupRegistry registry)
    {
        _databases = databases;
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
        ref HostPlace place = ref SlotOf(address, version);
        if (place.Version != 0)
        {
            Statistics.CacheHits++;
            return ref place;
        }

        if (_count == Options.MaxCachedHosts)
        {
            Array.Clear(_slots);
            _count = 0;
            place = ref SlotOf(address, version);
        }

        place = Find(address, version);
        if (++_count <= _slots.Length / 4 * 3)
            return ref place;
        Grow();
        return ref SlotOf(address, version);
    }

    private ref HostPlace SlotOf(UInt128 address, byte version)
    {
        int mask = _slots.Length - 1;
        for (int i = (int)KeyHash.Combine((ulong)address + version, (ulong)(address >> 64)) & mask; ; i = (i + 1) & mask)
        {
            ref HostPlace place = ref _slots[i];
            if (place.Version == 0 || (place.Address == address && place.Version == version))
                return ref place;
        }
    }

    private void Grow()
    {
        HostPlace[] old = _slots;
        _slots = new HostPlace[old.Length * 2];
        foreach (ref readonly HostPlace place in old.AsSpan())
        {
            if (place.Version != 0)
                SlotOf(place.Address, place.Version) = place;
        }
    }

    private HostPlace Find(UInt128 address, byte version)
    {
        var place = new HostPlace { Address = address, Version = version };
        if (!_databases.TryFind(address, version, out GeoRecord found, out int prefixLength))
            return place;
        place.IsKnown = true;
        place.PrefixLength = (byte)prefixLength;
        place.AsNumber = found.AsNumber;
        if (found.CountryCode.Length == 2)
            place.Country = (ushort)((found.CountryCode[0] << 8) | found.CountryCode[1]);
        if (found.City.Length > 0)
            place.City = KeyOf(found.City);
        Records.Note(in found, in place);
        return place;
    }

    // Many hosts are in few cities: their keys are there once.
    private byte[] KeyOf(string city)
    {
        if (_cities.TryGetValue(city, out byte[]? key))
            return key;
        if (_cities.Count >= Options.MaxCachedHosts)
            _cities.Clear();
        return _cities[city] = Encoding.UTF8.GetBytes(city);
    }
}
