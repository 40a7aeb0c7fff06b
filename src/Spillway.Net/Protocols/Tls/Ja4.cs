using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;

namespace Spillway.Net.Protocols.Tls;

/// <summary>
/// JA4 of a client over TCP (FoxIO's description of JA4, the one method of its family that is free to use): a readable part, then hashes of
/// the sorted suites and of the sorted extensions with the signature algorithms.
/// </summary>
public static class Ja4
{
    /// <summary>The length of a fingerprint, such as <c>t13d1516h2_8daaf6152771_e5627efa2ab1</c>.</summary>
    public const int Length = 36;

    private const int ReadableBytes = 10,
        HashDigits = 12,
        LargestCount = 99,
        StackNumbers = 128,
        BytesOfNumber = 5;

    /// <summary>Writes the fingerprint. Nothing is allocated for hellos of the usual size.</summary>
    /// <param name="hello">The client hello.</param>
    /// <param name="destination">Receives <see cref="Length"/> bytes of ASCII.</param>
    public static void Write(in TlsClientHello hello, Span<byte> destination)
    {
        int suiteBytes = hello.CipherSuites.Length;
        ushort[]? rented = suiteBytes / 2 > StackNumbers ? ArrayPool<ushort>.Shared.Rent(suiteBytes / 2) : null;
        Span<ushort> suites = rented ?? stackalloc ushort[StackNumbers];
        suites = suites[..Numbers(hello.CipherSuites, suites)];
        suites.Sort();
        Hash(suites, [], destination.Slice(ReadableBytes + 1, HashDigits));
        int suiteCount = suites.Length;
        if (rented is not null)
            ArrayPool<ushort>.Shared.Return(rented);
        int extensionCount = WriteExtensions(in hello, destination[(ReadableBytes + HashDigits + 2)..]);

        destination[0] = (byte)'t';
        VersionName(hello.HighestVersion).CopyTo(destination[1..]);
        destination[3] = hello.Extensions.TryGet(TlsExtensionType.ServerName, out _) ? (byte)'d' : (byte)'i';
        WriteCount(suiteCount, destination[4..]);
        WriteCount(extensionCount, destination[6..]);
        WriteAlpn(hello.Alpn, destination[8..]);
        destination[ReadableBytes] = (byte)'_';
        destination[ReadableBytes + HashDigits + 1] = (byte)'_';
    }

    // All extensions count; those whose content is in the readable part are not hashed.
    private static int WriteExtensions(in TlsClientHello hello, Span<byte> destination)
    {
        int count = 0,
            total = 0;
        foreach (TlsExtension _ in hello.Extensions)
            total++;
        hello.Extensions.TryGet(TlsExtensionType.SignatureAlgorithms, out ReadOnlySpan<byte> data);
        ReadOnlySpan<byte> list = new WireReader(data).ReadVector16();
        int room = total + (list.Length / 2);
        ushort[]? rented = room > StackNumbers ? ArrayPool<ushort>.Shared.Rent(room) : null;
        Span<ushort> numbers = rented ?? stackalloc ushort[StackNumbers];
        int hashed = 0;
        foreach (TlsExtension extension in hello.Extensions)
        {
            if (TlsFingerprint.IsGrease(extension.Type))
                continue;
            count++;
            if (extension.Type is not (TlsExtensionType.ServerName or TlsExtensionType.Alpn))
                numbers[hashed++] = extension.Type;
        }

        numbers[..hashed].Sort();
        Span<ushort> algorithms = numbers[hashed..];
        algorithms = algorithms[..Numbers(list, algorithms)];
        Hash(numbers[..hashed], algorithms, destination);
        if (rented is not null)
            ArrayPool<ushort>.Shared.Return(rented);
        return count;
    }

    private static int Numbers(ReadOnlySpan<byte> list, Span<ushort> numbers)
    {
        int count = 0;
        for (; list.Length >= 2; list = list[2..])
        {
            ushort number = BinaryPrimitives.ReadUInt16BigEndian(list);
            if (!TlsFingerprint.IsGrease(number))
                numbers[count++] = number;
        }

        return count;
    }

    // Hexadecimal numbers joined by commas, an underscore before the second list; zeros for nothing.
    private static void Hash(ReadOnlySpan<ushort> first, ReadOnlySpan<ushort> second, Span<byte> digits)
    {
        int bytes = (first.Length + second.Length) * BytesOfNumber;
        byte[]? rented = bytes > StackNumbers * BytesOfNumber ? ArrayPool<byte>.Shared.Rent(bytes) : null;
        Span<byte> text = rented ?? stackalloc byte[StackNumbers * BytesOfNumber];
        int length = 0;
        foreach (ushort number in first)
            AppendNumber(number, ',', text, ref length);
        char separator = '_';
        foreach (ushort number in second)
        {
            AppendNumber(number, separator, text, ref length);
            separator = ',';
        }

        if (length == 0)
        {
            digits[..HashDigits].Fill((byte)'0');
        }
        else
        {
            Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
            SHA256.HashData(text[..length], hash);
            Convert.TryToHexStringLower(hash[..(HashDigits / 2)], digits, out _);
        }

        if (rented is not null)
            ArrayPool<byte>.Shared.Return(rented);
    }

    private static void AppendNumber(ushort number, char separator, Span<byte> text, ref int length)
    {
        if (length > 0)
            text[length++] = (byte)separator;
        ReadOnlySpan<byte> digits = "0123456789abcdef"u8;
        text[length++] = digits[number >> 12];
        text[length++] = digits[(number >> 8) & 15];
        text[length++] = digits[(number >> 4) & 15];
        text[length++] = digits[number & 15];
    }

    private static void WriteCount(int count, Span<byte> destination) =>
        Math.Min(count, LargestCount).TryFormat(destination, out _, "00", CultureInfo.InvariantCulture);

    private static ReadOnlySpan<byte> VersionName(ushort version) =>
        version switch
        {
            0x0304 => "13"u8,
            0x0303 => "12"u8,
            0x0302 => "11"u8,
            0x0301 => "10"u8,
            0x0300 => "s3"u8,
            0x0002 => "s2"u8,
            _ => "00"u8,
        };

    // The first and last character of the first name; of its hex digits, if these are no letters or digits.
    private static void WriteAlpn(TlsProtocolNames names, Span<byte> destination)
    {
        if (!names.MoveNext() || names.Current.IsEmpty)
        {
            "00"u8.CopyTo(destination);
            return;
        }

        (byte first, byte last) = (names.Current[0], names.Current[^1]);
        if (!char.IsAsciiLetterOrDigit((char)first) || !char.IsAsciiLetterOrDigit((char)last))
        {
            const string digits = "0123456789abcdef";
            (first, last) = ((byte)digits[first >> 4], (byte)digits[last & 15]);
        }

        (destination[0], destination[1]) = (first, last);
    }
}
