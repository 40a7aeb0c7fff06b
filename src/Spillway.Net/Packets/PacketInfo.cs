using System.Runtime.InteropServices;
using Spillway.Net.Capture;

namespace Spillway.Net.Packets;

/// <summary>What a packet is, as far as flows are concerned.</summary>
public enum PacketKind : byte
{
    /// <summary>No IP in it, or IP that could not be decoded: it belongs to no flow.</summary>
    NotIp,

    /// <summary>An IP packet of a flow; transport fields are set where <see cref="PacketInfo.Protocol"/> has them.</summary>
    Ip,

    /// <summary>An IP fragment: the flow is known only when the datagram is complete.</summary>
    Fragment,
}

/// <summary>
/// The result of decoding one packet: offsets into its bytes, never copies. One record is reused for every packet of a lane and lies in
/// pinned memory; scripts read it in place, so the order of the fields is a contract with <c>views.lua</c>.
/// Every offset and length has been checked against the captured bytes once: slicing by them cannot fail.
/// With tunnels, flow key and transport fields are those of the innermost IP packet.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
public struct PacketInfo
{
    /// <summary>
    /// Address of the packet's first byte, for scripts. Set by the lane, valid during the packet; decoders do not touch it.
    /// </summary>
    public nint Data;

    /// <summary>Packet time: nanoseconds since 1970 UTC.</summary>
    public long TimestampNs;

    /// <summary>Length on the wire, in bytes.</summary>
    public int WireLength;

    /// <summary>Bytes captured.</summary>
    public int CapturedLength;

    /// <summary>The link type of the source.</summary>
    public LinkType LinkType;

    /// <summary>Number of valid entries in <see cref="Layers"/>.</summary>
    public int LayerCount;

    /// <summary>The layers, outermost first.</summary>
    public LayerArray Layers;

    /// <summary>Canonical key of the flow; meaningful for <see cref="PacketKind.Ip"/>.</summary>
    public FlowKey Key;

    /// <summary>What this packet is.</summary>
    public PacketKind Kind;

    /// <summary>True if the sender is end A of <see cref="Key"/>.</summary>
    public bool FromA;

    /// <summary>IP protocol number of the innermost IP packet (6 TCP, 17 UDP, 1 ICMP, ...).</summary>
    public byte Protocol;

    /// <summary>TCP flags (FIN 1, SYN 2, RST 4, PSH 8, ACK 16, URG 32); zero for others.</summary>
    public TcpFlags TcpFlags;

    /// <summary>TCP sequence number.</summary>
    public uint TcpSequence;

    /// <summary>TCP acknowledgment number.</summary>
    public uint TcpAcknowledgment;

    /// <summary>TCP window, not scaled.</summary>
    public ushort TcpWindow;

    /// <summary>VLAN id of the outermost tag plus 1; 0 without a tag.</summary>
    public ushort VlanPlusOne;

    /// <summary>Where the transport payload begins.</summary>
    public int PayloadOffset;

    /// <summary>Bytes of transport payload that were captured (bounded by the IP length: link padding is no payload).</summary>
    public int PayloadLength;

    /// <summary>
    /// Bytes of transport payload that were on the wire; more than <see cref="PayloadLength"/> if the snap length cut the packet.
    /// </summary>
    public int PayloadWireLength;

    /// <summary>Where the innermost IP header begins; -1 without one.</summary>
    public int IpOffset;

    /// <summary>Where the payload of the innermost IP header (after options or extension headers) begins.</summary>
    public int IpPayloadOffset;

    /// <summary>Bytes of IP payload captured.</summary>
    public int IpPayloadLength;

    /// <summary>For a fragment: its identification field (IPv4: 16 bits, IPv6: 32 bits).</summary>
    public uint FragmentId;

    /// <summary>For a fragment: offset in the datagram's payload, in bytes.</summary>
    public int FragmentOffset;

    /// <summary>For a fragment: whether more follow.</summary>
    public bool MoreFragments;

    /// <summary>Why decoding stopped early, if it did.</summary>
    public DecodeError Error;

    /// <summary>What the packet carries that is not looked into, if it does.</summary>
    public OpaqueId Opaque;

    /// <summary>The innermost frame went to the broadcast address of its link.</summary>
    public bool IsBroadcast;

    /// <summary>
    /// The packet counts, and is no part of its connection or conversation: its receiver would not take it. Set by the lane for a wrong
    /// checksum, and by the flow table for a SYN that contradicts an open connection. Decoders clear it.
    /// </summary>
    public bool IsDisregarded;
}

/// <summary>TCP control bits (RFC 9293, section 3.1).</summary>
[Flags]
public enum TcpFlags : byte
{
    /// <summary>No flag.</summary>
    None = 0,

    /// <summary>No more data from the sender.</summary>
    Fin = 0x01,

    /// <summary>Synchronize sequence numbers.</summary>
    Syn = 0x02,

    /// <summary>Reset the connection.</summary>
    Rst = 0x04,

    /// <summary>Push.</summary>
    Psh = 0x08,

    /// <summary>The acknowledgment field is significant.</summary>
    Ack = 0x10,

    /// <summary>The urgent pointer is significant.</summary>
    Urg = 0x20,

    /// <summary>ECN echo.</summary>
    Ece = 0x40,

    /// <summary>Congestion window reduced.</summary>
    Cwr = 0x80,
}

/// <summary>Why a packet was not decoded to its end. Each reason is a counter of the run.</summary>
public enum DecodeError : byte
{
    /// <summary>Decoded to the end.</summary>
    None,

    /// <summary>The captured bytes end inside a header.</summary>
    Truncated,

    /// <summary>A length field contradicts itself or what holds it.</summary>
    BadLength,

    /// <summary>A version field has a value that the protocol does not know.</summary>
    BadVersion,

    /// <summary>Headers are nested deeper than <see cref="LayerArray.Capacity"/>.</summary>
    TooDeep,

    /// <summary>The link type is not known.</summary>
    UnknownLinkType,
}
