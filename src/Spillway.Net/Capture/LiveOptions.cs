namespace Spillway.Net.Capture;

/// <summary>How interfaces are listened to. Immutable.</summary>
public sealed record LiveOptions
{
    /// <summary>Most bytes of a packet that are captured. The default takes all of any frame.</summary>
    public int SnapLength { get; init; } = 262_144;

    /// <summary>Bytes of the kernel's buffer, for each interface. The default holds a second of 100,000 packets of mixed size.</summary>
    public int BufferBytes { get; init; } = 128 << 20;

    /// <summary>Whether frames to other stations are taken too.</summary>
    public bool IsPromiscuous { get; init; } = true;

    /// <summary>A filter in the language of pcap-filter(7), which runs in the kernel; null takes all.</summary>
    public string? Filter { get; init; }

    /// <summary>How many readers the kernel deals the packets out to, each with a ring of its own; 1 deals nothing out.</summary>
    public int Readers { get; init; } = 1;

    /// <summary>The groups of those readers, by interface.</summary>
    internal IReadOnlyDictionary<string, FanoutGroup>? Groups { get; init; }

    /// <summary>Runs what opens an interface, to its end: where the right to do so has stayed when the program has given it up.</summary>
    public Action<Action> Open { get; init; } = static open => open();

    /// <summary>Takes a line for the user when an interface goes down, is gone, or comes back; on the reading thread.</summary>
    public Action<string> Tell { get; init; } = static _ => { };
}
