using System.Buffers.Binary;
using Spillway.Net.Flows;

namespace Spillway.Net.Protocols.Dns;

/// <summary>
/// Observes DNS over TCP (RFC 1035 4.2.2, RFC 7766): messages behind their length of two bytes, in both reassembled streams of a connection.
/// Nothing on the wire makes it throw. Not thread-safe.
/// </summary>
/// <typeparam name="THandler">The receiver: a sealed class or a struct that refers to one.</typeparam>
public sealed class DnsConnection<THandler>
    where THandler : IDnsHandler
{
    private const int LengthBytes = 2;

    private readonly Flow _flow;
    private readonly DnsObserver _observer;
    private THandler _handler;
    private DnsStream _out;
    private DnsStream _in;

    /// <summary>Creates the observer of one connection.</summary>
    public DnsConnection(Flow flow, THandler handler, DnsObserver observer)
    {
        ArgumentNullException.ThrowIfNull(flow);
        ArgumentNullException.ThrowIfNull(observer);
        _flow = flow;
        _handler = handler;
        _observer = observer;
    }

    /// <summary>True if neither stream is DNS, or not any more: it needs no more data.</summary>
    public bool IsDone => _out.IsLeft && _in.IsLeft;

    /// <summary>Bytes of one direction, in order.</summary>
    public void OnData(StreamDirection direction, ReadOnlySpan<byte> data)
    {
        ref DnsStream stream = ref StreamOf(direction);
        if (stream.IsLeft) return;
        if (stream.Held.Length > 0 && !Complete(ref stream, ref data)) return;
        while (data.Length >= LengthBytes && !stream.IsLeft)
        {
            int length = LengthBytes + BinaryPrimitives.ReadUInt16BigEndian(data);
            if (data.Length < length) break;
            Take(ref stream, data[LengthBytes..length]);
            data = data[length..];
        }

        if (!data.IsEmpty && !stream.IsLeft) Hold(ref stream, data);
    }

    /// <summary>Bytes of one direction are missing: where the next message begins cannot be known.</summary>
    public void OnGap(StreamDirection direction)
    {
        ref DnsStream stream = ref StreamOf(direction);
        if (stream.IsLeft) return;
        _observer.Statistics.WithGap++;
        Leave(ref stream);
    }

    /// <summary>No more bytes will come in this direction.</summary>
    public void OnEnd(StreamDirection direction)
    {
        ref DnsStream stream = ref StreamOf(direction);
        if (stream.IsLeft) return;
        if (stream.Held.Length > 0) _observer.Statistics.Truncated++;
        Leave(ref stream);
    }

    /// <summary>The connection has ended. May be called at any time, and again.</summary>
    public void Close()
    {
        OnEnd(StreamDirection.ClientToServer);
        OnEnd(StreamDirection.ServerToClient);
    }

    private ref DnsStream StreamOf(StreamDirection direction) => ref direction == StreamDirection.ClientToServer ? ref _out : ref _in;

    private bool Complete(ref DnsStream stream, ref ReadOnlySpan<byte> data)
    {
        if (stream.Held.Length < LengthBytes && !Fill(ref stream, ref data, LengthBytes)) return false;
        if (!Fill(ref stream, ref data, LengthBytes + BinaryPrimitives.ReadUInt16BigEndian(stream.Held.Bytes))) return false;
        Take(ref stream, stream.Held.Bytes[LengthBytes..]);
        stream.Held.Clear();
        return true;
    }

    private bool Fill(ref DnsStream stream, ref ReadOnlySpan<byte> data, int length)
    {
        int taken = Math.Min(data.Length, length - stream.Held.Length);
        if (taken > 0)
        {
            Hold(ref stream, data[..taken]);
            data = data[taken..];
        }

        return !stream.IsLeft && stream.Held.Length >= length;
    }

    private void Hold(ref DnsStream stream, ReadOnlySpan<byte> data)
    {
        if (stream.Held.TryAppend(data, _observer.Budget)) return;
        _observer.Statistics.OverMemory++;
        Leave(ref stream);
    }

    private void Take(ref DnsStream stream, ReadOnlySpan<byte> message)
    {
        long before = _observer.Statistics.NotDns;
        _observer.OnDatagram(_flow, message, isCut: false, ref _handler);
        if (_observer.Statistics.NotDns > before) Leave(ref stream);
    }

    private void Leave(ref DnsStream stream)
    {
        stream.IsLeft = true;
        stream.Held.Release(_observer.Budget);
    }

    private struct DnsStream
    {
        public WireBuffer Held;
        public bool IsLeft;
    }
}
