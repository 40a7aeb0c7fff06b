using Spillway.Metrics.Thresholds;
using Spillway.Metrics.Traffic;

namespace Spillway.Metrics.Tests.Thresholds;

public sealed class ThresholdReaderTests
{
    [Fact]
    public void Line_WithEverything_IsReadAsItSays()
    {
        ThresholdRule rule = Read(
            "bytes id 7, above 1.5K, clear 512, windows 3, seconds 5m, direction sent, hosts 10.0.0.0/8 2001:db8::/32, not 10.0.0.5, "
                + "priority 1, name \"much, and fast # really\""
        );

        Assert.Equal(
            (7, ThresholdKind.Bytes, 1536.0, 512.0, 3, 300, ThresholdDirection.Sent, 1, "much, and fast # really"),
            (rule.Id, rule.Kind, rule.Above, rule.Clear, rule.CalmPeriods, rule.Seconds, rule.Direction, rule.Priority, rule.Name)
        );
        Assert.Equal(
            "10.1.1.1 2001:db8::1",
            string.Join(' ', About(rule, "10.1.1.1", "10.0.0.5", "11.0.0.1", "2001:db8::1", "2001:db9::1"))
        );
    }

    [Theory]
    [InlineData("bytes id 1, above 10M", "Host moves more than 10M bytes in 60 s", 10485760.0, 8388608.0)]
    [InlineData("bytes id 1, above 10MB, direction received", "Host receives more than 10MB bytes in 60 s", 10485760.0, 8388608.0)]
    [InlineData("connections id 1,above 2K , seconds 120", "Host has more than 2K new connections in 120 s", 2000.0, 1600.0)]
    [InlineData("nxdomain id 1, above 30%, clear 10%", "More than 30% of a client's names do not exist in 60 s", 0.3, 0.1)]
    [InlineData("new-host id 1", "Host is seen for the first time", 0.0, 0.0)]
    public void Line_WithoutMuch_HasANameThatIsAlwaysTheSame(string line, string name, double above, double clear)
    {
        ThresholdRule rule = Read(line);

        Assert.Equal(name, rule.Name);
        Assert.Equal(above, rule.Above, 9);
        Assert.Equal(clear, rule.Clear, 9);
    }

    [Theory]
    [InlineData("bytes id 1, above 10M, hosts home", "10.0.0.1")]
    [InlineData("bytes id 1, above 10M, hosts external", "198.51.100.1")]
    [InlineData("bytes id 1, above 10M, hosts all", "10.0.0.1 198.51.100.1")]
    public void Hosts_ByWord_AreThoseOfTheHomeNetworksOrNot(string line, string expected) =>
        Assert.Equal(expected, string.Join(' ', About(Read(line), "10.0.0.1", "198.51.100.1")));

    [Theory]
    [InlineData("byte id 1, above 1", "'byte' is no kind of threshold: begin with bytes, connections, new-host or nxdomain")]
    [InlineData("bytes above 1", "it has no id: add 'id NUMBER'")]
    [InlineData("bytes id 1", "it has no mark: add 'above 10M'")]
    [InlineData("nxdomain id 1", "it has no mark: add 'above 30%'")]
    [InlineData("bytes id 1, abov 10M", "'abov' is not known of bytes: it takes id, hosts, not, priority, name, above, clear, windows")]
    [InlineData("new-host id 1, above 3", "'above' is not known of new-host")]
    [InlineData("bytes id 1, above 10%", "'above 10%' is no mark: give bytes, such as 500000, 10M or 1.5G")]
    [InlineData("bytes id 1, above 0", "'above 0' is always reached: give more than 0")]
    [InlineData("nxdomain id 1, above 30", "'above 30' is no mark: give a share from 0% to 100%")]
    [InlineData("nxdomain id 1, above 130%", "'above 130%' is no mark")]
    [InlineData("bytes id 1, above 1M, clear 2M", "'clear' is above 'above'")]
    [InlineData("bytes id 1, above 1M, seconds 90", "'seconds 90' is no multiple of the windows, which are 60 s")]
    [InlineData("bytes id x, above 1M", "'id x' must be a whole number from 1 to")]
    [InlineData("bytes id 0, above 1M", "'id 0' must be a whole number from 1 to")]
    [InlineData("bytes id 1, id 2, above 1M", "'id' is given twice")]
    [InlineData("bytes id 1, above", "'above' has no value: write 'above VALUE'")]
    [InlineData("bytes id 1, above 1M, hosts here", "'hosts here' is no list of hosts")]
    [InlineData("bytes id 1, above 1M, not 10.0.0.0/33", "'not 10.0.0.0/33' is no list of hosts")]
    [InlineData("bytes id 1, above 1M, direction 1", "'direction 1' is none: give total, sent or received")]
    public void Line_ThatIsWrong_NamesTheRemedy(string line, string flaw)
    {
        Assert.False(ThresholdReader.TryRead(line, windowSeconds: 60, out _, out string found));
        Assert.StartsWith(flaw, found, StringComparison.Ordinal);
    }

    [Fact]
    public void File_WithFlaws_NamesFileAndLine_AndIdsThatAreGivenTwice()
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, "# comment\n\nbytes id 1, above 1M # behind\nbites id 2\nnew-host id 1\n");
            var rules = new List<ThresholdRule>();
            var flaws = new List<string>();
            ThresholdReader.Read(path, 60, rules, flaws);

            Assert.Equal($"{path}:3", Assert.Single(rules).Place);
            Assert.Equal(
                [
                    $"{path}:4: 'bites' is no kind of threshold: begin with bytes, connections, new-host or nxdomain",
                    $"{path}:5: the id 1 is {path}:3's already: give each line an id of its own",
                ],
                flaws
            );
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static ThresholdRule Read(string line)
    {
        Assert.True(ThresholdReader.TryRead(line, windowSeconds: 60, out ThresholdRule rule, out string flaw), flaw);
        return rule;
    }

    private static IEnumerable<string> About(ThresholdRule rule, params string[] addresses) =>
        addresses.Where(text =>
        {
            byte[] bytes = System.Net.IPAddress.Parse(text).GetAddressBytes();
            UInt128 address = 0;
            foreach (byte one in bytes)
                address = (address << 8) | one;
            return rule.IsAbout(address, bytes.Length == 16 ? (byte)6 : (byte)4, HomeNetworks.Default);
        });
}
