using Spillway.Metrics.Traffic.Geo;
using Spillway.Tests.Shared;
using static Spillway.Tests.Shared.MmdbFile;

namespace Spillway.Metrics.Tests.Geo;

/// <summary>Several databases together, and files that are not what they should be.</summary>
public sealed class GeoDatabaseTests : IDisposable
{
    private readonly GeoFiles _files = new();

    [Fact]
    public void Databases_Together_CompleteEachOther_AndTheNetworkIsTheOneOfTheAsNumber()
    {
        using GeoDatabases databases = _files.Open(null, GeoFiles.Cities, GeoFiles.Systems);

        Assert.Equal(GeoKinds.All, databases.Kinds);
        Assert.Equal("FR|France|Paris, Île-de-France, FR|64500|Example Net|/16", GeoFiles.Ask(databases, "198.51.100.7"));
        Assert.Equal("CH|Switzerland|Geneva, CH|4200000000|Documentation SA|/32", GeoFiles.Ask(databases, "2001:db8:7::1"));
        Assert.Equal("DE|Germany||0||/24", GeoFiles.Ask(databases, "203.0.113.9"));
        Assert.Equal("unknown", GeoFiles.Ask(databases, "192.0.2.1"));
    }

    [Fact]
    public void Databases_ThatContradict_TheFirstCounts_AndACityKeepsItsOwnCountry()
    {
        MmdbFile first = new MmdbFile().Add("198.51.100.0/24", Of(("country_code", "BE")));
        using GeoDatabases databases = _files.Open(null, first, GeoFiles.Cities);

        Assert.Equal("BE||Paris, Île-de-France, FR|0||/24", GeoFiles.Ask(databases, "198.51.100.7"));
        Assert.Equal("DE|Germany||0||/24", GeoFiles.Ask(databases, "203.0.113.9"));
    }

    [Fact]
    public void Databases_OfIPv4AndIPv6_AreOne()
    {
        using GeoDatabases databases = _files.Open(
            null,
            new MmdbFile(ipVersion: 6).Add("2001:db8::/32", Of(("country_code", "CH"))),
            new MmdbFile(ipVersion: 4).Add("198.51.100.0/24", Of(("country_code", "FR")))
        );

        Assert.Equal("FR|||0||/24", GeoFiles.Ask(databases, "198.51.100.7"));
        Assert.Equal("CH|||0||/32", GeoFiles.Ask(databases, "2001:db8::1"));
    }

    [Fact]
    public void Records_ThatAreNotAllMadeAlike_AreRead()
    {
        using GeoDatabases databases = _files.Open(
            null,
            GeoFiles.Cities.Add("192.0.2.0/24", Of(("country", "IT"), ("country_name", "Italy"), ("city", "Rome")))
        );

        Assert.Equal("IT|Italy|Rome, IT|0||/24", GeoFiles.Ask(databases, "192.0.2.1"));
        Assert.Equal("FR|France|Paris, Île-de-France, FR|0||/24", GeoFiles.Ask(databases, "198.51.100.7"));
        Assert.Equal(0, databases.Statistics.Faults);
    }

