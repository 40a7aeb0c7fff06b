namespace Spillway.Net.Ip;

/// <summary>Limits of an <see cref="IpDefragmenter"/>. Every lane has one of its own.</summary>
public sealed record IpDefragmenterOptions
{
    /// <summary>
    /// Memory for the data of incomplete datagrams, in bytes. Beyond it the oldest datagram is dropped. 256 KiB to 4 GiB; default 16 MiB.
    /// </summary>
    public long MemoryBytes { get; init; } = 16 << 20;

    /// <summary>Incomplete datagrams kept at once. Beyond it the oldest is dropped. 1 to 1,000,000; default 4096.</summary>
    public int Datagrams { get; init; } = 4096;

    /// <summary>Pieces of one datagram. One with more is dropped. 2 to 8192 (the most that fit, 8 bytes each); default 1024.</summary>
    public int FragmentsPerDatagram { get; init; } = 1024;

    /// <summary>
    /// How long, by packet time, the pieces of a datagram may be apart. 1 s to 1 h; default 30 s (Linux; RFC 8200 allows 60 s).
    /// </summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Checks the ranges.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of its range.</exception>
    public void Validate()
    {
        Check(nameof(MemoryBytes), MemoryBytes, 256 << 10, 4L << 30);
        Check(nameof(Datagrams), Datagrams, 1, 1_000_000);
        Check(nameof(FragmentsPerDatagram), FragmentsPerDatagram, 2, 8192);
        Check(nameof(Timeout), (long)Timeout.TotalSeconds, 1, 3600);
    }

    private static void Check(string name, long value, long minimum, long maximum)
    {
        if (value < minimum || value > maximum)
            throw new ArgumentOutOfRangeException(name, value, $"{name} must lie between {minimum} and {maximum}.");
    }
}
