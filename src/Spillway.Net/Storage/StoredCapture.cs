using Microsoft.Win32.SafeHandles;
using Spillway.Net.Capture;
using Spillway.Net.Packets;

namespace Spillway.Net.Storage;

/// <summary>One capture of a store with its index, opened for reading. What the index lacks is found by scanning the capture.</summary>
internal sealed class StoredCapture : IDisposable
{
    private const int ScanBytes = 4 << 20;

    private readonly SafeFileHandle _file;
    private readonly int _snapLength;
    private byte[] _index;
    private int _indexLength;

    private StoredCapture(string path, SafeFileHandle file, LinkType linkType, int snapLength, byte[] index, bool isOutermost)
    {
        Path = path;
        _file = file;
        LinkType = linkType;
        _snapLength = snapLength;
        _index = index;
        IsOutermost = PacketIndex.HasHeader(index) ? PacketIndex.IsOutermost(index) : isOutermost;
    }

    public string Path { get; }

    public LinkType LinkType { get; }

    /// <summary>Whether its flows are those of the outermost packets of tunnels.</summary>
    public bool IsOutermost { get; }

    /// <summary>What was wrong with the files, in words; null if nothing was.</summary>
    public string? Damage { get; private set; }

    /// <summary>The index as it is known now: header and good entries.</summary>
    public ReadOnlySpan<byte> Index => _index.AsSpan(0, _indexLength);

    /// <summary>Opens a capture.</summary>
    /// <param name="keepsIndex">Whether an index that was mended is written beside the capture: not while a run may still write to
    /// it.</param>
    /// <param name="isOutermost">Whether its flows are those of the outermost packets of tunnels, if it has no index that says so.</param>
    /// <param name="problem">What is wrong with it, in words; null if nothing is.</param>
    /// <returns>Null if the file is gone, or none of ours; <paramref name="problem"/> says what.</returns>
    public static StoredCapture? Open(string path, bool keepsIndex, bool isOutermost, out string? problem)
    {
        problem = null;
        SafeFileHandle? file = null;
        try
        {
            file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            Span<byte> header = stackalloc byte[PcapFormat.FileHeader];
            int length = RandomAccess.Read(file, header, 0);
            if (!PcapFormat.TryReadFileHeader(header[..length], out LinkType linkType, out int snapLength))
            {
                problem = $"'{path}' is no capture of a packet store: left out";
                file.Dispose();
                return null;
            }

            string indexPath = path + PacketIndex.Extension;
            byte[] index = File.Exists(indexPath) ? File.ReadAllBytes(indexPath) : [];
            var capture = new StoredCapture(path, file, linkType, snapLength, index, isOutermost);
            if (capture.Complete() && keepsIndex)
                capture.Save(indexPath);
            problem = capture.Damage;
            return capture;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            file?.Dispose();
            // removed meanwhile, to stay within the cap
            problem = failure is FileNotFoundException ? null : $"cannot read '{path}': {failure.Message}";
            return null;
        }
    }

