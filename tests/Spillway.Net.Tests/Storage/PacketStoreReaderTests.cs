using Spillway.Net.Capture;
using Spillway.Net.Packets;
using Spillway.Net.Storage;
using Spillway.Net.Tests.Capture;
using Spillway.Net.Tests.Packets;

namespace Spillway.Net.Tests.Storage;

public sealed class PacketStoreReaderTests : IDisposable
{
    private const int Packets = 900;

    private readonly StoreHarness _harness = new();

    public PacketStoreReaderTests()
    {
        _harness.Options = _harness.Options with { FileBytes = 50_000 };
        _harness.Fill(store =>
        {
            for (int i = 0; i < Packets; i++)
                _harness.Add(store, i, port: (ushort)(50_000 + (i % 3)));
        });
    }

    public void Dispose() => _harness.Dispose();

    [Fact]
    public void Read_OneFlow_GivesItsPacketsAndNoOthers()
    {
        FlowKey key = FlowKey.CreateAsGiven(Frame.Server, 443, Frame.Client, 50_001, 6, 4); // the other way round

        Assert.Equal(
            _harness.Given.Where((_, i) => i % 3 == 1),
            _harness.Pull(new PacketQuery { Flow = new FlowSelector(key, AnyProtocol: true) })
        );
    }

