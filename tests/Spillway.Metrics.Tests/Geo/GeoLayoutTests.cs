using Spillway.Metrics.Traffic.Geo;
using Spillway.Tests.Shared;
using static Spillway.Tests.Shared.MmdbFile;

namespace Spillway.Metrics.Tests.Geo;

/// <summary>Records as the makers of databases lay them out, found whatever the tree's pointers are made of.</summary>
public sealed class GeoLayoutTests : IDisposable
{
    private readonly GeoFiles _files = new();

    private static readonly Dictionary<string, Dictionary<string, object>> Layouts = new()
    {
        ["GeoLite2-Country"] = Of(
            ("country", Named("France", "FR")),
            ("registered_country", Named("Germany", "DE")),
            ("continent", Named("Europe"))
        ),
        ["registered only"] = Of(("registered_country", Named("Germany", "DE"))),
        ["GeoLite2-City"] = Of(
            ("country", Named("France", "FR")),
            ("city", Named("Lyon")),
            ("subdivisions", new List<object> { Named("Auvergne-Rhône-Alpes", "ARA") }),
            ("location", Of(("latitude", 45.7)))
        ),
        ["GeoLite2-ASN"] = Of(("autonomous_system_number", 64500u), ("autonomous_system_organization", "Example Net")),
        ["GeoIP2-Enterprise"] = Of(
            ("country", Named("France", "FR")),
            ("traits", Of(("autonomous_system_number", 64500u), ("autonomous_system_organization", "Example Net")))
        ),
        ["IPinfo country_asn"] = Of(
            ("asn", "AS64500"),
            ("as_name", "Example Net"),
            ("as_domain", "example.net"),
            ("country", "FR"),
            ("country_name", "France"),
            ("continent", "EU")
        ),
        ["IPinfo Lite"] = Of(
            ("asn", "AS64500"),
            ("as_name", "Example Net"),
            ("country", "France"),
            ("country_code", "FR"),
            ("continent_code", "EU")
        ),
        ["IPinfo ASN"] = Of(
            ("asn", "AS64500"),
            ("name", "Example Net"),
            ("domain", "example.net"),
            ("route", "198.51.100.0/24"),
            ("type", "isp")
        ),
        ["IPinfo Core"] = Of(
            ("geo", Of(("city", "Lyon"), ("region", "Rhône"), ("country", "France"), ("country_code", "FR"))),
            ("as", Of(("asn", "AS64500"), ("name", "Example Net")))
        ),
        ["IPinfo location"] = Of(("city", "Lyon"), ("region", "Rhône"), ("country", "FR"), ("lat", "45.7")),
        ["DB-IP City Lite"] = Of(
            ("city", Of(("names", Of(("en", "Lyon"))))),
            ("country", Named("France", "FR")),
            ("subdivisions", new List<object> { Named("Rhône") })
        ),
        ["IP2Location"] = Of(("country", Named("France", "FR")), ("city", Named("-"))),
        ["flat country"] = Of(("country_code", "FR")),
        ["flat city"] = Of(("city", "Lyon"), ("country_code", "fr"), ("state1", "Rhône"), ("state2", ""), ("latitude", 45.7)),
        ["flat AS"] = Of(("autonomous_system_number", 64500u), ("autonomous_system_organization", "Example Net")),
        ["German only"] = Of(
            ("country", Of(("iso_code", "FR"), ("names", Of(("de", "Frankreich"))))),
            ("city", Of(("names", Of(("de", "Paris")))))
        ),
        ["AS as text with name"] = Of(("as_number", "AS64500 Example Net"), ("proxy", true)),
    };

    [Theory]
    [InlineData("GeoLite2-Country", "FR|France||0||/24", GeoKinds.Countries)]
    [InlineData("registered only", "DE|Germany||0||/24", GeoKinds.Countries)]
    [InlineData("GeoLite2-City", "FR|France|Lyon, Auvergne-Rhône-Alpes, FR|0||/24", GeoKinds.Countries | GeoKinds.Cities)]
    [InlineData("GeoLite2-ASN", "|||64500|Example Net|/24", GeoKinds.AsNumbers)]
    [InlineData("GeoIP2-Enterprise", "FR|France||64500|Example Net|/24", GeoKinds.Countries | GeoKinds.AsNumbers)]
    [InlineData("IPinfo country_asn", "FR|France||64500|Example Net|/24", GeoKinds.Countries | GeoKinds.AsNumbers)]
    [InlineData("IPinfo Lite", "FR|France||64500|Example Net|/24", GeoKinds.Countries | GeoKinds.AsNumbers)]
    [InlineData("IPinfo ASN", "|||64500|Example Net|/24", GeoKinds.AsNumbers)]
    [InlineData("IPinfo Core", "FR|France|Lyon, Rhône, FR|64500|Example Net|/24", GeoKinds.All)]
    [InlineData("IPinfo location", "FR||Lyon, Rhône, FR|0||/24", GeoKinds.Countries | GeoKinds.Cities)]
    [InlineData("DB-IP City Lite", "FR|France|Lyon, Rhône, FR|0||/24", GeoKinds.Countries | GeoKinds.Cities)]
    [InlineData("IP2Location", "FR|France||0||/24", GeoKinds.Countries)]
    [InlineData("flat country", "FR|||0||/24", GeoKinds.Countries)]
    [InlineData("flat city", "FR||Lyon, Rhône, FR|0||/24", GeoKinds.Countries | GeoKinds.Cities)]
    [InlineData("flat AS", "|||64500|Example Net|/24", GeoKinds.AsNumbers)]
    [InlineData("German only", "FR|Frankreich|Paris, FR|0||/24", GeoKinds.Countries | GeoKinds.Cities)]
    [InlineData("AS as text with name", "|||64500||/24", GeoKinds.AsNumbers)]
    public void Record_OfAKnownLayout_IsRead(string layout, string expected, GeoKinds kinds)
    {
        using GeoDatabases databases = _files.Open(null, new MmdbFile().Add("198.51.100.0/24", Layouts[layout]));

        Assert.Equal(kinds, databases.Kinds);
        Assert.Equal(expected, GeoFiles.Ask(databases, "198.51.100.7"));
        Assert.Equal("unknown", GeoFiles.Ask(databases, "198.51.101.7"));
        Assert.Equal((2, 1), (databases.Statistics.Lookups, databases.Statistics.Unknown));
    }

