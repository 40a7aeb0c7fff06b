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
