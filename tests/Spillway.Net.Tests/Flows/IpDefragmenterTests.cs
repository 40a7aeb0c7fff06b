using Spillway.Net.Capture;
using Spillway.Net.Ip;
using Spillway.Net.Packets;
using Spillway.Net.Tests.Packets;
using Spillway.Tests.Shared;

namespace Spillway.Net.Tests.Flows;

public class IpDefragmenterTests
{
    private const long Second = 1_000_000_000;

    private readonly byte[] _udp = Frame.Udp(5000, 53, Frame.Bytes(72));

    [Theory]
    [InlineData(0, 1, 2)]
    [InlineData(2, 1, 0)]
    [InlineData(1, 2, 0)]
    public void TryComplete_PiecesInAnyOrder_GiveTheDatagram(int first, int second, int third)
    {
        var defragmenter = new IpDefragmenter();
        byte[][] pieces = [Piece(0, 32, true), Piece(32, 24, true), Piece(56, 24, false)];

        Assert.Null(Offer(defragmenter, pieces[first]));
        Assert.Null(Offer(defragmenter, pieces[second]));
        byte[]? whole = Offer(defragmenter, pieces[third]);

        byte[] expected = Frame.Ethernet(0x0800, Frame.Ipv4(17, _udp));
        Assert.Equal(WithoutChecksum(expected), WithoutChecksum(whole!));
        Assert.Equal("UDP 10.1.2.3:5000 - 198.51.100.7:53", Decoded.Of(whole!).Flow);
        Assert.Equal(0, ChecksumOf(whole![14..34]));
        Assert.Equal(new IpDefragmenterCounters { Fragments = 3, Reassembled = 1 }, defragmenter.Counters);
        Assert.Equal(0, defragmenter.Pending);
        Assert.Equal(0, defragmenter.MemoryBytes);
    }

    [Fact]
    public void TryComplete_Ipv6_RemovesTheFragmentHeaderAndKeepsTheOthers()
    {
        var defragmenter = new IpDefragmenter();
        byte[] Piece6(int offset, int length, bool more) =>
            Frame.Ethernet(
                0x86DD,
                Frame.Ipv6(
                    0,
                    Frame.Join(Frame.Hex("2C 00 0104 00000000"), Frame.Ipv6Fragment(17, _udp[offset..(offset + length)], offset, more))
                )
            );

        Assert.Null(Offer(defragmenter, Piece6(40, 40, false)));
        byte[]? whole = Offer(defragmenter, Piece6(0, 40, true));

        Assert.Equal(Frame.Ethernet(0x86DD, Frame.Ipv6(0, Frame.Join(Frame.Hex("11 00 0104 00000000"), _udp))), whole);
    }

    [Fact]
    public void TryComplete_InsideTagsAndTunnels_KeepsWhatIsAround()
    {
        var defragmenter = new IpDefragmenter();
        byte[] Tunnel(byte[] inner) =>
            Frame.Ethernet(
                0x8100,
                Frame.Vlan(7, 0x0800, Frame.Ipv4(17, Frame.Udp(40000, 4789, Frame.Join(Frame.Hex("08000000 00000100"), inner)), 1, 2))
            );

        Assert.Null(Offer(defragmenter, Tunnel(Piece(0, 40, true))));
        var whole = Decoded.Of(Offer(defragmenter, Tunnel(Piece(40, 40, false)))!);

        Assert.Equal("Ethernet 14, Vlan 4, Ipv4 20, Udp 8, Vxlan 8, Ethernet 14, Ipv4 20, Udp 8", whole.Layers);
        Assert.Equal("UDP 10.1.2.3:5000 - 198.51.100.7:53", whole.Flow);
        Assert.Equal(_udp[8..], whole.Payload);
        Assert.Equal(DecodeError.None, whole.Info.Error);
    }

