using Spillway.Net.Flows;
using Spillway.Net.Packets;

namespace Spillway.Net.Tcp;

/// <summary>
/// Reassembles the streams of TCP connections. Used by one lane's thread only. For each direction the handler sees data and gaps that
/// together cover the stream from offset 0 without overlap, then one end.
/// </summary>
/// <remarks>
/// The hard parts, and what is done about them:
/// <list type="bullet">
/// <item>Segments in order, nearly all of them, go to the handler as the span they came in: nothing is copied, and as long as there are no
/// others nothing is kept beside what the flow itself counts.</item>
/// <item>Out of order, bytes are held (<see cref="TcpReorderBuffer"/>) until the hole before them is filled or given up. It is given up
/// when the receiver has acknowledged it and the capture had its chance to deliver late, when a limit is reached, or when the flow
/// ends.</item>
/// <item>Bytes that acknowledge bytes of the other direction were sent after their sender had received those. If these have not been seen
/// yet (two taps, two queues), the bytes are held as well until they come or <see cref="TcpReassemblerOptions.OppositeTimeout"/> has
/// passed, so that the handler is given questions before their answers.</item>
/// <item>The same bytes twice: those that came first count, as in most receivers and in tshark.</item>
/// <item>A number far from the stream is dropped, so that one bad segment poisons nothing; if segments of the new range keep coming in a
/// row, the stream goes on there after a gap.</item>
/// <item>Joined in the middle, the receiver's acknowledgment tells where the stream begins. Without one the first segments are held for a
/// moment.</item>
/// <item>A RST ends no stream here. Whoever forges one (or sees one that the receiver did not obey) would end our view and not the
/// connection. The flow table closes the flow when nothing follows the RST, and that ends the streams.</item>
/// <item>A FIN ends its stream when the receiver acknowledges it, or with the flow. Bytes at its number or behind it wait until the
/// receiver has decided: if it acknowledges them, the FIN was forged, and they are delivered.</item>
/// <item>The handler may end a flow, or stop wanting it, from inside any callback: state is looked at again after each.</item>
/// </list>
/// </remarks>
/// <typeparam name="THandler">Receives the streams.</typeparam>
public sealed partial class TcpReassembler<THandler>
    where THandler : IStreamHandler
{
    private const int MaxPooledConnections = 4096;

    private readonly TcpReassemblerOptions _options;
    private readonly TcpSegmentPool _pool;
    private readonly Stack<TcpConnection> _connections = new();
    private readonly long _acknowledgedHoleNs;
    private readonly long _oneSidedHoleNs;
    private readonly long _oppositeNs;
    private THandler _handler;
    private long _nowNs;

    /// <summary>Creates a reassembler.</summary>
    public TcpReassembler(TcpReassemblerOptions options, THandler handler)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _handler = handler;
        _pool = new TcpSegmentPool(options.MaxBytes, Statistics);
        _acknowledgedHoleNs = options.AcknowledgedHoleTimeout.Ticks * TimeSpan.NanosecondsPerTick;
        _oneSidedHoleNs = options.OneSidedHoleTimeout.Ticks * TimeSpan.NanosecondsPerTick;
        _oppositeNs = options.OppositeTimeout.Ticks * TimeSpan.NanosecondsPerTick;
    }

    /// <summary>The handler in place: if it is a struct, its state lives here.</summary>
    public ref THandler Handler => ref _handler;

    /// <summary>Counters.</summary>
    public TcpReassemblyStatistics Statistics { get; } = new();

    /// <summary>Takes one TCP segment.</summary>
    /// <param name="flow">Its flow, as the flow table found it for this packet and has counted it.</param>
    /// <param name="info">The decoded packet.</param>
    /// <param name="payload">The captured bytes of its TCP payload; borrowed until the call returns.</param>
    public void Process(Flow flow, ref PacketInfo info, ReadOnlySpan<byte> payload)
    {
        ArgumentNullException.ThrowIfNull(flow);
        if (!flow.WantsReassembly)
        {
            Release(flow);
            return;
        }

        if (flow.Reassembly is not TcpConnection connection)
        {
            if (flow.Reassembly is not null || TakeInOrder(flow, in info, payload))
                return;
            connection = Begin(flow, info.FromA, Math.Max(info.PayloadWireLength, payload.Length));
        }

        _nowNs = info.TimestampNs;
        connection.Segments++;
        NoteSeen(connection, in info);
        ref TcpStream stream = ref info.FromA ? ref connection.A : ref connection.Z;
        ref TcpStream opposite = ref info.FromA ? ref connection.Z : ref connection.A;

        // A RST carries no stream data (RFC 9293, section 3.5.3, calls its payload an explanation), and its acknowledgment may be anything.
        if ((info.TcpFlags & TcpFlags.Rst) == 0)
        {
            // What a SYN-ACK acknowledges is the SYN: bytes begin there.
            bool isSynAck = (info.TcpFlags & (TcpFlags.Syn | TcpFlags.Ack)) == (TcpFlags.Syn | TcpFlags.Ack);
            if (isSynAck && opposite.Origin == TcpOrigin.Unknown)
                opposite.FixOrigin(info.TcpAcknowledgment);
            if (opposite.Origin == TcpOrigin.Fixed && opposite.Next == 0)
                FollowIsn(ref opposite, in info.FromA ? ref flow.EndZ : ref flow.EndA);
            if ((info.TcpFlags & TcpFlags.Ack) != 0 && !Acknowledge(flow, connection, ref opposite, !info.FromA, info.TcpAcknowledgment))
                return;
            if (!Receive(flow, connection, ref stream, ref info, payload))
                return;
        }

        if (opposite.Held is null && stream.Held is null)
            return;
        if (!Pump(flow, connection))
            return;
        if (opposite.Held is not null && !CheckHeld(flow, connection, ref opposite, !info.FromA))
            return;
        if (stream.Held is not null)
            CheckHeld(flow, connection, ref stream, info.FromA);
    }

    /// <summary>
    /// Ends the streams of a flow that has ended: gives out what is held, with its gaps, then tells the end of each direction that has not
    /// ended (the client's first). Does nothing for a flow that was never reassembled or is no longer wanted.
    /// </summary>
    public void End(Flow flow)
    {
        ArgumentNullException.ThrowIfNull(flow);
        TcpConnection? connection = flow.Reassembly as TcpConnection;
        if (connection is null ? flow.Reassembly is not null || !HasBegun(flow) : connection.IsEnding)
            return;
        if (flow.WantsReassembly)
        {
            connection ??= Begin(flow);
            connection.IsEnding = true;
            bool clientIsA = flow.ClientIsA;
            if (GiveUpAll(flow, connection) && Finish(flow, connection, ref clientIsA ? ref connection.A : ref connection.Z, clientIsA))
            {
                Finish(flow, connection, ref clientIsA ? ref connection.Z : ref connection.A, !clientIsA);
            }
        }

        Release(flow);
    }

    /// <summary>
    /// Begins the state of a connection with what the flow table knows, and where its streams stand if all was in order so far.
    /// </summary>
    /// <param name="fromA">Who has sent the segment that is taken now.</param>
    /// <param name="pending">Its payload, which the flow has counted and nobody has seen yet.</param>
    internal TcpConnection Begin(Flow flow, bool fromA = false, int pending = 0)
    {
        if (!_connections.TryPop(out TcpConnection? connection))
            connection = new TcpConnection();
        if (!HasBegun(flow))
            Statistics.Connections++;
        flow.Reassembly = connection;
        connection.SeenA = flow.PacketsAZ > 0;
        connection.SeenZ = flow.PacketsZA > 0;
        TakeUp(ref connection.A, in flow.EndA, in flow.EndZ, flow.PayloadAZ - (fromA ? pending : 0));
        TakeUp(ref connection.Z, in flow.EndZ, in flow.EndA, flow.PayloadZA - (fromA ? 0 : pending));
        return connection;
    }

    /// <summary>Gives a stream what the handshake, and what came in order since, have shown.</summary>
    private static void TakeUp(ref TcpStream stream, in TcpEndpoint sender, in TcpEndpoint receiver, long delivered)
    {
        stream.HintSequence = receiver.Acknowledged;
        stream.HasHint = receiver.HasAcknowledged;
        if (!sender.HasOrigin && (!sender.HasIsn || sender.IsDisputed))
            return;
        stream.FixOrigin(sender.HasOrigin ? sender.Origin : sender.Isn + 1);
        if (sender.HasOrigin)
            stream.Next = delivered;
    }

    /// <summary>Frees all that is kept for a flow.</summary>
    private void Release(Flow flow)
    {
        if (flow.Reassembly is TcpConnection connection)
        {
            if (connection.SeenA != connection.SeenZ)
                _silentInRow++;
            ReturnHeld(ref connection.A);
            ReturnHeld(ref connection.Z);
            connection.Reset();
            if (_connections.Count < MaxPooledConnections)
                _connections.Push(connection);
        }

        flow.Reassembly = TcpConnection.Released;
    }

    /// <summary>
    /// After a callback: false if the handler has ended the flow or wants no more of it. Then nothing of its state may be touched.
    /// </summary>
    private bool IsLive(Flow flow, TcpConnection connection)
    {
        if (!ReferenceEquals(flow.Reassembly, connection))
            return false;
        if (flow.WantsReassembly)
            return true;
        Release(flow);
        return false;
    }
}
