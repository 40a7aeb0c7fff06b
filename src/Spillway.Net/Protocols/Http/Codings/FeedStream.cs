namespace Spillway.Net.Protocols.Http.Codings;

/// <summary>
/// Turns the platform's pulling <see cref="System.IO.Compression.DeflateStream"/> into one that is pushed: it reads the piece that was set,
/// and sees an end of file when that is used up, after which it may be given the next piece.
/// </summary>
internal sealed class FeedStream : Stream
{
    private byte[] _piece = [];
    private int _position;
    private int _length;

    /// <summary>Bytes of the piece that were not read yet.</summary>
    public int Unread => _length - _position;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Sets the next piece; it is borrowed until it is read.</summary>
    public void Set(byte[] piece, int length)
    {
        _piece = piece;
        _position = 0;
        _length = length;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        int count = Math.Min(buffer.Length, Unread);
        _piece.AsSpan(_position, count).CopyTo(buffer);
        _position += count;
        return count;
    }

    public override void Flush() { }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
