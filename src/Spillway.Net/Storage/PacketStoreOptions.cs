using Microsoft.Win32.SafeHandles;

namespace Spillway.Net.Storage;

/// <summary>Where packets are stored, and the limits. Immutable.</summary>
public sealed record PacketStoreOptions
{
    /// <summary>The directory; created if need be. One run at a time.</summary>
    public required string Directory { get; init; }

    /// <summary>
    /// A capture of this size is closed and the next begun, in bytes; at most a quarter of <see cref="DiskBytes"/> counts. Default 100 MiB.
    /// </summary>
    public long FileBytes { get; init; } = 100L << 20;

    /// <summary>A capture is closed when its packets cover this much packet time; zero for never. Default one hour.</summary>
    public TimeSpan FileTime { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Most bytes of captures and indexes in the directory; the oldest are removed for new ones. Default 10 GiB.</summary>
    public long DiskBytes { get; init; } = 10L << 30;

    /// <summary>Bytes of packets on their way to the writer, a power of two. Default 16 MiB.</summary>
    public int RingBytes { get; init; } = 16 << 20;

    /// <summary>
    /// When the disk is slower than the packets: true holds the packets up, which a capture file bears; false drops and counts them, for
    /// live traffic.
    /// </summary>
    public bool WaitsForDisk { get; init; } = true;

    /// <summary>Whether packets are stored under the flows of the outermost packets of tunnels. Default false: the innermost.</summary>
    public bool TakesOutermost { get; init; }

    /// <summary>Packets are in the file after this much wall time, even if few come. Default one second.</summary>
    public TimeSpan FlushInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>After a failed write, packets are dropped for this much wall time before the next attempt. Default one second.</summary>
    public TimeSpan RetryInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Told at once, on the writer's thread, of what the user should know: a full disk, files removed. Once of each kind.
    /// </summary>
    public Action<string>? Tell { get; init; }

    /// <summary>Writes a block at an offset; replaced by tests that let the disk fail.</summary>
    internal BlockWrite Write { get; init; } = RandomAccess.Write;

    internal delegate void BlockWrite(SafeFileHandle file, ReadOnlySpan<byte> block, long offset);
}
