using Spillway.Net.Packets;

namespace Spillway.Net.Flows;

/// <summary>
/// Remembers TCP connections that were closed and have left the flow table, by what their ends had sent: a FIN, a RST or data that comes
/// again minutes later is no connection of its own. A fixed number of places: the oldest in a row makes room.
/// </summary>
internal sealed class ClosedConnections
{
    // 32,768 connections, 768 KiB.
    private const int Rows = 8192;
    private const int Ways = 4;

    // A system gives up repeating a FIN after some 15 minutes (tcp_retries2 of Linux: 924 seconds).
    private const long MemoryNs = 15 * 60 * 1_000_000_000L;

    private Closed[] _places = [];

    /// <summary>Remembers a connection that leaves the table.</summary>
    public void Add(Flow flow, long nowNs)
    {
        if (_places.Length == 0)
            _places = new Closed[Rows * Ways];
        ulong tag = flow.KeyReference.Tag;
        Span<Closed> row = RowOf(tag);
        int place = 0;
        for (int i = 0; i < Ways; i++)
        {
            if (row[i].Tag == tag)
            {
                place = i;
                break;
            }

            if (row[i].LastNs < row[place].LastNs)
                place = i;
        }

        row[place] = new Closed
        {
            Tag = tag,
            LastNs = nowNs,
            NextA = flow.EndA.Next,
            NextZ = flow.EndZ.Next,
            HasA = flow.EndA.HasNext,
            HasZ = flow.EndZ.HasNext,
        };
    }

    /// <summary>
    /// Whether a segment repeats what was sent before its connection was closed. Then the connection is remembered from now on again.
    /// </summary>
    public bool HasSent(in PacketInfo info)
    {
        if (_places.Length == 0 || (info.TcpFlags & TcpFlags.Syn) != 0)
            return false;
        ulong tag = info.Key.Tag;
        foreach (ref Closed closed in RowOf(tag))
        {
            if (closed.Tag != tag)
                continue;
            if (info.TimestampNs - closed.LastNs is > MemoryNs or < -MemoryNs)
                return false;
            uint next = info.FromA ? closed.NextA : closed.NextZ;
            uint end = info.TcpSequence + (uint)info.PayloadWireLength + ((info.TcpFlags & TcpFlags.Fin) != 0 ? 1u : 0);
            bool isRepeated = info.FromA ? closed.HasA : closed.HasZ;
            isRepeated = isRepeated ? TcpSequence.Distance(next, end) is <= 0 and >= -TcpSequence.Near : info.PayloadWireLength == 0;
            isRepeated |= (info.TcpFlags & TcpFlags.Rst) != 0; // it may carry any number, and opens nothing
            if (isRepeated)
                closed.LastNs = info.TimestampNs;
            return isRepeated;
        }

        return false;
    }

    private Span<Closed> RowOf(ulong tag) => _places.AsSpan((int)(tag >> 51) * Ways, Ways);

    private struct Closed
    {
        public ulong Tag;
        public long LastNs;
        public uint NextA;
        public uint NextZ;
        public bool HasA;
        public bool HasZ;
    }
}
