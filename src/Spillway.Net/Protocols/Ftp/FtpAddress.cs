using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Spillway.Net.Protocols.Ftp;

/// <summary>Addresses in commands and replies.</summary>
internal static class FtpAddress
{
    /// <summary>
    /// Reads <c>h1,h2,h3,h4,p1,p2</c> (RFC 959, section 3.3): the argument of PORT, or anywhere in the text of a reply, since servers put
    /// it into brackets or not (RFC 1123, section 4.1.2.6).
    /// </summary>
    public static bool TryReadNumbers(ReadOnlySpan<byte> text, out FtpEndpoint endpoint)
    {
        endpoint = default;
        Span<byte> numbers = stackalloc byte[6];
        while (!text.IsEmpty)
        {
            int begin = text.IndexOfAnyInRange((byte)'0', (byte)'9');
            if (begin < 0)
                return false;
            text = text[begin..];
            if (TryReadSix(text, numbers))
            {
                uint address = BinaryPrimitives.ReadUInt32BigEndian(numbers);
                endpoint = new FtpEndpoint(address, BinaryPrimitives.ReadUInt16BigEndian(numbers[4..]), 4);
                return endpoint.Port != 0;
            }

            int end = text.IndexOfAnyExceptInRange((byte)'0', (byte)'9');
            text = end < 0 ? default : text[end..];
        }

        return false;
    }

    /// <summary>Reads <c>(|||port|)</c> (RFC 2428, section 3): a port of the address that the control connection has.</summary>
    public static bool TryReadPort(ReadOnlySpan<byte> text, out ushort port)
    {
        port = 0;
        int begin = text.IndexOf((byte)'(');
        if (begin < 0 || text.Length < begin + 6)
            return false;
        ReadOnlySpan<byte> fields = text[(begin + 1)..];
        byte separator = fields[0];
        if (fields[1] != separator || fields[2] != separator)
            return false;
        fields = fields[3..];
        int end = fields.IndexOf(separator);
        return end > 0 && ushort.TryParse(fields[..end], NumberStyles.None, CultureInfo.InvariantCulture, out port) && port != 0;
    }

    /// <summary>Reads <c>|1|132.235.1.2|6275|</c> (RFC 2428, section 2).</summary>
    public static bool TryReadExtended(ReadOnlySpan<byte> text, out FtpEndpoint endpoint)
    {
        endpoint = default;
        if (text.Length < 7)
            return false;
        byte separator = text[0];
        ReadOnlySpan<byte> rest = text[1..];
        int family = rest.IndexOf(separator);
        if (family != 1 || rest[0] is not ((byte)'1' or (byte)'2'))
            return false;
        bool isV6 = rest[0] == (byte)'2';
        rest = rest[2..];
        int address = rest.IndexOf(separator);
        if (address <= 0 || address > 45)
            return false;
        ReadOnlySpan<byte> port = rest[(address + 1)..];
        int end = port.IndexOf(separator);
        if (end < 0 || !ushort.TryParse(port[..end], NumberStyles.None, CultureInfo.InvariantCulture, out ushort number) || number == 0)
            return false;
        if (!IPAddress.TryParse(Encoding.ASCII.GetString(rest[..address]), out IPAddress? ip))
            return false;
        if (ip.AddressFamily != (isV6 ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork))
            return false;
        Span<byte> bytes = stackalloc byte[16];
        ip.TryWriteBytes(bytes, out _);
        endpoint = isV6
            ? new FtpEndpoint(BinaryPrimitives.ReadUInt128BigEndian(bytes), number, 6)
            : new FtpEndpoint(BinaryPrimitives.ReadUInt32BigEndian(bytes), number, 4);
        return true;
    }

    private static bool TryReadSix(ReadOnlySpan<byte> text, Span<byte> numbers)
    {
        for (int i = 0; i < numbers.Length; i++)
        {
            int end = text.IndexOfAnyExceptInRange((byte)'0', (byte)'9');
            ReadOnlySpan<byte> digits = end < 0 ? text : text[..end];
            if (!byte.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out numbers[i]))
                return false;
            text = end < 0 ? default : text[end..];
            if (i == numbers.Length - 1)
                return true;
            if (text.IsEmpty || text[0] != (byte)',')
                return false;
            text = text[1..].TrimStart((byte)' ');
        }

        return true;
    }
}
