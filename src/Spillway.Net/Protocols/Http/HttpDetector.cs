using Spillway.Net.Flows;

namespace Spillway.Net.Protocols.Http;

/// <summary>What a <see cref="HttpDetector"/> makes of the bytes so far.</summary>
public enum HttpDetection
{
    /// <summary>No start line yet; it may still come.</summary>
    Continue,

    /// <summary>A start line may begin in these bytes: they go to an <see cref="HttpConnection{THandler}"/> that goes on from the detector.</summary>
    Found,

    /// <summary>The connection shows no HTTP: it needs no observer. Counted.</summary>
    NotHttp,
}

/// <summary>
/// Looks for the beginning of HTTP in the two streams of a TCP connection as an <see cref="HttpConnection{THandler}"/> does, and to the same
/// result, but in a few bytes: most connections never need more. One thread.
/// </summary>
public struct HttpDetector
{
    private int _probed;
    private int _garbage;
    private Marks _marks;

    [Flags]
    private enum Marks : byte
    {
        None = 0,
        LostOut = 1,
        LostIn = 2,
        MissedOut = 4,
        MissedIn = 8,
        EndedOut = 16,
        EndedIn = 32,
    }

    internal readonly int ProbedBytes => _probed;

    internal readonly int GarbageBytes => _garbage;

    /// <summary>Takes bytes of one direction, in order. When they are the connection's (<see cref="HttpDetection.Found"/>) the detector has not changed.</summary>
    public HttpDetection OnData(Flow flow, HttpObserver observer, StreamDirection direction, ReadOnlySpan<byte> data)
    {
        ArgumentNullException.ThrowIfNull(flow);
        ArgumentNullException.ThrowIfNull(observer);
        if (Has(Marks.EndedOut, direction)) return HttpDetection.Continue;
        bool fromStart = (flow.State & FlowState.SeenSyn) != 0;
        if (_probed == 0 && fromStart && IsOtherProtocol(direction, data)) return Leave(observer);

        ReadOnlySpan<byte> rest = data;
        bool isLost = Has(Marks.LostOut, direction);
        if (!isLost)
        {
            // Empty lines before a start line (RFC 9112, section 2.2).
            int begin = data.IndexOfAnyExcept((byte)'\r', (byte)'\n');
            rest = begin < 0 ? default : data[begin..];
            isLost = !rest.IsEmpty;
            if (isLost && HttpStartLine.Classify(rest) != StartLineKind.None) return HttpDetection.Found;
        }

        if (!rest.IsEmpty && HttpStartLine.Find(rest, requests: true, responses: true) >= 0) return HttpDetection.Found;
        if (isLost) Set(Marks.LostOut, direction);
        _garbage += rest.Length;
        _probed += data.Length;
        return _probed >= LimitOf(flow, observer) ? Leave(observer) : HttpDetection.Continue;
    }

    /// <summary>Bytes of one direction are missing; its next data stands behind them.</summary>
    public void OnGap(HttpObserver observer, StreamDirection direction, long length)
    {
        ArgumentNullException.ThrowIfNull(observer);
        if (_probed == 0 || length <= 0 || Has(Marks.EndedOut, direction)) return;
        observer.Statistics.MissingBytes += length;
        Set(Marks.LostOut, direction);
        Set(Marks.MissedOut, direction);
    }

    /// <summary>No more bytes will come in this direction.</summary>
    public void OnEnd(StreamDirection direction) => Set(Marks.EndedOut, direction);

    /// <summary>Bytes of a connection within which HTTP must show.</summary>
    internal static int LimitOf(Flow flow, HttpObserver observer) =>
        (flow.State & FlowState.SeenSyn) != 0 ? observer.Limits.ProbeBytes : observer.Limits.MidstreamProbeBytes;

    /// <summary>What begins like one of these from its first byte will not turn into HTTP/1.</summary>
    internal static bool IsOtherProtocol(StreamDirection direction, ReadOnlySpan<byte> data)
    {
        bool isTls = data.Length >= 3 && data[0] == 0x16 && data[1] == 3 && data[2] <= 4;
        return isTls || data.StartsWith("SSH-"u8) || (direction == StreamDirection.ClientToServer && data.StartsWith("PRI * HTTP/2"u8));
    }

    /// <summary>Brings a stream to where the detector stands.</summary>
    internal readonly void Prepare(HttpStream stream, StreamDirection direction)
    {
        if (Has(Marks.LostOut, direction)) stream.State = HttpStreamState.Lost;
        stream.MissedMessages = Has(Marks.MissedOut, direction);
        stream.Ended = Has(Marks.EndedOut, direction);
    }

    private static HttpDetection Leave(HttpObserver observer)
    {
        observer.Statistics.NotHttp++;
        return HttpDetection.NotHttp;
    }

    // The mark of the opposite direction is one bit to the left.
    private static Marks Of(Marks mark, StreamDirection direction) => direction == StreamDirection.ClientToServer ? mark : (Marks)((int)mark << 1);

    private readonly bool Has(Marks mark, StreamDirection direction) => (_marks & Of(mark, direction)) != 0;

    private void Set(Marks mark, StreamDirection direction) => _marks |= Of(mark, direction);
}