    [Fact]
    public void Read_TimePortAndFilter_AllMustHold()
    {
        var query = new PacketQuery
        {
            FromNs = _harness.Given[100].TimestampNs,
            ToNs = _harness.Given[199].TimestampNs,
            Port = 50_002,
            Filter = "tcp[4:4] >= 150",
        };

        Assert.Equal(_harness.Given.Where((_, i) => i is >= 150 and <= 199 && i % 3 == 2), _harness.Pull(query));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Read_Port_FindsAllFragmentsOfItsDatagrams(bool isReversed)
    {
        using var harness = new StoreHarness();
        byte[] datagram = Frame.Udp(5000, 53, Frame.Bytes(100));
        byte[] other = Frame.Udp(5001, 54, Frame.Bytes(100));
        List<byte[]> frames =
        [
            .. Pieces(datagram, 7),
            .. Pieces(other, 8),
            .. Pieces(datagram, 8), // the identification of the other one, some time later
        ];
        if (isReversed)
            frames.Reverse();
        harness.Fill(store =>
        {
            for (int i = 0; i < frames.Count; i++)
            {
                var packet = new CapturedPacket(
                    frames[i],
                    StoreHarness.Start + (i / 2 * 40_000_000_000L) + i,
                    frames[i].Length,
                    LinkType.Ethernet
                );
                var info = default(PacketInfo);
                PacketDecoder.Decode(in packet, ref info);
                store.Lanes[0].Store(in packet, in info.Key, frames[i].Length);
            }
        });

        Assert.Equal(4, harness.Pull(new PacketQuery { Port = 53 }).Count);
        Assert.Equal(2, harness.Pull(new PacketQuery { Port = 5001, Host = (Frame.Client, 4) }).Count);
        Assert.Empty(harness.Pull(new PacketQuery { Port = 55 }));
        Assert.Empty(harness.Pull(new PacketQuery { Port = 53, Host = (1, 4) }));
        using PacketStoreReader reader = PacketStoreReader.Open(harness.Options.Directory);
        Assert.False(reader.IsAnsweredByIndex(new PacketQuery { Port = 53 }));
        Assert.True(reader.IsAnsweredByIndex(new PacketQuery { Host = (Frame.Client, 4) }));

        static IEnumerable<byte[]> Pieces(byte[] whole, ushort id) =>
            [
                Frame.Ethernet(0x0800, Frame.Ipv4(17, whole[..56], id: id, more: true)),
                Frame.Ethernet(0x0800, Frame.Ipv4(17, whole[56..], id: id, fragmentOffset: 56)),
            ];
    }

    [Fact]
    public void Flows_ByIndex_AreThoseOfThePackets()
    {
        using PacketStoreReader reader = PacketStoreReader.Open(_harness.Options.Directory);
        IReadOnlyList<FlowTotals> flows = reader.Flows(new PacketQuery { Host = (Frame.Client, 4) });

        Assert.Equal([50_000, 50_001, 50_002], flows.Select(flow => (int)flow.Key.PortA));
        Assert.All(flows, flow => Assert.Equal(Packets / 3, flow.Packets));
        Assert.Equal(_harness.Given[1].TimestampNs, flows[1].FirstNs);
        Assert.Equal(_harness.Given[^2].TimestampNs, flows[1].LastNs);
        Assert.Equal(_harness.Given.Where((_, i) => i % 3 == 1).Sum(packet => packet.WireLength), flows[1].WireBytes);
    }

    [Fact]
    public void Open_IndexMissing_IsRebuiltOnceAndTold()
    {
        byte[] index = File.ReadAllBytes(_harness.Captures[0] + ".idx");
        File.Delete(_harness.Captures[0] + ".idx");

        Assert.Equal(_harness.Given, _harness.Pull(new PacketQuery(), out List<string> problems));
        Assert.Contains("missing", Assert.Single(problems), StringComparison.Ordinal);
        Assert.Equal(Convert.ToHexString(index), Convert.ToHexString(File.ReadAllBytes(_harness.Captures[0] + ".idx")));
        _harness.Pull(new PacketQuery(), out problems);
        Assert.Empty(problems);
    }

    [Fact]
    public void Open_IndexDamagedAnywhere_GivesAllPackets()
    {
        const int seed = 20240607;
        var random = new Random(seed);
        string index = _harness.Captures[1] + ".idx";
        byte[] good = File.ReadAllBytes(index);
        for (int round = 0; round < 60; round++)
        {
            byte[] bad = good[..random.Next(good.Length / 2, good.Length + 1)];
            for (int i = random.Next(4); i >= 0; i--)
                bad[random.Next(bad.Length)] ^= (byte)random.Next(1, 256);
            File.WriteAllBytes(index, bad);

            Assert.True(_harness.Given.SequenceEqual(_harness.Pull(new PacketQuery())), $"seed {seed}, round {round}");
        }
    }

    [Fact]
    public void Open_CaptureCutAnywhere_GivesThePacketsBefore()
    {
        const int seed = 20240608;
        var random = new Random(seed);
        string last = _harness.Captures[^1];
        byte[] good = File.ReadAllBytes(last);
        for (int round = 0; round < 40; round++)
        {
            File.WriteAllBytes(last, good[..random.Next(24, good.Length)]);
            List<Read> pulled = _harness.Pull(new PacketQuery());

            Assert.True(_harness.ByLibpcap().SequenceEqual(pulled), $"seed {seed}, round {round}");
        }
    }

    [Fact]
    public void Open_CaptureDamaged_NeverFails()
    {
        const int seed = 20240609;
        var random = new Random(seed);
        string capture = _harness.Captures[0];
        byte[] good = File.ReadAllBytes(capture);
        for (int round = 0; round < 60; round++)
        {
            byte[] bad = [.. good];
            for (int i = 0; i < 20; i++)
                bad[random.Next(bad.Length)] = (byte)random.Next(256);
            File.WriteAllBytes(capture, bad);
            if (round % 2 == 0)
                File.Delete(capture + ".idx");

            Assert.NotEmpty(_harness.Pull(new PacketQuery()));
        }
    }

    [Fact]
    public void Read_WhileARunWrites_LeavesItsIndexAlone()
    {
        string index = _harness.Captures[0] + ".idx";
        File.Delete(index);
        using (PacketStore store = PacketStore.Open(_harness.Options))
            Assert.Equal(_harness.Given, _harness.Pull(new PacketQuery()));

        Assert.False(File.Exists(index));
    }

    [Fact]
    public void Open_NothingStored_SaysHowToStore()
    {
        string empty = Directory.CreateDirectory(Path.Combine(_harness.Options.Directory, "empty")).FullName;

        Assert.Contains(
            "--packets",
            Assert.Throws<CaptureException>(() => PacketStoreReader.Open(empty)).Message,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "no directory",
            Assert.Throws<CaptureException>(() => PacketStoreReader.Open(empty + "x")).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Read_PacketsOutOfOrder_ComeInTheOrderOfTime()
    {
        _harness.Fill(store =>
        {
            for (int i = Packets; i > 0; i--)
                _harness.Add(store, (i * 7) % Packets);
        });

        long[] times = [.. _harness.Pull(new PacketQuery()).Select(packet => packet.TimestampNs)];
        Assert.Equal(_harness.Given.Select(packet => packet.TimestampNs).Order(), times);
    }
}
