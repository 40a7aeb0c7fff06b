using System.Buffers;
using System.Buffers.Binary;
using System.IO.Compression;

namespace Spillway.Net.Capture;

/// <summary>Where the bytes of a capture come from: opens the file, sees what it is, and undoes its compression.</summary>
internal static class CaptureSource
{
    // Enough to see the interface blocks at the start of any usual pcapng file, so that a filter can be tried on them.
    private const int HeadSize = 64 * 1024;

    private static readonly SearchValues<byte> TextBytes = SearchValues.Create([
        (byte)'\t',
        (byte)'\n',
        (byte)'\r',
        .. Enumerable.Range(0x20, 0x5f).Select(value => (byte)value),
    ]);

    /// <summary>What a path is called in messages.</summary>
    public static string NameOf(string path) => path == "-" ? "standard input" : $"'{path}'";

    /// <summary>Opens a file, or standard input for <c>-</c>.</summary>
    /// <param name="totalBytes">The file's size, if it has one.</param>
    public static Stream Open(string path, string name, out long? totalBytes)
    {
        totalBytes = null;
        if (path == "-")
            return Console.OpenStandardInput();
        if (Directory.Exists(path))
            throw new CaptureException($"{name} is a directory: name a capture file in it");
        try
        {
            var file = new FileStream(
                path,
                FileMode.Open,
                FileAccess.Read,
                FileShare.ReadWrite | FileShare.Delete,
                bufferSize: 0,
                FileOptions.SequentialScan
            );
            if (file.CanSeek)
                totalBytes = file.Length;
            return file;
        }
        catch (Exception failure) when (failure is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new CaptureException($"{name} does not exist: check the path", failure);
        }
        catch (UnauthorizedAccessException failure)
        {
            throw new CaptureException($"{name} may not be read by this user: change its permissions (chmod) or run as its owner", failure);
        }
        catch (IOException failure)
        {
            throw new CaptureException($"cannot open {name}: {failure.Message}", failure);
        }
    }

    /// <summary>The capture in a file: its bytes, decompressed if their first bytes say that they are compressed. Of a pipe gzip alone is
    /// undone.</summary>
    /// <param name="head">The first bytes of the content.</param>
    /// <param name="isRegular">True for a file, which may be read ahead on another thread, without waiting for anybody.</param>
    public static Stream Content(Stream file, string name, bool isRegular, out byte[] head)
    {
        head = ReadHead(file, name, isRegular);
        if (head.Length == 0)
            throw new CaptureException($"{name} is empty (0 bytes): nothing was written to it; capture or copy it again");
        Stream content = new PrefixedStream(head, file);
        if (Unpack(content, head, name, isRegular) is not { } unpacked)
            return content;

        // A pipe has a thread of its own already, which must be the one that waits.
        Stream ahead = isRegular ? new ReadAheadStream(unpacked) : unpacked;
        try
        {
            head = ReadHead(ahead, name, isRegular);
        }
        catch
        {
            ahead.Dispose();
            throw;
        }

        return new PrefixedStream(head, ahead);
    }

    private static Stream? Unpack(Stream content, byte[] head, string name, bool isRegular) =>
        head.AsSpan().StartsWith((ReadOnlySpan<byte>)[0x1f, 0x8b]) ? new GZipStream(content, CompressionMode.Decompress)
        : isRegular && Compression.Of(head) is { } compression ? DecompressorStream.Start(compression, content, name)
        : null;

    /// <summary>Says why libpcap does not read a capture, in words that lead to the remedy.</summary>
    public static string Describe(ReadOnlySpan<byte> head, string libpcapMessage)
    {
        return Compression.Of(head) is { } known
                ? $"it is {known.Name}-compressed, and of a pipe only gzip is decompressed: {known.Program} -dc FILE | spillway run -r -"
            : OtherCompression(head) is { } compression ? $"it is {compression}-compressed; decompress it first"
            : head.StartsWith("snoop\0"u8) ? "it is a snoop capture; convert it with `editcap -F pcap`"
            : head.StartsWith("GMBU"u8) || head.StartsWith("RTSS"u8) ? "it is a Network Monitor capture; convert it with `editcap -F pcap`"
            : IsText(head) ? "it is a text file, not a capture (pcap or pcapng is needed)"
            : $"{libpcapMessage} (it begins with {Convert.ToHexString(head[..Math.Min(head.Length, 8)])}; pcap or pcapng is needed)";
    }

    private static string? OtherCompression(ReadOnlySpan<byte> head) =>
        head.StartsWith("PK\x03\x04"u8) ? "zip"
        : head.StartsWith((ReadOnlySpan<byte>)[(byte)'7', (byte)'z', 0xbc, 0xaf]) ? "7z"
        : head.StartsWith((ReadOnlySpan<byte>)[0x1f, 0x8b]) ? "twice gzip"
        : null;

    private static bool IsText(ReadOnlySpan<byte> head) => head[..Math.Min(head.Length, 512)].IndexOfAnyExcept(TextBytes) < 0;

    // The file header of pcap: magic, version, zone, accuracy, snap length, link type
    // (https://www.ietf.org/archive/id/draft-ietf-opsawg-pcap-05.html).
    private static bool IsPcap(ReadOnlySpan<byte> head) =>
        head.Length >= 4
        && BinaryPrimitives.ReadUInt32LittleEndian(head)
            is 0xa1b2c3d4
                or 0xd4c3b2a1
                or 0xa1b23c4d
                or 0x4d3cb2a1
                or 0xa1b2cd34
                or 0x34cdb2a1;

    // libpcap cuts what is longer than the snap length of the header, though it is in the file: segments joined by the card, files merged
    // by hand.
    // A length of 0 stands for the greatest of the link type.
    private static void ForgetSnapLength(Span<byte> head)
    {
        if (IsPcap(head) && head.Length >= PcapFormat.FileHeader)
            head.Slice(16, 4).Clear();
    }

    private static byte[] ReadHead(Stream stream, string name, bool isRegular)
    {
        byte[] head = new byte[HeadSize];
        int length = 0;
        try
        {
            // A pipe gives what it has: waiting for more than the file's header could delay a slow live source.
            int wanted = isRegular ? head.Length : 4;
            while (length < wanted || (length < PcapFormat.FileHeader && IsPcap(head)))
            {
                int count = stream.Read(head.AsSpan(length));
                if (count == 0)
                    break;
                length += count;
            }
        }
        catch (Exception failure) when (failure is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            throw new CaptureException($"cannot read {name}: {failure.Message}", failure);
        }

        ForgetSnapLength(head.AsSpan(0, length));
        return head[..length];
    }
}
