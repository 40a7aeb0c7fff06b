using System.Buffers;
using Spillway.Net.Flows;
using Spillway.Net.Protocols.Http.Codings;

namespace Spillway.Net.Protocols.Http;

/// <summary>Who sends on a stream, as far as its content has shown.</summary>
internal enum HttpRole : byte
{
    Unknown,
    Client,
    Server,
}

/// <summary>Where a stream stands.</summary>
internal enum HttpStreamState : byte
{
    /// <summary>A message begins here.</summary>
    Start,

    /// <summary>In a header block, the start line of which is known to be one.</summary>
    Header,

    /// <summary>In a body with a known length.</summary>
    Length,

    /// <summary>In a chunked body.</summary>
    Chunked,

    /// <summary>In a body that ends with the connection.</summary>
    UntilClose,

    /// <summary>Behind a response that must not have a body, and announces one; the next bytes show whether it is there.</summary>
    Doubtful,

    /// <summary>Behind a CONNECT request: what comes is not HTTP, unless the proxy refuses.</summary>
    Tunnel,

    /// <summary>Out of step; looking for a start line.</summary>
    Lost,
}

/// <summary>One direction of an HTTP connection.</summary>
internal sealed class HttpStream
{
    public HttpRole Role;
    public HttpStreamState State;
    public bool Ended;

    /// <summary>True if messages may have been missed since the last one that was seen.</summary>
    public bool MissedMessages;

    /// <summary>The message whose body is being read.</summary>
    public HttpTransaction? Current;

    /// <summary>Bytes still to come in <see cref="HttpStreamState.Length"/>.</summary>
    public long Remaining;

    public ChunkedReader Chunks;

    /// <summary>The response that is <see cref="HttpStreamState.Doubtful"/>.</summary>
    public HttpHeader? DoubtfulHeader;

    /// <summary>Framing that holds if a body turns out not to be chunked.</summary>
    public BodyFraming OtherFraming;

    public ContentPipeline? Pipeline;

    /// <summary>Decoded bytes delivered or missing.</summary>
    public long Offset;

    /// <summary>The worst that has happened to the current body.</summary>
    public HttpBodyEnd Damage;

    /// <summary>The beginning of a header block that came in pieces.</summary>
    public byte[]? Pending;

    public int PendingLength;

    /// <summary>Bytes of <see cref="Pending"/> already searched for the block's end.</summary>
    public int PendingScanned;

    /// <summary>The true direction: by role, where that is known.</summary>
    public StreamDirection Direction => Role == HttpRole.Client ? StreamDirection.ClientToServer : StreamDirection.ServerToClient;

    public ReadOnlySpan<byte> PendingBytes => Pending.AsSpan(0, PendingLength);

    /// <summary>Appends to the pending block as much as the limit allows; false if that is less than all.</summary>
    public bool Append(ReadOnlySpan<byte> data, int limit)
    {
        if (data.Length > limit - PendingLength)
            return false;

        int needed = PendingLength + data.Length;
        if (Pending is null || Pending.Length < needed)
        {
            byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(needed, 1024));
            PendingBytes.CopyTo(larger);
            if (Pending is not null)
                ArrayPool<byte>.Shared.Return(Pending);
            Pending = larger;
        }

        data.CopyTo(Pending.AsSpan(PendingLength));
        PendingLength = needed;
        return true;
    }

    public void DropPending()
    {
        if (Pending is not null)
            ArrayPool<byte>.Shared.Return(Pending);
        Pending = null;
        PendingLength = 0;
        PendingScanned = 0;
    }

    public void DropPipeline()
    {
        Pipeline?.Dispose();
        Pipeline = null;
    }
}
