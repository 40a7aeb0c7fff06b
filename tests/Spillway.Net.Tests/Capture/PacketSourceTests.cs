using System.Diagnostics;
using System.IO.Compression;
using Spillway.Net.Capture;
using Spillway.Net.Tests.Packets;

namespace Spillway.Net.Tests.Capture;

/// <summary>Files and pipes by the one contract of a source.</summary>
public sealed class PacketSourceTests : IDisposable
{
    private const uint Microseconds = 0xa1b2c3d4;

    private static readonly byte[] One = Frame.Usual("one"u8.ToArray());

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Read_File_GivesItsPacketsAndTheEndAndIsNeverIdle()
    {
        string path = _folder.Write(Capture(3));
        using PacketSource source = PacketSource.Open(path);

        Assert.Equal(
            [SourceEvent.Packet, SourceEvent.Packet, SourceEvent.Packet, SourceEvent.End, SourceEvent.End],
            Enumerable.Range(0, 5).Select(_ => source.Read(out CapturedPacket _))
        );
        Assert.Equal((CaptureEnd.EndOfFile, 3, false), (source.End, source.Packets, source.IsLive));
        Assert.Equal(1.0, source.Progress);
        Assert.Equal($"'{path}'", source.Name);
    }

    [Fact]
    public void Read_StoppedFile_EndsWithoutAnEndOfFile()
    {
        using PacketSource source = PacketSource.Open(_folder.Write(Capture(3)));
        Assert.Equal(SourceEvent.Packet, source.Read(out CapturedPacket _));

        source.Stop();

        Assert.Equal((SourceEvent.End, CaptureEnd.None), (source.Read(out CapturedPacket _), source.End));
    }

    // The writer sends packet after packet, with a pause in the middle of each: who reads is idle meanwhile, and loses nothing.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Read_PipeInPieces_IsIdleInBetweenAndGivesAll(bool isCompressed)
    {
        string path = Fifo();
        byte[] content = Capture(2);
        if (isCompressed)
            content = Compress(content);
        using PacketSource source = PacketSource.Open(path);
        Assert.Equal(SourceEvent.Idle, source.Read(out CapturedPacket _));
        using (var writer = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0))
        {
            foreach (byte[] piece in content.Chunk(13))
            {
                writer.Write(piece);
                if (!isCompressed)
                    Assert.NotEqual(SourceEvent.End, source.Read(out CapturedPacket _));
            }
        }

        while (source.Read(out CapturedPacket packet) is var got && got != SourceEvent.End)
        {
            if (got == SourceEvent.Packet)
                Assert.Equal(One, packet.Data);
        }

        Assert.Equal((CaptureEnd.EndOfFile, 2, null as double?), (source.End, source.Packets, source.Progress));
    }

    [Fact]
    public void Read_PipeThatEndsInMidPacket_IsTruncated()
    {
        string path = Fifo();
        using PacketSource source = PacketSource.Open(path);
        using (var writer = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0))
            writer.Write(Capture(2).AsSpan()[..^1]);

        Assert.Equal(1, CountToTheEnd(source));
        Assert.Equal(CaptureEnd.Truncated, source.End);
    }

    [Fact]
    public void Read_PipeThatIsNoCapture_SaysSoWhereItIsRead()
    {
        string path = Fifo();
        using PacketSource source = PacketSource.Open(path);
        using (var writer = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0))
            writer.Write("no capture at all, just some words of text"u8);

        CaptureException failure = Assert.Throws<CaptureException>(() => CountToTheEnd(source));
        Assert.Equal($"cannot read '{path}': it is a text file, not a capture (pcap or pcapng is needed)", failure.Message);
    }

    [Fact]
    public void Stop_FifoWithoutWriter_EndsTheReading()
    {
        using PacketSource source = PacketSource.Open(Fifo());
        Assert.Equal(SourceEvent.Idle, source.Read(out CapturedPacket _));

        source.Stop();

        Assert.Equal((SourceEvent.End, CaptureEnd.None), (source.Read(out CapturedPacket _), source.End));
    }

    [Fact]
    public void Stop_QuietPipeInMidPacket_EndsTheReading()
    {
        string path = Fifo();
        using PacketSource source = PacketSource.Open(path);
        using var writer = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        writer.Write(Capture(2).AsSpan()[..^5]);
        Assert.Equal(1, CountUntil(source, packets: 1));

        source.Stop();

        Assert.Equal((SourceEvent.End, CaptureEnd.None, null), (source.Read(out CapturedPacket _), source.End, source.EndMessage));
    }

    [Fact]
    public void Read_IdlePipeBehindAnOldCapture_LeavesTheTimeAlone()
    {
        string path = Fifo();
        using PacketSource source = PacketSource.Open(path);
        using var writer = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        writer.Write(Capture(1));
        Assert.Equal(1, CountUntil(source, packets: 1));

        Assert.Equal((SourceEvent.Idle, PacketSource.NoTime), (source.Read(out CapturedPacket _), source.IdleNs));
    }

    [Fact]
    public void Read_IdlePipeBehindAFreshPacket_NeverGoesBackBehindIt()
    {
        string path = Fifo();
        uint now = (uint)DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        using PacketSource source = PacketSource.Open(path);
        using var writer = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        writer.Write(new CaptureBytes(isBigEndian: false).PcapHeader(Microseconds, 1).PcapPacket(now, 0, One).ToArray());
        Assert.Equal(1, CountUntil(source, packets: 1));

        Assert.Equal(SourceEvent.Idle, source.Read(out CapturedPacket _));
        Assert.InRange(source.IdleNs, now * 1_000_000_000L, (now + 3600) * 1_000_000_000L);
    }

    private static byte[] Capture(int packets)
    {
        CaptureBytes bytes = new CaptureBytes(isBigEndian: false).PcapHeader(Microseconds, 1);
        for (uint i = 0; i < packets; i++)
            bytes.PcapPacket(1_700_000_000 + i, 0, One);
        return bytes.ToArray();
    }

    private static byte[] Compress(byte[] content)
    {
        using var result = new MemoryStream();
        using (var gzip = new GZipStream(result, CompressionLevel.Fastest))
            gzip.Write(content);
        return result.ToArray();
    }

    private static long CountToTheEnd(PacketSource source) => CountUntil(source, long.MaxValue);

    private static long CountUntil(PacketSource source, long packets)
    {
        while (source.Packets < packets && source.Read(out CapturedPacket _) != SourceEvent.End) { }

        return source.Packets;
    }

    private string Fifo()
    {
        string path = Path.Combine(_folder.FullName, "fifo");
        using var command = Process.Start("mkfifo", [path]);
        command.WaitForExit();
        Assert.Equal(0, command.ExitCode);
        return path;
    }
}
