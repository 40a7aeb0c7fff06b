using System.Buffers;
using System.IO.Compression;

namespace Spillway.Net.Protocols.Http.Codings;

/// <summary>Raw deflate (RFC 1951) by the platform's inflater, with a prefix to skip: a zlib header.</summary>
/// <remarks>
/// The checksum behind the data is not checked, as in browsers: content with a wrong one is content. The inflater throws on damaged input
/// and loses what it made in that call, so output is asked for in pieces of at most <see cref="MaxOutput"/>.
/// </remarks>
internal sealed class InflateDecoder : ContentDecoder
{
    private const int MaxPiece = 4096;
    private const int MaxOutput = 4096;

    private readonly FeedStream _feed = new();
    private readonly DeflateStream _inflater;
    private byte[] _current;
    private byte[] _previous;
    private int _currentLength;
    private int _previousLength;
    private int _skip;
    private bool _done;
    private bool _disposed;

    /// <summary>Creates a decoder that skips the first <paramref name="skip"/> bytes.</summary>
    public InflateDecoder(int skip)
    {
        _skip = skip;
        _inflater = new DeflateStream(_feed, CompressionMode.Decompress, leaveOpen: true);
        _current = ArrayPool<byte>.Shared.Rent(MaxPiece);
        _previous = ArrayPool<byte>.Shared.Rent(MaxPiece);
    }

    /// <summary>Decoded bytes so far.</summary>
    public long Produced { get; private set; }

    /// <summary>
    /// After Done: the last input that was taken. The deflate data ends somewhere in it; what follows in it was swallowed.
    /// </summary>
    public ReadOnlySpan<byte> Tail => _previous.AsSpan(0, _previousLength);

    public override DecodeStatus Decode(ReadOnlySpan<byte> input, Span<byte> output, out int consumed, out int written)
    {
        consumed = Math.Min(_skip, input.Length);
        _skip -= consumed;
        written = 0;
        if (_done)
            return DecodeStatus.Done;

        output = output[..Math.Min(output.Length, MaxOutput)];
        try
        {
            while (true)
            {
                written = _inflater.Read(output);
                if (written > 0)
                {
                    Produced += written;
                    return DecodeStatus.More;
                }

                if (_feed.Unread > 0)
                {
                    // An inflater that leaves input alone has ended; this piece is the caller's again.
                    consumed -= _currentLength;
                    _done = true;
                    return DecodeStatus.Done;
                }

                if (consumed == input.Length)
                    return DecodeStatus.More;

                (_current, _previous) = (_previous, _current);
                _previousLength = _currentLength;
                _currentLength = Math.Min(input.Length - consumed, MaxPiece);
                input.Slice(consumed, _currentLength).CopyTo(_current);
                consumed += _currentLength;
                _feed.Set(_current, _currentLength);
            }
        }
        catch (InvalidDataException)
        {
            return DecodeStatus.Failed;
        }
    }

    // An inflater that has ended does not touch a further byte; one that has not, takes it.
    public override bool IsComplete()
    {
        Span<byte> output = stackalloc byte[1];
        return _done || Decode([0], output, out _, out _) == DecodeStatus.Done;
    }

    protected override void Dispose(bool disposing)
    {
        if (_disposed)
            return;

        _disposed = true;
        _inflater.Dispose();
        _feed.Dispose();
        ArrayPool<byte>.Shared.Return(_current);
        ArrayPool<byte>.Shared.Return(_previous);
    }
}
