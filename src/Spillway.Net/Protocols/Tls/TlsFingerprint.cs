using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Spillway.Net.Protocols.Tls;

/// <summary>Fingerprints of hellos: JA3 and JA3S (MD5, as tshark and Suricata give them) and JA4 (TLS over TCP).</summary>
/// <remarks>They allocate: ask for them only when somebody reads them.</remarks>
public static class TlsFingerprint
{
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

    /// <summary>JA4 of a client over TCP, such as <c>t13d1516h2_8daaf6152771_e5627efa2ab1</c>; see <see cref="Tls.Ja4"/>.</summary>
    public static string Ja4(in TlsClientHello hello)
    {
        Span<byte> text = stackalloc byte[Tls.Ja4.Length];
        Tls.Ja4.Write(in hello, text);
        return Encoding.ASCII.GetString(text);
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
