namespace Spillway.Net.Capture;

/// <summary>What a read from a <see cref="PacketSource"/> has given.</summary>
public enum SourceEvent : byte
{
    /// <summary>Nothing more: the source has ended or was stopped; <see cref="PacketSource.End"/> says which.</summary>
    End,

    /// <summary>A packet.</summary>
    Packet,

    /// <summary>No packet now; <see cref="PacketSource.IdleNs"/> says how late it is.</summary>
    Idle,
}
