using System.Net;
using Spillway.Metrics.Traffic.Geo;
using Spillway.Tests.Shared;
using static Spillway.Tests.Shared.MmdbFile;

namespace Spillway.Metrics.Tests.Geo;

/// <summary>Databases in a directory of a test's own.</summary>
internal sealed class GeoFiles : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("spillway-geo-");

    /// <summary>
    /// Cities as MaxMind nests them: 198.51.100.0/24 is Paris, 2001:db8:7::/48 is Geneva, 203.0.113.0/24 is somewhere in Germany.
    /// </summary>
    public static MmdbFile Cities =>
        new MmdbFile()
            .Add(
                "198.51.100.0/24",
                Of(
                    ("country", Named("France", "FR")),
                    ("city", Named("Paris")),
                    ("subdivisions", new List<object> { Named("Île-de-France", "IDF"), Named("Paris", "75") })
                )
            )
            .Add(
                "2001:db8:7::/48",
                Of(
                    ("country", Named("Switzerland", "CH")),
                    ("city", Named("Geneva")),
                    ("subdivisions", new List<object> { Named("Geneva", "GE") })
                )
            )
            .Add("203.0.113.0/24", Of(("country", Named("Germany", "DE"))));

    /// <summary>AS numbers as MaxMind has them: 198.51.0.0/16 and 2001:db8::/32.</summary>
    public static MmdbFile Systems =>
        new MmdbFile()
            .Add("198.51.0.0/16", Of(("autonomous_system_number", 64500u), ("autonomous_system_organization", "Example Net")))
            .Add("2001:db8::/32", Of(("autonomous_system_number", 4_200_000_000u), ("autonomous_system_organization", "Documentation SA")));

    public string PathOf(string name) => Path.Combine(_directory.FullName, name);

    public string Write(string name, ReadOnlySpan<byte> bytes)
    {
        File.WriteAllBytes(PathOf(name), bytes);
        return PathOf(name);
    }

    /// <summary>Opens databases, which must be good.</summary>
    public GeoDatabases Open(GeoOptions? options, params MmdbFile[] files)
    {
        string[] paths = [.. files.Select((file, i) => file.Save(PathOf($"{i}.mmdb")))];
        Assert.True(GeoDatabases.TryOpen(paths, options ?? new GeoOptions(), out GeoDatabases? databases, out string? flaw), flaw);
        return databases;
    }

    public void Dispose() => _directory.Delete(recursive: true);

    /// <summary>An address as flow keys hold it.</summary>
    public static (UInt128 Address, byte Version) Parse(string address)
    {
        byte[] bytes = IPAddress.Parse(address).GetAddressBytes();
        return (bytes.Aggregate(UInt128.Zero, (value, part) => (value << 8) | part), (byte)(bytes.Length == 4 ? 4 : 6));
    }

    /// <summary>What databases say: code, name, city, AS number and name, prefix length.</summary>
    public static string Ask(GeoDatabases databases, string address)
    {
        (UInt128 value, byte version) = Parse(address);
        return databases.TryFind(value, version, out GeoRecord found, out int length)
            ? $"{found.CountryCode}|{found.CountryName}|{found.City}|{found.AsNumber}|{found.AsName}|/{length}"
            : "unknown";
    }
}
