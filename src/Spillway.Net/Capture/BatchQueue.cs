namespace Spillway.Net.Capture;

/// <summary>
/// Hands batches from one thread to one other and back. Bounded: the batches are made once. A hand-over takes a lock, which is one for
/// hundreds of packets.
/// </summary>
/// <param name="batches">How many batches there are, the one that is filled and the one that is read among them; 3 or more.</param>
public sealed class BatchQueue(int batches)
{
    private readonly object _gate = new();
    private readonly Queue<PacketBatch> _filled = new(batches);
    private readonly Stack<PacketBatch> _free = new(Enumerable.Range(0, batches - 1).Select(_ => new PacketBatch()));
    private bool _isComplete;
    private bool _isAbandoned;
    private PacketBatch? _reading;

    /// <summary>The batch to fill. The filling thread's.</summary>
    public PacketBatch Filling { get; private set; } = new();

    /// <summary>
    /// Which of the run's captures is read: said of each batch as it is handed over, so it changes only when nothing is filled. The filling
    /// thread's.
    /// </summary>
    public int Capture { get; set; }

    /// <summary>Packets that <see cref="Publish"/> has dropped. Any thread.</summary>
    public long Dropped { get; private set; }

    /// <summary>Whether all that was published has been taken, and nothing will come. The reading thread's.</summary>
    public bool IsAtEnd
    {
        get
        {
            lock (_gate)
                return _isComplete && _filled.Count == 0;
        }
    }

    /// <summary>Hands over what is filled, and gives an empty batch. The filling thread's.</summary>
    /// <param name="waits">Whether to wait if all batches are on their way; else the packets are dropped and counted.</param>
    public void Publish(bool waits)
    {
        if (Filling.Count == 0)
            return;
        Filling.Capture = Capture;
        lock (_gate)
        {
            // Woken when half of them are free: not for each batch, which would be a change of threads for each.
            if (_free.Count == 0 && waits)
            {
                while (_free.Count < batches / 2 && !_isAbandoned)
                    Monitor.Wait(_gate);
            }

            if (_free.Count == 0 || _isAbandoned)
            {
                Dropped += Filling.CountPackets();
                Filling.Clear();
                return;
            }

            _filled.Enqueue(Filling);
            Filling = _free.Pop();
            if (_filled.Count == 1)
                Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Nothing more will be published. Any thread.</summary>
    public void Complete()
    {
        lock (_gate)
        {
            _isComplete = true;
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Nothing more will be taken: what is published from now on is dropped, and nobody waits. Any thread.</summary>
    public void Abandon()
    {
        lock (_gate)
        {
            _isAbandoned = true;
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Takes the next batch, and gives back the one before. The reading thread's.</summary>
    /// <param name="wait">How long to wait for one.</param>
    /// <returns>Null if none has come in that time, or none will come.</returns>
    public PacketBatch? Take(TimeSpan wait)
    {
        lock (_gate)
        {
            if (_reading is { } read)
            {
                read.Clear();
                _free.Push(read);
                _reading = null;
                if (_free.Count == batches / 2)
                    Monitor.PulseAll(_gate);
            }

            if (_filled.Count == 0 && !_isComplete && !_isAbandoned && wait > TimeSpan.Zero)
                Monitor.Wait(_gate, wait);
            return _reading = !_isAbandoned && _filled.TryDequeue(out PacketBatch? next) ? next : null;
        }
    }
}
