using Spillway.Net.Packets;

namespace Spillway.Net.Ip;

/// <summary>
/// What the fragments of one datagram have in common: addresses and identification, for IPv4 the protocol too (RFC 791, section 3.2; RFC
/// 8200, section 4.5). VLAN, scope and depth of nesting keep apart what only looks alike.
/// </summary>
internal readonly record struct DatagramKey
{
    public DatagramKey(in PacketInfo info)
    {
        (Source, Destination) = info.FromA ? (info.Key.AddressA, info.Key.AddressZ) : (info.Key.AddressZ, info.Key.AddressA);
        Id = info.FragmentId;
        Version = info.Key.IPVersion;
        Protocol = Version == 4 ? info.Protocol : (byte)0;
        VlanPlusOne = info.VlanPlusOne;
        Depth = (byte)info.LayerCount;
        Scope = info.Key.Scope;
    }

    public UInt128 Source { get; }

    public UInt128 Destination { get; }

    public uint Id { get; }

    public byte Version { get; }

    public byte Protocol { get; }

    public ushort VlanPlusOne { get; }

    public byte Depth { get; }

    public ushort Scope { get; }

    public override int GetHashCode() => HashOf(Source, Destination, Id, Version, Protocol, VlanPlusOne, Depth);

    // The framework's hash of a 128-bit number has no secret: senders could choose addresses that collide.
    internal static int HashOf(UInt128 source, UInt128 destination, uint id, byte version, byte protocol, ushort vlanPlusOne, byte depth) =>
        (int)
            WireHash.Of(
                (ulong)source,
                (ulong)destination,
                (ulong)(source >> 64),
                (ulong)(destination >> 64),
                id | ((ulong)vlanPlusOne << 32),
                version | ((ulong)protocol << 8) | ((ulong)depth << 16)
            );
}
