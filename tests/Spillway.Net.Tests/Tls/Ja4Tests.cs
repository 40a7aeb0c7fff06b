using System.Globalization;

namespace Spillway.Net.Tests.Tls;

/// <summary>JA4 of hellos; the expected hashes are those of the lists that FoxIO's description of JA4 prints.</summary>
public sealed class Ja4Tests
{
    private const string ChromeSuites = "1a1a 1301 1302 1303 c02b c02f c02c c030 cca9 cca8 c013 c014 009c 009d 002f 0035";
    private const string ChromeAlgorithms = "0403 0804 0401 0503 0805 0501 0806 0601";

    // Extension 13 (signature algorithms), 16 (ALPN) and 0 (server name) are written with content.
    private const string ChromeExtensions = "2a2a 0000 001b 0023 0005 000b 0012 4469 0017 0033 002d 000a ff01 0010 002b 000d 0a0a 0015";

    [Fact]
    public void Write_HelloOfADescribedBrowser_GivesItsFingerprint() =>
        Assert.Equal(
            "t13d1516h2_8daaf6152771_e5627efa2ab1",
            Ja4Of(ChromeSuites, ChromeExtensions, ChromeAlgorithms, "h2"u8.ToArray(), isVersion13: true)
        );

    [Fact]
    public void Write_NothingButOneGreaseSuite_HasZerosForEmptyLists() =>
        Assert.Equal("t12i000000_000000000000_000000000000", Ja4Of("4a4a", "", "", [], isVersion13: false));

    [Theory]
    [InlineData("68 74 74 70 2f 31 2e 31", "h1")] // http/1.1
    [InlineData("78", "xx")]
    [InlineData("ab cd", "ad")] // no letters: digits of their hexadecimal form
    [InlineData("30 ab", "3b")]
    [InlineData("2a 33", "23")]
    public void Write_NameOfProtocol_GivesItsFirstAndLastCharacter(string name, string expected) =>
        Assert.StartsWith($"t12i0101{expected}_", Ja4Of("1301", "0010", "", Hex(name), isVersion13: false), StringComparison.Ordinal);

    [Fact]
    public void Write_MoreThanNinetyNineSuites_CountsNinetyNine()
    {
        string suites = string.Join(' ', Enumerable.Range(1, 300).Select(suite => suite.ToString("x4", CultureInfo.InvariantCulture)));

        Assert.StartsWith("t12i990000_", Ja4Of(suites, "", "", [], isVersion13: false), StringComparison.Ordinal);
    }

    private static string? Ja4Of(string suites, string extensions, string algorithms, byte[] alpn, bool isVersion13)
    {
        List<byte> list = [];
        foreach (string extension in extensions.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            ushort type = ushort.Parse(extension, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            byte[] data = type switch
            {
                0 => TlsBytes.Vector16([0, .. TlsBytes.Vector16("a.example"u8.ToArray())]),
                13 => TlsBytes.Vector16(Hex(algorithms)),
                16 => TlsBytes.Vector16(TlsBytes.Vector8(alpn)),
                43 => TlsBytes.Vector8(isVersion13 ? [0x7a, 0x7a, 3, 4, 3, 3] : [3, 3]),
                _ => [],
            };
            list.AddRange(TlsBytes.Extension(type, data));
        }

        byte[] hello = TlsBytes.Message(
            1,
            [3, 3, .. new byte[32], 0, .. TlsBytes.Vector16(Hex(suites)), 1, 0, .. TlsBytes.Vector16([.. list])]
        );
        return new TlsRecorder().Client(TlsBytes.Record(22, hello)).Ja4;
    }

    private static byte[] Hex(string text) => Convert.FromHexString(text.Replace(" ", "", StringComparison.Ordinal));
}