    [Fact]
    public void TryComplete_FragmentsOfAFragmentedTunnel_ComeOutAfterTwoSteps()
    {
        var defragmenter = new IpDefragmenter();
        byte[] firstInner = Frame.Ipv4(17, _udp[..40], more: true);
        byte[] secondInner = Frame.Ipv4(17, _udp[40..], fragmentOffset: 40);
        byte[] Outer(byte[] inner, ushort id, int offset, bool more) =>
            Frame.Ethernet(0x0800, Frame.Ipv4(4, inner, 1, 2, id: id, fragmentOffset: offset, more: more));

        Assert.Null(Offer(defragmenter, Outer(firstInner[..24], 8, 0, true)));
        byte[] first = Offer(defragmenter, Outer(firstInner[24..], 8, 24, false))!;
        Assert.Null(Offer(defragmenter, first));
        Assert.Null(Offer(defragmenter, Outer(secondInner[24..], 9, 24, false)));
        byte[] second = Offer(defragmenter, Outer(secondInner[..24], 9, 0, true))!;
        byte[]? whole = Offer(defragmenter, second);

        Assert.Equal(_udp[8..], Decoded.Of(whole!).Payload);
    }

    [Fact]
    public void TryComplete_OverlapInIpv4_KeepsTheBytesThatCameFirst()
    {
        var defragmenter = new IpDefragmenter();
        byte[] evil = Enumerable.Repeat((byte)0xEE, 80).ToArray();

        Offer(defragmenter, Piece(0, 24, true));
        Offer(defragmenter, Piece(40, 16, true));
        Offer(defragmenter, Piece(16, 32, true, evil));
        byte[]? whole = Offer(defragmenter, Piece(48, 32, false, evil));

        byte[] expected = [.. _udp[..24], .. evil[..16], .. _udp[40..56], .. evil[..24]];
        Assert.Equal(expected, whole![34..]);
        Assert.Equal(2, defragmenter.Counters.Overlaps);
    }

    [Fact]
    public void TryComplete_OverlapInIpv6_DiscardsTheDatagramAndWhatFollows()
    {
        var defragmenter = new IpDefragmenter();
        byte[] Piece6(int offset, int length, bool more) =>
            Frame.Ethernet(0x86DD, Frame.Ipv6(44, Frame.Ipv6Fragment(17, _udp[offset..(offset + length)], offset, more)));

        Assert.Null(Offer(defragmenter, Piece6(0, 40, true)));
        Assert.Null(Offer(defragmenter, Piece6(32, 16, true)));
        Assert.Null(Offer(defragmenter, Piece6(40, 40, false)));
        Assert.Null(Offer(defragmenter, Piece6(0, 40, true)));

        Assert.Equal(1, defragmenter.Counters.Overlaps);
        Assert.Equal(0, defragmenter.Counters.Reassembled);
        Assert.Equal(0, defragmenter.MemoryBytes);
        Assert.Equal(1, defragmenter.Pending);
    }

    [Fact]
    public void TryComplete_Duplicate_IsCountedAndHarmless()
    {
        var defragmenter = new IpDefragmenter();

        Offer(defragmenter, Piece(0, 40, true));
        Assert.Null(Offer(defragmenter, Piece(0, 40, true)));
        Assert.NotNull(Offer(defragmenter, Piece(40, 40, false)));

        Assert.Equal(1, defragmenter.Counters.Duplicates);
    }

    [Fact]
    public void TryComplete_SecondLastFragmentWithAnotherEnd_IsMalformed()
    {
        var defragmenter = new IpDefragmenter();

        Offer(defragmenter, Piece(40, 40, false));
        Assert.Null(Offer(defragmenter, Piece(40, 32, false)));
        Assert.Null(Offer(defragmenter, Piece(80, 8, true, new byte[8])));
        byte[]? whole = Offer(defragmenter, Piece(0, 40, true));

        Assert.Equal(2, defragmenter.Counters.Malformed);
        Assert.Equal(_udp, whole![34..]);
    }

    [Fact]
    public void TryComplete_LastFragmentBeforeWhatIsThere_IsMalformed()
    {
        var defragmenter = new IpDefragmenter();

        Offer(defragmenter, Piece(40, 40, true));
        Assert.Null(Offer(defragmenter, Piece(8, 32, false)));

        Assert.Equal(1, defragmenter.Counters.Malformed);
    }

