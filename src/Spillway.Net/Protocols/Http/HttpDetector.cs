using Spillway.Net.Flows;

namespace Spillway.Net.Protocols.Http;

/// <summary>What a <see cref="HttpDetector"/> makes of the bytes so far.</summary>
public enum HttpDetection
{
    /// <summary>No start line yet; it may still come.</summary>
    Continue,

    /// <summary>
    /// A start line may begin in these bytes: they go to an <see cref="HttpConnection{THandler}"/> that goes on from the detector.
    /// </summary>
    Found,

    /// <summary>The connection shows no HTTP: it needs no observer. Counted.</summary>
    NotHttp,
}

/// <summary>
/// Looks for the beginning of HTTP in the two streams of a TCP connection as an <see cref="HttpConnection{THandler}"/> does, and to the
/// same result, but in a few bytes (<see cref="ProtocolSearch"/>): most connections never need more.
/// </summary>
public static class HttpDetector
{
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
        NotHttp = 64,
    }

    /// <summary>
    /// Takes bytes of one direction, in order. When they are the connection's (<see cref="HttpDetection.Found"/>) nothing has changed.
    /// </summary>
    public static HttpDetection OnData(
        ref ProtocolSearch search,
        Flow flow,
        HttpObserver observer,
        StreamDirection direction,
        ReadOnlySpan<byte> data
    )
    {
        ArgumentNullException.ThrowIfNull(flow);
        ArgumentNullException.ThrowIfNull(observer);
        if (Has(in search, Marks.EndedOut, direction))
            return HttpDetection.Continue;
        bool fromStart = (flow.State & FlowState.SeenSyn) != 0;
        if (search.Bytes == 0 && fromStart && IsOtherProtocol(direction, data))
            return Leave(ref search, observer);

        ReadOnlySpan<byte> rest = data;
        bool isLost = Has(in search, Marks.LostOut, direction);
        if (!isLost)
        {
            int begin = HttpToken.SkipEmptyLines(data);
            rest = begin < 0 ? default : data[begin..];
            isLost = !rest.IsEmpty;
            if (isLost && HttpStartLine.Classify(rest) != StartLineKind.None)
                return HttpDetection.Found;
        }

        int limit = LimitOf(flow, observer, MayHaveMissedStart(in search));
        bool isSparse = search.Bytes >= limit;
        if (
            !rest.IsEmpty
            && (isSparse ? HttpStartLine.BeginsMessage(rest) : HttpStartLineSearch.Find(rest, requests: true, responses: true) >= 0)
        )
            return HttpDetection.Found;
        if (isLost)
            Set(ref search, Marks.LostOut, direction);
        search.BlankBytes = (ushort)Math.Min(search.BlankBytes + data.Length - rest.Length, ushort.MaxValue);
        search.Add(data.Length);
        return search.Bytes >= limit && !LooksOn(flow, MayHaveMissedStart(in search))
            ? Leave(ref search, observer)
            : HttpDetection.Continue;
    }

    /// <summary>Bytes of one direction are missing; its next data stands behind them.</summary>
    public static void OnGap(ref ProtocolSearch search, HttpObserver observer, StreamDirection direction, long length)
    {
        ArgumentNullException.ThrowIfNull(observer);
        if (length <= 0 || IsOver(in search) || Has(in search, Marks.EndedOut, direction))
            return;
        observer.Statistics.MissingBytes += length;
        Set(ref search, Marks.LostOut, direction);
        Set(ref search, Marks.MissedOut, direction);
    }

    /// <summary>No more bytes will come in this direction.</summary>
    public static void OnEnd(ref ProtocolSearch search, StreamDirection direction) => Set(ref search, Marks.EndedOut, direction);

    /// <summary>Whether it was found that the connection shows no HTTP.</summary>
    public static bool IsOver(in ProtocolSearch search) => (search.Marks & (byte)Marks.NotHttp) != 0;

    /// <summary>
    /// Bytes of a connection within which a start line must begin; behind them it is given up, or looked at in passing only.
    /// </summary>
    internal static int LimitOf(Flow flow, HttpObserver observer, bool mayHaveMissedStart) =>
        LooksOn(flow, mayHaveMissedStart) ? observer.Limits.MidstreamProbeBytes : observer.Limits.ProbeBytes;

    /// <summary>Whether the search goes on behind its limit: what was seen may be the inside of a body.</summary>
    internal static bool LooksOn(Flow flow, bool mayHaveMissedStart) => mayHaveMissedStart || (flow.State & FlowState.SeenSyn) == 0;

    /// <summary>What begins like one of these from its first byte will not turn into HTTP/1.</summary>
    internal static bool IsOtherProtocol(StreamDirection direction, ReadOnlySpan<byte> data)
    {
        bool isTls = data.Length >= 3 && data[0] == 0x16 && data[1] == 3 && data[2] <= 4;
        return isTls || data.StartsWith("SSH-"u8) || (direction == StreamDirection.ClientToServer && data.StartsWith("PRI * HTTP/2"u8));
    }

    /// <summary>Brings a stream to where the detector stands.</summary>
    internal static void Prepare(in ProtocolSearch search, ref HttpStream stream, StreamDirection direction)
    {
        if (Has(in search, Marks.LostOut, direction))
            stream.State = HttpStreamState.Lost;
        stream.MissedMessages = Has(in search, Marks.MissedOut, direction);
        stream.Ended = Has(in search, Marks.EndedOut, direction);
    }

    private static bool MayHaveMissedStart(in ProtocolSearch search) => (search.Marks & (byte)(Marks.MissedOut | Marks.MissedIn)) != 0;

    private static HttpDetection Leave(ref ProtocolSearch search, HttpObserver observer)
    {
        search.Marks |= (byte)Marks.NotHttp;
        observer.Statistics.NotHttp++;
        return HttpDetection.NotHttp;
    }

    // The mark of the opposite direction is one bit to the left.
    private static byte Of(Marks mark, StreamDirection direction) =>
        (byte)(direction == StreamDirection.ClientToServer ? (int)mark : (int)mark << 1);

    private static bool Has(in ProtocolSearch search, Marks mark, StreamDirection direction) => (search.Marks & Of(mark, direction)) != 0;

    private static void Set(ref ProtocolSearch search, Marks mark, StreamDirection direction) => search.Marks |= Of(mark, direction);
}
