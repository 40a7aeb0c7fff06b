using Spillway.Net.Packets;

namespace Spillway.Net.Flows;

/// <summary>State bits of a flow; the numbers are those of the script API, section 4.9.</summary>
[Flags]
public enum FlowState : ushort
{
    /// <summary>Every flow has this bit.</summary>
    Init = 0x0001,

    /// <summary>A SYN was seen.</summary>
    SeenSyn = 0x0002,

    /// <summary>A SYN with ACK was seen.</summary>
    SeenSynAck = 0x0004,

    /// <summary>The handshake was completed.</summary>
    SeenSynAckAck = 0x0008,

    /// <summary>End A is the server.</summary>
    AEndServer = 0x0010,

    /// <summary>End Z is the server (the usual case).</summary>
    ZEndServer = 0x0020,

    /// <summary>A FIN was seen.</summary>
    SeenFin = 0x0040,

    /// <summary>A RST was seen.</summary>
    SeenRst = 0x0080,

    /// <summary>The flow ended by inactivity.</summary>
    TimedOut = 0x0100,

    /// <summary>Something in the flow contradicts the protocol.</summary>
    Error = 0x0200,

    /// <summary>Bytes are missing.</summary>
    Incomplete = 0x0400,

    /// <summary>The flow was ended by a script or by the end of input.</summary>
    Terminated = 0x0800,
}

/// <summary>
/// One flow: both directions of a conversation. Owned by the lane it belongs to and touched by no other thread. There may be a million:
/// what only few have is in <see cref="FlowExtras"/>.
/// </summary>
public sealed partial class Flow
{
    private FlowKey _key;
    private Marks _marks;
    private object? _consumer;

    /// <summary>Creates a flow.</summary>
    public Flow(in FlowKey key, long number, long timestampNs) => Begin(in key, number, timestampNs);

    /// <summary>The canonical key.</summary>
    public FlowKey Key => _key;

    /// <summary>The key in place, for lookups that would otherwise copy its 40 bytes.</summary>
    internal ref readonly FlowKey KeyReference => ref _key;

    /// <summary>Serial number in this lane, from 1: distinguishes flows that reuse a key.</summary>
    public long Number { get; private set; }

    /// <summary>Packet time of the first packet.</summary>
    public long FirstNs { get; private set; }

    /// <summary>
    /// Packet time of the last packet; the latest time where packet time went backwards. To be set of flows that are in no table.
    /// </summary>
    public long LastNs
    {
        get => Has(Marks.WentBack) ? Math.Max(ActivityNs, _extras!.LatestNs) : ActivityNs;
        set => ActivityNs = value;
    }

    /// <summary>State bits.</summary>
    public FlowState State { get; set; }

    /// <summary>
    /// True if end A is the client. Set by a SYN, else guessed from the ports (A is the client, since Z has the lower port).
    /// </summary>
    /// <remarks>
    /// The directions of its streams go by this, for all its life; who is client by what it carries says <see cref="IsClientA"/>.
    /// </remarks>
    public bool ClientIsA
    {
        get => Has(Marks.ClientIsA);
        set => Set(Marks.ClientIsA, value);
    }

    /// <summary>
    /// True if what the flow carries has shown that client and server are the other way round than was guessed from the ports.
    /// </summary>
    public bool IsReversed
    {
        get => Has(Marks.Reversed);
        private set => Set(Marks.Reversed, value);
    }

    /// <summary>
    /// True if end A is the client, by all that is known: by content where that has shown it, else by <see cref="ClientIsA"/>.
    /// </summary>
    public bool IsClientA => ClientIsA != IsReversed;

    /// <summary>Time of the TCP handshake (SYN to its last ACK) in microseconds; 0 if unknown.</summary>
    public int SetupRttMicroseconds { get; set; }

    /// <summary>Retransmitted segments, both directions.</summary>
    public int Retransmissions { get; set; }

    /// <summary>Of these, those from Z to A.</summary>
    public int RetransmissionsZA { get; internal set; }

    /// <summary>Ethernet addresses of its ends, as its first packet had them.</summary>
    public LinkAddresses Link { get; set; }

    /// <summary>By which VLANs and tunnels its first packet came; null if by none.</summary>
    public PacketRoute? Route { get; set; }

    /// <summary>
    /// The capture that its first packet is in, by its place among those of the run, from 1; 0 if it did not come from a capture.
    /// </summary>
    public int Capture { get; set; }

    /// <summary>What has happened in it, in letters.</summary>
    public FlowHistory History => Events;

    /// <summary>All control bits that end A has set in its segments.</summary>
    public TcpFlags FlagsAZ => EndA.Flags;

    /// <summary>All control bits that end Z has set in its segments.</summary>
    public TcpFlags FlagsZA => EndZ.Flags;

    /// <summary>Protocols that observers have found in it.</summary>
    public FlowApplications Applications { get; set; }

    /// <summary>Messages of a protocol without connections that were read in it so far (DNS): the number of the next one.</summary>
    public uint Messages { get; internal set; }

    /// <summary>Interim reports of this flow so far; it stops at 65,535.</summary>
    public ushort Updates { get; internal set; }

    /// <summary>
    /// False when nobody wants the stream of this flow any more, or its datagrams: the reassembler then keeps nothing for it.
    /// </summary>
    public bool WantsReassembly
    {
        get => Has(Marks.WantsReassembly);
        set => Set(Marks.WantsReassembly, value);
    }