    [Theory]
    [InlineData(65528, 8, false)] // with the header more than 65535: the ping of death
    [InlineData(65528, 16, false)]
    [InlineData(0, 20, true)] // not a multiple of 8
    [InlineData(0, 0, true)]
    public void TryComplete_ImpossibleFragment_IsMalformed(int offset, int length, bool more)
    {
        var defragmenter = new IpDefragmenter();
        bool needsRest = offset + length <= 65535 && length > 0 && length % 8 == 0;
        for (int at = 0; needsRest && at < offset; at += 1456)
            Offer(defragmenter, Piece(at, Math.Min(1456, offset - at), true, new byte[1456]));

        Assert.Null(Offer(defragmenter, Piece(offset, length, more, new byte[length])));

        Assert.Equal(1, defragmenter.Counters.Malformed);
        Assert.Equal(0, defragmenter.MemoryBytes);
    }

    [Fact]
    public void TryComplete_LargestDatagram_ComesOutWhole()
    {
        var defragmenter = new IpDefragmenter();
        byte[] payload = new byte[65515];
        new Random(1).NextBytes(payload);
        byte[]? whole = null;
        for (int at = 0; at < payload.Length; at += 1480)
            whole = Offer(defragmenter, Piece(at, Math.Min(1480, payload.Length - at), at + 1480 < payload.Length, payload[at..]));

        Assert.Equal(payload, whole![34..]);
    }

    [Fact]
    public void TryComplete_FragmentCutBySnapLength_CannotBeUsed()
    {
        var defragmenter = new IpDefragmenter();
        byte[] piece = Piece(0, 40, true);

        Assert.Null(Offer(defragmenter, piece[..^8], wireLength: piece.Length));

        Assert.Equal(1, defragmenter.Counters.CutBySnapLength);
    }

    [Theory]
    [InlineData(30, true)]
    [InlineData(31, false)]
    public void TryComplete_LatePiece_CountsByPacketTime(int seconds, bool isInTime)
    {
        var defragmenter = new IpDefragmenter();

        Offer(defragmenter, Piece(0, 40, true), timestampNs: 100 * Second);
        byte[]? whole = Offer(defragmenter, Piece(40, 40, false), timestampNs: (100 + seconds) * Second);

        Assert.Equal(isInTime, whole is not null);
        Assert.Equal(isInTime ? 0 : 1, defragmenter.Counters.TimedOut);
    }

    [Fact]
    public void TryComplete_SameIdOfOtherConversations_StaysApart()
    {
        var defragmenter = new IpDefragmenter();
        byte[] FromServer(int offset, int length, bool more) =>
            Frame.Ethernet(
                0x0800,
                Frame.Ipv4(17, _udp[offset..(offset + length)], Frame.Server, Frame.Client, id: 1, fragmentOffset: offset, more: more)
            );
        byte[] Tagged(int offset, int length, bool more) =>
            Frame.Ethernet(0x8100, Frame.Vlan(5, 0x0800, Piece(offset, length, more)[14..]));

        Offer(defragmenter, Piece(0, 40, true));
        Assert.Null(Offer(defragmenter, FromServer(40, 40, false)));
        Assert.Null(Offer(defragmenter, Tagged(40, 40, false)));

        Assert.Equal(3, defragmenter.Pending);
    }

    [Fact]
    public void TryComplete_MoreDatagramsThanAllowed_DropsTheOldest()
    {
        var defragmenter = new IpDefragmenter(new IpDefragmenterOptions { Datagrams = 2 });

        for (ushort id = 1; id <= 3; id++)
            Offer(defragmenter, Piece(0, 40, true, id: id));
        Assert.Null(Offer(defragmenter, Piece(40, 40, false, id: 1)));
        Assert.NotNull(Offer(defragmenter, Piece(40, 40, false, id: 3)));

        Assert.Equal(2, defragmenter.Counters.DroppedByLimit);
    }

    [Fact]
    public void TryComplete_FloodOfFragments_StaysWithinItsMemory()
    {
        const int limit = 256 << 10;
        var defragmenter = new IpDefragmenter(new IpDefragmenterOptions { MemoryBytes = limit });
        for (int i = 0; i < 20_000; i++)
        {
            Offer(defragmenter, Piece(0, 1480, true, new byte[1480], (ushort)i));
            Assert.InRange(defragmenter.MemoryBytes, 0, limit);
        }

        Assert.True(defragmenter.Counters.DroppedByLimit > 19_000);
    }

