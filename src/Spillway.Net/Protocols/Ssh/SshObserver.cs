using Spillway.Net.Flows;

namespace Spillway.Net.Protocols.Ssh;

/// <summary>Receives what is learned of SSH connections. Given as a type parameter.</summary>
public interface ISshHandler
{
    /// <summary>Both ends have shown what they show in the clear, or nothing more will come of them. Once for each connection.</summary>
    void OnHandshake(Flow flow, SshSide client, SshSide server);
}

/// <summary>What the SSH connections of one lane share. One thread.</summary>
public sealed class SshObserver
{
    /// <summary>Bytes of an identification, with its end (RFC 4253, section 4.2).</summary>
    public const int MaxBannerBytes = 255;

    /// <summary>Bytes of a packet before encryption; a longer one ends the observation (RFC 4253, section 6.1).</summary>
    public const int MaxPacketBytes = 35_000;

    /// <summary>Packets or lines of an end in front of its offer and its identification.</summary>
    public const int MaxBefore = 16;

    /// <summary>Bytes that the unfinished packets of all connections of a lane may hold.</summary>
    public const int MaxBufferedBytes = 8 << 20;

    /// <summary>Connections in which SSH was recognised.</summary>
    public long Connections { get; internal set; }

    internal WireBudget Budget { get; } = new(MaxBufferedBytes);
}
