using Spillway.Net.Capture;
using Spillway.Net.Tests.Packets;

namespace Spillway.Net.Tests.Capture;

public sealed class CaptureFileTests : IDisposable
{
    private const uint Microseconds = 0xa1b2c3d4;
    private const uint Nanoseconds = 0xa1b23c4d;

    private static readonly byte[] First = Frame.Usual("one"u8.ToArray());
    private static readonly byte[] Second = Frame.Ethernet(0x0800, Frame.Ipv4(17, Frame.Udp(5000, 53, "two"u8.ToArray())));

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(Microseconds, false, 1_700_000_000_000_123_000)]
    [InlineData(Microseconds, true, 1_700_000_000_000_123_000)]
    [InlineData(Nanoseconds, false, 1_700_000_000_000_000_123)]
    [InlineData(Nanoseconds, true, 1_700_000_000_000_000_123)]
    public void TryRead_Pcap_GivesNanosecondsInAnyByteOrder(uint magic, bool isBigEndian, long expectedNs)
    {
        byte[] content = new CaptureBytes(isBigEndian)
            .PcapHeader(magic, 1)
            .PcapPacket(1_700_000_000, 123, First)
            .PcapPacket(1_700_000_001, 0, Second[..40], (uint)Second.Length)
            .ToArray();

        List<Read> packets = ReadAll(content, out CaptureFile file);

        Assert.Equal(2, packets.Count);
        Assert.Equal(new Read(expectedNs, First.Length, LinkType.Ethernet, Convert.ToHexString(First)), packets[0]);
        Assert.Equal(Second.Length, packets[1].WireLength);
        Assert.Equal(Convert.ToHexString(Second[..40]), packets[1].Data);
        Assert.Equal(CaptureEnd.EndOfFile, file.End);
        Assert.Null(file.EndMessage);
        Assert.Equal(content.Length, file.BytesRead);
        Assert.Equal(content.Length, file.TotalBytes);
        Assert.Equal(2, file.Packets);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void TryRead_Pcapng_HonoursTheInterfacesClock(bool isBigEndian)
    {
        byte[] content = new CaptureBytes(isBigEndian)
            .Section()
            .Interface(1)
            .Interface(1, timeResolution: 9)
            .Enhanced(0, 1_700_000_000_000_123, First)
            .Enhanced(1, 1_700_000_000_000_000_123, Second)
            .ToArray();

        List<Read> packets = ReadAll(content, out _);

        Assert.Equal([1_700_000_000_000_123_000, 1_700_000_000_000_000_123], packets.Select(packet => packet.TimestampNs));
    }

    // Seconds of pcap have no sign: 2038 is no end.
    [Theory]
    [InlineData(0x7FFFFFFFu)]
    [InlineData(0x80000000u)]
    [InlineData(0xFFFFFFFFu)]
    public void TryRead_PcapAfter2038_GoesOnTo2106(uint seconds)
    {
        byte[] content = new CaptureBytes(isBigEndian: false).PcapHeader(Microseconds, 1).PcapPacket(seconds, 5, First).ToArray();

        Assert.Equal((seconds * 1_000_000_000L) + 5000, Assert.Single(ReadAll(content, out _)).TimestampNs);
    }

    [Theory]
    [InlineData(7_258_118_400_000_000_000, 7_258_118_400_000_000_000)] // 2200
    [InlineData(9_223_372_036_854_775_808, long.MaxValue)]
    [InlineData(ulong.MaxValue, long.MaxValue)]
    public void TryRead_PcapngBeyond2262_IsTheLastMomentThatThereIs(ulong time, long expectedNs)
    {
        byte[] one = new CaptureBytes(isBigEndian: false).Section().Interface(1, timeResolution: 9).Enhanced(0, time, First).ToArray();
        byte[] mixed = new CaptureBytes(isBigEndian: false)
            .Section()
            .Interface(1, timeResolution: 9)
            .Interface(101)
            .Enhanced(0, time, First)
            .ToArray();

        Assert.Equal(expectedNs, Assert.Single(ReadAll(one, out _)).TimestampNs);
        Assert.Equal(expectedNs, Assert.Single(ReadAll(mixed, out _)).TimestampNs);
    }

    [Fact]
    public void TryRead_GzipUnderAnyName_IsDecompressed()
    {
        byte[] content = Many(5000);

        List<Read> packets = ReadAll(CaptureBytes.Gzip(content), out CaptureFile file);

        Assert.Equal(5000, packets.Count);
        Assert.Equal(CaptureEnd.EndOfFile, file.End);
        Assert.Equal(file.TotalBytes, file.BytesRead);
    }

    [Fact]
    public void TryRead_GzipOfSeveralMembers_IsOneCapture()
    {
        byte[] content = Many(100);
        byte[] members = [.. CaptureBytes.Gzip(content[..1000]), .. CaptureBytes.Gzip(content[1000..])];

        Assert.Equal(100, ReadAll(members, out _).Count);
    }

    [Fact]
    public void TryRead_CutInAPacket_ReadsWhatIsBeforeAndReports()
    {
        byte[] content = new CaptureBytes(false).PcapHeader(Microseconds, 1).PcapPacket(1, 0, First).PcapPacket(2, 0, Second).ToArray();

        List<Read> packets = ReadAll(content[..^5], out CaptureFile file);

        Assert.Single(packets);
        Assert.Equal(CaptureEnd.Truncated, file.End);
        Assert.NotNull(file.EndMessage);
        Assert.False(file.TryRead(out _));
    }

    [Fact]
    public void TryRead_CutGzip_ReadsWhatIsBeforeAndReports()
    {
        byte[] compressed = CaptureBytes.Gzip(Many(5000));

        List<Read> packets = ReadAll(compressed[..(compressed.Length / 2)], out CaptureFile file);

        Assert.InRange(packets.Count, 1, 4999);
        Assert.Equal(CaptureEnd.Truncated, file.End);
    }

    [Fact]
    public void TryRead_DamagedGzip_EndsWithAnError()
    {
        byte[] compressed = CaptureBytes.Gzip(Many(5000));
        compressed.AsSpan(compressed.Length / 2, 64).Fill(0xff);

        List<Read> packets = ReadAll(compressed, out CaptureFile file);

        Assert.InRange(packets.Count, 0, 4999);
        Assert.NotEqual(CaptureEnd.EndOfFile, file.End);
        Assert.NotNull(file.EndMessage);
    }

    [Fact]
    public void TryRead_ImpossiblePacketLength_EndsWithAnError()
    {
        byte[] content = new CaptureBytes(false).PcapHeader(Microseconds, 1).PcapPacket(1, 0, First).PcapPacket(2, 0, Second).ToArray();
        content.AsSpan(24 + 16 + First.Length + 8, 4).Fill(0x7f);

        List<Read> packets = ReadAll(content, out CaptureFile file);

        Assert.Single(packets);
        Assert.NotEqual(CaptureEnd.EndOfFile, file.End);
    }

    [Theory]
    [InlineData(0u, false)]
    [InlineData(20u, false)]
    [InlineData(20u, true)]
    [InlineData(262_144u, false)]
    [InlineData(0x80000000u, true)]
    [InlineData(0xFFFFFFFFu, false)]
    public void TryRead_RecordLongerThanTheSnapLength_IsWhole(uint snapLength, bool isBigEndian)
    {
        byte[] large = [.. First, .. new byte[70_000]];
        byte[] content = new CaptureBytes(isBigEndian)
            .PcapHeader(Microseconds, 1, snapLength)
            .PcapPacket(1, 0, large)
            .PcapPacket(2, 0, Second)
            .ToArray();

        Assert.Equal([large.Length, Second.Length], ReadAll(content, out _).Select(packet => packet.Data.Length / 2));
    }

    [Theory]
    [InlineData(1500u, 1500)]
    [InlineData(1u, -1)]
    [InlineData(0x7FFFFFFFu, -1)]
    [InlineData(0x80000000u, -1)]
    [InlineData(0xFFFFFFFFu, -1)]
    public void TryRead_LengthOnTheWireThatCannotBe_IsWhatWasCaptured(uint wireLength, int expected)
    {
        byte[] pcap = new CaptureBytes(false).PcapHeader(Microseconds, 1).PcapPacket(1, 0, First, wireLength).ToArray();
        byte[] pcapng = new CaptureBytes(false).Section().Interface(1).Enhanced(0, 1, First, wireLength).ToArray();

        foreach (byte[] content in new[] { pcap, pcapng })
            Assert.Equal(expected < 0 ? First.Length : expected, Assert.Single(ReadAll(content, out _)).WireLength);
    }

    [Fact]
    public void TryRead_HeaderOnly_IsAGoodCaptureWithoutPackets()
    {
        List<Read> packets = ReadAll(new CaptureBytes(false).PcapHeader(Microseconds, 113).ToArray(), out CaptureFile file);

        Assert.Empty(packets);
        Assert.Equal(CaptureEnd.EndOfFile, file.End);
        Assert.Equal(LinkType.LinuxSll, file.LinkType);
    }

    [Fact]
    public void TryRead_Filter_LetsMatchingPacketsThrough()
    {
        byte[] content = new CaptureBytes(false).PcapHeader(Microseconds, 1).PcapPacket(1, 0, First).PcapPacket(2, 0, Second).ToArray();

        Read only = Assert.Single(ReadAll(content, out _, "udp port 53"));

        Assert.Equal(Convert.ToHexString(Second), only.Data);
    }

    [Fact]
    public void TryRead_InSteadyState_AllocatesNothing()
    {
        using CaptureFile file = CaptureFile.Open(_folder.Write(Many(20_000)));
        for (int i = 0; i < 100; i++)
            Assert.True(file.TryRead(out _));

        long before = GC.GetAllocatedBytesForCurrentThread();
        int count = 100;
        while (file.TryRead(out _))
            count++;

        // The end itself makes no difference: a few bytes at most, not some per packet.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 10_000);
        Assert.Equal(20_000, count);
    }

    [Fact]
    public void Open_WrongFilter_SaysWhichAndWhy()
    {
        string message = OpenFailure(new CaptureBytes(false).PcapHeader(Microseconds, 1).ToArray(), "tcp prot 80");

        Assert.Contains("'tcp prot 80'", message, StringComparison.Ordinal);
        Assert.Contains("syntax error", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("28B52FFD0458", "zstd")]
    [InlineData("FD377A585A000004", "xz")]
    [InlineData("425A6839314159", "bzip2")]
    [InlineData("504B030414000000", "zip-compressed; decompress it first")]
    [InlineData("736E6F6F7000000000000002", "editcap -F pcap")]
    [InlineData("48656C6C6F20776F726C640A", "a text file, not a capture")]
    [InlineData("0102030405060708", "unknown file format")]
    [InlineData("D4C3", "truncated")]
    [InlineData("", "is empty (0 bytes)")]
    public void Open_WhatIsNoCapture_SaysWhatWasFoundInOneLine(string content, string expected)
    {
        string message = OpenFailure(Convert.FromHexString(content));

        Assert.Contains(expected, message, StringComparison.Ordinal);
        Assert.Contains("a.pcap'", message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    [Fact]
    public void Open_GzipOfWhatIsNoCapture_SaysWhatIsInside()
    {
        Assert.Contains("a text file", OpenFailure(CaptureBytes.Gzip("hello"u8.ToArray())), StringComparison.Ordinal);
    }

    [Fact]
    public void Open_MissingFileOrDirectory_NamesItAndTheRemedy()
    {
        string missing = Path.Combine(_folder.FullName, "none.pcap");

        Assert.Contains(
            "none.pcap' does not exist",
            Assert.Throws<CaptureException>(() => CaptureFile.Open(missing)).Message,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "is a directory",
            Assert.Throws<CaptureException>(() => CaptureFile.Open(_folder.FullName)).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Dispose_InTheMiddleOfAGzipFile_ClosesIt()
    {
        string path = _folder.Write(CaptureBytes.Gzip(Many(200_000)));
        using (CaptureFile file = CaptureFile.Open(path))
            Assert.True(file.TryRead(out _));

        Assert.DoesNotContain(path, OpenFiles());

        using CaptureFile again = CaptureFile.Open(path);
        Assert.Contains(path, OpenFiles());

        static IEnumerable<string?> OpenFiles() => Directory.EnumerateFiles("/proc/self/fd").Select(link => new FileInfo(link).LinkTarget);
    }

    [Fact]
    public void TryRead_MutatedFiles_NeverThrows()
    {
        byte[][] seeds =
        [
            new CaptureBytes(false).PcapHeader(Microseconds, 1).PcapPacket(1, 0, First).PcapPacket(2, 0, Second).ToArray(),
            new CaptureBytes(true).Section().Interface(1).Enhanced(0, 5, First).Enhanced(0, 6, Second).ToArray(),
            new CaptureBytes(false)
                .Section()
                .Interface(1, timeResolution: 9)
                .Interface(101, 96, 0x94, 7)
                .Enhanced(0, 5, First)
                .Enhanced(1, 6, Second[14..])
                .Simple(First, 57)
                .ToArray(),
            CaptureBytes.Gzip(Many(20)),
        ];
        var random = new Random(42);
        for (int round = 0; round < 1500; round++)
        {
            byte[] content = (byte[])seeds[random.Next(seeds.Length)].Clone();
            for (int n = random.Next(1, 4); n > 0; n--)
                content[random.Next(content.Length)] = (byte)random.Next(256);
            string path = _folder.Write(content[..random.Next(1, content.Length + 1)]);
            try
            {
                using CaptureFile file = CaptureFile.Open(path);
                int count = 0;
                while (file.TryRead(out CapturedPacket packet))
                    count += packet.Data.Length;
                Assert.NotEqual(CaptureEnd.None, file.End);
            }
            catch (CaptureException)
            {
                // The mutation hit what makes it a capture.
            }
        }
    }

    private static byte[] Many(int count)
    {
        var result = new CaptureBytes(false).PcapHeader(Microseconds, 1);
        byte[] noise = new byte[60];
        var random = new Random(count);
        for (int i = 0; i < count; i++)
        {
            random.NextBytes(noise);
            result.PcapPacket((uint)i, 0, Frame.Usual(noise));
        }

        return result.ToArray();
    }

    private string OpenFailure(byte[] content, string? filter = null)
    {
        string path = _folder.Write(content);
        return Assert.Throws<CaptureException>(() => CaptureFile.Open(path, filter)).Message;
    }

    private List<Read> ReadAll(byte[] content, out CaptureFile file, string? filter = null)
    {
        using CaptureFile opened = CaptureFile.Open(_folder.Write(content), filter);
        file = opened;
        return Read.All(opened);
    }
}
