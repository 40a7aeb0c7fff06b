namespace Spillway.Net.Protocols.Http;

/// <summary>What one HTTP connection may cost. Everything read off the wire that could grow without bound ends at one of these.</summary>
public sealed record HttpLimits
{
    private readonly int _maxHeaderBytes = 64 * 1024;
    private readonly int _maxHeaderFields = 256;
    private readonly int _maxChunkLineBytes = 4096;
    private readonly int _maxOutstandingRequests = 256;
    private readonly int _maxCodings = 4;
    private readonly long _maxDecodedBodyBytes = 256L << 20;
    private readonly int _maxExpansionRatio = 250;
    private readonly long _expansionFloorBytes = 16L << 20;
    private readonly int _probeBytes = 16 * 1024;
    private readonly int _midstreamProbeBytes = 1 << 20;

    /// <summary>The limits used when nothing is said.</summary>
    public static HttpLimits Default { get; } = new();

    /// <summary>Bytes of a header block, start line included, and of a trailer section. Default 64 KiB; 256 bytes to 16 MiB.</summary>
    /// <remarks>
    /// Of a longer block, fields beyond are left out but for those that say what its message is and where it ends; the message is followed
    /// all the same. A start line that is longer by itself is dropped with its message: the stream is followed again from the next start
    /// line.
    /// </remarks>
    public int MaxHeaderBytes
    {
        get => _maxHeaderBytes;
        init => _maxHeaderBytes = (int)InRange(value, 256, 16 << 20);
    }

    /// <summary>
    /// Header fields that are indexed. Default 256; 1 to 65,536. Fields beyond stay in the raw block only, but for those that framing
    /// needs.
    /// </summary>
    public int MaxHeaderFields
    {
        get => _maxHeaderFields;
        init => _maxHeaderFields = (int)InRange(value, 1, 65536);
    }

    /// <summary>
    /// Bytes of a chunk's size line with its extensions. Default 4,096; 16 to 1 MiB. A longer line ends the body as corrupt.
    /// </summary>
    public int MaxChunkLineBytes
    {
        get => _maxChunkLineBytes;
        init => _maxChunkLineBytes = (int)InRange(value, 16, 1 << 20);
    }

    /// <summary>Requests that wait for their response. Default 256; 1 to 65,536. Requests beyond it stay without their response.</summary>
    public int MaxOutstandingRequests
    {
        get => _maxOutstandingRequests;
        init => _maxOutstandingRequests = (int)InRange(value, 1, 65536);
    }

    /// <summary>
    /// Codings that are decoded on one body. Default 4; 0 (nothing is decoded) to 16. With more, the body is delivered as sent.
    /// </summary>
    public int MaxCodings
    {
        get => _maxCodings;
        init => _maxCodings = (int)InRange(value, 0, 16);
    }

    /// <summary>
    /// Bytes that one coded body may decode to. Default 256 MiB; 1 byte to 1 TiB. Bodies without a coding are not limited here.
    /// </summary>
    public long MaxDecodedBodyBytes
    {
        get => _maxDecodedBodyBytes;
        init => _maxDecodedBodyBytes = InRange(value, 1, 1L << 40);
    }

    /// <summary>Decoded bytes per coded byte, applied above <see cref="ExpansionFloorBytes"/>. Default 250; 1 to 1,000,000.</summary>
    public int MaxExpansionRatio
    {
        get => _maxExpansionRatio;
        init => _maxExpansionRatio = (int)InRange(value, 1, 1_000_000);
    }

    /// <summary>Decoded size up to which no ratio is asked for: small files may compress as well as they like. Default 16 MiB.</summary>
    public long ExpansionFloorBytes
    {
        get => _expansionFloorBytes;
        init => _expansionFloorBytes = InRange(value, 0, 1L << 40);
    }

    /// <summary>
    /// Bytes of a connection seen from its start, both directions, within which a start line must begin. Default 16 KiB; 64 bytes to 1 GiB.
    /// </summary>
    public int ProbeBytes
    {
        get => _probeBytes;
        init => _probeBytes = (int)InRange(value, 64, 1 << 30);
    }

    /// <summary>
    /// The same for a connection joined in the middle, or whose first bytes are missing, which may be inside a long body. Default 1 MiB; 64
    /// bytes to 1 GiB. Behind them only the beginnings of segments are looked at, without end.
    /// </summary>
    public int MidstreamProbeBytes
    {
        get => _midstreamProbeBytes;
        init => _midstreamProbeBytes = (int)InRange(value, 64, 1 << 30);
    }

    private static long InRange(long value, long low, long high, [System.Runtime.CompilerServices.CallerMemberName] string name = "") =>
        value >= low && value <= high
            ? value
            : throw new ArgumentOutOfRangeException(name, value, $"{name} must be between {low} and {high}.");
}
