using System.Text;
using Spillway.Metrics.Intel;
using Spillway.Net.Packets;

namespace Spillway.Metrics.Tests.Intel;

/// <summary>Lists of known-bad things: their forms, and how entries are found.</summary>
public sealed class IntelTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("spillway-intel-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData("192.0.2.7", "192.0.2.7", true)]
    [InlineData("192.0.2.7", "192.0.2.8", false)]
    [InlineData("192.0.2.0/24", "192.0.2.255", true)]
    [InlineData("192.0.2.0/24", "192.0.3.0", false)]
    [InlineData("192.0.2.77/24", "192.0.2.1", true)] // bits behind the prefix do not matter
    [InlineData("0.0.0.0/0", "203.0.113.9", true)]
    public void Address_IsFoundByItselfOrItsNetwork(string line, string address, bool isFound) =>
        Assert.Equal(isFound, Read(line).TryFindAddress(Ipv4(address), 4, out _));

    [Theory]
    [InlineData("2001:db8::7", true)]
    [InlineData("2001:db8::/32", true)]
    [InlineData("::/0", true)]
    [InlineData("2001:db9::/32", false)]
    [InlineData("0.0.0.0/0", false)] // another version
    public void AddressOfVersion6_IsFoundByItselfOrItsNetwork(string line, bool isFound) =>
        Assert.Equal(
            isFound,
            Read(line).TryFindAddress(FlowKey.ReadIpv6(System.Net.IPAddress.Parse("2001:db8::7").GetAddressBytes()), 6, out _)
        );

    [Fact]
    public void Address_InSeveralNetworks_IsInTheSmallest()
    {
        Assert.True(Read("192.0.0.0/8\n192.0.2.0/24\n192.0.0.0/16").TryFindAddress(Ipv4("192.0.2.1"), 4, out IntelEntry entry));
        Assert.Equal("192.0.2.0/24", entry.Text);
    }

    // Compared with a plain search through all of them, also at the ends of the space of addresses.
    [Theory]
    [InlineData(4)]
    [InlineData(6)]
    public void Networks_ThatLieInEachOther_AreFoundAsByASearch(byte version)
    {
        int seed = Environment.TickCount;
        TestContext.Current.TestOutputHelper!.WriteLine($"seed {seed}");
        var random = new Random(seed);
        int width = version == 6 ? 128 : 32;
        var networks = new List<(UInt128 Network, int Bits)>();
        var set = new IntelSet();
        int list = set.AddList("list");
        for (int i = 0; i < 500; i++)
        {
            int bits = random.Next(1, width + 1);
            UInt128 network = Some() >> (width - bits) << (width - bits);
            set.AddNetwork(network, version, bits, list, $"{network}/{bits}", "");
            networks.Add((network, bits));
        }

        for (int i = 0; i < 5000; i++)
        {
            UInt128 address = Some();
            string? expected = networks
                .Where(each => each.Bits == 0 || address >> (width - each.Bits) == each.Network >> (width - each.Bits))
                .OrderByDescending(each => each.Bits)
                .Select(each => $"{each.Network}/{each.Bits}")
                .FirstOrDefault();
            Assert.Equal(expected, set.TryFindAddress(address, version, out IntelEntry entry) ? entry.Text : null);
        }

        // Few different bits, so that many share a prefix.
        UInt128 Some()
        {
            UInt128 value = 0;
            for (int bit = 0; bit < width; bit++)
                value = (value << 1) | (UInt128)(random.Next(8) == 0 ? 1 : 0);
            return random.Next(4) == 0 ? ~value << (128 - width) >> (128 - width) : value;
        }
    }

    [Theory]
    [InlineData("evil.example", "evil.example", true)]
    [InlineData("evil.example", "a.b.EVIL.example.", true)]
    [InlineData("evil.example", "notevil.example", false)]
    [InlineData("evil.example", "example", false)]
    [InlineData("*.evil.example", "x.evil.example", true)]
    [InlineData("0.0.0.0 evil.example", "evil.example", true)] // a line of a hosts file
    [InlineData("EVIL.example.,malware,2026", "evil.example", true)]
    public void Name_IsFoundWithAllBelowIt(string line, string name, bool isFound) =>
        Assert.Equal(isFound, Read(line).TryFindName(Encoding.ASCII.GetBytes(name), out _));

    [Theory]
    [InlineData("http://Evil.example/a/b?c=d", "evil.example", "/a/b?c=d", true)]
    [InlineData("https://evil.example/a/b", "EVIL.example:80", "/a/b?other", true)]
    [InlineData("evil.example/a", "evil.example", "/a", true)]
    [InlineData("http://evil.example", "evil.example", "/", true)]
    [InlineData("evil.example/a", "evil.example", "/A", false)] // paths have a case
    public void Url_IsFoundByHostAndPath(string line, string host, string target, bool isFound) =>
        Assert.Equal(isFound, Read(line).TryFindUrl(Encoding.ASCII.GetBytes(host), Encoding.ASCII.GetBytes(target), out _));

    [Fact]
    public void Hash_IsFoundInAnyCase()
    {
        Assert.True(Read("D41D8CD98F00B204E9800998ECF8427E").TryFindHash("d41d8cd98f00b204e9800998ecf8427e", out IntelEntry entry));
        Assert.Equal(IntelKind.Hash, entry.Kind);
    }

    [Fact]
    public void ZeekFormat_IsReadByItsColumns()
    {
        IntelSet set = Read(
            "#fields\tindicator\tindicator_type\tmeta.source\n198.51.100.9\tIntel::ADDR\tours\nbad.example\tIntel::DOMAIN\tours\n"
        );

        Assert.Equal(2, set.Count);
        Assert.True(set.TryFindName("x.bad.example"u8, out IntelEntry entry));
        Assert.Equal(("ours", "list.txt"), (entry.Note, entry.List));
    }

    [Fact]
    public void BadLines_AreCounted_AndTheFirstIsNamed()
    {
        var set = new IntelSet();
        IntelListReport report = IntelReader.Read(Save("# comment\n\nevil.example\n!!!\n10.0.0.0/99\nevil.example\n"), set);

        Assert.Equal((1, 2, (4, "!!!")), (report.Entries, report.BadLines, report.FirstBad!.Value));
    }

    [Fact]
    public void TitlesOfACsvFile_AreNoBadLine()
    {
        var set = new IntelSet();
        IntelListReport report = IntelReader.Read(Save("indicator,description\n192.0.2.7,\"a, b\"\n"), set);

        Assert.Equal((1, 0), (report.Entries, report.BadLines));
        Assert.True(set.TryFindAddress(Ipv4("192.0.2.7"), 4, out _));
    }

    [Fact]
    public void ListThatChanges_IsReadAnew_AndOneThatIsGoneLeavesWhatThereWas()
    {
        string path = Save("one.example\n");
        var told = new List<string>();
        using var source = new IntelSource([path], follows: false, told.Add);
        File.WriteAllText(path, "two.example\nthree.example\n");
        source.LookAgain();
        Assert.Equal(2, source.Current.Count);
        File.Delete(path);
        source.LookAgain();
        source.LookAgain();

        Assert.Equal(2, source.Current.Count);
        Assert.Equal(2, told.Count);
        Assert.Contains("stay as they were", told[1], StringComparison.Ordinal);
    }

    [Fact]
    public void Lines_OfAnyContent_AreReadOrCounted()
    {
        int seed = Random.Shared.Next();
        var random = new Random(seed);
        string[] pieces = ["10.0.0.1", "/", "33", ":", "::", "http://", "a.b", ",", "\t", "\"", " ", "*.", "é", "\0", "#", "64.1"];
        for (int i = 0; i < 300; i++)
        {
            string text = string.Concat(Enumerable.Range(0, 20).Select(_ => pieces[random.Next(pieces.Length)]));
            var set = new IntelSet();
            IntelListReport report = IntelReader.Read(Save(text + "\n"), set);
            Assert.True(report.Entries + report.BadLines <= 2, $"seed {seed}: {text}");
        }
    }

    private IntelSet Read(string lines)
    {
        var set = new IntelSet();
        IntelReader.Read(Save(lines + "\n"), set);
        return set;
    }

    private string Save(string text)
    {
        string path = Path.Combine(_directory, "list.txt");
        File.WriteAllText(path, text);
        return path;
    }

    private static UInt128 Ipv4(string text) =>
        System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(System.Net.IPAddress.Parse(text).GetAddressBytes());
}
