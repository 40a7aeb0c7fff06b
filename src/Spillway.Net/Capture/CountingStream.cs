namespace Spillway.Net.Capture;

/// <summary>Passes a stream through and counts its bytes. The counter may be read by any thread.</summary>
internal sealed class CountingStream(Stream inner) : ReadOnlyStream
{
    private long _bytesRead;
    private volatile bool _atEnd;

    public long BytesRead => Volatile.Read(ref _bytesRead);

    /// <summary>True when the stream has been read to its end.</summary>
    public bool AtEnd => _atEnd;

    public override int Read(Span<byte> buffer)
    {
        int count = inner.Read(buffer);
        if (count > 0)
            Volatile.Write(ref _bytesRead, _bytesRead + count);
        else if (buffer.Length > 0)
            _atEnd = true;
        return count;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            inner.Dispose();
        base.Dispose(disposing);
    }
}
