using System.Buffers.Binary;

namespace Spillway.Net.Protocols.Dns;

/// <summary>Where one direction of a DNS connection stands.</summary>
internal enum DnsStreamState : byte
{
    /// <summary>The next byte, behind what is held, belongs to the message that is known to stand here.</summary>
    InStep,

    /// <summary>In the rest of a message of which bytes are missing; the next message begins behind it.</summary>
    Skipping,

    /// <summary>Where a message begins is not known; the next that fits is looked for.</summary>
    Searching,

    /// <summary>No DNS, or not any more.</summary>
    Left,
}

/// <summary>One direction of a DNS connection: a part of <see cref="DnsConnection{THandler}"/>, used in place.</summary>
internal struct DnsStream
{
    /// <summary>Bytes of the length in front of each message (RFC 1035, 4.2.2).</summary>
    public const int LengthBytes = 2;

    /// <summary>The beginning of a message the rest of which has not come.</summary>
    public WireBuffer Held;

    public DnsStreamState State;

    /// <summary>Bytes of the message that is skipped.</summary>
    public int SkipBytes;

    /// <summary>Bytes looked through since the last message.</summary>
    public int SearchedBytes;

    /// <summary>Whether the held bytes are a guess: a message that does not fit after all ends it, and nothing else.</summary>
    public bool IsGuess;

    public readonly bool IsLeft => State == DnsStreamState.Left;

    /// <summary>Bytes that are missing of the held message; 0 if its length is not known.</summary>
    public readonly int MissingBytes =>
        Held.Length < LengthBytes ? 0 : LengthBytes + BinaryPrimitives.ReadUInt16BigEndian(Held.Bytes) - Held.Length;
}
