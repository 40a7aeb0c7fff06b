using System.Buffers.Binary;
using Spillway.Net.Capture;
using Spillway.Net.Flows;
using Spillway.Net.Packets;
using Spillway.Net.Tcp;
using Spillway.Net.Tests.Packets;

namespace Spillway.Net.Tests.Flows;

/// <summary>What is made of wrong checksums. The right ones are computed here byte by byte, as RFC 1071 describes it.</summary>
public class ChecksumWatchTests
{
    private static readonly byte[] Payload = Frame.Bytes(301);

    public static TheoryData<string, byte[]> Sound =>
        new()
        {
            { "TCP", Finished(Frame.Usual(Payload)) },
            { "TCP without payload", Finished(Frame.Usual([])) },
            { "TCP over IPv6", Finished(Frame.Ethernet(0x86dd, Frame.UsualIp6(Payload))) },
            { "UDP", Finished(Frame.Ethernet(0x0800, Frame.Ipv4(17, Frame.Udp(5000, 53, Payload)))) },
            {
                "IPv4 options",
                Finished(Frame.Ethernet(0x0800, Frame.Ipv4(6, Frame.Tcp(5000, 53, Payload), options: Frame.Hex("94040000"))))
            },
            { "padding of Ethernet", [.. Finished(Frame.Usual([])), 1, 2, 3, 4, 5, 6] },
            {
                "a length of 0, as offload leaves it",
                Finished(Frame.Ethernet(0x0800, Frame.Ipv4(6, Frame.Tcp(5000, 53, Payload), totalLength: 0)))
            },
        };

    [Theory]
    [MemberData(nameof(Sound))]
    public void Check_AnyBitChanged_IsWrong(string name, byte[] frame)
    {
        Assert.Equal((name, ChecksumResult.Right), (name, Check(frame)));
        PacketInfo info = Decode(frame);
        for (int at = info.IpPayloadOffset + 4; at < info.PayloadOffset + info.PayloadLength; at++)
        {
            if (at == info.IpPayloadOffset + 12 && info.Protocol == 6)
                continue; // where the payload begins
            byte[] changed = [.. frame];
            changed[at] ^= 0x10;
            ChecksumResult result = Check(changed);
            Assert.True(result != ChecksumResult.Right, $"{name}: byte {at}");
        }
    }

    [Fact]
    public void Check_WhatCannotBeKnown_IsUnknown()
    {
        byte[] tcp = Frame.Usual(Payload);
        byte[] udp = Finished(Frame.Ethernet(0x0800, Frame.Ipv4(17, Frame.Udp(5000, 53, Payload))));
        udp.AsSpan(40, 2).Clear();
        Assert.Equal(ChecksumResult.Unknown, Check(udp)); // it has none
        Assert.Equal(ChecksumResult.Unknown, Check(tcp[..100], wireLength: tcp.Length));
        Assert.Equal(ChecksumResult.Unknown, Check(Frame.Ethernet(0x0800, Frame.Ipv4(6, Frame.Tcp(1, 2, Payload), more: true))));
        Assert.Equal(
            ChecksumResult.Unknown,
            Check(
                Finished(Frame.Ethernet(0x0800, Frame.Ipv4(6, Frame.Tcp(1, 2, Payload), options: Frame.Hex("8307040A00000100"))), skew: 1)
            )
        );
        byte[] routing = Frame.Join([6, 2, 0, 1], Frame.U32(0), Frame.Server6, Frame.Tcp(1, 2, Payload));
        Assert.Equal(ChecksumResult.Unknown, Check(Frame.Ethernet(0x86dd, Frame.Ipv6(43, routing))));
    }

    [Fact]
    public void Check_WrongIpv4Header_IsWrong()
    {
        byte[] frame = Finished(Frame.Usual(Payload));
        frame[22]--; // time to live

        Assert.Equal(ChecksumResult.Wrong, Check(frame));
    }

    [Fact]
    public void Refuses_SoundSender_ItsWrongSegmentIsLeftOut()
    {
        var watch = new ChecksumWatch(ChecksumPolicy.Auto);
        byte[] right = Finished(Frame.Usual(Payload));
        byte[] wrong = Finished(Frame.Usual(Payload), skew: 1);

        Assert.False(Refuses(watch, right));
        Assert.True(Refuses(watch, wrong));
        Assert.False(Refuses(watch, right));
        Assert.Equal((1L, 1L), (watch.Wrong, watch.Refused));
    }

    [Fact]
    public void Refuses_SenderWhoseChecksumsAreNearlyAllWrong_IsTaken()
    {
        var watch = new ChecksumWatch(ChecksumPolicy.Auto);
        byte[] right = Finished(Frame.Usual(Payload));
        byte[] wrong = Frame.Usual(Payload);
        for (int i = 0; i < 100; i++)
            Assert.False(Refuses(watch, wrong));

        Assert.False(Refuses(watch, right));
        Assert.False(Refuses(watch, wrong));
        Assert.Equal((101L, 0L), (watch.Wrong, watch.Refused));
    }

    [Fact]
    public void Refuses_SegmentsJoinedByTheCard_AreTakenWithTheirUnfinishedChecksums()
    {
        var watch = new ChecksumWatch(ChecksumPolicy.Auto);
        for (int i = 0; i < 5; i++)
            Assert.False(Refuses(watch, Finished(Frame.Usual(Payload))));
        byte[] small = Finished(Frame.Usual(Payload), isPartial: true);
        Assert.True(Refuses(watch, small)); // nothing has shown yet that the capture has such

        Assert.False(Refuses(watch, Finished(Frame.Usual(Frame.Bytes(4000)), isPartial: true)));
        Assert.False(Refuses(watch, small));
    }

