namespace Spillway.Net.Protocols.Mime;

/// <summary>
/// What the MIME entities of one lane share: limits, counters, the memory budget and scratch memory. Belongs to one thread.
/// </summary>
public sealed class MimeObserver
{
    // Decoded content crosses to the handler in pieces of this size.
    private const int OutputBytes = 16 * 1024;

    /// <summary>Creates the shared part.</summary>
    public MimeObserver(MimeLimits? limits = null)
    {
        Limits = limits ?? MimeLimits.Default;
        Budget = new WireBudget(Limits.MaxBufferedBytes);
    }

    /// <summary>The limits.</summary>
    public MimeLimits Limits { get; }

    /// <summary>The counters.</summary>
    public MimeStatistics Statistics { get; } = new();

    internal WireBudget Budget { get; }

    /// <summary>Where decoded content is put on its way to the handler.</summary>
    internal byte[] Output { get; } = new byte[OutputBytes];
}
