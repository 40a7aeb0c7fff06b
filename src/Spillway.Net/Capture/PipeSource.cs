using System.Diagnostics;
using System.Runtime.ExceptionServices;

namespace Spillway.Net.Capture;

/// <summary>
/// A pipe, a FIFO or a terminal as a source. Packets may come at any time: a thread of its own waits for them, so that who reads the source
/// is never held up. Until a FIFO has its writer it is idle.
/// </summary>
/// <remarks>
/// While nothing comes, packet time goes on by the clock if the packets before were fresh, less <see cref="Lag"/> for what the writer of
/// the pipe may still hold. Behind packets of another time (a capture that is piped in) it stands still.
/// </remarks>
public sealed class PipeSource : PacketSource
{
    private const int Batches = 8;

    private static readonly TimeSpan Lag = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(10);

    private readonly string _path;
    private readonly string? _filter;
    private readonly PipeStream _pipe;
    private readonly BatchQueue _queue = new(Batches);
    private readonly Thread _thread;
    private ExceptionDispatchInfo? _failure;
    private CaptureEnd _end;
    private string? _endMessage;
    private PacketBatch? _batch;
    private int _position;
    private long _lastNs;
    private long _clockSince;

    internal PipeSource(string path, PipeStream pipe, string? filter)
    {
        _path = path;
        _filter = filter;
        _pipe = pipe;
        Name = CaptureSource.NameOf(path);
        _pipe.Waits = () => _queue.Publish(waits: true);
        _thread = new Thread(Fill) { IsBackground = true, Name = "pipe" };
        _thread.Start();
    }

    /// <inheritdoc/>
    public override string Name { get; }

    /// <inheritdoc/>
    public override CaptureEnd End => _end;

    /// <inheritdoc/>
    public override string? EndMessage => _endMessage;

    /// <inheritdoc/>
    public override SourceEvent Read(out CapturedPacket packet)
    {
        if (_batch is null || _position == _batch.Count)
        {
            _batch = _queue.Take(IdleInterval);
            _position = 0;
            if (_batch is null)
            {
                packet = default;
                return Pause();
            }

            NoteClock(_batch);
        }

        _batch.Get(_position++, out packet);
        Packets++;
        return SourceEvent.Packet;
    }

    /// <inheritdoc/>
    public override void Stop()
    {
        _pipe.Stop();
        _queue.Abandon();
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        Stop();
        _thread.Join();
        _pipe.Dispose();
    }

    private SourceEvent Pause()
    {
        if (_pipe.IsStopped)
            return SourceEvent.End;
        if (_queue.IsAtEnd)
        {
            _failure?.Throw();
            return SourceEvent.End;
        }

        IdleNs = _clockSince == 0 ? NoTime : _lastNs + Math.Max(0, (long)(Stopwatch.GetElapsedTime(_clockSince) - Lag).TotalNanoseconds);
        return SourceEvent.Idle;
    }

    // Once a batch: whether its last packet is of this moment.
    private void NoteClock(PacketBatch batch)
    {
        batch.Get(batch.Count - 1, out CapturedPacket last);
        _lastNs = Math.Max(_lastNs, last.TimestampNs);
        TimeSpan age = DateTime.UtcNow - DateTime.UnixEpoch - TimeSpan.FromMicroseconds(last.TimestampNs / 1000);
        _clockSince = age.Duration() <= Fresh ? Stopwatch.GetTimestamp() : 0;
    }

    // The pipe's thread.
    private void Fill()
    {
        try
        {
            using CaptureFile capture = CaptureFile.Open(_path, _pipe, _filter);
            while (capture.TryRead(out CapturedPacket packet))
            {
                if (!_queue.Filling.HasRoom(1, packet.Data.Length))
                    _queue.Publish(waits: true);
                _queue.Filling.Add(in packet);
            }

            (_end, _endMessage) = _pipe.IsStopped ? (CaptureEnd.None, null) : (capture.End, capture.EndMessage);
        }
        catch (Exception failure)
        {
            // A CaptureException is thrown where the source is read; so is a bug of ours.
            if (!_pipe.IsStopped)
                _failure = ExceptionDispatchInfo.Capture(failure);
        }

        _queue.Publish(waits: true);
        _queue.Complete();
    }
}
