namespace Spillway.Metrics.Traffic.Geo;

/// <summary>What databases say of an address, as far as it is counted. Empty texts and 0 are unknown.</summary>
internal readonly record struct GeoRecord()
{
    /// <summary>ISO 3166-1 code, two capital letters.</summary>
    public string CountryCode { get; init; } = "";

    /// <summary>The country's English name, if the record has it.</summary>
    public string CountryName { get; init; } = "";

    /// <summary>City with its region and country, see <see cref="GeoText.City"/>.</summary>
    public string City { get; init; } = "";

    /// <summary>AS number.</summary>
    public uint AsNumber { get; init; }

    /// <summary>The AS's organisation.</summary>
    public string AsName { get; init; } = "";

    /// <summary>What the record knows.</summary>
    public GeoKinds Kinds =>
        (CountryCode.Length > 0 ? GeoKinds.Countries : 0)
        | (City.Length > 0 ? GeoKinds.Cities : 0)
        | (AsNumber > 0 ? GeoKinds.AsNumbers : 0);

    /// <summary>This record, with what it lacks from another.</summary>
    public GeoRecord Or(in GeoRecord other) =>
        this with
        {
            CountryCode = CountryCode.Length > 0 ? CountryCode : other.CountryCode,
            CountryName = CountryCode.Length > 0 ? CountryName : other.CountryName,
            City = City.Length > 0 ? City : other.City,
            AsNumber = AsNumber > 0 ? AsNumber : other.AsNumber,
            AsName = AsNumber > 0 ? AsName : other.AsName,
        };
}
