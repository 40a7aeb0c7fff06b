using System.Collections.Concurrent;

namespace Spillway.Net.Capture;

/// <summary>
/// Reads a stream ahead of its consumer on a thread of its own, so that decompression and the work on packets overlap. At most
/// <see cref="BufferCount"/> buffers are filled ahead; then the thread waits.
/// </summary>
internal sealed class ReadAheadStream : ReadOnlyStream
{
    private const int BufferCount = 4;
    private const int BufferSize = 256 * 1024;

    private readonly Stream _inner;
    private readonly Thread _thread;
    private readonly CancellationTokenSource _stop = new();
    private readonly BlockingCollection<byte[]> _free = [];
    private readonly BlockingCollection<Filled> _filled = [];
    private Filled _current;
    private int _position;
    private bool _ended;

    public ReadAheadStream(Stream inner)
    {
        _inner = inner;
        for (int i = 0; i < BufferCount; i++)
            _free.Add(new byte[BufferSize]);
        _thread = new Thread(Fill) { IsBackground = true, Name = "capture read-ahead" };
        _thread.Start();
    }

    public override int Read(Span<byte> buffer)
    {
        if (buffer.IsEmpty)
            return 0;
        while (_position == _current.Length)
        {
            if (_ended)
                return 0;
            if (_current.Buffer is { } used)
                _free.Add(used);
            _current = _filled.Take();
            _position = 0;
            _ended = _current.Length == 0;
            if (_current.Failure is { } failure)
                throw failure;
        }

        int count = Math.Min(buffer.Length, _current.Length - _position);
        _current.Buffer.AsSpan(_position, count).CopyTo(buffer);
        _position += count;
        return count;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing && !_stop.IsCancellationRequested)
        {
            _stop.Cancel();

            // A thread that waits inside a read from a terminal or pipe cannot be called back: it ends with that read, and touches nothing
            // shared.
            if (_thread.Join(TimeSpan.FromSeconds(1)))
            {
                _inner.Dispose();
                _free.Dispose();
                _filled.Dispose();
                _stop.Dispose();
            }
        }

        base.Dispose(disposing);
    }

    private void Fill()
    {
        try
        {
            int count;
            do
            {
                byte[] buffer = _free.Take(_stop.Token);
                count = _inner.Read(buffer);
                _filled.Add(new Filled(buffer, count, null));
            } while (count > 0);
        }
        catch (OperationCanceledException)
        {
            // Disposed before its end: nobody waits for more.
        }
        catch (Exception failure)
        {
            _filled.Add(new Filled(null, 0, failure));
        }
    }

    private readonly record struct Filled(byte[]? Buffer, int Length, Exception? Failure);
}
