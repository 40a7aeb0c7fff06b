using System.Collections;

namespace Spillway.Metrics.Traffic.Geo;

/// <summary>
/// Finds what is counted in a record, whoever made the database: GeoLite2, GeoIP2 and DB-IP nest (<c>country.iso_code</c>,
/// <c>city.names.en</c>), as IP2Location's files do; IPinfo and others have flat texts (<c>country_code</c>, <c>city</c>, <c>asn</c>), or
/// nest these in <c>geo</c> and <c>as</c>.
/// </summary>
internal static class GeoFields
{
    private static readonly string[] Countries = ["country", "registered_country"];
    private static readonly string[] Codes = ["country_code", "country", "country_iso_code"];
    private static readonly string[] CountryNames = ["country_name", "country"];
    private static readonly string[] Cities = ["city", "city_name"];
    private static readonly string[] Regions = ["region", "region_name", "state1", "state", "stateprov"];
    private static readonly string[] Numbers = ["autonomous_system_number", "asn", "as_number"];
    private static readonly string[] Organisations = ["autonomous_system_organization", "as_name", "as_organization", "as_org", "aso"];

    /// <summary>What a record says.</summary>
    public static GeoRecord Read(IReadOnlyDictionary<string, object> record)
    {
        (string code, string name) = CountryOf(record);
        (uint number, string organisation) = AsOf(record);
        GeoRecord found = new()
        {
            CountryCode = code,
            CountryName = name,
            City = GeoText.City(First(record, Cities), RegionOf(record), code),
            AsNumber = number,
            AsName = organisation,
        };
        if (Map(record, "geo") is { } place)
            found = found.Or(Read(place));
        if (Map(record, "as") is { } system && AsOf(system) is { Number: > 0 } inner)
            found = found.Or(new GeoRecord { AsNumber = inner.Number, AsName = inner.Name });
        if (Map(record, "traits") is { } traits && AsOf(traits) is { Number: > 0 } trait)
            found = found.Or(new GeoRecord { AsNumber = trait.Number, AsName = trait.Name });
        return found;
    }

    private static (string Code, string Name) CountryOf(IReadOnlyDictionary<string, object> record)
    {
        foreach (string field in Countries)
        {
            if (Map(record, field) is { } country && GeoText.CountryCode(country.GetValueOrDefault("iso_code")) is { Length: > 0 } nested)
                return (nested, NameOf(country));
        }

        foreach (string field in Codes)
        {
            if (GeoText.CountryCode(record.GetValueOrDefault(field)) is not { Length: > 0 } code)
                continue;
            string name = First(record, CountryNames);
            return (code, name.Length > 2 ? name : "");
        }

        return ("", "");
    }

    private static (uint Number, string Name) AsOf(IReadOnlyDictionary<string, object> record)
    {
        foreach (string field in Numbers)
        {
            if (GeoText.AsNumber(record.GetValueOrDefault(field)) is not (> 0 and var number))
                continue;
            string name = First(record, Organisations);
            return (number, name.Length > 0 ? name : GeoText.Name(record.GetValueOrDefault("name")));
        }

        return (0, "");
    }

    private static string RegionOf(IReadOnlyDictionary<string, object> record) =>
        record.GetValueOrDefault("subdivisions") is IList { Count: > 0 } parts && parts[0] is IReadOnlyDictionary<string, object> largest
            ? NameOf(largest)
            : First(record, Regions);

    // A text, or the name of a map.
    private static string First(IReadOnlyDictionary<string, object> record, string[] fields)
    {
        foreach (string field in fields)
        {
            object? value = record.GetValueOrDefault(field);
            string text = value is IReadOnlyDictionary<string, object> map ? NameOf(map) : GeoText.Name(value);
            if (text.Length > 0)
                return text;
        }

        return "";
    }

    // English, or else the first language there is.
    private static string NameOf(IReadOnlyDictionary<string, object> place)
    {
        if (Map(place, "names") is not { Count: > 0 } names)
            return GeoText.Name(place.GetValueOrDefault("name"));
        return GeoText.Name(names.GetValueOrDefault("en") ?? names.Values.First());
    }

    private static IReadOnlyDictionary<string, object>? Map(IReadOnlyDictionary<string, object> record, string field) =>
        record.GetValueOrDefault(field) as IReadOnlyDictionary<string, object>;
}
