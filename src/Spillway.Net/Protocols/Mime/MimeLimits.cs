using System.Runtime.CompilerServices;

namespace Spillway.Net.Protocols.Mime;

/// <summary>What one MIME entity may cost. Immutable.</summary>
public sealed record MimeLimits
{
    private readonly int _maxHeaderBytes = 64 << 10;
    private readonly int _maxFieldBytes = 16 << 10;
    private readonly int _maxParts = 1000;
    private readonly int _bytesPerPart = 128;
    private readonly int _maxDepth = 32;
    private readonly long _maxBufferedBytes = 32L << 20;

    /// <summary>The limits used when nothing is said.</summary>
    public static MimeLimits Default { get; } = new();

    /// <summary>Bytes of the header of one entity that are read. Default 64 KiB; 256 bytes to 16 MiB. Fields beyond are left out.</summary>
    public int MaxHeaderBytes
    {
        get => _maxHeaderBytes;
        init => _maxHeaderBytes = (int)InRange(value, 256, 16 << 20);
    }

    /// <summary>
    /// Bytes of one header field with all its lines. Default 16 KiB; 1 KiB to 1 MiB. Of a longer field the beginning counts.
    /// </summary>
    public int MaxFieldBytes
    {
        get => _maxFieldBytes;
        init => _maxFieldBytes = (int)InRange(value, 1 << 10, 1 << 20);
    }

    /// <summary>
    /// Parts of one message that are no containers. Default 1,000; 1 to 1,000,000. The content of further ones is passed over.
    /// </summary>
    public int MaxParts
    {
        get => _maxParts;
        init => _maxParts = (int)InRange(value, 1, 1_000_000);
    }

    /// <summary>
    /// Bytes that the messages of a connection, or a form, must have for each part beyond the first 16: a part costs more than its bytes.
    /// Fields of a form count as no parts. Default 128; 1 to 64 KiB. The content of what is too much is passed over.
    /// </summary>
    public int BytesPerPart
    {
        get => _bytesPerPart;
        init => _bytesPerPart = (int)InRange(value, 1, 64 << 10);
    }

    /// <summary>Containers within each other. Default 32; 1 to 256. One that is deeper is a part by itself, as sent.</summary>
    public int MaxDepth
    {
        get => _maxDepth;
        init => _maxDepth = (int)InRange(value, 1, 256);
    }

    /// <summary>
    /// Bytes that headers, preambles and lines of all messages of a lane may hold. Default 32 MiB; 128 KiB to 16 GiB. What does not fit is
    /// left out.
    /// </summary>
    public long MaxBufferedBytes
    {
        get => _maxBufferedBytes;
        init => _maxBufferedBytes = InRange(value, 128 << 10, 16L << 30);
    }

    private static long InRange(long value, long low, long high, [CallerMemberName] string name = "") =>
        value >= low && value <= high
            ? value
            : throw new ArgumentOutOfRangeException(name, value, $"{name} must be between {low} and {high}.");
}