    /// <summary>Whether the index of a capture says that its flows are those of the outermost packets of tunnels.</summary>
    public static bool SaysOutermost(string path)
    {
        Span<byte> header = stackalloc byte[PacketIndex.HeaderLength];
        try
        {
            using SafeFileHandle index = File.OpenHandle(path + PacketIndex.Extension, share: FileShare.ReadWrite | FileShare.Delete);
            return PacketIndex.IsOutermost(header[..RandomAccess.Read(index, header, 0)]);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Reads a block.</summary>
    /// <returns>The bytes that are there: fewer than the block has, if the file was cut since.</returns>
    public int Read(in BlockInfo block, Span<byte> destination)
    {
        int length = 0;
        while (length < block.Length)
        {
            int read = RandomAccess.Read(_file, destination[length..block.Length], block.Offset + length);
            if (read == 0)
                break;
            length += read;
        }

        return length;
    }

    /// <summary>Takes the next packet out of the bytes of a block.</summary>
    /// <param name="at">Where it begins; then where the next one does.</param>
    public bool TryReadPacket(ReadOnlySpan<byte> block, ref int at, out CapturedPacket packet)
    {
        packet = default;
        if (
            block.Length - at < PcapFormat.RecordHeader
            || !PcapFormat.TryReadRecordHeader(block[at..], _snapLength, out long timestampNs, out int captured, out int wireLength)
            || captured > block.Length - at - PcapFormat.RecordHeader
        )
            return false;
        packet = new CapturedPacket(block.Slice(at + PcapFormat.RecordHeader, captured), timestampNs, wireLength, LinkType);
        at += PcapFormat.RecordHeader + captured;
        return true;
    }

    public void Dispose() => _file.Dispose();

    // Takes the good entries of the index and scans what they do not cover. True if the index has changed.
    private bool Complete()
    {
        long fileLength = RandomAccess.GetLength(_file);
        long covered = PcapFormat.FileHeader;
        bool hadIndex = PacketIndex.HasHeader(_index);
        int at = PacketIndex.HeaderLength;
        if (hadIndex)
        {
            int entry = at;
            while (
                PacketIndex.TryReadEntry(_index, ref entry, out BlockInfo block, out _)
                && block.Offset == covered
                && block.Length > 0
                && block.End <= fileLength
            )
            {
                covered = block.End;
                at = entry;
            }
        }

        bool isDamaged = hadIndex && at < _index.Length;
        _indexLength = hadIndex ? at : 0;
        if (!hadIndex)
            Append(PacketIndex.Header(IsOutermost));
        if (covered == fileLength && hadIndex && !isDamaged)
            return false;

        long scanned = Scan(covered, fileLength);
        if (!hadIndex || isDamaged)
            Damage =
                $"the index of '{Path}' was {(hadIndex ? "damaged" : "missing")}: rebuilt by scanning {scanned - covered} bytes of packets";
        if (scanned < fileLength)
            Damage =
                (Damage is null ? $"'{Path}'" : Damage + "; the capture")
                + $" ends in mid-packet or is damaged at byte {scanned}: its last {fileLength - scanned} bytes are not read";
        return scanned > covered || isDamaged || !hadIndex;
    }

    private long Scan(long from, long end)
    {
        var buffer = new byte[ScanBytes];
        var flows = new BlockFlows();
        var info = default(PacketInfo);
        long position = from;
        while (position < end)
        {
            int length = Read(new BlockInfo(position, (int)Math.Min(buffer.Length, end - position), 0, 0, 0), buffer);
            int blockStart = 0;
            int at = 0;
            while (TryReadPacket(buffer.AsSpan(0, length), ref at, out CapturedPacket packet))
            {
                PacketDecoder.Decode(in packet, ref info, IsOutermost);
                flows.Add(in info.Key, packet.TimestampNs, packet.Data.Length, packet.WireLength);
                if (at - blockStart >= PacketFileWriter.BlockBytes)
                    EndBlock();
            }

            if (flows.Packets > 0)
                EndBlock();
            if (at == 0)
                break;
            position += at;

            void EndBlock()
            {
                byte[] entry = new byte[PacketIndex.EntryLength(flows.Flows.Length)];
                PacketIndex.WriteEntry(entry, position + blockStart, at - blockStart, flows);
                Append(entry);
                flows.Clear();
                blockStart = at;
            }
        }

        return position;
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        if (_indexLength + bytes.Length > _index.Length)
            Array.Resize(ref _index, Math.Max(2 * _index.Length, _indexLength + bytes.Length));
        bytes.CopyTo(_index.AsSpan(_indexLength));
        _indexLength += bytes.Length;
    }

    // Beside the capture in one step, so that there is a whole index or none. A directory that cannot be written is scanned again next
    // time.
    private void Save(string path)
    {
        string part = path + ".part";
        try
        {
            File.WriteAllBytes(part, Index);
            File.Move(part, path, overwrite: true);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            Damage = (Damage is null ? "" : Damage + "; ") + $"the new index cannot be written: {failure.Message}";
        }
    }
}
