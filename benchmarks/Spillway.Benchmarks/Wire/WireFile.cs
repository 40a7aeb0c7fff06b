using Spillway.Net.Capture;

namespace Spillway.Benchmarks.Wire;

/// <summary>A capture file with packets at a steady rate.</summary>
internal sealed class WireFile : IWire
{
    private const long StartNs = 1_700_000_000_000_000_000;
    private const int RecordHeader = 16;

    private readonly FileStream _file;
    private readonly double _stepNs;
    private readonly byte[] _frame = new byte[RecordHeader + WireFrames.LongestFrame];
    private long _packets;

    public WireFile(string path, double packetsPerSecond)
    {
        _stepNs = 1e9 / (packetsPerSecond > 0 ? packetsPerSecond : 1e6);
        _file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.Read, 1 << 20);
        Span<byte> header = stackalloc byte[24];
        header.Clear();
        BitConverter.TryWriteBytes(header, 0xA1B23C4D); // nanoseconds
        BitConverter.TryWriteBytes(header[4..], (ushort)2);
        BitConverter.TryWriteBytes(header[6..], (ushort)4);
        BitConverter.TryWriteBytes(header[16..], WireFrames.LongestFrame);
        BitConverter.TryWriteBytes(header[20..], (int)LinkType.Ethernet);
        _file.Write(header);
    }

    public Span<byte> Slot(int place) => _frame.AsSpan(RecordHeader);

    public void Add(int place, int length)
    {
        long timeNs = StartNs + (long)(_packets++ * _stepNs);
        BitConverter.TryWriteBytes(_frame, (uint)(timeNs / 1_000_000_000));
        BitConverter.TryWriteBytes(_frame.AsSpan(4), (uint)(timeNs % 1_000_000_000));
        BitConverter.TryWriteBytes(_frame.AsSpan(8), length);
        BitConverter.TryWriteBytes(_frame.AsSpan(12), length);
        _file.Write(_frame, 0, RecordHeader + length);
    }

    public void Send(int count) { }

    public void Dispose() => _file.Dispose();
}
