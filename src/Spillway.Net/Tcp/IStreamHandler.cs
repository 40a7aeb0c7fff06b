using Spillway.Net.Flows;

namespace Spillway.Net.Tcp;

/// <summary>
/// Receives the reassembled streams of TCP connections, in order, each byte once, and what was sent in answer to bytes of the other
/// direction behind these. Implemented by a struct or sealed class and given as a type
/// parameter, so that the calls are direct. Spans are borrowed until the call returns.
/// </summary>
public interface IStreamHandler
{
    /// <summary>Bytes of a stream.</summary>
    /// <param name="flow">The connection.</param>
    /// <param name="direction">Who sent them.</param>
    /// <param name="offset">Stream offset of the first byte; 0 is the first byte after the SYN, or the first byte seen.</param>
    /// <param name="acknowledged">Offset in the other direction's stream up to which the sender had received all bytes when it sent these;
    /// -1 if that is not known. Whatever lies before it was given out before, unless it is missing from the capture or came too
    /// late.</param>
    /// <param name="data">The bytes; never empty.</param>
    void OnData(Flow flow, StreamDirection direction, long offset, long acknowledged, ReadOnlySpan<byte> data);

    /// <summary>Bytes are missing from the capture; the stream goes on at <paramref name="offset"/> + <paramref name="length"/>.</summary>
    void OnGap(Flow flow, StreamDirection direction, long offset, long length);

    /// <summary>No more bytes will come in this direction: FIN, RST, time-out or end of input.</summary>
    void OnEnd(Flow flow, StreamDirection direction);
}
