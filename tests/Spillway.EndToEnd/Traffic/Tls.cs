using System.Text;

namespace Spillway.EndToEnd.Traffic;

/// <summary>TLS messages as bytes.</summary>
public static class Tls
{
    /// <summary>
    /// A record with a client hello (RFC 8446, 4.1.2) that asks for a server by name and offers one application protocol.
    /// </summary>
    public static byte[] ClientHello(string serverName, string protocol)
    {
        byte[] name = Encoding.ASCII.GetBytes(serverName);
        byte[] alpn = Encoding.ASCII.GetBytes(protocol);
        byte[] extensions = [0, 0, .. Sized(2, Sized(2, [0, .. Sized(2, name)])), 0, 16, .. Sized(2, Sized(2, Sized(1, alpn)))];
        byte[] body = [3, 3, .. new byte[32], 0, 0, 2, 0x13, 1, 1, 0, .. Sized(2, extensions)];
        return [22, 3, 1, .. Sized(2, [1, .. Sized(3, body)])];
    }

    /// <summary>A record with a server hello of TLS 1.2 that takes a suite and an application protocol.</summary>
    public static byte[] ServerHello(ushort suite, string protocol)
    {
        byte[] alpn = Encoding.ASCII.GetBytes(protocol);
        byte[] extensions = [0, 16, .. Sized(2, Sized(2, Sized(1, alpn)))];
        byte[] body = [3, 3, .. new byte[32], 0, (byte)(suite >> 8), (byte)suite, 0, .. Sized(2, extensions)];
        return [22, 3, 3, .. Sized(2, [2, .. Sized(3, body)])];
    }

    /// <summary>A record with a chain of one certificate (RFC 5246, 7.4.2).</summary>
    public static byte[] Certificates(byte[] certificate) => [22, 3, 3, .. Sized(2, [11, .. Sized(3, Sized(3, Sized(3, certificate)))])];

    /// <summary>From here on all is encrypted.</summary>
    public static byte[] ChangeCipherSpec => [20, 3, 3, 0, 1, 1];

    // The bytes behind their length.
    private static byte[] Sized(int lengthBytes, byte[] bytes)
    {
        byte[] sized = new byte[lengthBytes + bytes.Length];
        for (int i = 0; i < lengthBytes; i++)
            sized[i] = (byte)(bytes.Length >> (8 * (lengthBytes - 1 - i)));
        bytes.CopyTo(sized, lengthBytes);
        return sized;
    }
}
