using Spillway.Net.Capture;
using Spillway.Net.Tests.Packets;

namespace Spillway.Net.Tests.Capture;

/// <summary>pcapng as other programs write it: blocks where they please, and bytes as they come.</summary>
public sealed class PcapngSectionTests : IDisposable
{
    private static readonly byte[] OnEthernet = Frame.Usual("one"u8.ToArray());
    private static readonly byte[] OnRawIp = Frame.Ipv4(17, Frame.Udp(5000, 53, "two"u8.ToArray()));

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(101, 65535u)]
    [InlineData(1, 1000u)]
    public void TryRead_InterfaceDescribedLate_IsReadLikeAny(ushort linkType, uint snapLength)
    {
        byte[] packet = linkType == 1 ? OnEthernet : OnRawIp;
        CaptureBytes bytes = new CaptureBytes(false).Section().Interface(1);
        for (ulong i = 0; i < 2000; i++)
            bytes.Enhanced(0, i, OnEthernet);
        bytes.Interface(linkType, snapLength).Enhanced(1, 2000, packet).Enhanced(0, 2001, OnEthernet);

        List<Read> packets = ReadAll(bytes.ToArray());

        Assert.Equal(2002, packets.Count);
        Assert.Equal(((LinkType)linkType, Convert.ToHexString(packet)), (packets[2000].LinkType, packets[2000].Data));
    }

    [Fact]
    public void TryRead_SectionsOfBothByteOrders_AreReadInTurn()
    {
        byte[] content =
        [
            .. new CaptureBytes(false)
                .Section()
                .Interface(1)
                .Enhanced(0, 1, OnEthernet)
                .Simple(OnEthernet, (uint)OnEthernet.Length)
                .ToArray(),
            .. new CaptureBytes(true).Section().Interface(101, timeResolution: 9).Enhanced(0, 2000, OnRawIp).ToArray(),
            .. new CaptureBytes(false).Section().Interface(1, offsetSeconds: 1).Enhanced(0, 3, OnEthernet).ToArray(),
        ];

        Assert.Equal(
            [(LinkType.Ethernet, 1_000), (LinkType.Ethernet, 0), (LinkType.RawFile, 2_000), (LinkType.Ethernet, 1_000_003_000)],
            ReadAll(content).Select(packet => (packet.LinkType, packet.TimestampNs))
        );
    }

    [Fact]
    public void TryRead_PacketLongerThanItsInterfacesSnapLength_IsWhole()
    {
        byte[] content = new CaptureBytes(false)
            .Section()
            .Interface(1, snapLength: 20)
            .Enhanced(0, 1, OnEthernet)
            .Simple(OnEthernet, (uint)OnEthernet.Length)
            .ToArray();

        List<Read> packets = ReadAll(content);

        Assert.Equal(Convert.ToHexString(OnEthernet), packets[0].Data);
        Assert.Equal(40, packets[1].Data.Length); // a simple packet has no length of its own
    }

    [Fact]
    public void TryRead_ManyInterfacesAndCutOptions_AreTaken()
    {
        CaptureBytes bytes = new CaptureBytes(true).Section();
        for (int i = 0; i < 5000; i++)
            bytes.Interface((ushort)(i % 2 == 0 ? 1 : 101), timeResolution: (byte)(i % 2 == 0 ? 6 : 9));
        bytes.Block(1, body => body.Enhanced(0, 0, [])); // link type 0; what stands in the place of options is none
        bytes.Enhanced(4998, 7, OnEthernet).Enhanced(4999, 7, OnRawIp);

        Assert.Equal([7_000, 7], ReadAll(bytes.ToArray(), "tcp or udp").Select(packet => packet.TimestampNs));
    }

    [Fact]
    public void TryRead_SectionWithoutByteOrder_EndsWithAnError()
    {
        byte[] content = new CaptureBytes(false).Section().Interface(1).Enhanced(0, 1, OnEthernet).ToArray();
        byte[] second = new CaptureBytes(false).Section().ToArray();
        second[8] = 0x77;
        using CaptureFile file = CaptureFile.Open(_folder.Write([.. content, .. second]));

        Assert.Single(Read.All(file));
        Assert.Equal(CaptureEnd.Error, file.End);
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(7, false)]
    [InlineData(28, false)] // a writer that flushes its section header by itself
    [InlineData(1, true)]
    public void Content_OfASlowPipe_IsTheSameCapture(int atOnce, bool isCompressed)
    {
        byte[] pcapng = new CaptureBytes(false)
            .Section()
            .Interface(1)
            .Interface(101)
            .Enhanced(0, 1, OnEthernet)
            .Enhanced(1, 2, OnRawIp)
            .ToArray();
        using Stream content = CaptureSource.Content(
            new SlowStream(isCompressed ? CaptureBytes.Gzip(pcapng) : pcapng, atOnce),
            "pipe",
            isRegular: false,
            out byte[] head
        );
        Assert.True(PcapngReader.IsPcapng(head));
        using var reader = new PcapngReader(content, null);

        var seen = new List<(LinkType, long)>();
        int result;
        while ((result = reader.Next(out PcapPacket packet, out LinkType linkType)) == 1)
            seen.Add((linkType, packet.TimestampNs));

        Assert.Equal(-2, result);
        Assert.Equal([(LinkType.Ethernet, 1_000L), (LinkType.RawFile, 2_000L)], seen);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    public void Content_OfASlowPipeWithPcap_LosesItsSnapLengthToo(int atOnce)
    {
        byte[] pcap = new CaptureBytes(true)
            .PcapHeader(0xa1b2c3d4, 1, snapLength: 60)
            .PcapPacket(1, 0, Frame.Usual(Frame.Bytes(500)))
            .ToArray();
        using Stream content = CaptureSource.Content(new SlowStream(pcap, atOnce), "pipe", isRegular: false, out _);
        using PcapHandle handle = PcapHandle.TryOpen(content, out _)!;

        Assert.Equal(1, handle.Next(out PcapPacket packet));
        Assert.Equal(Frame.Usual(Frame.Bytes(500)).Length, packet.CapturedLength);
    }

    private List<Read> ReadAll(byte[] content, string? filter = null)
    {
        using CaptureFile file = CaptureFile.Open(_folder.Write(content), filter);
        List<Read> packets = Read.All(file);
        Assert.Equal(CaptureEnd.EndOfFile, file.End);
        return packets;
    }

    /// <summary>Gives a few bytes at a time, as a pipe may.</summary>
    private sealed class SlowStream(byte[] content, int atOnce) : ReadOnlyStream
    {
        private int _position;

        public override int Read(Span<byte> buffer)
        {
            int count = Math.Min(Math.Min(atOnce, buffer.Length), content.Length - _position);
            content.AsSpan(_position, count).CopyTo(buffer);
            _position += count;
            return count;
        }
    }
}