    [Theory]
    [InlineData("missing", "no such file")]
    [InlineData("directory", "is a directory: name the .mmdb files in it")]
    [InlineData("empty", "is empty: get it anew")]
    [InlineData("gzip", "is packed: unpack it (gunzip, tar, unzip) and give the .mmdb file")]
    [InlineData("zip", "is packed: unpack it")]
    [InlineData("text", "is no MaxMind DB file (.mmdb), or is damaged")]
    [InlineData("cut", "is no MaxMind DB file (.mmdb), or is damaged")]
    [InlineData(
        "useless",
        "holds neither countries, cities nor AS numbers (its records have is_anonymous, connection_type): give a database that does"
    )]
    [InlineData("no records", "holds no record: get it anew")]
    [InlineData("large", "MB at most can be held in memory: give a smaller edition")]
    public void File_ThatCannotBeUsed_IsNamedWithTheRemedy(string what, string expected)
    {
        byte[] good = GeoFiles.Cities.ToArray();
        string path = _files.PathOf(what + ".mmdb");
        byte[]? bytes = what switch
        {
            "empty" => [],
            "gzip" => [0x1F, 0x8B, 8, 0, .. good],
            "zip" => [.. "PK\x03\x04"u8, .. good],
            "text" => [.. "network,country\n"u8],
            "cut" => good[..(good.Length / 2)],
            "useless" => new MmdbFile().Add("198.51.100.0/24", Of(("is_anonymous", true), ("connection_type", "Cable/DSL"))).ToArray(),
            "no records" => new MmdbFile().ToArray(),
            "large" => good,
            _ => null,
        };
        if (what == "directory")
            Directory.CreateDirectory(path);
        if (bytes is not null)
            _files.Write(what + ".mmdb", bytes);
        GeoOptions options = what == "large" ? new GeoOptions { MaxFileBytes = 1024 } : new GeoOptions();

        Assert.False(GeoDatabases.TryOpen([path], options, out _, out string? flaw));
        Assert.StartsWith($"'{path}'", flaw, StringComparison.Ordinal);
        Assert.Contains(expected, flaw, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', flaw);
    }

    [Fact]
    public void Files_BeyondTheLimit_AreRefused()
    {
        string path = GeoFiles.Cities.Save(_files.PathOf("a.mmdb"));

        Assert.False(GeoDatabases.TryOpen([path, path, path], new GeoOptions { MaxFiles = 2 }, out _, out string? flaw));
        Assert.Equal("there are 3 databases, 2 at most can be given", flaw);
    }

    [Theory]
    [InlineData(0, 1024, 65_536, 1)]
    [InlineData(1, 10, 65_536, 1)]
    [InlineData(1, 1024, 0, 1)]
    [InlineData(1, 1024, 65_536, 0)]
    public void Options_OutOfRange_AreRefused(int files, long bytes, int hosts, int labels) =>
        Assert.Throws<ArgumentOutOfRangeException>(() =>
            new GeoOptions
            {
                MaxFiles = files,
                MaxFileBytes = bytes,
                MaxCachedHosts = hosts,
                MaxNotedLabels = labels,
            }.Validate()
        );

    [Fact]
    public void Record_ThatCannotBeRead_IsCountedAndToldOnce()
    {
        byte[] bytes = GeoFiles.Cities.Add("192.0.2.0/24", Of(("country", Named("Neverland", "NL")))).ToArray();
        int at = bytes.AsSpan().IndexOf("Neverland"u8);
        bytes[at - 1] = 0xFF; // not a text of nine bytes, but a type that there is not
        string path = _files.Write("damaged.mmdb", bytes);
        Assert.True(GeoDatabases.TryOpen([path], new GeoOptions(), out GeoDatabases? databases, out _));
        var told = new List<string>();
        databases.FaultSeen = told.Add;

        Assert.Equal("unknown", GeoFiles.Ask(databases, "192.0.2.1"));
        Assert.Equal("unknown", GeoFiles.Ask(databases, "192.0.2.2"));
        Assert.Equal("FR|France|Paris, Île-de-France, FR|0||/24", GeoFiles.Ask(databases, "198.51.100.7"));
        Assert.Equal((2, 2), (databases.Statistics.Faults, databases.Statistics.Unknown));
        Assert.StartsWith($"'{path}' is damaged: the record of 192.0.2.1 cannot be read (", Assert.Single(told), StringComparison.Ordinal);
        Assert.Equal(told, databases.Faults);
        databases.Dispose();
    }

    [Fact]
    public void File_ThatIsDamagedAnywhere_EndsNothing()
    {
        int seed = Environment.TickCount;
        var random = new Random(seed);
        byte[][] good =
        [
            GeoFiles.Cities.ToArray(),
            GeoFiles.Systems.ToArray(),
            new MmdbFile(4, 32).Add("198.51.100.0/24", Of(("asn", "AS64500"), ("country", "FR"))).ToArray(),
        ];
        int opened = 0;
        for (int round = 0; round < 400; round++)
        {
            byte[] bytes = [.. good[round % good.Length]];
            for (int i = random.Next(1, 8); i > 0; i--)
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            string path = _files.Write("fuzzed.mmdb", random.Next(8) == 0 ? bytes.AsSpan(0, random.Next(bytes.Length)) : bytes);
            try
            {
                if (!GeoDatabases.TryOpen([path], new GeoOptions(), out GeoDatabases? databases, out string? flaw))
                {
                    Assert.Contains(path, flaw, StringComparison.Ordinal);
                    continue;
                }

                opened++;
                foreach (
                    string address in (string[])
                        ["198.51.100.7", "203.0.113.9", "0.0.0.0", "255.255.255.255", "2001:db8:7::1", "::1", "ffff::"]
                )
                    GeoFiles.Ask(databases, address);
                databases.Dispose();
            }
            catch (Exception exception)
            {
                Assert.Fail($"seed {seed}, round {round}: {exception}");
            }
        }

        Assert.True(opened > 0, $"seed {seed}: no damaged file could be opened");
    }

    public void Dispose() => _files.Dispose();
}
