using Spillway.Net.Capture;
using Spillway.Net.Storage;
using Spillway.Net.Tests.Capture;

namespace Spillway.Net.Tests.Storage;

public sealed class PacketStoreTests : IDisposable
{
    private readonly StoreHarness _harness = new();

    public void Dispose() => _harness.Dispose();

    [Fact]
    public void Store_Packets_LibpcapReadsThemBackByteForByte()
    {
        PacketStoreStatistics statistics = _harness.Fill(store =>
        {
            for (int i = 0; i < 3000; i++)
                _harness.Add(store, i, payload: i % 1400, keep: i % 7 == 0 ? 54 : null);
        });

        Assert.Equal(_harness.Given, _harness.ByLibpcap());
        Assert.Equal(_harness.Given, _harness.Pull(new PacketQuery()));
        Assert.Equal(3000, statistics.Stored);
        Assert.Equal(_harness.Given.Sum(packet => packet.Data.Length / 2), statistics.StoredBytes);
        Assert.Equal(0, statistics.Dropped);
        Assert.Empty(_harness.Told);
        Assert.StartsWith("spillway-20231114T221320.000000001Z-ethernet", Path.GetFileName(_harness.Captures[0]), StringComparison.Ordinal);
    }

    [Fact]
    public void Store_TwoLinkTypes_EachHasItsFileAndTimeOrdersThem()
    {
        _harness.Fill(store =>
        {
            for (int i = 0; i < 50; i++)
                _harness.Add(store, i, linkType: i % 3 == 0 ? LinkType.Raw : LinkType.Ethernet);
        });

        Assert.Equal(
            ["raw", "ethernet"],
            _harness.Captures.Select(path => path.Split('-')[^1].Replace(".pcap", "", StringComparison.Ordinal))
        );
        Assert.Equal(_harness.Given, _harness.Pull(new PacketQuery()));
    }

    [Fact]
    public void Store_PastFileSize_BeginsFilesWhoseNamesSortByTime()
    {
        _harness.Options = _harness.Options with { FileBytes = 20_000 };
        _harness.Fill(store =>
        {
            for (int i = 0; i < 1000; i++)
                _harness.Add(store, i);
        });

        Assert.InRange(_harness.Captures.Length, 8, 12);
        Assert.All(_harness.Captures, path => Assert.InRange(new FileInfo(path).Length, 100, 20_500));
        Assert.Equal(_harness.Given, _harness.ByLibpcap());
    }

    [Fact]
    public void Store_PastFileTime_BeginsAnotherFile()
    {
        _harness.Options = _harness.Options with { FileTime = TimeSpan.FromMilliseconds(100) };
        _harness.Fill(store =>
        {
            for (int i = 0; i < 350; i++)
                _harness.Add(store, i);
        });

        Assert.Equal(4, _harness.Captures.Length);
        Assert.Equal(_harness.Given, _harness.ByLibpcap());
    }

    [Fact]
    public void Store_PastDiskCap_RemovesTheOldestAndTellsOnce()
    {
        _harness.Options = _harness.Options with { DiskBytes = 64 << 10, FileBytes = 8 << 10 };
        PacketStoreStatistics statistics = _harness.Fill(store =>
        {
            for (int i = 0; i < 2000; i++)
                _harness.Add(store, i);
        });

        List<Read> left = _harness.ByLibpcap();
        Assert.Equal(_harness.Given[^left.Count..], left);
        Assert.InRange(Directory.GetFiles(_harness.Options.Directory).Sum(path => new FileInfo(path).Length), 40 << 10, 64 << 10);
        Assert.Equal(2000, statistics.Stored);
        Assert.Equal(statistics.FilesWritten - _harness.Captures.Length, statistics.FilesRemoved);
        Assert.Contains("--packets-disk", Assert.Single(_harness.Told), StringComparison.Ordinal);
    }

    [Fact]
    public void Store_IntoAUsedDirectory_EarlierFilesCountForTheCap()
    {
        _harness.Fill(store => _harness.Add(store, 0, payload: 1000));
        string first = _harness.Captures[0];
        _harness.Options = _harness.Options with { DiskBytes = 64 << 10, FileBytes = 16 << 10 };
        _harness.Fill(store =>
        {
            for (int i = 0; i < 1000; i++)
                _harness.Add(store, i + 1);
        });

        Assert.False(File.Exists(first));
        Assert.False(File.Exists(first + ".idx"));
    }

    [Fact]
    public void Store_DiskFullForAWhile_DropsCountsTellsOnceAndGoesOn()
    {
        long room = 100_000;
        bool isFull = true;
        _harness.Options = _harness.Options with
        {
            RetryInterval = TimeSpan.Zero,
            FileBytes = 40_000,
            Write = (file, block, offset) =>
            {
                if (isFull && offset + block.Length > room / 4)
                {
                    RandomAccess.Write(file, block[..(block.Length / 2)], offset); // as a full disk does: a part is there
                    throw new IOException("No space left on device");
                }

                RandomAccess.Write(file, block, offset);
            },
        };
        PacketStoreStatistics full = _harness.Fill(store =>
        {
            for (int i = 0; i < 1000; i++)
                _harness.Add(store, i);
        });
        isFull = false;
        int given = _harness.Given.Count;
        PacketStoreStatistics after = _harness.Fill(store => _harness.Add(store, given));

        Assert.Equal(1000, full.Stored + full.Dropped);
        Assert.True(full.Dropped > 0);
        Assert.Single(_harness.Told);
        Assert.Contains("No space left on device", _harness.Told[0], StringComparison.Ordinal);
        Assert.Equal(1, after.Stored);
        Assert.Equal(full.Stored + 1, _harness.ByLibpcap().Count); // and no file is cut in the middle of a packet
    }

    [Fact]
    public void Open_DirectoryOfAnotherRun_SaysSo()
    {
        using PacketStore store = PacketStore.Open(_harness.Options);

        Assert.Contains(
            "another run",
            Assert.Throws<CaptureException>(() => PacketStore.Open(_harness.Options)).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Store_SteadyState_DoesNotAllocateOnTheLane()
    {
        byte[] frame = new byte[200];
        using PacketStore store = PacketStore.Open(_harness.Options);
        var packet = new CapturedPacket(frame, StoreHarness.Start, frame.Length, LinkType.Ethernet);
        store.Lanes[0].Store(in packet, default, frame.Length);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
            store.Lanes[0].Store(in packet, default, frame.Length);

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
