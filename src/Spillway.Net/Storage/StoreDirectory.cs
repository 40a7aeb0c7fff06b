using System.Globalization;
using Spillway.Net.Capture;

namespace Spillway.Net.Storage;

/// <summary>The files of a packet store: their names, their order, and the lock that keeps a second run out.</summary>
/// <remarks>A capture is named by the packet time of its first packet, in UTC, and its link type:
/// <c>spillway-20260131T235959.123456789Z-ethernet.pcap</c>. So names sort by time.</remarks>
internal static class StoreDirectory
{
    private const string Prefix = "spillway-";
    private const string Suffix = ".pcap";
    private const string LockName = ".lock";
    private const long NanosecondsPerTick = 100;

    /// <summary>The captures in a directory, in the order of their names, which is that of time.</summary>
    public static IReadOnlyList<string> Captures(string directory) =>
        [.. Directory.EnumerateFiles(directory, Prefix + "*" + Suffix).Order(StringComparer.Ordinal)];

    /// <summary>Creates the directory and takes its lock.</summary>
    /// <exception cref="CaptureException">It cannot be written, or another run writes to it.</exception>
    public static FileStream Lock(string directory)
    {
        try
        {
            Directory.CreateDirectory(directory);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new CaptureException($"cannot create the directory '{directory}' for packets: {failure.Message}", failure);
        }

        string path = Path.Combine(directory, LockName);
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
        }
        catch (UnauthorizedAccessException failure)
        {
            throw new CaptureException(
                $"the directory '{directory}' for packets may not be written by this user: change its permissions or name another",
                failure
            );
        }
        catch (IOException failure)
        {
            throw new CaptureException(
                $"cannot lock '{path}': {failure.Message}; if another run stores packets there, give this one a directory of its own",
                failure
            );
        }
    }

    /// <summary>Whether a run is writing to the directory at present.</summary>
    public static bool IsInUse(string directory)
    {
        string path = Path.Combine(directory, LockName);
        if (!File.Exists(path))
            return false;
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.None, bufferSize: 0);
            return false;
        }
        catch (IOException)
        {
            return true;
        }
        catch (UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>
    /// The name of a capture that begins at a packet time. <paramref name="copy"/>, if not 0, tells it from others of the same name.
    /// </summary>
    public static string NameOf(long firstNs, LinkType linkType, int copy)
    {
        DateTime second = DateTime.UnixEpoch.AddTicks(firstNs / NanosecondsPerTick);
        string serial = copy == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"-{copy + 1}");
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{Prefix}{second:yyyyMMdd'T'HHmmss}.{firstNs % 1_000_000_000:D9}Z-{NameOf(linkType)}{serial}{Suffix}"
        );
    }

    /// <summary>A link type as part of a name.</summary>
    public static string NameOf(LinkType linkType) =>
        Enum.IsDefined(linkType)
            ? linkType.ToString().ToLowerInvariant()
            : string.Create(CultureInfo.InvariantCulture, $"dlt{(int)linkType}");

    /// <summary>Bytes of a capture and its index on disk; 0 for what is not there.</summary>
    public static long BytesOf(string capture) => LengthOf(capture) + LengthOf(capture + PacketIndex.Extension);

    private static long LengthOf(string path)
    {
        var file = new FileInfo(path);
        return file.Exists ? file.Length : 0;
    }
}
