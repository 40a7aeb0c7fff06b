using Microsoft.Win32.SafeHandles;
using Spillway.Net.Capture;
using Spillway.Net.Packets;

namespace Spillway.Net.Storage;

/// <summary>
/// Writes one capture and its index, block by block. A block is in memory until it goes to the file in one piece, so that the file ends
/// between two packets at any time, however the program ends; only a write that is under way may leave a part of a block.
/// </summary>
internal sealed class PacketFileWriter : IDisposable
{
    /// <summary>The usual size of a block.</summary>
    public const int BlockBytes = 256 * 1024;

    private readonly SafeFileHandle _file;
    private readonly PacketStoreOptions.BlockWrite _write;
    private readonly byte[] _block = new byte[BlockBytes + PcapFormat.RecordHeader + CaptureWriter.DefaultSnapLength];
    private readonly BlockFlows _flows = new();
    private SafeFileHandle? _index;
    private byte[] _entry = [];
    private long _indexLength;
    private int _pending;

    private PacketFileWriter(string path, SafeFileHandle file, LinkType linkType, long firstNs, PacketStoreOptions.BlockWrite write)
    {
        Path = path;
        LinkType = linkType;
        FirstNs = firstNs;
        _file = file;
        _write = write;
    }

    /// <summary>The capture's path.</summary>
    public string Path { get; }

    /// <summary>Its link type.</summary>
    public LinkType LinkType { get; }

    /// <summary>The lane whose packets it holds.</summary>
    public int Lane { get; private init; }

    /// <summary>Whether its flows are those of the outermost packets of tunnels.</summary>
    public bool IsOutermost { get; private init; }

    /// <summary>Packet time of its first packet.</summary>
    public long FirstNs { get; }

    /// <summary>Bytes in the capture.</summary>
    public long Length { get; private set; }

    /// <summary>Bytes in the capture after the next flush.</summary>
    public long LengthAfterFlush => Length + _pending;

    /// <summary>Bytes on disk, the index with them.</summary>
    public long DiskBytes => Length + _indexLength;

    /// <summary>What the next flush may add to <see cref="DiskBytes"/>.</summary>
    public int PendingBytes => _pending == 0 ? 0 : _pending + PacketIndex.EntryLength(_flows.Flows.Length);

    /// <summary>Packets that are not in the file yet.</summary>
    public int PendingPackets => _flows.Packets;

    /// <summary>Their bytes, without those of the file format.</summary>
    public long PendingPacketBytes => _flows.Bytes;

    /// <summary>Whether the block has its size: it is to be flushed before the next packet.</summary>
    public bool IsBlockFull => _pending >= BlockBytes;

    /// <summary>Creates a capture that begins at a packet time, and its index.</summary>
    /// <exception cref="IOException">It cannot be created, or written.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be created.</exception>
    public static PacketFileWriter Create(PacketStoreOptions options, LinkType linkType, long firstNs, int lane = 0)
    {
        const int maxCopies = 10_000;
        for (int copy = 0; ; copy++)
        {
            string path = System.IO.Path.Combine(options.Directory, StoreDirectory.NameOf(firstNs, linkType, copy));
            if (File.Exists(path) && copy < maxCopies)
                continue;
            SafeFileHandle file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read | FileShare.Delete);
            var writer = new PacketFileWriter(path, file, linkType, firstNs, options.Write)
            {
                Lane = lane,
                IsOutermost = options.TakesOutermost,
            };
            try
            {
                writer.Begin();
                return writer;
            }
            catch
            {
                writer.Dispose();
                File.Delete(path);
                File.Delete(path + PacketIndex.Extension);
                throw;
            }
        }
    }

    /// <summary>Takes a packet into the block. Call <see cref="Flush"/> before, if <see cref="IsBlockFull"/>.</summary>
    public void Append(in FlowKey key, long timestampNs, ReadOnlySpan<byte> data, int wireLength)
    {
        PcapFormat.WriteRecordHeader(_block.AsSpan(_pending), timestampNs, data.Length, wireLength);
        data.CopyTo(_block.AsSpan(_pending + PcapFormat.RecordHeader));
        _pending += PcapFormat.RecordHeader + data.Length;
        _flows.Add(in key, timestampNs, data.Length, wireLength);
    }

    /// <summary>Writes the block to the file, and its entry to the index.</summary>
    /// <exception cref="IOException">It cannot be written: the file is as it was before; the block waits for another attempt or
    /// <see cref="Discard"/>.</exception>
    public void Flush()
    {
        if (_pending == 0)
            return;
        try
        {
            _write(_file, _block.AsSpan(0, _pending), Length);
        }
        catch (IOException)
        {
            CutBack(_file, Length);
            throw;
        }

        WriteEntry();
        Length += _pending;
        Discard();
    }

    /// <summary>Gives the block up.</summary>
    public void Discard()
    {
        _pending = 0;
        _flows.Clear();
    }

    /// <summary>Closes the files. What is not flushed is lost.</summary>
    public void Dispose()
    {
        _file.Dispose();
        _index?.Dispose();
    }

    private void Begin()
    {
        Span<byte> header = stackalloc byte[PcapFormat.FileHeader];
        PcapFormat.WriteFileHeader(header, LinkType, CaptureWriter.DefaultSnapLength);
        _write(_file, header, 0);
        Length = header.Length;
        _index = File.OpenHandle(Path + PacketIndex.Extension, FileMode.Create, FileAccess.Write, FileShare.Read | FileShare.Delete);
        _write(_index, PacketIndex.Header(IsOutermost), 0);
        _indexLength = PacketIndex.HeaderLength;
    }

    // An index that cannot be written ends here: what it lacks is found by scanning the capture.
    private void WriteEntry()
    {
        if (_index is null)
            return;
        int length = PacketIndex.EntryLength(_flows.Flows.Length);
        if (_entry.Length < length)
            _entry = new byte[Math.Max(length, 2 * _entry.Length)];
        Span<byte> entry = _entry.AsSpan(0, length);
        PacketIndex.WriteEntry(entry, Length, _pending, _flows);
        try
        {
            _write(_index, entry, _indexLength);
            _indexLength += length;
        }
        catch (IOException)
        {
            CutBack(_index, _indexLength);
            _index.Dispose();
            _index = null;
        }
    }

    private static void CutBack(SafeFileHandle file, long length)
    {
        try
        {
            RandomAccess.SetLength(file, length);
        }
        catch (IOException)
        {
            // Then a cut block stays at the end until the next write goes over it; readers know how to deal with one.
        }
    }
}
