using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Spillway.Net.Packets;

/// <summary>
/// The canonical key of a flow: both directions have the same. End Z is the one with the lower port (the server, as a rule);
/// with equal ports, end A is the one with the lower address (script API, section 5.2).
/// </summary>
/// <remarks>40 bytes without padding in the middle; scripts see it in place, so the order of fields is a contract with <c>views.lua</c>.
/// An IPv4 address is its 32-bit value in the low part; an IPv6 address is 128 bits in network order, as two big-endian numbers.</remarks>
[StructLayout(LayoutKind.Sequential)]
public readonly struct FlowKey : IEquatable<FlowKey>
{
    private readonly ulong _addressAHigh;
    private readonly ulong _addressALow;
    private readonly ulong _addressZHigh;
    private readonly ulong _addressZLow;

    // Port A, port Z, scope, protocol and IP version packed, so that equality and hashing take five words.
    private readonly ushort _portA;
    private readonly ushort _portZ;
    private readonly byte _protocol;
    private readonly byte _version;
    private readonly ushort _scope;

    private FlowKey(UInt128 addressA, ushort portA, UInt128 addressZ, ushort portZ, byte protocol, byte version, ushort scope = 0)
    {
        _addressAHigh = (ulong)(addressA >> 64);
        _addressALow = (ulong)addressA;
        _addressZHigh = (ulong)(addressZ >> 64);
        _addressZLow = (ulong)addressZ;
        _portA = portA;
        _portZ = portZ;
        _protocol = protocol;
        _version = version;
        _scope = scope;
    }

    /// <summary>Address of end A.</summary>
    public UInt128 AddressA => new(_addressAHigh, _addressALow);

    /// <summary>Address of end Z.</summary>
    public UInt128 AddressZ => new(_addressZHigh, _addressZLow);

    /// <summary>Port of end A (0 for protocols without ports; the type for ICMP).</summary>
    public ushort PortA => _portA;

    /// <summary>Port of end Z.</summary>
    public ushort PortZ => _portZ;

    /// <summary>IP protocol number.</summary>
    public byte Protocol => _protocol;

    /// <summary>4 or 6; 0 for the key of no flow.</summary>
    public byte IPVersion => _version;

    /// <summary>
    /// What tells the flow from others with the same addresses, ports and protocol, if tags are part of keys (<see cref="FlowScopes"/>);
    /// else 0.
    /// </summary>
    public ushort Scope => _scope;

    /// <summary>True for the default value, which stands for "no flow".</summary>
    public bool IsNone => _version == 0;

    /// <summary>Builds the canonical key of a packet from source to destination.</summary>
    /// <param name="fromA">True if the source became end A.</param>
    public static FlowKey Create(
        UInt128 source,
        ushort sourcePort,
        UInt128 destination,
        ushort destinationPort,
        byte protocol,
        byte version,
        out bool fromA
    )
    {
        fromA = sourcePort != destinationPort ? sourcePort > destinationPort : source <= destination;
        return fromA
            ? new FlowKey(source, sourcePort, destination, destinationPort, protocol, version)
            : new FlowKey(destination, destinationPort, source, sourcePort, protocol, version);
    }

    /// <summary>Builds a key with its ends as given, never turned: for flow ids that come from scripts.</summary>
    public static FlowKey CreateAsGiven(UInt128 addressA, ushort portA, UInt128 addressZ, ushort portZ, byte protocol, byte version) =>
        new(addressA, portA, addressZ, portZ, protocol, version);

    /// <summary>The same key within a scope.</summary>
    public FlowKey WithScope(ushort scope) => new(AddressA, _portA, AddressZ, _portZ, _protocol, _version, scope);

    /// <inheritdoc/>
    public bool Equals(FlowKey other) =>
        _addressALow == other._addressALow
        && _addressZLow == other._addressZLow
        && Packed == other.Packed
        && _addressAHigh == other._addressAHigh
        && _addressZHigh == other._addressZHigh;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is FlowKey other && Equals(other);

    /// <summary>A hash that nobody can choose keys for: see <see cref="WireHash"/>. Differs from run to run.</summary>
    public override int GetHashCode() => (int)WireHash.Of(_addressALow, _addressZLow, _addressAHigh, _addressZHigh, Packed, 0);

    /// <summary>64 bits that tell the key from others, but for luck; never 0.</summary>
    internal ulong Tag => WireHash.Of(_addressALow, _addressZLow, _addressAHigh, _addressZHigh, Packed, 1) | 1;

    /// <summary>
    /// A hash of the two addresses alone, the same whichever comes first, that nobody can choose addresses for. Differs from run to run.
    /// </summary>
    public uint PairHash() => PairHash(AddressA, AddressZ);

    /// <summary>The lane of the flow, if its packets are dealt out to several: all flows between two hosts have the same.</summary>
    /// <param name="lanes">How many lanes there are.</param>
    public int LaneAmong(int lanes) => IsNone ? 0 : LaneAmong(PairHash(), lanes);

    /// <summary>The lane of a <see cref="PairHash()"/>.</summary>
    internal static int LaneAmong(uint pairHash, int lanes) => (int)(((ulong)pairHash * (uint)lanes) >> 32);

    /// <summary>The same of two addresses, in either order.</summary>
    internal static uint PairHash(UInt128 one, UInt128 other)
    {
        (UInt128 low, UInt128 high) = one <= other ? (one, other) : (other, one);
        return (uint)WireHash.Of((ulong)low, (ulong)high, (ulong)(low >> 64), (ulong)(high >> 64), 0, 0);
    }

    /// <summary>Compares two keys.</summary>
    public static bool operator ==(FlowKey left, FlowKey right) => left.Equals(right);

    /// <summary>Compares two keys.</summary>
    public static bool operator !=(FlowKey left, FlowKey right) => !left.Equals(right);

    private ulong Packed => ((ulong)_portA << 48) | ((ulong)_portZ << 32) | ((ulong)_scope << 16) | ((ulong)_protocol << 8) | _version;

    /// <summary>Reads an IPv6 address of 16 bytes.</summary>
    public static UInt128 ReadIpv6(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt128BigEndian(bytes);
}