    [Fact]
    public void TryComplete_TinyFragmentsBeyondTheLimit_DropTheirDatagram()
    {
        var defragmenter = new IpDefragmenter(new IpDefragmenterOptions { FragmentsPerDatagram = 10 });
        for (int i = 0; i < 12; i++)
            Offer(defragmenter, Piece(i * 16, 8, true, new byte[8]));

        Assert.Equal(1, defragmenter.Counters.DroppedByLimit);
        Assert.Equal(0, defragmenter.MemoryBytes);
    }

    [Fact]
    public void Clear_AtTheEndOfInput_CountsWhatIsIncomplete()
    {
        var defragmenter = new IpDefragmenter();
        Offer(defragmenter, Piece(0, 40, true));

        defragmenter.Clear();

        Assert.Equal(1, defragmenter.Counters.TimedOut);
        Assert.Equal(0, defragmenter.Pending);
        Assert.Equal(0, defragmenter.MemoryBytes);
    }

    [Fact]
    public void TryComplete_SteadyState_AllocatesNothing()
    {
        var defragmenter = new IpDefragmenter();
        byte[] first = Piece(0, 40, true);
        byte[] second = Piece(40, 40, false);
        var info = default(PacketInfo);
        Run(100);

        Assert.Equal(0, Allocations.InSteadyState(() => Run(10_000), out int rounds));
        Assert.Equal(100 + (rounds * 10_000), defragmenter.Counters.Reassembled);

        void Run(int count)
        {
            for (int i = 0; i < count; i++)
            {
                PacketDecoder.Decode(new CapturedPacket(second, 0, second.Length, LinkType.Ethernet), ref info);
                defragmenter.TryComplete(new CapturedPacket(second, 0, second.Length, LinkType.Ethernet), info, out _);
                PacketDecoder.Decode(new CapturedPacket(first, 0, first.Length, LinkType.Ethernet), ref info);
                defragmenter.TryComplete(new CapturedPacket(first, 0, first.Length, LinkType.Ethernet), info, out _);
            }
        }
    }

    [Fact]
    public void Options_OutOfRange_NameTheOptionAndItsRange()
    {
        var failure = Assert.Throws<ArgumentOutOfRangeException>(() =>
            new IpDefragmenter(new IpDefragmenterOptions { FragmentsPerDatagram = 1 })
        );

        Assert.Contains("FragmentsPerDatagram must lie between 2 and 8192", failure.Message, StringComparison.Ordinal);
    }

    private byte[] Piece(int offset, int length, bool more, byte[]? source = null, ushort id = 1)
    {
        byte[] payload = source is null ? _udp[offset..(offset + length)] : source[..length];
        return Frame.Ethernet(0x0800, Frame.Ipv4(17, payload, id: id, fragmentOffset: offset, more: more));
    }

    // The completed packet, or null. A copy, since the defragmenter's own lives until the next call only.
    private static byte[]? Offer(IpDefragmenter defragmenter, byte[] packet, int wireLength = 0, long timestampNs = 0)
    {
        var info = default(PacketInfo);
        var captured = new CapturedPacket(packet, timestampNs, wireLength, LinkType.Ethernet);
        PacketDecoder.Decode(captured, ref info);
        Assert.Equal(PacketKind.Fragment, info.Kind);
        return defragmenter.TryComplete(captured, info, out CapturedPacket datagram) ? datagram.Data.ToArray() : null;
    }

    private static byte[] WithoutChecksum(byte[] packet)
    {
        byte[] copy = (byte[])packet.Clone();
        copy.AsSpan(24, 2).Clear();
        return copy;
    }

    private static int ChecksumOf(byte[] header)
    {
        int sum = 0;
        for (int i = 0; i < header.Length; i += 2)
            sum += (header[i] << 8) | header[i + 1];
        while (sum > 0xffff)
            sum = (sum & 0xffff) + (sum >> 16);
        return ~sum & 0xffff;
    }
}
