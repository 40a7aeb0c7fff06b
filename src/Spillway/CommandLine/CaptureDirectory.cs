using System.Buffers.Binary;
using Spillway.Net.Capture;

namespace Spillway.CommandLine;

/// <summary>The captures in a directory, in the order of their first packets: what a ring of capture files is read as.</summary>
internal static class CaptureDirectory
{
    private static readonly string[] Suffixes = [".pcap", ".pcapng", ".cap", ".dmp", ".dump"];

    /// <summary>A file as it is, a directory as the captures in it.</summary>
    /// <exception cref="UsageException">The directory has none, or cannot be read.</exception>
    public static IEnumerable<string> Expand(string path)
    {
        if (!Directory.Exists(path))
            return [path];
        try
        {
            List<string> captures = [.. Directory.EnumerateFiles(path).Where(IsCapture).Order(StringComparer.Ordinal)];
            if (captures.Count == 0)
                throw new UsageException($"'{path}' has no captures: files of pcap or pcapng, plain or compressed");
            return captures
                .Select(capture => (Path: capture, Time: FirstTime(capture)))
                .OrderBy(one => one.Time)
                .Select(one => one.Path)
                .ToList();
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"'{path}' cannot be read: {failure.Message}");
        }
    }

    // By name, with what rings and compression add to it (a.pcap12, a.pcap.gz); else by its first bytes.
    private static bool IsCapture(string path)
    {
        string name = Path.GetFileName(path);
        return !name.StartsWith('.') && (Array.Exists(Suffixes, suffix => HasSuffix(name, suffix)) || BeginsAsCapture(path));
    }

    private static bool HasSuffix(string name, string suffix)
    {
        int at = name.LastIndexOf(suffix, StringComparison.OrdinalIgnoreCase);
        if (at < 0)
            return false;
        string rest = name[(at + suffix.Length)..];
        return rest.All(char.IsAsciiDigit) || rest is ".gz" or ".xz" or ".zst" or ".bz2" or ".lz4";
    }

    private static bool BeginsAsCapture(string path)
    {
        Span<byte> head = stackalloc byte[4];
        try
        {
            using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            if (file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false) < head.Length)
                return false;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return false;
        }

        return BinaryPrimitives.ReadUInt32BigEndian(head) is 0xa1b2c3d4 or 0xd4c3b2a1 or 0xa1b23c4d or 0x4d3cb2a1 or 0x0a0d0d0a;
    }

    // What cannot be read comes last: the run says why.
    private static long FirstTime(string path)
    {
        try
        {
            using PacketSource source = PacketSource.Open(path);
            return source.Read(out CapturedPacket packet) == SourceEvent.Packet ? packet.TimestampNs : long.MaxValue;
        }
        catch (CaptureException)
        {
            return long.MaxValue;
        }
    }
}
