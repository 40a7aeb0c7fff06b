using System.Buffers.Binary;
using Spillway.Net.Flows;

namespace Spillway.Net.Protocols.Dns;

/// <summary>
/// Observes DNS over TCP (RFC 1035 4.2.2, RFC 7766): messages behind their length of two bytes, in both reassembled streams of a
/// connection.
/// Behind missing bytes, and in a connection that was joined in its middle, a stream goes on with the next message that fits.
/// Nothing on the wire makes it throw. Not thread-safe.
/// </summary>
/// <typeparam name="THandler">The receiver: a sealed class or a struct that refers to one.</typeparam>
public sealed class DnsConnection<THandler>
    where THandler : IDnsHandler
{
    private const int LengthBytes = DnsStream.LengthBytes;

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
        while (!data.IsEmpty)
        {
            switch (stream.State)
            {
                case DnsStreamState.InStep:
                    ReadMessages(ref stream, ref data);
                    break;
                case DnsStreamState.Skipping:
                    Skip(ref stream, ref data);
                    break;
                case DnsStreamState.Searching:
                    Search(ref stream, ref data);
                    break;
                default:
                    return;
            }
        }
    }

    /// <summary>Bytes of one direction are missing; its next data stands behind them.</summary>
    /// <param name="direction">The direction.</param>
    /// <param name="length">How many.</param>
    public void OnGap(StreamDirection direction, long length)
    {
        ref DnsStream stream = ref StreamOf(direction);
        if (stream.IsLeft || length <= 0)
            return;
        _observer.Statistics.WithGap++;
        int left = stream.State == DnsStreamState.Skipping ? stream.SkipBytes : stream.MissingBytes;
        bool isGuess = stream.IsGuess;
        Forget(ref stream);

        // A gap that ends within the message it begins in leaves the beginning of the next one known.
        if (!isGuess && left > 0 && length <= left)
            SkipMessage(ref stream, left - (int)length);
        else
            stream.State = DnsStreamState.Searching;
    }

    /// <summary>No more bytes will come in this direction.</summary>
    public void OnEnd(StreamDirection direction)
    {
        ref DnsStream stream = ref StreamOf(direction);
        if (stream.IsLeft)
            return;
        if (stream is { IsGuess: false, Held.Length: > 0 })
            _observer.Statistics.Truncated++;
        Leave(ref stream);
    }

    /// <summary>The connection has ended. May be called at any time, and again.</summary>
    public void Close()
    {
        OnEnd(StreamDirection.ClientToServer);
        OnEnd(StreamDirection.ServerToClient);
    }

    private ref DnsStream StreamOf(StreamDirection direction) => ref direction == StreamDirection.ClientToServer ? ref _out : ref _in;

    private void ReadMessages(ref DnsStream stream, ref ReadOnlySpan<byte> data)
    {
        if (stream.Held.Length > 0 && !Complete(ref stream, ref data))
            return;
        while (data.Length >= LengthBytes && stream.State == DnsStreamState.InStep)
        {
            int length = LengthBytes + BinaryPrimitives.ReadUInt16BigEndian(data);
            if (data.Length < length)
                break;
            if (Take(ref stream, data[LengthBytes..length]))
                data = data[length..];
        }

        if (data.IsEmpty || stream.State != DnsStreamState.InStep)
            return;
        if (!DnsFraming.MayBegin(data))
        {
            BeOutOfStep(ref stream);
            return;
        }

        Hold(ref stream, data);
        data = default;
    }

    // Goes on with a message that came in pieces; false if it still is not complete, or is none.
    private bool Complete(ref DnsStream stream, ref ReadOnlySpan<byte> data)
    {
        if (stream.Held.Length < LengthBytes && !Fill(ref stream, ref data, LengthBytes))
            return false;
        if (!Fill(ref stream, ref data, LengthBytes + BinaryPrimitives.ReadUInt16BigEndian(stream.Held.Bytes)))
            return false;
        bool isMessage = Take(ref stream, stream.Held.Bytes[LengthBytes..]);
        stream.Held.Clear();
        return isMessage;
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
        if (stream.Held.TryAppend(data, _observer.Budget))
            return;
        _observer.Statistics.OverMemory++;
        Leave(ref stream);
    }

    // False if it is no message: then the stream is out of step.
    private bool Take(ref DnsStream stream, ReadOnlySpan<byte> message)
    {
        // A length of zero announces nothing, and nothing is what stands behind it.
        if (message.IsEmpty)
        {
            _observer.Statistics.Empty++;
            return true;
        }

        if ((!stream.IsGuess || DnsFraming.Fits(message)) && _observer.TryRead(_flow, message, isCut: false, ref _handler))
        {
            stream.IsGuess = false;
            stream.SearchedBytes = 0;
            return true;
        }

        BeOutOfStep(ref stream);
        return false;
    }

    private void BeOutOfStep(ref DnsStream stream)
    {
        if (!stream.IsGuess)
            _observer.Statistics.NotDns++;
        stream.IsGuess = false;
        stream.State = DnsStreamState.Searching;
    }

    private static void Skip(ref DnsStream stream, ref ReadOnlySpan<byte> data)
    {
        int skipped = Math.Min(stream.SkipBytes, data.Length);
        data = data[skipped..];
        SkipMessage(ref stream, stream.SkipBytes - skipped);
    }

    private static void SkipMessage(ref DnsStream stream, int bytes)
    {
        stream.SkipBytes = bytes;
        stream.State = bytes > 0 ? DnsStreamState.Skipping : DnsStreamState.InStep;
    }

    private void Search(ref DnsStream stream, ref ReadOnlySpan<byte> data)
    {
        int offset = DnsFraming.Find(data, out bool isWhole);
        int passed = offset < 0 ? data.Length : offset;
        stream.SearchedBytes += passed;
        data = data[passed..];
        if (stream.SearchedBytes > _observer.Limits.ProbeBytes)
        {
            Leave(ref stream);
            return;
        }

        if (offset < 0)
            return;
        stream.State = DnsStreamState.InStep;
        stream.IsGuess = !isWhole;
    }

    private void Forget(ref DnsStream stream)
    {
        stream.Held.Release(_observer.Budget);
        stream.IsGuess = false;
        stream.SkipBytes = 0;
    }

    private void Leave(ref DnsStream stream)
    {
        Forget(ref stream);
        stream.State = DnsStreamState.Left;
    }
}