    /// <summary>The reassembler's own state for this flow.</summary>
    internal object? Reassembly { get; set; }

    /// <summary>
    /// State of the flow's consumer (the lane's protocol observers and scripts), which may keep the flow for longer than the flow table
    /// does.
    /// </summary>
    public object? Consumer
    {
        get => _consumer;
        set
        {
            _consumer = value;
            if (value is not null)
                _marks |= Marks.Shared;
        }
    }

    /// <summary>
    /// Whether something may know it that lasts beyond <see cref="IFlowHandler.OnFlowEnd"/>: it has, or had, a consumer. Flows of scans and
    /// floods never get so far, and their objects serve again.
    /// </summary>
    internal bool IsShared => Has(Marks.Shared);

    /// <summary>The consumer's search for the protocol, before it keeps more. A field, since it is used in place.</summary>
    public ProtocolSearch Search;

    /// <summary>Where the lane's traffic meter adds this flow up: generation and row. The flow table does not look at it.</summary>
    public long MeterSlot { get; set; }

    /// <summary>
    /// Where in its stream a TCP segment begins: 0 is the first byte after the SYN. Zero, too, if the SYN was not captured.
    /// </summary>
    public long StreamOffset(in PacketInfo segment)
    {
        ref readonly TcpEndpoint sender = ref segment.FromA ? ref EndA : ref EndZ;
        uint first = segment.TcpSequence + ((segment.TcpFlags & TcpFlags.Syn) != 0 ? 1u : 0);
        return sender.HasIsn ? unchecked((int)(first - (sender.Isn + 1))) : 0;
    }

    /// <summary>The direction in which end A (or end Z) sends.</summary>
    public StreamDirection DirectionOf(bool fromA) => fromA == ClientIsA ? StreamDirection.ClientToServer : StreamDirection.ServerToClient;

    // The flow table's: its links in the list of flows of one time-out in order of last activity, and what it looks flows up by.
    internal Flow? Older { get; set; }
    internal Flow? Newer { get; set; }
    internal long ActivityNs { get; private set; }
    internal uint LinkedTick { get; set; }
    internal FlowTimeout Timeout { get; set; }

    /// <summary>Sets the time of the last activity. It may be earlier than the one before.</summary>
    internal void BeActive(long nowNs)
    {
        if (nowNs < ActivityNs)
            NoteStepBack();
        ActivityNs = nowNs;
    }

    // The TCP tracker's: fields, not properties, since they are updated in place.
    internal TcpEndpoint EndA;
    internal TcpEndpoint EndZ;
    internal uint SynMicroseconds;

    // The flow table's, updated in place.
    internal FlowHistory Events;

    /// <summary>Both ends sent a FIN, or a credible RST was seen and nothing came after it.</summary>
    public bool IsClosed
    {
        get => Has(Marks.Closed);
        internal set => Set(Marks.Closed, value);
    }

    /// <summary>Bytes of a stream are missing, and will not come.</summary>
    public void NoteGap(StreamDirection direction) => Events.TakeGap(fromA: direction == DirectionOf(fromA: true));

    /// <summary>
    /// Content has shown that client and server are the other way round than was guessed. Does nothing if a SYN has told, or the second
    /// time.
    /// </summary>
    /// <returns>Whether that is news.</returns>
    public bool TryReverse()
    {
        if (IsReversed || (State & (FlowState.SeenSyn | FlowState.SeenSynAck)) != 0)
            return false;
        IsReversed = true;
        State ^= FlowState.AEndServer | FlowState.ZEndServer;
        return true;
    }

    /// <summary>Makes it another flow, as if it were new. What it was is forgotten: nobody may know it any more.</summary>
    internal void Begin(in FlowKey key, long number, long timestampNs)
    {
        _key = key;
        (Number, FirstNs, ActivityNs) = (number, timestampNs, timestampNs);
        State = FlowState.Init;
        _marks = Marks.ClientIsA | Marks.WantsReassembly;
        (Reassembly, _consumer, _extras, Route) = (null, null, null, null);
        (Older, Newer, LinkedTick, Timeout) = (null, null, 0, FlowTimeout.None);
        (EndA, EndZ, SynMicroseconds, SetupRttMicroseconds) = (default, default, 0, 0);
        (Retransmissions, RetransmissionsZA) = (0, 0);
        (_bytesAZ, _bytesZA, _packetsAZ, _packetsZA, _payloadAZ, _payloadZA) = (0, 0, 0, 0, 0, 0);
        (Link, Applications, Messages, Updates, Search, MeterSlot) = (default, default, 0, 0, default, 0);
        (Capture, Events) = (0, default);
    }

    private void NoteStepBack()
    {
        Extras.LatestNs = LastNs;
        _marks |= Marks.WentBack;
    }

    private bool Has(Marks mark) => (_marks & mark) != 0;

    private void Set(Marks mark, bool value) => _marks = value ? _marks | mark : _marks & ~mark;

    [Flags]
    private enum Marks : byte
    {
        None = 0,
        ClientIsA = 1,
        WantsReassembly = 2,
        Closed = 4,

        /// <summary>Some of its counters go on in the extras.</summary>
        Large = 8,

        /// <summary>Packet time went backwards: the latest is in the extras.</summary>
        WentBack = 16,

        /// <summary>Content says that the client is the other end.</summary>
        Reversed = 32,

        /// <summary>It may be known to others than the flow table.</summary>
        Shared = 64,
    }
}
