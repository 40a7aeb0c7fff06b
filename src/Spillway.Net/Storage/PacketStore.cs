using System.Runtime.ExceptionServices;
using Spillway.Net.Capture;

namespace Spillway.Net.Storage;

/// <summary>
/// Stores packets of a run in captures. Each lane's thread copies its packets into a ring of its own (<see cref="PacketStoreLane"/>); one
/// thread of the store's own writes them, each lane's into a capture of their own, so that the packet path never waits for a disk, except
/// where
/// <see cref="PacketStoreOptions.WaitsForDisk"/> says so.
/// </summary>
public sealed class PacketStore : IDisposable
{
    private readonly PacketStoreOptions _options;
    private readonly FileStream _lock;
    private readonly PacketStoreWriter _writer;
    private readonly PacketStoreLane[] _lanes;
    private readonly Thread _thread;
    private readonly AutoResetEvent _hasPackets = new(false);
    private ExceptionDispatchInfo? _fault;
    private volatile bool _isComplete;

    private PacketStore(PacketStoreOptions options, int lanes, FileStream lockFile)
    {
        _options = options;
        _lock = lockFile;
        _writer = new PacketStoreWriter(options, Statistics);
        _lanes = [.. Enumerable.Range(0, lanes).Select(number => new PacketStoreLane(this, options, number))];
        _thread = new Thread(Run) { IsBackground = true, Name = "packet store" };
        _thread.Start();
    }

    /// <summary>What became of the packets. Final after <see cref="Complete"/>.</summary>
    public PacketStoreStatistics Statistics { get; } = new();

    /// <summary>The directory.</summary>
    public string Directory => _options.Directory;

    /// <summary>Where each lane puts its packets.</summary>
    public IReadOnlyList<PacketStoreLane> Lanes => _lanes;

    /// <summary>Whether the writer sleeps, and wants to be woken for a good deal of packets.</summary>
    internal bool IsIdle
    {
        get;
        private set => Volatile.Write(ref field, value);
    }

    /// <summary>Whether the writer is gone, so that nobody makes room any more.</summary>
    internal bool HasEnded
    {
        get;
        private set => Volatile.Write(ref field, value);
    }

    /// <summary>Opens a store for writing.</summary>
    /// <param name="options">Where, and limits.</param>
    /// <param name="lanes">How many lanes store packets.</param>
    /// <exception cref="CaptureException">The directory cannot be written, or another run writes to it.</exception>
    public static PacketStore Open(PacketStoreOptions options, int lanes = 1)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(lanes);
        FileStream lockFile = StoreDirectory.Lock(options.Directory);
        try
        {
            return new PacketStore(options, lanes, lockFile);
        }
        catch
        {
            lockFile.Dispose();
            throw;
        }
    }

    /// <summary>Writes all packets and closes the files. No packet may come after.</summary>
    public void Complete()
    {
        _isComplete = true;
        _hasPackets.Set();
        _thread.Join();
        _fault?.Throw();
    }

    /// <summary>Completes, and lets the directory go.</summary>
    public void Dispose()
    {
        _isComplete = true;
        _hasPackets.Set();
        _thread.Join();
        _lock.Dispose();
        _hasPackets.Dispose();
        foreach (PacketStoreLane lane in _lanes)
            lane.Dispose();
    }

    /// <summary>A lane has packets that are worth writing.</summary>
    internal void Wake() => _hasPackets.Set();

    private void Run()
    {
        try
        {
            while (true)
            {
                bool isLast = _isComplete; // read before the rings: what was published before it was set is seen
                foreach (PacketStoreLane lane in _lanes)
                    lane.WriteTo(_writer);
                if (isLast)
                    break;
                _writer.FlushIfDue();
                IsIdle = true;
                if (!_isComplete && !Array.Exists(_lanes, lane => lane.IsWorthWaking))
                    _hasPackets.WaitOne(_options.FlushInterval);
                IsIdle = false;
            }

            _writer.Dispose();
        }
        catch (Exception fault)
        {
            _fault = ExceptionDispatchInfo.Capture(fault); // a bug of ours: thrown where the run ends
        }

        HasEnded = true;
        foreach (PacketStoreLane lane in _lanes)
            lane.Release();
    }
}
