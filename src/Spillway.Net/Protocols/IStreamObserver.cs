using Spillway.Net.Flows;

namespace Spillway.Net.Protocols;

/// <summary>
/// Observes one protocol in the two reassembled streams of a TCP connection. Nothing on the wire makes it throw. The directions given may
/// be guesses, as long as they stay the same. Not thread-safe.
/// </summary>
public interface IStreamObserver
{
    /// <summary>True once it is certain that the connection speaks the protocol.</summary>
    bool IsRecognised { get; }

    /// <summary>True if the connection does not speak the protocol, or not any more, or has ended: it needs no more data.</summary>
    bool IsDone { get; }

    /// <summary>True if it is done because TLS begins here.</summary>
    bool TlsBegins { get; }

    /// <summary>True if content shows that client and server are the other way round than the directions given.</summary>
    bool IsReversed { get; }

    /// <summary>Bytes of one direction, in order.</summary>
    void OnData(StreamDirection direction, ReadOnlySpan<byte> data);

    /// <summary>Bytes of one direction are missing; its next data stands behind them.</summary>
    void OnGap(StreamDirection direction, long length);

    /// <summary>No more bytes will come in this direction.</summary>
    void OnEnd(StreamDirection direction);

    /// <summary>The connection has ended. May be called at any time, and again.</summary>
    void Close();
}
