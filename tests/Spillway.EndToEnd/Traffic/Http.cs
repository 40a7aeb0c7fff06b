using System.Globalization;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;

namespace Spillway.EndToEnd.Traffic;

/// <summary>HTTP messages as bytes.</summary>
public static class Http
{
    public static byte[] Get(string path, string host = "www.example.org", string more = "") =>
        Encoding.Latin1.GetBytes($"GET {path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: test/1.0\r\n{more}\r\n");

    public static byte[] Post(string path, byte[] body, string type = "application/octet-stream") =>
        [
            .. Encoding.Latin1.GetBytes(
                $"POST {path} HTTP/1.1\r\nHost: www.example.org\r\nContent-Type: {type}\r\nContent-Length: {body.Length}\r\n\r\n"
            ),
            .. body,
        ];

    public static byte[] Ok(byte[] body, string type = "application/octet-stream", string status = "200 OK") =>
        [.. Encoding.Latin1.GetBytes($"HTTP/1.1 {status}\r\nContent-Type: {type}\r\nContent-Length: {body.Length}\r\n\r\n"), .. body];

    public static byte[] ChunkedGzip(byte[] body, int chunkSize = 500, string type = "text/html")
    {
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Optimal, leaveOpen: true))
            gzip.Write(body);
        var message = new List<byte>(
            Encoding.Latin1.GetBytes(
                $"HTTP/1.1 200 OK\r\nContent-Type: {type}\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n"
            )
        );
        foreach (byte[] chunk in compressed.ToArray().Chunk(chunkSize))
            message.AddRange([
                .. Encoding.Latin1.GetBytes(chunk.Length.ToString("x", CultureInfo.InvariantCulture) + "\r\n"),
                .. chunk,
                13,
                10,
            ]);
        message.AddRange("0\r\n\r\n"u8);
        return [.. message];
    }

    /// <summary>Bytes that no coding makes shorter, the same in every run.</summary>
    public static byte[] Noise(int length, int seed = 1)
    {
        byte[] bytes = new byte[length];
#pragma warning disable CA5394 // repeatable, not secret
        new Random(seed).NextBytes(bytes);
#pragma warning restore CA5394
        return bytes;
    }

#pragma warning disable CA5350 // an identifier, not a protection
    public static string Sha1(byte[] data) => Convert.ToHexStringLower(SHA1.HashData(data));
#pragma warning restore CA5350
}