    [Theory]
    [InlineData(4, 24)]
    [InlineData(4, 28)]
    [InlineData(4, 32)]
    [InlineData(6, 24)]
    [InlineData(6, 28)]
    [InlineData(6, 32)]
    public void Tree_OfAnyKind_GivesTheNetworkOfTheRecord(int ipVersion, int recordSize)
    {
        MmdbFile file = new MmdbFile(ipVersion, recordSize)
            .Add("198.0.0.0/8", Of(("country_code", "US")))
            .Add("198.51.100.128/25", Of(("country_code", "FR")));
        if (ipVersion == 6)
            file.Add("2001:db8::/32", Of(("country_code", "CH")));
        using GeoDatabases databases = _files.Open(null, file);

        Assert.Equal("FR|||0||/25", GeoFiles.Ask(databases, "198.51.100.200"));
        Assert.Equal("US|||0||/25", GeoFiles.Ask(databases, "198.51.100.7")); // the other half of the /24 that the /25 left
        Assert.Equal("US|||0||/9", GeoFiles.Ask(databases, "198.200.0.1"));
        Assert.Equal(ipVersion == 6 ? "CH|||0||/32" : "unknown", GeoFiles.Ask(databases, "2001:db8::7"));
    }

    // The reader would look the first 32 bits up: 198.51.100.7.
    [Fact]
    public void Address_OfIPv6_IsNotFoundInADatabaseOfIPv4()
    {
        using GeoDatabases databases = _files.Open(null, new MmdbFile(ipVersion: 4).Add("198.51.100.0/24", Of(("country_code", "FR"))));

        Assert.Equal("unknown", GeoFiles.Ask(databases, "c633:6407::1"));
    }

    [Theory]
    [InlineData("Springfield", "Illinois", "US", "Springfield, Illinois, US")]
    [InlineData("Luxembourg", "Luxembourg", "LU", "Luxembourg, LU")]
    [InlineData("Lyon", "", "", "Lyon")]
    [InlineData("", "Illinois", "US", "")]
    public void City_IsNamedSoThatTownsOfOneNameAreKeptApart(string city, string region, string country, string key) =>
        Assert.Equal(key, GeoText.City(city, region, country));

    [Fact]
    public void City_WithLongNames_FitsIntoAKey()
    {
        string city = GeoText.City(new string('ÿ', 400), string.Concat(Enumerable.Repeat("😀", 200)), "FR");

        Assert.InRange(System.Text.Encoding.UTF8.GetByteCount(city), 100, 255);
        Assert.EndsWith("😀, FR", city, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("AS15169", 15169)]
    [InlineData("as15169", 15169)]
    [InlineData(" 15169 ", 15169)]
    [InlineData("AS15169 Example Inc.", 15169)]
    [InlineData("", 0)]
    [InlineData("ASX", 0)]
    [InlineData("99999999999", 0)]
    [InlineData(4_294_967_295L, 4_294_967_295)]
    [InlineData(4_294_967_296L, 0)]
    [InlineData(-1, 0)]
    [InlineData(1.5, 0)]
    public void AsNumber_OfAnyForm_IsRead(object value, uint number) => Assert.Equal(number, GeoText.AsNumber(value));

    [Theory]
    [InlineData("fr", "FR")]
    [InlineData("ZZ", "")]
    [InlineData("--", "")]
    [InlineData("FRA", "")]
    [InlineData("1A", "")]
    [InlineData(33, "")]
    public void CountryCode_IsTwoLettersOfAKnownCountry(object value, string code) => Assert.Equal(code, GeoText.CountryCode(value));

    [Fact]
    public void CountryNames_AreThereForDatabasesOfCodes()
    {
        Assert.Equal("France", CountryNames.Find("FR"));
        Assert.Equal("Åland Islands", CountryNames.Find("AX"));
        Assert.Equal("", CountryNames.Find("QQ"));
    }

    public void Dispose() => _files.Dispose();
}
