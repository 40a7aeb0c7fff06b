using Spillway.Metrics.Traffic.Geo;
using Spillway.Tests.Shared;
using static Spillway.Metrics.Tests.Helpers;
using static Spillway.Tests.Shared.MmdbFile;

namespace Spillway.Metrics.Tests.Geo;

/// <summary>What traffic counts when there are databases.</summary>
public sealed class GeoGroupsTests : IDisposable
{
    private const uint Home = 0x0A000001; // 10.0.0.1
    private const uint Paris = 0xC6336407; // 198.51.100.7
    private const uint Germany = 0xCB007109; // 203.0.113.9
    private const uint Nowhere = 0xC0000201; // 192.0.2.1

    private readonly GeoFiles _files = new();

    [Fact]
    public void Bytes_OfAnExternalHost_CountUpAndDownForWhatIsKnownOfIt()
    {
        using GeoDatabases databases = _files.Open(null, GeoFiles.Cities, GeoFiles.Systems);
        var lane = new MeteredLane(geo: databases);
        lane.Take(Frames.Ipv4(Home, Paris, 17, Frames.Udp(5000, 53, 100)), Noon); // 142 bytes up
        lane.Take(Frames.Ipv4(Paris, Home, 17, Frames.Udp(53, 5000, 400)), Noon + 1); // 442 down
        lane.Take(Frames.Ipv4(Germany, Home, 17, Frames.Udp(53, 5001, 0)), Noon + 2); // 42 down
        lane.Complete();

        foreach (
            (string group, string key) in ((string, string)[])
                [("Country", "FR"), ("City", "Paris, Île-de-France, FR"), ("ASNumber", "64500"), ("Prefix", "C6.33.00.00/16")]
        )
            Assert.Equal((142, 442), (lane.Value(group, key, 0), lane.Value(group, key, 1)));
        Assert.Equal((0, 42), (lane.Value("Country", "DE", 0), lane.Value("Country", "DE", 1)));
        Assert.Equal((0, 42), (lane.Value("Prefix", "CB.00.71.00/24", 0), lane.Value("Prefix", "CB.00.71.00/24", 1)));
        Assert.Equal(["Paris, Île-de-France, FR"], lane.Sums("City", 1).Keys);
        Assert.Equal(["64500"], lane.Sums("ASNumber", 1).Keys);
    }

    [Fact]
    public void Bytes_WithinHome_AreNotLookedUp_AndOfTransitBothEndsCount()
    {
        using GeoDatabases databases = _files.Open(null, GeoFiles.Cities);
        var lane = new MeteredLane(geo: databases);
        lane.Take(Frames.Ipv4(Home, Home + 1, 17, Frames.Udp(5000, 53, 100)), Noon);
        lane.Take(Frames.Ipv4(Home, 0xE0000001, 17, Frames.Udp(5000, 53, 100)), Noon);
        Assert.Equal(0, databases.Statistics.Lookups);
        lane.Take(Frames.Ipv4(Germany, Paris, 17, Frames.Udp(5000, 53, 100)), Noon);
        lane.Take(Frames.Ipv4(Nowhere, Home, 17, Frames.Udp(5000, 53, 100)), Noon);
        lane.Complete();

        Assert.Equal((142, 0), (lane.Value("Country", "FR", 0), lane.Value("Country", "FR", 1)));
        Assert.Equal((0, 142), (lane.Value("Country", "DE", 0), lane.Value("Country", "DE", 1)));
        Assert.Equal((3, 1), (databases.Statistics.Lookups, databases.Statistics.Unknown));
    }

    [Fact]
    public void Network_OfIPv6_HasTheKeyOfSubnets()
    {
        (UInt128 address, byte version) = GeoFiles.Parse("2001:db8:7:ffff::1");
        Span<byte> key = stackalloc byte[GeoKeys.MaxNetworkLength];
        var place = new HostPlace
        {
            Address = address,
            Version = version,
            PrefixLength = 48,
        };

        Assert.Equal("20010DB8000700000000000000000000/48", GeoKeys.ToText(key[..GeoKeys.WriteNetwork(in place, key)]));
        place.PrefixLength = 128;
        Assert.Equal("20010DB80007FFFF0000000000000001/128", GeoKeys.ToText(key[..GeoKeys.WriteNetwork(in place, key)]));
        place.PrefixLength = 0;
        Assert.Equal("00000000000000000000000000000000/0", GeoKeys.ToText(key[..GeoKeys.WriteNetwork(in place, key)]));
    }

