using System.Diagnostics.CodeAnalysis;
using MaxMind.Db;

namespace Spillway.Metrics.Traffic.Geo;

/// <summary>
/// A record of a database of countries or cities that nests, read without the names in seven other languages: a quarter of the time and a
/// fifteenth of the memory that the whole record takes.
/// </summary>
[SuppressMessage("Performance", "CA1812", Justification = "Made by the reader.")]
internal sealed class NestedRecord
{
    [MapKey("country")]
    public Place? Country { get; init; }

    [MapKey("registered_country")]
    public Place? RegisteredCountry { get; init; }

    [MapKey("city")]
    public Place? City { get; init; }

    [MapKey("subdivisions")]
    public List<Place>? Subdivisions { get; init; }

    [MapKey("autonomous_system_number")]
    public object? AsNumber { get; init; }

    [MapKey("autonomous_system_organization")]
    public object? AsName { get; init; }

    [MapKey("traits")]
    public AsTraits? Traits { get; init; }

    /// <summary>What the record says.</summary>
    public GeoRecord ToRecord()
    {
        Place? country = GeoText.CountryCode(Country?.Code).Length > 0 ? Country : RegisteredCountry;
        string code = GeoText.CountryCode(country?.Code);
        uint number = GeoText.AsNumber(AsNumber);
        bool isTrait = number == 0;
        return new GeoRecord
        {
            CountryCode = code,
            CountryName = code.Length > 0 ? GeoText.Name(country?.Names?.English) : "",
            City = GeoText.City(
                GeoText.Name(City?.Names?.English),
                Subdivisions is { Count: > 0 } parts ? GeoText.Name(parts[0].Names?.English) : "",
                code
            ),
            AsNumber = isTrait ? GeoText.AsNumber(Traits?.AsNumber) : number,
            AsName = GeoText.Name(isTrait ? Traits?.AsName : AsName),
        };
    }

    [SuppressMessage("Performance", "CA1812", Justification = "Made by the reader.")]
    internal sealed class Place
    {
        [MapKey("iso_code")]
        public object? Code { get; init; }

        [MapKey("names")]
        public PlaceNames? Names { get; init; }
    }

    [SuppressMessage("Performance", "CA1812", Justification = "Made by the reader.")]
    internal sealed class PlaceNames
    {
        [MapKey("en")]
        public object? English { get; init; }
    }

    [SuppressMessage("Performance", "CA1812", Justification = "Made by the reader.")]
    internal sealed class AsTraits
    {
        [MapKey("autonomous_system_number")]
        public object? AsNumber { get; init; }

        [MapKey("autonomous_system_organization")]
        public object? AsName { get; init; }
    }
}
