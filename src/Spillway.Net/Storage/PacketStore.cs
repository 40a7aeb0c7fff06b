using System.Runtime.ExceptionServices;
using Spillway.Net.Capture;
using Spillway.Net.Flows;

namespace Spillway.Net.Storage;

/// <summary>
/// Stores packets of one lane in captures. The lane's thread copies each packet into a ring; a thread of the store's own writes them, so that
/// the packet path never waits for a disk, except where <see cref="PacketStoreOptions.WaitsForDisk"/> says so.
/// </summary>
public sealed class PacketStore : IDisposable
{
    // The writer is woken for this much; less waits for the flush interval.
    private const int WakeBytes = 256 * 1024;
    private const long MaxTimestampNs = uint.MaxValue * 1_000_000_000L;   // what a pcap file can tell

    private static readonly TimeSpan LongestWait = TimeSpan.FromMilliseconds(100);

    private readonly PacketStoreOptions _options;
    private readonly FileStream _lock;
    private readonly PacketRing _ring;
    private readonly PacketStoreWriter _writer;
    private readonly Thread _thread;
    private readonly AutoResetEvent _hasPackets = new(false);
    private readonly AutoResetEvent _hasRoom = new(false);
    private ExceptionDispatchInfo? _fault;
    private volatile bool _isIdle;
    private volatile bool _isWaiting;
    private volatile bool _isComplete;
    private volatile bool _hasEnded;

    private PacketStore(PacketStoreOptions options, FileStream lockFile)
    {
        _options = options;
        _lock = lockFile;
        _ring = new PacketRing(options.RingBytes);
        _writer = new PacketStoreWriter(options, Statistics);
        _thread = new Thread(Run) { IsBackground = true, Name = "packet store" };
        _thread.Start();
    }

    /// <summary>What became of the packets. Final after <see cref="Complete"/>.</summary>
    public PacketStoreStatistics Statistics { get; } = new();

    /// <summary>The directory.</summary>
    public string Directory => _options.Directory;

    /// <summary>Opens a store for writing.</summary>
    /// <exception cref="CaptureException">The directory cannot be written, or another run writes to it.</exception>
    public static PacketStore Open(PacketStoreOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        FileStream lockFile = StoreDirectory.Lock(options.Directory);
        try
        {
            return new PacketStore(options, lockFile);
        }
        catch
        {
            lockFile.Dispose();
            throw;
        }
    }

    /// <summary>Stores a packet. Called by the lane's thread.</summary>
    /// <param name="key">The flow that decoding this packet alone gives.</param>
    /// <param name="length">How many of its bytes are kept.</param>
    public void Store(scoped in CapturedPacket packet, in FlowKey key, int length)
    {
        length = Math.Min(length, Math.Min(CaptureWriter.DefaultSnapLength, _ring.MaxRecord - PacketRecord.HeaderLength));
        long timestampNs = Math.Clamp(packet.TimestampNs, 0, MaxTimestampNs);
        var record = new PacketRecord(key, timestampNs, packet.LinkType, Math.Max(packet.WireLength, packet.Data.Length), packet.Data[..length]);
        if (!_ring.TryReserve(PacketRecord.HeaderLength + length, out Span<byte> space) && !TryWait(PacketRecord.HeaderLength + length, out space))
        {
            Statistics.AddRefused();
            return;
        }

        record.Write(space);
        _ring.Publish();
        if (_isIdle && _ring.Used >= WakeBytes)
            _hasPackets.Set();
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
        _hasRoom.Dispose();
    }

    // The lane's thread: the ring is full.
    private bool TryWait(int length, out Span<byte> space)
    {
        space = default;
        if (!_options.WaitsForDisk)
            return false;
        Statistics.AddWait();
        _isWaiting = true;
        bool isReserved;
        while (!(isReserved = _ring.TryReserve(length, out space)) && !_hasEnded)
        {
            _hasPackets.Set();
            _hasRoom.WaitOne(LongestWait);   // a signal that was missed costs no more than this
        }

        _isWaiting = false;
        return isReserved;
    }

    private void Run()
    {
        try
        {
            while (true)
            {
                bool isLast = _isComplete;   // read before the ring: what was published before it was set is seen
                Take();
                if (isLast)
                    break;
                _writer.FlushIfDue();
                _isIdle = true;
                if (_ring.Used < WakeBytes && !_isComplete)
                    _hasPackets.WaitOne(_options.FlushInterval);
                _isIdle = false;
            }

            _writer.Dispose();
        }
        catch (Exception fault)
        {
            _fault = ExceptionDispatchInfo.Capture(fault);   // a bug of ours: thrown where the run ends
        }

        _hasEnded = true;
        _hasRoom.Set();
    }

    private void Take()
    {
        const int packetsPerLook = 1024;
        int left = packetsPerLook;
        while (_ring.TryTake(out ReadOnlySpan<byte> bytes))
        {
            PacketRecord record = PacketRecord.Read(bytes);
            _writer.Write(in record);
            _ring.Release();
            if (_isWaiting && _ring.Used <= _options.RingBytes / 2)
                _hasRoom.Set();
            if (--left > 0)
                continue;
            left = packetsPerLook;
            _writer.FlushIfDue();
        }
    }
}