    [Fact]
    public void Refuses_SenderWithOffloadWhoseFragmentedDatagramsAreRight_IsTaken()
    {
        var watch = new ChecksumWatch(ChecksumPolicy.Auto);
        byte[] right = Finished(Frame.Usual(Payload));
        PacketInfo info = Decode(right);

        Assert.False(watch.Refuses(in info, right, isReassembled: true));
        Assert.False(Refuses(watch, Finished(Frame.Usual(Payload), isPartial: true)));
    }

    [Fact]
    public void Refuses_Policy_DecidesForAll()
    {
        byte[] wrong = Finished(Frame.Usual(Payload), skew: 1);

        Assert.True(Refuses(new ChecksumWatch(ChecksumPolicy.Check), wrong));
        var ignore = new ChecksumWatch(ChecksumPolicy.Ignore);
        Assert.False(Refuses(ignore, wrong));
        Assert.Equal(0, ignore.Wrong);
    }

    [Fact]
    public void Refuses_FloodOfForgedSenders_DoesNotForgetASoundOne()
    {
        var watch = new ChecksumWatch(ChecksumPolicy.Auto);
        Assert.False(Refuses(watch, Finished(Frame.Usual(Payload))));
        for (uint i = 0; i < 100_000; i++)
            Refuses(watch, Frame.Ethernet(0x0800, Frame.Ipv4(6, Frame.Tcp(1, 2, []), source: 0x0B000000 + i)));

        Assert.True(Refuses(watch, Finished(Frame.Usual(Payload), skew: 1)));
    }

    [Fact]
    public void Sum_AnyLength_IsThatOfTheWordsInTurn()
    {
        var random = new Random(5);
        for (int length = 0; length < 300; length++)
        {
            byte[] bytes = new byte[length];
            random.NextBytes(bytes);
            Assert.Equal(Sum(bytes), InternetChecksum.Fold(InternetChecksum.Add(0, bytes)));
        }

        byte[] ones = new byte[65_535];
        ones.AsSpan().Fill(0xff);
        Assert.Equal(Sum(ones), InternetChecksum.Fold(InternetChecksum.Add(0, ones)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void GetOrAdd_DisregardedSegment_CountsAndChangesNothing(bool isFirst)
    {
        var tcp = new TcpHarness();
        if (!isFirst)
            tcp.Connect().ClientData(0, "abc");
        PacketInfo info = TcpHarness.Packet(true, tcp.ClientPort, tcp.NowNs, 4);
        info.TcpSequence = 1004;
        info.TcpFlags = TcpFlags.Rst;
        info.IsDisregarded = true;
        Flow flow = tcp.Table.GetOrAdd(ref info, out bool isNew);

        Assert.Equal(isFirst, isNew);
        Assert.False(flow.IsClosed);
        Assert.Equal(isFirst ? (1L, 0L) : (4L - 1, 3L), (flow.PacketsAZ - (isFirst ? 0 : 1), flow.PayloadAZ));
        if (!isFirst)
            Assert.Equal("abcdef", tcp.ClientData(3, "def").Client);
    }

    private static bool Refuses(ChecksumWatch watch, byte[] frame)
    {
        PacketInfo info = Decode(frame);
        return watch.Refuses(in info, frame);
    }

    private static ChecksumResult Check(byte[] frame, int wireLength = 0)
    {
        PacketInfo info = Decode(frame, wireLength);
        return PacketChecksum.Check(in info, frame);
    }

    private static PacketInfo Decode(byte[] frame, int wireLength = 0)
    {
        var info = default(PacketInfo);
        PacketDecoder.Decode(new CapturedPacket(frame, 1_000, Math.Max(wireLength, frame.Length), LinkType.Ethernet), ref info);
        return info;
    }

    /// <summary>Fills in the checksums of an Ethernet frame with IP and TCP or UDP.</summary>
    private static byte[] Finished(byte[] frame, int skew = 0, bool isPartial = false)
    {
        PacketInfo info = Decode(frame);
        byte[] result = [.. frame];
        Span<byte> ip = result.AsSpan(info.IpOffset, info.IpPayloadOffset - info.IpOffset);
        bool isVersion4 = ip[0] >> 4 == 4;
        if (isVersion4)
            BinaryPrimitives.WriteUInt16BigEndian(ip[10..], (ushort)~Sum(ip));
        Span<byte> segment = result.AsSpan(info.IpPayloadOffset, info.PayloadOffset + info.PayloadLength - info.IpPayloadOffset);
        byte[] pseudo = [.. isVersion4 ? ip.Slice(12, 8) : ip.Slice(8, 32), 0, info.Protocol, .. Frame.U16((ushort)segment.Length)];
        ushort sum = isPartial ? Sum(pseudo) : (ushort)~Sum([.. pseudo, .. segment]);
        BinaryPrimitives.WriteUInt16BigEndian(segment[(info.Protocol == 6 ? 16 : 6)..], (ushort)(sum + skew));
        return result;
    }

    private static ushort Sum(ReadOnlySpan<byte> bytes)
    {
        uint sum = 0;
        for (int i = 0; i < bytes.Length; i += 2)
        {
            sum += (uint)(bytes[i] << 8) | (i + 1 < bytes.Length ? bytes[i + 1] : 0u);
            sum = (sum & 0xffff) + (sum >> 16);
        }

        return (ushort)sum;
    }
}
