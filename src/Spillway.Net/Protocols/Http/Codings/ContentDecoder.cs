namespace Spillway.Net.Protocols.Http.Codings;

/// <summary>What one step of a <see cref="ContentDecoder"/> did.</summary>
internal enum DecodeStatus : byte
{
    /// <summary>Made progress, or needs more input.</summary>
    More,

    /// <summary>The coded stream has ended; further input does not belong to it.</summary>
    Done,

    /// <summary>The input is not, or no longer, in this coding.</summary>
    Failed,
}

/// <summary>Undoes one content coding, step by step, with fixed memory.</summary>
internal abstract class ContentDecoder : IDisposable
{
    private const int ZlibHeaderBytes = 2;

    /// <summary>
    /// Decodes from <paramref name="input"/> to <paramref name="output"/>. Without output and with status More, all input was taken.
    /// </summary>
    public abstract DecodeStatus Decode(ReadOnlySpan<byte> input, Span<byte> output, out int consumed, out int written);

    /// <summary>True if the coded stream is whole when there is no more input. The decoder is of no use afterwards.</summary>
    public abstract bool IsComplete();

    /// <summary>Tells that all input was given; true if the decoder can make more of what it holds.</summary>
    public virtual bool Flush() => false;

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees what the decoder holds.</summary>
    protected abstract void Dispose(bool disposing);

    /// <summary>Creates the decoder for a coding, or null if the first bytes show that the content is not in it.</summary>
    /// <param name="coding">The coding that the header names.</param>
    /// <param name="start">The first bytes of the content; all of them if they are fewer than a few hundred.</param>
    public static ContentDecoder? Create(ContentCoding coding, ReadOnlySpan<byte> start)
    {
        bool gzip = start.Length >= 3 && start[0] == 0x1F && start[1] == 0x8B && start[2] == 8;
        bool zlib =
            start.Length >= 2
            && (start[0] & 0x0F) == 8
            && (start[0] >> 4) <= 7
            && (((start[0] << 8) | start[1]) % 31) == 0
            && (start[1] & 0x20) == 0;
        return coding switch
        {
            // "deflate" means zlib (RFC 9110, section 8.4.1.2); some servers send raw deflate, and some mix it up with gzip.
            ContentCoding.Gzip or ContentCoding.Deflate when gzip => new GzipDecoder(),
            ContentCoding.Gzip or ContentCoding.Deflate when zlib => new InflateDecoder(ZlibHeaderBytes),
            ContentCoding.Deflate => new InflateDecoder(0),
            ContentCoding.Brotli => new BrotliContentDecoder(),
            _ => null,
        };
    }
}
