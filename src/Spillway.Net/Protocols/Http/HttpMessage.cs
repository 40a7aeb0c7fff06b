using System.Buffers;
using Spillway.Net.Protocols.Http.Codings;

namespace Spillway.Net.Protocols.Http;

/// <summary>
/// What a stream has of a message that is not whole yet: the beginning of its header, then how its body is framed and decoded. Most
/// connections are between two messages at any time, so that these are lent by the observer.
/// </summary>
internal sealed class HttpMessage
{
    /// <summary>The transaction whose body is being read; null before the body.</summary>
    public HttpTransaction? Transaction;

    /// <summary>Bytes still to come in <see cref="HttpStreamState.Length"/>.</summary>
    public long Remaining;

    /// <summary>Where a chunked body stands.</summary>
    public ChunkedReader Chunks;

    /// <summary>The response that is <see cref="HttpStreamState.Doubtful"/>.</summary>
    public HttpHeader? DoubtfulHeader;

    /// <summary>Framing that holds if a body turns out not to be chunked.</summary>
    public BodyFraming OtherFraming;

    /// <summary>Undoes the body's codings; null if there are none, or nobody wants the body.</summary>
    public ContentPipeline? Pipeline;

    /// <summary>Decoded bytes delivered or missing.</summary>
    public long Offset;

    /// <summary>The worst that has happened to the current body.</summary>
    public HttpBodyEnd Damage;

    /// <summary>Bytes of the pending header that were searched for its end.</summary>
    public int PendingScanned;

    /// <summary>Of a header over the limit: bytes of the pending ones that are kept; behind them is the line at hand.</summary>
    public int KeptLength;

    /// <summary>True if the line at hand of a header over the limit is longer than what is pending of it.</summary>
    public bool IsLineCut;

    /// <summary>True for a request that waits for "100 Continue" before its body, until that or something else has begun.</summary>
    public bool AwaitsContinue;

    private byte[]? _pending;

    /// <summary>Bytes of a header that came in pieces.</summary>
    public int PendingLength { get; private set; }

    public ReadOnlySpan<byte> PendingBytes => _pending.AsSpan(0, PendingLength);

    /// <summary>Appends to the pending header.</summary>
    public void Append(ReadOnlySpan<byte> data)
    {
        int needed = PendingLength + data.Length;
        if (_pending is null || _pending.Length < needed)
        {
            byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(needed, 1024));
            PendingBytes.CopyTo(larger);
            if (_pending is not null)
                ArrayPool<byte>.Shared.Return(_pending);
            _pending = larger;
        }

        data.CopyTo(_pending.AsSpan(PendingLength));
        PendingLength = needed;
    }

    /// <summary>Forgets the end of the pending header.</summary>
    public void Truncate(int length) => PendingLength = length;

    /// <summary>Gives the pending header away; the receiver returns the array to the shared pool.</summary>
    public byte[] TakePending()
    {
        byte[] pending = _pending!;
        (_pending, PendingLength, PendingScanned) = (null, 0, 0);
        return pending;
    }

    /// <summary>Makes it as new, and gives back what it has borrowed.</summary>
    public void Reset()
    {
        if (_pending is not null)
            ArrayPool<byte>.Shared.Return(_pending);
        Pipeline?.Dispose();
        (_pending, PendingLength, PendingScanned) = (null, 0, 0);
        (Transaction, DoubtfulHeader, Pipeline) = (null, null, null);
        (Remaining, Chunks, Offset) = (0, default, 0);
        (OtherFraming, Damage) = (BodyFraming.None, HttpBodyEnd.Complete);
        (KeptLength, IsLineCut, AwaitsContinue) = (0, false, false);
    }
}
