using System.Text;
using Spillway.Metrics.Names;
using Spillway.Tests.Shared;
using static Spillway.Metrics.Tests.Helpers;

namespace Spillway.Metrics.Tests.Names;

public sealed class PublicSuffixListTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("spillway-suffixes-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData("www.example.com", "example.com")]
    [InlineData("example.com", "example.com")]
    [InlineData("com", "")]
    [InlineData("a.b.example.co.uk", "example.co.uk")]
    [InlineData("co.uk", "")]
    [InlineData("b.c.kobe.jp", "b.c.kobe.jp")] // *.kobe.jp
    [InlineData("a.b.c.kobe.jp", "b.c.kobe.jp")]
    [InlineData("c.kobe.jp", "")]
    [InlineData("www.city.kobe.jp", "city.kobe.jp")] // !city.kobe.jp
    [InlineData("test.ck", "")] // *.ck
    [InlineData("b.test.ck", "b.test.ck")]
    [InlineData("www.www.ck", "www.ck")] // !www.ck
    [InlineData("www.someone.github.io", "someone.github.io")] // the list's private part
    [InlineData("github.io", "")]
    [InlineData("dc01.office.corp", "office.corp")] // a top-level domain that nobody has
    [InlineData("食狮.公司.cn", "食狮.公司.cn")]
    [InlineData("www.xn--85x722f.xn--55qx5d.cn", "xn--85x722f.xn--55qx5d.cn")]
    [InlineData("xn--55qx5d.cn", "")]
    [InlineData("34.2.0.192.in-addr.arpa", "192.in-addr.arpa")]
    public void Name_HasTheRegistrableDomain(string name, string domain) => Assert.Equal(domain, Of(name));

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData(".com")]
    [InlineData("com.")]
    [InlineData("example..com")]
    [InlineData("..example.")]
    [InlineData("localhost")]
    public void Name_WithoutOne_HasNone(string name) => Assert.Equal("", Of(name));

    [Fact]
    public void Dot_WithinALabel_PartsNothing()
    {
        Assert.Equal(@"a\.b.com", Of(@"www.a\.b.com"));
        Assert.Equal(@"b.com", Of(@"a\\.b.com"));
        Assert.Equal("", Of(@"a\.com"));
    }

    [Fact]
    public void AnyBytes_GiveAPartOfThemselves()
    {
        const int seed = 74_207;
        var random = new Random(seed);
        byte[] alphabet = [.. "a.\\*!-"u8, .. "comukjp"u8, 0, 0xFF, 0xE9];
        for (int round = 0; round < 20_000; round++)
        {
            byte[] name = new byte[random.Next(300)];
            for (int i = 0; i < name.Length; i++)
                name[i] = round % 2 == 0 ? alphabet[random.Next(alphabet.Length)] : (byte)random.Next(256);
            int start = PublicSuffixList.BuiltIn.FindRegistrable(name);
            Assert.True(start >= -1 && start < Math.Max(1, name.Length), $"seed {seed}, round {round}: {start}");
            Assert.True(start <= 0 || name[start - 1] == '.', $"seed {seed}, round {round}: no label begins at {start}");
            var domains = new BaseDomains(PublicSuffixList.BuiltIn);
            Assert.True(domains.Of(name).Length <= name.Length, $"seed {seed}, round {round}");
        }
    }

    [Fact]
    public void BuiltIn_HasTheWholeList() => Assert.InRange(PublicSuffixList.BuiltIn.RuleCount, 10_000, 13_000);

    [Fact]
    public void File_InTheListsForm_IsRead()
    {
        Assert.True(
            PublicSuffixList.TryRead(
                Write("// a comment\n\ncom\n*.example.com and what follows a blank\n!not.example.com\nÉTÉ.com\n"),
                out PublicSuffixList? list,
                out _
            )
        );

        Assert.Equal(5, list.RuleCount);
        Assert.Equal("a.b.example.com", Of("x.a.b.example.com", list));
        Assert.Equal("not.example.com", Of("x.not.example.com", list));
        Assert.Equal("b.été.com", Of("a.b.été.com", list));
        Assert.Equal("b.xn--t-9fab.com", Of("a.b.xn--t-9fab.com", list));
    }

    [Theory]
    [InlineData("not a list\n", "has no rule for com")]
    [InlineData("", "has no rule for com")]
    [InlineData(null, "cannot be read")]
    public void File_ThatIsNoList_IsToldSo(string? text, string flaw)
    {
        string path = text is null ? Path.Combine(_directory, "missing") : Write(text);

        Assert.False(PublicSuffixList.TryRead(path, out _, out string? told));
        Assert.Contains(flaw, told, StringComparison.Ordinal);
        Assert.Contains(path, told, StringComparison.Ordinal);
    }

    [Fact]
    public void File_WithoutEnd_IsTooLarge()
    {
        Assert.False(PublicSuffixList.TryRead("/dev/zero", out _, out string? told));
        Assert.Contains("more than 16 MB", told, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("www.example.org", "example.org")]
    [InlineData("www.example.org.", "example.org")]
    [InlineData("192.0.2.7", "")]
    [InlineData("192.0.2.7.", "")]
    [InlineData("1", "")]
    [InlineData("[2001:db8::1]", "")]
    [InlineData("2001:db8::1", "")]
    [InlineData(".", "")]
    [InlineData("a..", "")]
    [InlineData("intranet", "")]
    public void Domains_OfHostsAsHttpNamesThem(string host, string domain)
    {
        var domains = new BaseDomains(null);

        Assert.Equal(domain, Encoding.UTF8.GetString(domains.Of(Utf8(host))));
        Assert.Equal(domain, Encoding.UTF8.GetString(domains.Of(Utf8(host)))); // as it is remembered
    }

    [Fact]
    public void Domains_OfMoreNamesThanAreRemembered_AreRight_AndCostNoMemory()
    {
        var domains = new BaseDomains(null);
        byte[][] hosts = [.. Enumerable.Range(0, 10_000).Select(i => Utf8($"h{i}.d{i}.co.uk"))];
        for (int i = 0; i < hosts.Length; i++)
            Assert.Equal($"d{i}.co.uk", Encoding.UTF8.GetString(domains.Of(hosts[i])));

        Assert.Equal(
            0,
            Allocations.InSteadyState(
                () =>
                {
                    foreach (byte[] host in hosts)
                        domains.Of(host);
                },
                out _
            )
        );
    }

    private static string Of(string name, PublicSuffixList? list = null)
    {
        byte[] bytes = Utf8(name);
        int start = (list ?? PublicSuffixList.BuiltIn).FindRegistrable(bytes);
        return start < 0 ? "" : Encoding.UTF8.GetString(bytes.AsSpan(start));
    }

    private string Write(string text)
    {
        string path = Path.Combine(_directory, "list.dat");
        File.WriteAllText(path, text);
        return path;
    }
}
