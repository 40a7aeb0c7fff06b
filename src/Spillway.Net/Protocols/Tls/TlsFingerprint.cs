using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Spillway.Net.Protocols.Tls;

/// <summary>Fingerprints of hellos: JA3 and JA3S (MD5, as tshark and Suricata give them) and JA4 (TLS over TCP).</summary>
/// <remarks>They allocate: ask for them only when somebody reads them.</remarks>
public static class TlsFingerprint
{
    private const int Ja4HashDigits = 12;

    /// <summary>
    /// Whether a number is one of those that clients send to keep servers tolerant (RFC 8701); fingerprints leave them out.
    /// </summary>
    public static bool IsGrease(ushort value) => (value & 0x0F0F) == 0x0A0A && value >> 8 == (value & 0xFF);

    /// <summary>JA3 of a client, hex: the MD5 of <see cref="WriteJa3Text"/>.</summary>
    public static string Ja3(in TlsClientHello hello)
    {
        var text = new WireTextBuilder();
        WriteJa3Text(in hello, text);
        return HashOf(text.Text);
    }

    /// <summary>JA3S of a server, hex: the MD5 of <see cref="WriteJa3sText"/>.</summary>
    public static string Ja3s(in TlsServerHello hello)
    {
        var text = new WireTextBuilder();
        WriteJa3sText(in hello, text);
        return HashOf(text.Text);
    }

    /// <summary>The hash of a text of JA3 or JA3S, hex.</summary>
    public static string HashOf(ReadOnlySpan<byte> text) => Convert.ToHexStringLower(MD5.HashData(text));

    /// <summary>The text that JA3S hashes: version, suite and extensions as decimal numbers.</summary>
    public static void WriteJa3sText(in TlsServerHello hello, WireTextBuilder text)
    {
        ArgumentNullException.ThrowIfNull(text);
        text.AppendNumber(hello.LegacyVersion);
        text.Append((byte)',');
        text.AppendNumber(hello.CipherSuite);
        text.Append((byte)',');
        WriteExtensionTypes(hello.Extensions, text);
    }

    /// <summary>The text that JA3 hashes: version, suites, extensions, groups and point formats as decimal numbers.</summary>
    public static void WriteJa3Text(in TlsClientHello hello, WireTextBuilder text)
    {
        ArgumentNullException.ThrowIfNull(text);
        text.AppendNumber(hello.LegacyVersion);
        text.Append((byte)',');
        WriteNumbers(hello.CipherSuites, text);
        text.Append((byte)',');
        WriteExtensionTypes(hello.Extensions, text);
        text.Append((byte)',');
        if (hello.Extensions.TryGet(TlsExtensionType.SupportedGroups, out ReadOnlySpan<byte> groups))
            WriteNumbers(new WireReader(groups).ReadVector16(), text);
        text.Append((byte)',');
        if (!hello.Extensions.TryGet(TlsExtensionType.PointFormats, out ReadOnlySpan<byte> formats))
            return;
        int start = text.Length;
        foreach (byte format in new WireReader(formats).ReadVector8())
            WriteNumber(format, text, start);
    }

    /// <summary>JA4 of a client over TCP, such as <c>t13d1516h2_8daaf6152771_e5627efa2ab1</c>.</summary>
    public static string Ja4(in TlsClientHello hello)
    {
        ushort[] suites = [.. Numbers(hello.CipherSuites).Order()];
        List<ushort> types = [];
        foreach (TlsExtension extension in hello.Extensions)
        {
            if (!IsGrease(extension.Type))
                types.Add(extension.Type);
        }

        var ja4 = new StringBuilder(40);
        ja4.Append('t').Append(VersionName(hello.HighestVersion)).Append(types.Contains(TlsExtensionType.ServerName) ? 'd' : 'i');
        ja4.Append(System.Globalization.CultureInfo.InvariantCulture, $"{Math.Min(suites.Length, 99):00}{Math.Min(types.Count, 99):00}");
        AppendAlpn(ja4, hello.Alpn);
        ja4.Append('_').Append(HashOf(HexList(suites)));

        string extensions = HexList([.. types.Where(type => type is not (TlsExtensionType.ServerName or TlsExtensionType.Alpn)).Order()]);
        if (extensions.Length > 0 && hello.Extensions.TryGet(TlsExtensionType.SignatureAlgorithms, out ReadOnlySpan<byte> data))
        {
            string algorithms = HexList(Numbers(new WireReader(data).ReadVector16()));
            if (algorithms.Length > 0)
                extensions += "_" + algorithms;
        }

        return ja4.Append('_').Append(HashOf(extensions)).ToString();
    }

    private static string VersionName(ushort version) =>
        version switch
        {
            0x0304 => "13",
            0x0303 => "12",
            0x0302 => "11",
            0x0301 => "10",
            0x0300 => "s3",
            0x0002 => "s2",
            _ => "00",
        };

    // The first and last character of the first name; of its hex digits, if these are no letters or digits.
    private static void AppendAlpn(StringBuilder ja4, TlsProtocolNames names)
    {
        if (!names.MoveNext() || names.Current.IsEmpty)
        {
            ja4.Append("00");
            return;
        }

        (byte first, byte last) = (names.Current[0], names.Current[^1]);
        if (char.IsAsciiLetterOrDigit((char)first) && char.IsAsciiLetterOrDigit((char)last))
            ja4.Append((char)first).Append((char)last);
        else
            ja4.Append(Convert.ToHexStringLower([first])[0]).Append(Convert.ToHexStringLower([last])[1]);
    }

    private static string HashOf(string list) =>
        list.Length == 0
            ? new string('0', Ja4HashDigits)
            : Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(list)))[..Ja4HashDigits];

    private static string HexList(ushort[] numbers) =>
        string.Join(',', numbers.Select(number => number.ToString("x4", System.Globalization.CultureInfo.InvariantCulture)));

    private static ushort[] Numbers(ReadOnlySpan<byte> list)
    {
        var numbers = new List<ushort>(list.Length / 2);
        for (; list.Length >= 2; list = list[2..])
        {
            ushort number = BinaryPrimitives.ReadUInt16BigEndian(list);
            if (!IsGrease(number))
                numbers.Add(number);
        }

        return [.. numbers];
    }

    private static void WriteExtensionTypes(TlsExtensions extensions, WireTextBuilder text)
    {
        int start = text.Length;
        foreach (TlsExtension extension in extensions)
        {
            if (!IsGrease(extension.Type))
                WriteNumber(extension.Type, text, start);
        }
    }

    private static void WriteNumbers(ReadOnlySpan<byte> list, WireTextBuilder text)
    {
        int start = text.Length;
        for (; list.Length >= 2; list = list[2..])
        {
            ushort number = BinaryPrimitives.ReadUInt16BigEndian(list);
            if (!IsGrease(number))
                WriteNumber(number, text, start);
        }
    }

    private static void WriteNumber(ushort number, WireTextBuilder text, int listStart)
    {
        if (text.Length > listStart)
            text.Append((byte)'-');
        text.AppendNumber(number);
    }
}
