using System.Diagnostics;
using Spillway.Net.Capture;

namespace Spillway.Net.Storage;

/// <summary>
/// The writing side of a store: one capture for each lane and link type, rotated by size and packet time; the oldest removed to stay within
/// the cap.
/// Used by the writer's thread only.
/// </summary>
internal sealed class PacketStoreWriter : IDisposable
{
    private const int NoSpace = 28; // ENOSPC, as .NET hands it on

    private readonly PacketStoreOptions _options;
    private readonly PacketStoreStatistics _statistics;
    private readonly List<PacketFileWriter> _open = [];
    private readonly Queue<(string Path, long Bytes)> _closed = new();
    private readonly long _fileBytes;
    private readonly long _fileNs;
    private long _closedBytes;
    private long _flushedAt = Stopwatch.GetTimestamp();
    private long _failedAt;
    private bool _hasFailed;
    private bool _toldFailure;
    private bool _toldRemoval;

    public PacketStoreWriter(PacketStoreOptions options, PacketStoreStatistics statistics)
    {
        _options = options;
        _statistics = statistics;
        _fileBytes = Math.Max(PcapFormat.FileHeader + 1, Math.Min(options.FileBytes, options.DiskBytes / 4));
        _fileNs = options.FileTime == TimeSpan.Zero ? long.MaxValue : (long)(options.FileTime.TotalSeconds * 1e9);
        foreach (string capture in StoreDirectory.Captures(options.Directory))
            AddClosed(capture, StoreDirectory.BytesOf(capture));
    }

    /// <summary>Stores a packet, or drops and counts it.</summary>
    public void Write(in PacketRecord record, int lane)
    {
        if (_hasFailed && Stopwatch.GetElapsedTime(_failedAt) < _options.RetryInterval)
        {
            _statistics.AddDropped(1);
            return;
        }

        bool isTaken = false;
        try
        {
            PacketFileWriter file = FileFor(in record, lane);
            file.Append(in record.Key, record.TimestampNs, record.Data, record.WireLength);
            isTaken = true;
            if (file.IsBlockFull || file.LengthAfterFlush >= _fileBytes)
                Flush(file);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            if (!isTaken)
                _statistics.AddDropped(1);
            Fail(failure); // with the packets that were taken
        }
    }

    /// <summary>Writes what has waited for the flush interval.</summary>
    public void FlushIfDue()
    {
        if (Stopwatch.GetElapsedTime(_flushedAt) < _options.FlushInterval)
            return;
        FlushAll();
    }

    /// <summary>Writes all that is in memory.</summary>
    public void FlushAll()
    {
        _flushedAt = Stopwatch.GetTimestamp();
        try
        {
            foreach (PacketFileWriter file in _open.ToArray())
                Flush(file);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            Fail(failure);
        }
    }

    /// <summary>Writes all that is in memory and closes the files.</summary>
    public void Dispose()
    {
        FlushAll();
        foreach (PacketFileWriter file in _open)
            file.Dispose();
        _open.Clear();
    }

    private PacketFileWriter FileFor(in PacketRecord record, int lane)
    {
        foreach (PacketFileWriter file in _open)
        {
            if (file.LinkType != record.LinkType || file.Lane != lane)
                continue;
            if (file.LengthAfterFlush < _fileBytes && record.TimestampNs - file.FirstNs < _fileNs)
                return file;
            Flush(file);
            Close(file);
            break;
        }

        MakeRoom(PcapFormat.FileHeader + PacketIndex.HeaderLength, keep: null);
        PacketFileWriter created = PacketFileWriter.Create(_options, record.LinkType, record.TimestampNs, lane);
        _open.Add(created);
        _statistics.AddFile();
        _hasFailed = false;
        return created;
    }

    private void Flush(PacketFileWriter file)
    {
        int packets = file.PendingPackets;
        if (packets == 0)
            return;
        long bytes = file.PendingPacketBytes;
        MakeRoom(file.PendingBytes, keep: file);
        file.Flush();
        _statistics.AddStored(packets, bytes);
        _hasFailed = false;
    }

    private void Close(PacketFileWriter file)
    {
        file.Dispose();
        _open.Remove(file);
        AddClosed(file.Path, file.DiskBytes);
    }

    private void AddClosed(string path, long bytes)
    {
        _closed.Enqueue((path, bytes));
        _closedBytes += bytes;
    }

    // Removes the oldest captures until so many bytes more are within the cap. With more link types than the cap has room for, captures
    // that are being written are closed for it, all but the one that the bytes are for.
    private void MakeRoom(long bytes, PacketFileWriter? keep)
    {
        while (_closedBytes + OpenBytes() + bytes > _options.DiskBytes)
        {
            if (_closed.TryDequeue(out (string Path, long Bytes) oldest))
            {
                _closedBytes -= oldest.Bytes;
                Remove(oldest.Path, oldest.Bytes);
            }
            else if (_open.Find(file => file != keep && file.PendingPackets == 0) is { } other)
            {
                Close(other);
            }
            else
            {
                return;
            }
        }
    }

    private long OpenBytes()
    {
        long bytes = 0;
        foreach (PacketFileWriter file in _open)
            bytes += file.DiskBytes;
        return bytes;
    }

    private void Remove(string path, long bytes)
    {
        File.Delete(path);
        File.Delete(path + PacketIndex.Extension);
        _statistics.AddRemoved(bytes);
        if (_toldRemoval)
            return;
        _toldRemoval = true;
        _options.Tell?.Invoke(
            $"packets in '{_options.Directory}' have reached the disk cap: the oldest captures are removed for new ones "
                + $"(first: {Path.GetFileName(path)}); "
                + "keep more with --packets-disk"
        );
    }

    // Packets that cannot be written are dropped for a while, then the next attempt is made: a disk may get room again.
    private void Fail(Exception failure)
    {
        _failedAt = Stopwatch.GetTimestamp();
        _hasFailed = true;
        foreach (PacketFileWriter file in _open)
        {
            _statistics.AddDropped(file.PendingPackets);
            file.Discard();
        }

        bool makesRoom = !_options.WaitsForDisk && failure.HResult == NoSpace && _closed.Count > 0;
        if (makesRoom)
            DropOldest();
        if (_toldFailure)
            return;
        _toldFailure = true;
        _options.Tell?.Invoke(
            $"packets cannot be stored in '{_options.Directory}': {failure.Message}; "
                + (
                    makesRoom
                        ? "the oldest captures are removed for new ones, the run goes on"
                        : "they are dropped and counted until there is room, the run goes on"
                )
        );
    }

    private void DropOldest()
    {
        (string path, long bytes) = _closed.Dequeue();
        _closedBytes -= bytes;
        try
        {
            File.Delete(path);
            File.Delete(path + PacketIndex.Extension);
            _statistics.AddRemoved(bytes);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The next failure takes the next one.
        }
    }
}