    [Fact]
    public void Traffic_OfManyHosts_AgreesWithPlainSums()
    {
        const int seed = 20_262;
        var random = new Random(seed);
        var file = new MmdbFile();
        for (int i = 0; i < 64; i++)
            file.Add($"80.0.{i}.0/24", Of(("country_code", $"{(char)('A' + (i % 26))}Q"), ("asn", (uint)(i + 1))));
        // Eight are remembered of 64 networks: most addresses are looked up again.
        using GeoDatabases databases = _files.Open(new GeoOptions { MaxCachedHosts = 8 }, file);
        var lane = new MeteredLane(geo: databases);
        Dictionary<string, double> up = [],
            down = [],
            asDown = [];
        for (int i = 0; i < 20_000; i++)
        {
            uint outside = 0x50000000 + (uint)random.Next(1 << 14);
            int network = (int)(outside >> 8) & 63;
            bool isUp = random.Next(2) == 0;
            byte[] transport = Frames.Udp(isUp ? 1000 + random.Next(50) : 53, isUp ? 53 : 1000 + random.Next(50), random.Next(400));
            byte[] frame = isUp ? Frames.Ipv4(Home, outside, 17, transport) : Frames.Ipv4(outside, Home, 17, transport);
            lane.Take(frame, Noon + (i * 10_000_000L));
            Add(isUp ? up : down, $"{(char)('A' + (network % 26))}Q", frame.Length);
            if (!isUp)
                Add(asDown, (network + 1).ToString(System.Globalization.CultureInfo.InvariantCulture), frame.Length);
        }

        lane.Complete();
        Assert.True(lane.Windows.Count >= 3, $"seed {seed}");
        Assert.Equal(up.OrderBy(pair => pair.Key), lane.Sums("Country", 0).OrderBy(pair => pair.Key));
        Assert.Equal(down.OrderBy(pair => pair.Key), lane.Sums("Country", 1).OrderBy(pair => pair.Key));
        Assert.Equal(asDown.OrderBy(pair => pair.Key), lane.Sums("ASNumber", 1).OrderBy(pair => pair.Key));

        static void Add(Dictionary<string, double> sums, string key, double value) => sums[key] = sums.GetValueOrDefault(key) + value;
    }

    [Fact]
    public void Locator_OfHostsThatComeAgain_LooksUpOnceAndAllocatesNothing()
    {
        using GeoDatabases databases = _files.Open(null, GeoFiles.Cities, GeoFiles.Systems);
        var locator = new GeoLocator(databases, new Spillway.Metrics.Groups.GroupRegistry());
        Work();
        long lookups = databases.Statistics.Lookups;
        long allocated = Allocations.InSteadyState(Work, out int rounds);

        Assert.Equal(0, allocated);
        Assert.Equal(lookups, databases.Statistics.Lookups);
        Assert.Equal(100 * (rounds + 1), databases.Statistics.CacheHits + lookups);
        Assert.True(databases.Statistics.Unknown > 0);

        void Work()
        {
            for (uint i = 0; i < 100; i++)
                locator.Locate(Paris + i + (i << 12), 4);
        }
    }

    [Fact]
    public void Locator_ThatIsFull_ForgetsAndLooksUpAgain()
    {
        using GeoDatabases databases = _files.Open(new GeoOptions { MaxCachedHosts = 2 }, GeoFiles.Cities);
        var locator = new GeoLocator(databases, new Spillway.Metrics.Groups.GroupRegistry());
        locator.Locate(Paris, 4);
        locator.Locate(Germany, 4);
        Assert.Equal((ushort)(('F' << 8) | 'R'), locator.Locate(Paris, 4).Country);
        Assert.Equal(2, databases.Statistics.Lookups);

        locator.Locate(Germany, 6); // ::cb00:7109 is another address
        Assert.Equal(3, databases.Statistics.Lookups);
        Assert.Equal((ushort)(('D' << 8) | 'E'), locator.Locate(Germany, 4).Country);
        Assert.Equal(4, databases.Statistics.Lookups);
        Assert.False(locator.Locate(Nowhere, 4).IsKnown);
        Assert.False(locator.Locate(Nowhere, 4).IsKnown); // that nothing is known is remembered too
        Assert.Equal((5, 2), (databases.Statistics.Lookups, databases.Statistics.CacheHits));
    }

    [Fact]
    public void Locator_ThatGrows_LosesNothing()
    {
        using GeoDatabases databases = _files.Open(null, new MmdbFile().Add("80.0.0.0/8", Of(("asn", 64500u))));
        var locator = new GeoLocator(databases, new Spillway.Metrics.Groups.GroupRegistry());
        for (int round = 0; round < 2; round++)
        {
            for (uint i = 0; i < 20_000; i++)
            {
                ref HostPlace place = ref locator.Locate(0x50000000 + (i * 613), 4);
                Assert.Equal(((UInt128)(0x50000000 + (i * 613)), 64500u), (place.Address, place.AsNumber));
            }
        }

        Assert.Equal((20_000, 20_000), (databases.Statistics.Lookups, databases.Statistics.CacheHits));
    }

    public void Dispose() => _files.Dispose();
}
